//! The stream in the browser: the only user of `EventSource` (WHATWG HTML §9.2).
//!
//! A [`Source`] opens `/chat` once, from one cursor, and hands everything it says to one callback, in order. It decides
//! nothing: whether to open another is [`super::connection`]'s part. It is closed, and its listeners are taken away,
//! when it is dropped; nothing is called afterwards.

use std::{cell::RefCell, rc::Rc};

use shared::{
    cursor::Cursor,
    event::{Envelope, Event},
    presence::{PresenceLevel, PresenceList, Typing},
    room::ReadPosition,
    route,
    stream::{Bye, Hello, Introduction, Resume, State, Tick, kind},
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use super::{
    carrier::Mode,
    tabs::Kind,
    version::{Greeting, greeting},
};
use crate::api::json::{self, Json};

/// What the stream said.
#[derive(Debug)]
pub enum Arrival {
    /// Always first.
    Hello(Cursor, Box<Hello>),
    /// Instead of it: the server speaks another protocol.
    Foreign(Introduction),
    /// Last values.
    State(State),
    /// The heartbeat, with the number of facts sent since the greeting.
    Tick(Cursor, u64),
    /// The person has read on another device.
    Read(ReadPosition),
    /// Who has come, gone, or become active or away.
    Presence(PresenceList),
    /// Who types in a room.
    Typing(Typing),
    /// What is true only now, and nothing here shows.
    Passing,
    /// The stream ends on purpose.
    Bye(Bye),
    /// A fact.
    Fact(Fact),
    /// An event that does not have the shape its name promises.
    Malformed,
}

impl Arrival {
    /// What it is to the tabs.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Hello(_, hello) if hello.resume == Resume::Reset => Kind::Reset,
            Self::Hello(..) => Kind::Hello,
            Self::State(_) => Kind::State,
            // Of presence each says what has changed since the one before, so a tab that comes later needs all of them.
            Self::Read(_) | Self::Presence(_) => Kind::Read,
            Self::Tick(at, _) => Kind::Tick(*at),
            Self::Fact(fact) => Kind::Fact(fact.cursor),
            Self::Typing(_) | Self::Passing | Self::Bye(_) | Self::Foreign(_) | Self::Malformed => Kind::Passing,
        }
    }
}

/// An event as it came: what one tab hands on to another.
#[derive(Debug, Clone)]
pub struct Raw {
    /// Its name.
    pub kind: String,
    /// The stream's last `id`.
    pub id: String,
    /// Its data, a text of the browser's.
    pub data: JsValue,
}

impl Raw {
    /// Reads what the stream's own vocabulary is; facts are read later.
    #[must_use]
    pub fn read(&self) -> Arrival {
        let cursor = self.id.parse::<Cursor>();
        let arrival = match (self.kind.as_str(), cursor) {
            (kind::HELLO, cursor) => Json::parse(&self.data).map(|json| match (greeting(&json), cursor) {
                (Greeting::Ours(hello), Ok(cursor)) => Arrival::Hello(cursor, hello),
                (Greeting::Foreign(introduction), _) => Arrival::Foreign(introduction),
                (Greeting::Ours(_), Err(_)) | (Greeting::Unreadable, _) => Arrival::Malformed,
            }),
            (kind::TICK, Ok(cursor)) => json::read(&self.data).map(|tick: Tick| Arrival::Tick(cursor, tick.sent)),
            (kind::STATE, _) => json::read(&self.data).map(Arrival::State),
            (kind::READ, _) => json::read(&self.data).map(Arrival::Read),
            (kind::PRESENCE, _) => json::read(&self.data).map(Arrival::Presence),
            (kind::TYPING, _) => json::read(&self.data).map(Arrival::Typing),
            (kind::BYE, _) => json::read(&self.data).map(Arrival::Bye),
            // It has no place in the log, and is not counted.
            (kind, _) if kind::ALL.contains(&kind) => Ok(Arrival::Passing),
            (kind, Ok(cursor)) => Ok(Arrival::Fact(Fact { cursor, kind: kind.to_owned(), payload: self.data.clone() })),
            (_, Err(_)) => Err(json::NotThis),
        };
        arrival.unwrap_or(Arrival::Malformed)
    }
}

/// What a source says.
#[derive(Debug)]
pub enum Said {
    /// An event.
    Event(Raw),
    /// It failed. `closed`: the browser will not try again.
    Broken {
        /// Whether `readyState` is CLOSED.
        closed: bool,
    },
}

