//! What the connection doctor knows, and what follows from it. The words are `components::doctor`'s part; here is what can
//! be tested without them, and the report for whoever runs the server, which is in English like its logs.

/// Round trips are drawn for so long, in milliseconds.
pub const HISTORY_MS: u64 = 5 * 60_000;

/// A place that stays behind the server's for longer than this, in milliseconds, lost something: each heartbeat moves it.
const BEHIND_MS: u64 = 40_000;

/// How the stream reaches this tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Carried {
    /// Not at all.
    #[default]
    Nothing,
    /// As one long answer.
    Stream,
    /// As short answers, because something on the way holds a long one back.
    Batches,
    /// From another tab of this browser.
    Shared,
}

/// What a timed question brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Timed {
    /// It is under way.
    #[default]
    Waiting,
    /// An answer, after so many milliseconds.
    After(u32),
    /// Nothing in time.
    Late,
}

/// Whether something on the way holds a stream back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// It is being tried.
    Trying,
    /// A stream's greeting came after so many milliseconds.
    Free(u32),
    /// The server answers, but a stream's greeting does not come.
    HeldBack,
    /// The server does not answer either.
    Unknown,
}

/// Whether anything is missing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gap {
    /// Not compared yet.
    Comparing,
    /// This tab has everything.
    None,
    /// The server was so many events ahead, and still is.
    Behind(u64),
}

/// A time without a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Break {
    /// When it began, in Unix milliseconds.
    pub at_ms: u64,
    /// How long it took.
    pub took_ms: u64,
}

/// One examination.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Exam {
    /// Now, in Unix milliseconds.
    pub now_ms: u64,
    /// The device says that it has a network.
    pub online: bool,
    /// A request to the server.
    pub answer: Timed,
    /// The page's version, and the server's; empty while it is not known.
    pub versions: [String; 2],
    /// How the stream comes.
    pub carried: Carried,
    /// The protocol of the requests, as the browser names it (RFC 7301: `http/1.1`, `h2`, `h3`); empty if it does not say.
    pub http: String,
    /// Since when the stream has been open, in Unix milliseconds.
    pub open_since_ms: u64,
    /// When its last heartbeat came, in Unix milliseconds.
    pub heartbeat_at_ms: u64,
    /// A stream of the doctor's own: how long its greeting took.
    pub trial: Timed,
    /// When that ended, in Unix milliseconds, and the place at which the server's log was then.
    pub compared_at_ms: u64,
    /// See [`compared_at_ms`](Self::compared_at_ms).
    pub head: u64,
    /// The place up to which this tab has everything.
    pub here: u64,
    /// This browser's tabs of the same person, this one included.
    pub tabs: usize,
    /// The last break since the page was opened.
    pub last_break: Option<Break>,
    /// Messages that wait to be sent.
    pub unsent: usize,
    /// Round trips, oldest first: when, in Unix milliseconds, and how long, in milliseconds.
    pub round_trips: Vec<(u64, u32)>,
}

impl Exam {
    /// Whether something on the way holds a stream back.
    #[must_use]
    pub fn passage(&self) -> Passage {
        match (self.trial, self.answer) {
            (Timed::After(ms), _) => Passage::Free(ms),
            (Timed::Late, Timed::After(_)) => Passage::HeldBack,
            (Timed::Late, Timed::Late) => Passage::Unknown,
            _ => Passage::Trying,
        }
    }

    /// Whether anything is missing here.
    #[must_use]
    pub fn gap(&self) -> Gap {
        if self.head == 0 {
            Gap::Comparing
        } else if self.here >= self.head {
            Gap::None
        } else if self.now_ms < self.compared_at_ms + BEHIND_MS {
            // Facts that this person may not see are counted too; the next heartbeat passes them.
            Gap::Comparing
        } else {
            Gap::Behind(self.head - self.here)
        }
    }

