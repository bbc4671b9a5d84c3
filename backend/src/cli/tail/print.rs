//! The words of `tail`: lines for people, or one JSON object per event.
//!
//! For people a message is one line (`time #room author: text`), and each further line of its text is indented, so that
//! no text can look like the next message. Everything a terminal would act on is escaped. As JSON every event of the
//! stream is a line `{"event":…,"id":…,"data":…}`; a message that came from the history has `"id":null`.

use std::io::{self, IsTerminal};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::{Value, json};
use shared::{
    event::Event,
    message::Message,
    stream::{ByeReason, Hello, Resume},
};

use super::{names::Names, reader::Step};
use crate::cli::{
    Environment,
    visible::{Visible, visible_json},
};

/// What stands before each further line of a message.
const INDENT: &str = "    ";

/// How events are printed.
pub(super) enum Printer {
    /// For people.
    Human {
        /// Times are shown in this zone.
        zone: TimeZone,
        /// Whether to use colours.
        colour: bool,
    },
    /// For programs.
    Json,
}

impl Printer {
    /// For programs.
    pub(super) fn json() -> Self {
        Self::Json
    }

    /// For people: times of this machine's zone, colours on a terminal.
    pub(super) fn human(environment: &Environment) -> Self {
        Self::Human { zone: TimeZone::system(), colour: !environment.plain && io::stdout().is_terminal() }
    }

    /// The lines for one event of the stream; empty when there is nothing to say.
    pub(super) fn block(&self, kind: &str, id: Option<&str>, data: &str, step: &Step, names: &Names) -> String {
        match (self, step) {
            (Self::Json, _) => json_line(kind, id, data),
            (Self::Human { .. }, Step::Hello(hello)) => greeting(hello),
            (Self::Human { .. }, Step::Fact(Some(event))) => match event.as_ref() {
                // A tombstone met in a replay says nothing.
                Event::MessagePosted(posted) if !posted.message.deleted => self.message(&posted.message, names),
                _ => String::new(),
            },
            (Self::Human { .. }, _) => String::new(),
        }
    }

    /// The lines for a message that came from the history.
    pub(super) fn missed(&self, message: &Message, names: &Names) -> String {
        match self {
            Self::Json => {
                let data = json!({ "room": message.room, "message": message });
                Line { event: "message_posted", id: None, data }.text()
            }
            // A tombstone met in the history says nothing.
            Self::Human { .. } if message.deleted => String::new(),
            Self::Human { .. } => self.message(message, names),
        }
    }

    fn message(&self, message: &Message, names: &Names) -> String {
        let Self::Human { zone, colour } = self else { return String::new() };
        let (room, author) = (names.room(message.room), names.person(message.author));
        let time = local_time(&message.posted_at.0, zone);
        // Select Graphic Rendition: 2 faint, 36 cyan, 1 bold (ECMA-48 §8.3.117).
        let painted = |code: u8, text: String| if *colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text };
        let mut lines = format!(
            "{} {} {}:",
            painted(2, time),
            painted(36, format!("#{}", Visible(&room))),
            painted(1, Visible(&author).to_string()),
        );
        for (index, text) in message.body.split('\n').enumerate() {
            lines.push_str(if index == 0 { " " } else { INDENT });
            // A TAB only moves to the right: it may stay.
            let parts: Vec<_> = text.split('\t').map(|part| Visible(part).to_string()).collect();
            lines.push_str(&parts.join("\t"));
            lines.push('\n');
        }
        lines
    }
}

/// A moment of the wire in the reader's zone; one that cannot be read is shown as it came.
fn local_time(at: &str, zone: &TimeZone) -> String {
    match at.parse::<Timestamp>() {
        Ok(at) => at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => Visible(at).to_string(),
    }
}

fn greeting(hello: &Hello) -> String {
    let how = match hello.resume {
        Resume::Live => "live".to_owned(),
        Resume::Replay => format!("catching up, at most {} events", hello.behind),
        Resume::Reset => "starting over".to_owned(),
    };
    format!("hello {}: {how}\n", Visible(hello.you.display_name.as_str()))
}

/// Why the server ended the stream, in words.
pub(super) fn reason(reason: ByeReason) -> &'static str {
    match reason {
        ByeReason::Shutdown => "it stops or restarts",
        ByeReason::SessionEnded => "this session has ended",
        ByeReason::RoleChanged => "your role has changed",
        ByeReason::Deactivated => "this account is inactive",
        ByeReason::Banned => "this account can no longer use the place",
        ByeReason::Renew => "the stream is a day old",
        ByeReason::Overload => "it has too much to do",
    }
}

/// One event as one line; data that is not JSON, which no Teahouse sends, becomes a string.
fn json_line(kind: &str, id: Option<&str>, data: &str) -> String {
    let data = serde_json::from_str(data).unwrap_or_else(|_| Value::String(data.to_owned()));
    Line { event: kind, id, data }.text()
}

/// An event for programs, its fields in this order.
#[derive(Serialize)]
struct Line<'a> {
    event: &'a str,
    id: Option<&'a str>,
    data: Value,
}

impl Line<'_> {
    fn text(&self) -> String {
        let json = serde_json::to_string(self).expect("texts and JSON values are JSON");
        visible_json(&json) + "\n"
    }
}

#[cfg(test)]
mod tests;
