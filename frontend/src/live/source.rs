//! The stream in the browser: the only user of `EventSource` (WHATWG HTML §9.2).
//!
//! A [`Source`] opens `/chat` once, from one cursor, and hands everything it says to one callback, in order. It decides
//! nothing: whether to open another is [`super::connection`]'s part. It is closed, and its listeners are taken away,
//! when it is dropped; nothing is called afterwards.

use std::{cell::RefCell, rc::Rc};

use shared::{
    cursor::Cursor,
    event::{Envelope, Event},
    room::ReadPosition,
    route,
    stream::{Bye, Hello, State, Tick, kind},
    wire::Read,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::api::json::{self, Json};

/// What the stream said.
#[derive(Debug)]
pub enum Arrival {
    /// Always first.
    Hello(Cursor, Hello),
    /// Last values.
    State(State),
    /// The heartbeat.
    Tick(Cursor, Tick),
    /// The person has read on another device.
    Read(ReadPosition),
    /// The stream ends on purpose.
    Bye(Bye),
    /// A fact.
    Fact(Fact),
    /// An event that does not have the shape its name promises.
    Malformed,
    /// The source failed. `closed`: the browser will not try again.
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
    /// Opens the stream after `cursor`. `heard` is called with everything it says, and with its errors.
    ///
    /// # Errors
    /// What the browser throws when it does not let the page open streams at all.
    pub fn open(cursor: Option<Cursor>, heard: impl Fn(Arrival) + 'static) -> Result<Self, JsValue> {
        let address = cursor.map_or_else(|| route::CHAT.to_owned(), |cursor| format!("{}?after={cursor}", route::CHAT));
        let stream = EventSource::new(&address)?;
        let heard = Rc::new(heard);
        let listening = Rc::new(RefCell::new(Vec::new()));
        let on_event = {
            let heard = Rc::clone(&heard);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| heard(read(&event)))
        };
        let on_error = {
            let stream = stream.clone();
            Closure::<dyn Fn()>::new(move || {
                heard(Arrival::Broken { closed: stream.ready_state() == EventSource::CLOSED })
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

fn read(event: &MessageEvent) -> Arrival {
    let (kind, cursor) = (event.type_(), event.last_event_id().parse::<Cursor>());
    let arrival = match (kind.as_str(), cursor) {
        (kind::HELLO, Ok(cursor)) => payload(event).map(|hello| Arrival::Hello(cursor, hello)),
        (kind::TICK, Ok(cursor)) => payload(event).map(|tick| Arrival::Tick(cursor, tick)),
        (kind::STATE, _) => payload(event).map(Arrival::State),
        (kind::READ, _) => payload(event).map(Arrival::Read),
        (kind::BYE, _) => payload(event).map(Arrival::Bye),
        (_, Ok(cursor)) => Ok(Arrival::Fact(Fact { cursor, kind, payload: event.data() })),
        (_, Err(_)) => Err(json::NotThis),
    };
    arrival.unwrap_or(Arrival::Malformed)
}

fn payload<T: Read>(event: &MessageEvent) -> Result<T, json::NotThis> {
    json::read(&event.data())
}