    /// Whether this page is of the server's version, as far as is known.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let [own, server] = &self.versions;
        server.is_empty() || own == server
    }

    /// `HTTP/2` and the like; empty if it is not known.
    #[must_use]
    pub fn http_version(&self) -> String {
        match self.http.as_str() {
            "h2" => "HTTP/2".to_owned(),
            "h3" => "HTTP/3".to_owned(),
            other => other.to_ascii_uppercase(),
        }
    }

    /// The round trips as an SVG path in a box of 240 × 48: the slowest reaches the top, now is on the right.
    #[must_use]
    pub fn curve(&self) -> String {
        let slowest = self.round_trips.iter().map(|(_, ms)| *ms).max().unwrap_or_default().max(20);
        let mut path = String::new();
        for (at, ms) in &self.round_trips {
            let ago = self.now_ms.saturating_sub(*at).min(HISTORY_MS);
            path.push(if path.is_empty() { 'M' } else { 'L' });
            path.push_str(&(240 - ago * 240 / HISTORY_MS).to_string());
            path.push(' ');
            path.push_str(&(46 - ms * 44 / slowest).to_string());
        }
        path
    }

    /// What was found, for whoever runs the server. It names no person, no room and no text.
    #[must_use]
    pub fn report(&self) -> String {
        let ago = |at: u64| if at == 0 { "never".to_owned() } else { seconds(self.now_ms.saturating_sub(at)) };
        let timed = |timed| match timed {
            Timed::Waiting => "waiting".to_owned(),
            Timed::After(ms) => milliseconds(ms.into()),
            Timed::Late => "no answer".to_owned(),
        };
        let [own, server] = &self.versions;
        let carried = match self.carried {
            Carried::Nothing => "none",
            Carried::Stream => "SSE",
            Carried::Batches => "SSE in batches",
            Carried::Shared => "SSE of another tab",
        };
        let held = match self.passage() {
            Passage::Trying => "being tried",
            Passage::Free(_) => "no",
            Passage::HeldBack => "yes: a proxy collects the answer of /chat; switch its buffering off",
            Passage::Unknown => "unknown: the server does not answer",
        };
        let last = self.last_break.map_or_else(
            || "none".to_owned(),
            |last| [&milliseconds(last.took_ms), ", ", &ago(last.at_ms), " ago"].concat(),
        );
        let lines = [
            ("page", own.clone()),
            ("server", server.clone()),
            ("device online", if self.online { "yes" } else { "no" }.to_owned()),
            ("request", timed(self.answer)),
            ("stream", carried.to_owned()),
            ("http", self.http_version()),
            ("stream open for", ago(self.open_since_ms)),
            ("last heartbeat", ago(self.heartbeat_at_ms)),
            ("first event of a trial stream", timed(self.trial)),
            ("held back", held.to_owned()),
            ("last event here", self.here.to_string()),
            ("last event on the server", self.head.to_string()),
            ("last break", last),
            ("tabs", self.tabs.to_string()),
            ("unsent messages", self.unsent.to_string()),
        ];
        let mut report = String::from("Teahouse connection report\n");
        for (name, value) in lines {
            report.push_str(name);
            report.push_str(": ");
            report.push_str(&value);
            report.push('\n');
        }
        report
    }
}

fn milliseconds(ms: u64) -> String {
    [&ms.to_string(), " ms"].concat()
}

fn seconds(ms: u64) -> String {
    [&(ms / 1_000).to_string(), " s"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_held_back_only_when_the_server_answers() {
        for (trial, answer, expected) in [
            (Timed::Waiting, Timed::After(40), Passage::Trying),
            (Timed::After(52), Timed::Waiting, Passage::Free(52)),
            (Timed::After(52), Timed::Late, Passage::Free(52)),
            (Timed::Late, Timed::Waiting, Passage::Trying),
            (Timed::Late, Timed::After(40), Passage::HeldBack),
            (Timed::Late, Timed::Late, Passage::Unknown),
        ] {
            assert_eq!(Exam { trial, answer, ..Exam::default() }.passage(), expected, "{trial:?} {answer:?}");
        }
    }

    #[test]
    fn what_others_may_see_is_not_missing() {
        let exam = Exam { now_ms: 100_000, compared_at_ms: 90_000, head: 48_213, here: 48_210, ..Exam::default() };
        assert_eq!(exam.gap(), Gap::Comparing);
        assert_eq!(Exam { here: 48_214, ..exam.clone() }.gap(), Gap::None);
        assert_eq!(Exam { now_ms: 131_000, ..exam.clone() }.gap(), Gap::Behind(3));
        assert_eq!(Exam { head: 0, ..exam }.gap(), Gap::Comparing);
    }

    #[test]
    fn the_curve_ends_on_the_right() {
        let exam =
            Exam { now_ms: 300_000, round_trips: vec![(0, 50), (150_000, 100), (300_000, 0)], ..Exam::default() };
        assert_eq!(exam.curve(), "M0 24L120 2L240 46");
        assert_eq!(Exam::default().curve(), "");
    }

    #[test]
    fn the_report_says_what_to_do() {
        let exam = Exam {
            now_ms: 1_000_000,
            online: true,
            answer: Timed::After(41),
            versions: ["0.1.0".to_owned(), "0.1.0".to_owned()],
            carried: Carried::Batches,
            http: "http/1.1".to_owned(),
            open_since_ms: 280_000,
            heartbeat_at_ms: 997_000,
            trial: Timed::Late,
            compared_at_ms: 999_000,
            head: 12,
            here: 12,
            tabs: 2,
            last_break: Some(Break { at_ms: 270_000, took_ms: 6_000 }),
            unsent: 1,
            round_trips: vec![],
        };
        let report = exam.report();
        for line in [
            "request: 41 ms",
            "stream: SSE in batches",
            "http: HTTP/1.1",
            "stream open for: 720 s",
            "last heartbeat: 3 s",
            "held back: yes: a proxy collects the answer of /chat; switch its buffering off",
            "last break: 6000 ms, 730 s ago",
            "tabs: 2",
        ] {
            assert!(report.lines().any(|has| has == line), "{line:?} is not in\n{report}");
        }
    }
}