/// A fact as it came: counted at once, read when its turn comes.
#[derive(Debug)]
pub struct Fact {
    /// Where the reader is after it.
    pub cursor: Cursor,
    kind: String,
    payload: JsValue,
}

impl Fact {
    /// Reads the payload. `None` for a kind that this version does not know.
    ///
    /// # Errors
    /// [`json::NotThis`] when it does not have the shape its name promises.
    pub fn read(&self) -> Result<Option<Envelope>, json::NotThis> {
        if !Event::KINDS.contains(&self.kind.as_str()) {
            return Ok(None);
        }
        let event = Event::of(&self.kind, &Json::parse(&self.payload)?).ok_or(json::NotThis)?;
        Ok(Some(Envelope { cursor: self.cursor, event }))
    }
}

/// An open stream.
pub struct Source {
    stream: EventSource,
    on_event: Closure<dyn Fn(MessageEvent)>,
    /// Held so that the browser can call it.
    _on_error: Closure<dyn Fn()>,
    listening: Rc<RefCell<Vec<String>>>,
}

impl Source {
    /// Opens the stream at an address (see [`address`]). `heard` is called with everything it says, and with its errors.
    ///
    /// # Errors
    /// What the browser throws when it does not let the page open streams at all.
    pub fn open(address: &str, heard: impl Fn(Said) + 'static) -> Result<Self, JsValue> {
        let stream = EventSource::new(address)?;
        let heard = Rc::new(heard);
        let listening = Rc::new(RefCell::new(Vec::new()));
        let on_event = {
            let heard = Rc::clone(&heard);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                heard(Said::Event(Raw { kind: event.type_(), id: event.last_event_id(), data: event.data() }));
            })
        };
        let on_error = {
            let stream = stream.clone();
            Closure::<dyn Fn()>::new(move || {
                heard(Said::Broken { closed: stream.ready_state() == EventSource::CLOSED })
            })
        };
        stream.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let source = Self { stream, on_event, _on_error: on_error, listening };
        source.listen(kind::ALL);
        source.listen(Event::KINDS);
        Ok(source)
    }

    /// Listens to more names: those of a newer server's facts, which are counted.
    pub fn listen<Name: AsRef<str>>(&self, names: &[Name]) {
        let mut listening = self.listening.borrow_mut();
        for name in names.iter().map(AsRef::as_ref) {
            if !listening.iter().any(|known| known == name) {
                let listener = self.on_event.as_ref().unchecked_ref();
                if self.stream.add_event_listener_with_callback(name, listener).is_ok() {
                    listening.push(name.to_owned());
                }
            }
        }
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.stream.close();
        self.stream.set_onerror(None);
        let listener = self.on_event.as_ref().unchecked_ref();
        for name in self.listening.borrow().iter() {
            // It was added under this name, so it can be removed.
            let _ = self.stream.remove_event_listener_with_callback(name, listener);
        }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stream, on_event: _, _on_error: _, listening } = self;
        f.debug_struct("Source").field("url", &stream.url()).field("listening", listening).finish()
    }
}

/// Where to read the stream after a place, in this mode, for a person who is active or away.
#[must_use]
pub fn address(after: Option<Cursor>, mode: Mode, level: PresenceLevel) -> String {
    let mut address = String::from(route::CHAT);
    let mut add = |parameter: &str| {
        address.push(if address.contains('?') { '&' } else { '?' });
        address.push_str(parameter);
    };
    if let Some(after) = after {
        add(&format!("after={after}"));
    }
    match mode {
        Mode::Stream => {}
        Mode::Batch => add("mode=batch"),
        Mode::BatchNow => add("mode=batch&wait=0"),
    }
    if level == PresenceLevel::Away {
        add("level=away");
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_wanted() {
        use PresenceLevel::{Active, Away};
        let place = "7kq2m9xa.5".parse().ok();
        for (after, mode, level, expected) in [
            (None, Mode::Stream, Active, "/chat"),
            (place, Mode::Stream, Active, "/chat?after=7kq2m9xa.5"),
            (None, Mode::Batch, Active, "/chat?mode=batch"),
            (place, Mode::BatchNow, Active, "/chat?after=7kq2m9xa.5&mode=batch&wait=0"),
            (None, Mode::Stream, Away, "/chat?level=away"),
            (place, Mode::Batch, Away, "/chat?after=7kq2m9xa.5&mode=batch&level=away"),
        ] {
            assert_eq!(address(after, mode, level), expected);
        }
    }
}
