//! What a page does when the server is of another version (PROTOCOL §5, `hello.version` and `hello.protocol`).
//!
//! A page reloads itself at most once for each version of the server, whether that helped or not: behind a balancer two
//! versions may answer in turn, and a page that reloads for ever is worse than an old one. Drafts and unsent messages
//! survive a reload; they are kept as they are written.

use shared::{
    stream::{Hello, Introduction, PROTOCOL},
    wire::{Read, Value},
};

/// A greeting as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Greeting {
    /// In this page's protocol.
    Ours(Box<Hello>),
    /// In another one, in which nothing else need have the shape that this page knows.
    Foreign(Introduction),
    /// It says of itself to be in this page's protocol, and is not; or says nothing.
    Unreadable,
}

/// Reads a greeting.
#[must_use]
pub fn greeting(value: &impl Value) -> Greeting {
    match Introduction::read(value) {
        Some(introduction) if introduction.protocol != PROTOCOL => Greeting::Foreign(introduction),
        _ => Hello::read(value).map_or(Greeting::Unreadable, |hello| Greeting::Ours(Box::new(hello))),
    }
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Fits,
    /// Reload when the person goes to another room: nothing is in the way then.
    ReloadSoon,
    /// Reload at once: this page does not understand the server.
    ReloadNow,
    /// Stop, and let the person reload.
    Ask,
}

/// Judges a greeting. `own`: the page's version. `reloaded`: the versions that the page was reloaded for, one per line.
/// `None`: that cannot be kept.
#[must_use]
pub fn judge(own: &str, version: &str, protocol: u32, reloaded: Option<&str>) -> Verdict {
    let again = reloaded.is_none_or(|versions| versions.lines().any(|known| known == version));
    match (protocol == PROTOCOL, again) {
        (true, _) if version == own => Verdict::Fits,
        (true, true) => Verdict::Fits,
        (true, false) => Verdict::ReloadSoon,
        (false, false) => Verdict::ReloadNow,
        (false, true) => Verdict::Ask,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parsed JSON, as far as a greeting of another protocol needs it.
    #[derive(Clone)]
    enum Sample {
        Number(i64),
        Text(&'static str),
        Object(Vec<(&'static str, Sample)>),
    }

    impl Value for Sample {
        fn member(&self, name: &str) -> Option<Self> {
            let Self::Object(members) = self else { return None };
            members.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        }

        fn items(&self) -> Option<Vec<Self>> {
            None
        }

        fn text(&self) -> Option<String> {
            if let Self::Text(text) = self { Some((*text).to_owned()) } else { None }
        }

        fn number(&self) -> Option<i64> {
            if let Self::Number(number) = self { Some(*number) } else { None }
        }

        fn flag(&self) -> Option<bool> {
            None
        }
    }

    #[test]
    fn a_greeting_of_another_protocol_may_have_any_shape() {
        let foreign = |version: Option<&str>| {
            Greeting::Foreign(Introduction { protocol: PROTOCOL + 1, version: version.map(str::to_owned) })
        };
        let next = Sample::Number(i64::from(PROTOCOL) + 1);
        let (named, who) = (("version", Sample::Text("2.0.0")), ("who", Sample::Text("u_1")));
        for (members, expected) in [
            (vec![("protocol", next.clone()), named.clone(), who.clone()], foreign(Some("2.0.0"))),
            (vec![("protocol", next)], foreign(None)),
            // It says to be of this page's protocol: then it is broken.
            (vec![("protocol", Sample::Number(i64::from(PROTOCOL))), named, who], Greeting::Unreadable),
            (vec![("protocol", Sample::Text("2"))], Greeting::Unreadable),
            (vec![], Greeting::Unreadable),
        ] {
            assert_eq!(greeting(&Sample::Object(members)), expected);
        }
        assert_eq!(greeting(&Sample::Text("hello")), Greeting::Unreadable);
    }

    #[test]
    fn a_page_reloads_once_for_each_version() {
        let (same, newer) = (PROTOCOL, PROTOCOL + 1);
        for (version, protocol, reloaded, expected) in [
            ("1.0.0", same, Some(""), Verdict::Fits),
            ("1.0.0", same, None, Verdict::Fits),
            ("1.1.0", same, Some(""), Verdict::ReloadSoon),
            ("1.1.0", same, Some("1.1.0\n"), Verdict::Fits),
            ("1.1.0", same, Some("1.1.0-rc\n"), Verdict::ReloadSoon),
            ("1.1.0", same, None, Verdict::Fits),
            ("2.0.0", newer, Some("1.1.0\n"), Verdict::ReloadNow),
            ("2.0.0", newer, Some("1.1.0\n2.0.0\n"), Verdict::Ask),
            ("2.0.0", newer, None, Verdict::Ask),
            // The server was set back.
            ("0.9.0", PROTOCOL - 1, Some(""), Verdict::ReloadNow),
            ("1.0.0", newer, Some(""), Verdict::ReloadNow),
        ] {
            assert_eq!(judge("1.0.0", version, protocol, reloaded), expected, "{version} {protocol} {reloaded:?}");
        }
    }
}
