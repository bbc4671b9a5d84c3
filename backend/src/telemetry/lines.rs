//! What a line of the log looks like: for people, or one JSON object for programs.
//!
//! A line is the moment, the level, the [`request`] if there is one, the module, and what the event says.
//! One line for each event, whatever it says: control characters are escaped. Each request writes one, so its parts are
//! put down one after the other, without the detour over a text of their own.

use std::fmt::{self, Debug, Write as _};

use serde::Serialize;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

use super::request::{self, Request};
use crate::clock;

/// The field that is the event's own words.
const MESSAGE: &str = "message";

/// For people.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        clock::write_now(&mut line)?;
        line.write_str(match *event.metadata().level() {
            Level::ERROR => " ERROR ",
            Level::WARN => "  WARN ",
            Level::INFO => "  INFO ",
            Level::DEBUG => " DEBUG ",
            Level::TRACE => " TRACE ",
        })?;
        request::with_current(|request| request.write(&mut line)).transpose()?;
        line.write_str(event.metadata().target())?;
        line.write_str(":")?;
        let mut fields = TextFields { line: &mut line, written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        line.write_char('\n')
    }
}

/// Writes fields behind what a line has already.
struct TextFields<'a, 'line> {
    line: &'a mut Writer<'line>,
    written: fmt::Result,
}

impl TextFields<'_, '_> {
    fn write(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.written.is_ok() {
            self.written = self.try_write(field, value);
        }
    }

    fn try_write(&mut self, field: &Field, value: fmt::Arguments<'_>) -> fmt::Result {
        self.line.write_str(" ")?;
        if field.name() != MESSAGE {
            self.line.write_str(field.name())?;
            self.line.write_str("=")?;
        }
        Escaped(self.line).write_fmt(value)
    }
}

impl Visit for TextFields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, format_args!("{value:?}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, format_args!("{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, format_args!("{value}"));
    }
}

/// Writes control characters as a Rust string literal would: a terminal obeys some of them, and one ends the line.
struct Escaped<'a, 'line>(&'a mut Writer<'line>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(char::is_control) {
            let (before, special) = rest.split_at(at);
            self.0.write_str(before)?;
            let Some(control) = special.chars().next() else { break };
            write!(self.0, "{}", control.escape_default())?;
            rest = &special[control.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// For programs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str(r#"{"timestamp":""#)?;
        clock::write_now(&mut line)?;
        write!(line, r#"","level":"{}""#, event.metadata().level())?;
        let mut fields = JsonFields { line: &mut line, written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        write!(line, r#","target":{}"#, json(event.metadata().target())?)?;
        request::with_current(|request| write!(line, r#","span":{}"#, json(&Said::from(request))?)).transpose()?;
        line.write_str("}\n")
    }
}

/// A request as an object: a span, as those who read such logs call it.
#[derive(Serialize)]
struct Said<'a> {
    name: &'static str,
    id: &'a str,
    method: &'a str,
    route: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<std::net::IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<shared::id::MemberId>,
}

impl<'a> From<&'a Request> for Said<'a> {
    fn from(request: &'a Request) -> Self {
        let Request { id, method, route, client, .. } = request;
        Self { name: "request", id, method, route, client: *client, member: request.member() }
    }
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<String, fmt::Error> {
    serde_json::to_string(value).map_err(|_| fmt::Error)
}

/// Writes fields as members of an object that has some already.
struct JsonFields<'a, 'line> {
    line: &'a mut Writer<'line>,
    written: fmt::Result,
}

impl JsonFields<'_, '_> {
    fn write(&mut self, field: &Field, value: &(impl Serialize + ?Sized)) {
        let mut write = || write!(self.line, ",{}:{}", json(field.name())?, json(value)?);
        if self.written.is_ok() {
            self.written = write();
        }
    }
}

impl Visit for JsonFields<'_, '_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.write(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, &value);
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::{fmt, layer::SubscriberExt};

    use super::*;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged, inside a request and outside.
    fn lines(
        format: impl FormatEvent<tracing_subscriber::Registry, fmt::format::DefaultFields> + Send + Sync + 'static,
    ) -> String {
        let written = Written::default();
        let writer = written.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).with_ansi(false).event_format(format);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let client = Some("203.0.113.7".parse().unwrap());
            let request = Arc::new(Request::new("q1".into(), "POST", "/api/{x}".into(), client));
            request.finish(|| {
                tracing::info!(status = 201_u16, "answered");
                request::is_of(shared::id::MemberId::from_entropy([1; 12]));
                tracing::warn!(token = %"a\u{1b}b", last = true, "two\nlines");
            });
            tracing::error!(error = ?"x", "alone");
        });
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_says_of_which_request_it_is() {
        let text = lines(Text);
        let said: Vec<_> = text.lines().map(|line| line.split_once(' ').unwrap().1).collect();
        let request = "request{id=q1 method=\"POST\" route=\"/api/{x}\" client=203.0.113.7";
        assert_eq!(
            said,
            [
                format!(" INFO {request}}}: teahouse::telemetry::lines::tests: answered status=201"),
                format!(
                    " WARN {request} member=u_111111111111}}: teahouse::telemetry::lines::tests: two\\nlines \
                     token=a\\u{{1b}}b last=true"
                ),
                "ERROR teahouse::telemetry::lines::tests: alone error=\"x\"".to_owned(),
            ]
        );
    }

    #[test]
    fn a_line_is_one_object() {
        let text = lines(Json);
        let said: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let target = "teahouse::telemetry::lines::tests";
        let mut span =
            json!({"name": "request", "id": "q1", "method": "POST", "route": "/api/{x}", "client": "203.0.113.7"});
        let timestamp = |line: &Value| line["timestamp"].clone();
        assert!(timestamp(&said[0]).as_str().unwrap().ends_with('Z'));
        let first = json!({"timestamp": timestamp(&said[0]), "level": "INFO", "message": "answered", "status": 201,
                           "target": target, "span": span});
        span["member"] = json!("u_111111111111");
        let second = json!({"timestamp": timestamp(&said[1]), "level": "WARN", "message": "two\nlines",
                            "token": "a\u{1b}b", "last": true, "target": target, "span": span});
        let third = json!({"timestamp": timestamp(&said[2]), "level": "ERROR", "message": "alone", "error": "\"x\"",
                           "target": target});
        assert_eq!(said, [first, second, third]);
    }
}
