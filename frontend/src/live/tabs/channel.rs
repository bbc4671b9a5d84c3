//! What tabs say to one another, on a `BroadcastChannel` (WHATWG HTML §9.5): small lists, each led by its number.
//!
//! The channel's name holds the person's id, so that a second account in the same browser hears nothing of the first,
//! and the version of these lists and of the protocol, so that an old page and a new one elect a leader each.

use js_sys::Array;
use shared::{cursor::Cursor, stream::PROTOCOL};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

use super::{Answer, Found, Reign, Say};
use crate::live::source::Raw;

/// The version of the lists below.
const VERSION: u32 = 1;

const LEAD: f64 = 0.0;
const GONE: f64 = 1.0;
const ATTACH: f64 = 2.0;
const ANSWER: f64 = 3.0;
const BLOCK: f64 = 4.0;
const URGE: f64 = 5.0;
const SIGNED_OUT: f64 = 6.0;
const SIGNED_IN: f64 = 7.0;
const ROLL_CALL: f64 = 8.0;
const HERE: f64 = 9.0;

/// The name of everything that a person's tabs share.
#[must_use]
pub fn name(person: &str) -> String {
    ["teahouse.tabs/", &(PROTOCOL * 1_000 + VERSION).to_string(), "/", person].concat()
}

/// The channel, open.
pub struct Channel {
    channel: BroadcastChannel,
    /// Held so that the browser can call it.
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Channel {
    /// Joins. `heard` is called with what other tabs say. `None`: this browser has no such thing here.
    pub fn join(name: &str, heard: impl Fn(Say<Raw>) + 'static) -> Option<Self> {
        let channel = BroadcastChannel::new(name).ok()?;
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(said) = read(&event.data()) {
                heard(said);
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Some(Self { channel, _on_message: on_message })
    }

    /// Says it to all other tabs.
    pub fn say(&self, said: &Say<Raw>) {
        // It fails only for values that cannot be copied; these are texts and numbers.
        let _ = self.channel.post_message(&write(said));
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

impl std::fmt::Debug for Channel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Channel").field("name", &self.channel.name()).finish_non_exhaustive()
    }
}

fn write(said: &Say<Raw>) -> JsValue {
    let list = Array::new();
    let add = |value: JsValue| {
        list.push(&value);
    };
    let number = |number: u64| add(JsValue::from_f64(number as f64));
    let lead = |tag: f64, reign: &Reign| {
        add(tag.into());
        number(reign.began_ms);
        number(reign.tab.into());
    };
    match said {
        Say::Lead(reign, live) => {
            lead(LEAD, reign);
            add((*live).into());
        }
        Say::Gone(reign) => lead(GONE, reign),
        Say::Attach { tab, after, lineage, taken_ms, seen } => {
            add(ATTACH.into());
            number((*tab).into());
            add(cursor(*after));
            number(*lineage);
            number(*taken_ms);
            add((*seen).into());
        }
        Say::Answer(answer) => {
            lead(ANSWER, &answer.reign);
            number(answer.to.into());
            add(cursor(answer.after));
            if let Some(found) = &answer.found {
                number(found.next);
                number(found.lineage);
                add(cursor(found.reached));
                add(event(&found.hello));
                add(found.values.iter().map(event).collect::<Array>().into());
                add(found.facts.iter().map(event).collect::<Array>().into());
            }
        }
        Say::Block { reign, number: which, block, .. } => {
            lead(BLOCK, reign);
            number(*which);
            add(event(block));
        }
        Say::Urge => add(URGE.into()),
        Say::SignedOut => add(SIGNED_OUT.into()),
        Say::SignedIn => add(SIGNED_IN.into()),
        Say::RollCall => add(ROLL_CALL.into()),
        Say::Here(tab) => {
            add(HERE.into());
            number((*tab).into());
        }
    }
    list.into()
}

/// `None`: not one of ours, or of another version.
fn read(said: &JsValue) -> Option<Say<Raw>> {
    let list: &Array = said.dyn_ref()?;
    let number = |at: u32| Some(list.get(at).as_f64()? as u64);
    let reign = || Some(Reign { began_ms: number(1)?, tab: u32::try_from(number(2)?).ok()? });
    let tab = |at: u32| u32::try_from(number(at)?).ok();
    let place = |at: u32| list.get(at).as_string()?.parse::<Cursor>().ok();
    let events =
        |at: u32| list.get(at).dyn_ref::<Array>()?.iter().map(|raw| read_event(&raw)).collect::<Option<Vec<_>>>();
    Some(match list.get(0).as_f64()? {
        LEAD => Say::Lead(reign()?, list.get(3).as_bool()?),
        GONE => Say::Gone(reign()?),
        ATTACH => Say::Attach {
            tab: tab(1)?,
            after: place(2)?,
            lineage: number(3)?,
            taken_ms: number(4)?,
            seen: list.get(5).as_bool()?,
        },
        ANSWER => {
            let found = if list.length() > 5 {
                Some(Found {
                    next: number(5)?,
                    lineage: number(6)?,
                    reached: place(7)?,
                    hello: read_event(&list.get(8))?,
                    values: events(9)?,
                    facts: events(10)?,
                })
            } else {
                None
            };
            Say::Answer(Box::new(Answer { reign: reign()?, to: tab(3)?, after: place(4)?, found }))
        }
        BLOCK => {
            let block = read_event(&list.get(4))?;
            Say::Block { reign: reign()?, number: number(3)?, kind: block.read().kind(), block }
        }
        URGE => Say::Urge,
        SIGNED_OUT => Say::SignedOut,
        SIGNED_IN => Say::SignedIn,
        ROLL_CALL => Say::RollCall,
        HERE => Say::Here(tab(1)?),
        _ => return None,
    })
}

fn cursor(cursor: Cursor) -> JsValue {
    cursor.to_string().into()
}

fn event(raw: &Raw) -> JsValue {
    Array::of3(&raw.kind.as_str().into(), &raw.id.as_str().into(), &raw.data).into()
}

fn read_event(list: &JsValue) -> Option<Raw> {
    let list: &Array = list.dyn_ref()?;
    Some(Raw { kind: list.get(0).as_string()?, id: list.get(1).as_string()?, data: list.get(2) })
}
