//! The connection doctor: each check says what was found and, where something is wrong, what can be done about it.

use leptos::{prelude::*, task::spawn_local};

use super::{dialog::dialog, icon::icon};
use crate::{
    browser::{
        clipboard,
        prefs::{lang, w},
        time,
    },
    dom::{El, button, el, svg},
    i18n::{Lang, fill, fill_n},
    state::doctor::{Carried, Exam, Gap, Passage, Timed},
};

/// The dialog. `again`: the person does not want to wait for the next try.
#[must_use]
pub fn doctor(open: RwSignal<bool>, exam: ReadSignal<Exam>, again: Callback<()>) -> El {
    let close = Callback::new(move |()| open.set(false));
    let inside = move || vec![graph(exam), list(exam), foot(exam, again)];
    dialog("doctor", w().doc_title, open.into(), Some(close), inside).class("doctor")
}

/// The round trips, and the last break.
fn graph(exam: ReadSignal<Exam>) -> El {
    let curve = move || Some(exam.with(Exam::curve));
    let drawing = svg("svg")
        .class("spark")
        .attr("viewBox", "0 0 240 48")
        .attr("preserveAspectRatio", "none")
        .attr("aria-hidden", "true")
        .child(svg("path").class("ln").attr_text_of("d", curve));
    let last = move || {
        let words = lang().words();
        exam.with(|exam| match exam.last_break {
            Some(last) => {
                let (s, time) = (last.took_ms.div_ceil(1_000).to_string(), time::hour(lang(), last.at_ms as i64));
                fill(words.doc_gap, &[("s", &s), ("time", &time)])
            }
            None => words.doc_gap_none.to_owned(),
        })
    };
    let newest =
        move || exam.with(|exam| exam.round_trips.last().map_or_else(String::new, |(_, ms)| in_ms(lang(), *ms)));
    el("div").class("doctor__graph").children([
        el("div").children([
            el("div").class("quiet").text(w().doc_rtt),
            drawing,
            el("small").class("quiet").text_of(last),
        ]),
        el("b").class("num").text_of(newest),
    ])
}

fn list(exam: ReadSignal<Exam>) -> El {
    let found = move || exam.with(|exam| findings(lang(), exam));
    el("ul").class("doctor__list").swap_all_on(found, move || untrack(found).iter().map(line).collect())
}

fn line(finding: &Finding) -> El {
    let (is, sign) = match finding.grade {
        Grade::Ok => ("ok", "#check"),
        Grade::Wait => ("wait", "#clock"),
        Grade::Warn => ("warn", "#alert"),
        Grade::Bad => ("bad", "#stop"),
    };
    let note = (!finding.note.is_empty()).then(|| el("small").text(&finding.note));
    el("li").attr("data-is", is).children([
        icon(sign),
        el("div").text(&finding.title).child(note),
        el("span").class("num").text(&finding.value),
    ])
}

fn foot(exam: ReadSignal<Exam>, again: Callback<()>) -> El {
    let copied = RwSignal::new(false);
    // Where browsers have no clipboard interface, the text has to be on the page to be copied.
    let text = el("textarea").class("sr").flag("readonly", true).attr("tabindex", "-1").attr("aria-hidden", "true");
    let source = text.clone();
    let copy = move || {
        copied.set(false);
        let (report, field) = (exam.with_untracked(Exam::report), source.node());
        spawn_local(async move { copied.set(clipboard::copy_text(&report, field).await) });
    };
    let said = move || if copied.get() { w().doc_copied } else { w().doc_copy_note }.to_owned();
    el("footer").class("dialog__foot doctor__foot").children([
        button("btn").child(icon("#copy")).text(w().doc_copy).press(copy),
        el("span").class("quiet").attr("role", "status").text_of(said),
        text,
        button("btn btn--main push").text(w().doc_again).press(move || again.run(())),
    ])
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grade {
    Ok,
    Wait,
    Warn,
    Bad,
}

/// One line: what was found, one sentence more where it helps, and a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    grade: Grade,
    title: String,
    note: String,
    value: String,
}

fn finding(grade: Grade, title: &str, note: &str, value: String) -> Finding {
    Finding { grade, title: title.to_owned(), note: note.to_owned(), value }
}

fn findings(lang: Lang, exam: &Exam) -> Vec<Finding> {
    let w = lang.words();
    let none = String::new;
    let mut found = vec![
        if exam.online {
            finding(Grade::Ok, w.doc_device, "", none())
        } else {
            finding(Grade::Bad, w.doc_device_off, w.doc_device_off_note, none())
        },
        match exam.answer {
            Timed::Waiting => finding(Grade::Wait, w.doc_server_wait, "", none()),
            Timed::Late => finding(Grade::Bad, w.doc_server_no, w.doc_trying, none()),
            Timed::After(ms) if exam.is_current() => {
                finding(Grade::Ok, w.doc_server, w.doc_server_note, in_ms(lang, ms))
            }
            Timed::After(ms) => finding(Grade::Warn, w.doc_server, w.doc_server_other, in_ms(lang, ms)),
        },
        stream(lang, exam),
    ];
    if exam.tabs > 1 || exam.carried == Carried::Shared {
        let note = if exam.carried == Carried::Shared { w.doc_tabs_there } else { w.doc_tabs_here };
        found.push(finding(Grade::Ok, &fill_n(w.doc_tabs, exam.tabs as u64), note, none()));
    }
    found.push(match exam.passage() {
        Passage::Trying => finding(Grade::Wait, w.doc_free_wait, "", none()),
        Passage::Free(ms) => finding(Grade::Ok, w.doc_free, "", in_ms(lang, ms)),
        Passage::HeldBack => finding(Grade::Bad, w.doc_held, w.doc_held_note, none()),
        Passage::Unknown => finding(Grade::Warn, w.doc_free_not, w.doc_server_no, none()),
    });
    found.push(match exam.gap() {
        Gap::Comparing => finding(Grade::Wait, w.doc_gap_wait, "", none()),
        Gap::None => finding(Grade::Ok, w.doc_gapfree, w.doc_gapfree_note, ["#", &exam.here.to_string()].concat()),
        Gap::Behind(n) => finding(Grade::Bad, &fill_n(w.doc_behind, n), w.doc_behind_note, none()),
    });
    if exam.unsent > 0 {
        let n = exam.unsent as u64;
        found.push(finding(Grade::Warn, &fill_n(lang.plural(n, w.doc_queue_one, w.doc_queue), n), "", none()));
    }
    found
}

fn stream(lang: Lang, exam: &Exam) -> Finding {
    let w = lang.words();
    let open_min = exam.now_ms.saturating_sub(exam.open_since_ms) / 60_000;
    let heard_s = exam.now_ms.saturating_sub(exam.heartbeat_at_ms) / 1_000;
    let values = [("n", &*open_min.to_string()), ("s", &*heard_s.to_string())];
    let how = match exam.http_version() {
        http if http.is_empty() => "SSE".to_owned(),
        http => ["SSE, ", &http].concat(),
    };
    match exam.carried {
        Carried::Nothing => finding(Grade::Bad, w.doc_stream_no, w.doc_trying, String::new()),
        Carried::Batches => finding(Grade::Warn, w.doc_batches, w.doc_batches_note, how),
        Carried::Stream | Carried::Shared => finding(Grade::Ok, w.doc_stream, &fill(w.doc_stream_note, &values), how),
    }
}

fn in_ms(lang: Lang, ms: u32) -> String {
    fill(lang.words().doc_ms, &[("ms", &ms.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Exam {
        Exam {
            now_ms: 1_000_000,
            online: true,
            answer: Timed::After(41),
            carried: Carried::Stream,
            http: "h2".to_owned(),
            open_since_ms: 280_000,
            heartbeat_at_ms: 997_000,
            trial: Timed::After(44),
            compared_at_ms: 999_000,
            head: 48_213,
            here: 48_213,
            tabs: 1,
            ..Exam::default()
        }
    }

    fn grades(exam: &Exam) -> Vec<Grade> {
        findings(Lang::En, exam).iter().map(|finding| finding.grade).collect()
    }

    #[test]
    fn a_good_connection_is_all_well() {
        let found = findings(Lang::En, &well());
        assert!(found.iter().all(|finding| finding.grade == Grade::Ok), "{found:?}");
        assert_eq!(found[2].note, "Open for 12 min. Last heartbeat 3 s ago.");
        assert_eq!(found[2].value, "SSE, HTTP/2");
        assert_eq!(found.last().map(|last| last.value.as_str()), Some("#48213"));
    }

    #[test]
    fn each_fault_has_its_line() {
        let held = Exam { carried: Carried::Batches, trial: Timed::Late, ..well() };
        assert_eq!(grades(&held), [Grade::Ok, Grade::Ok, Grade::Warn, Grade::Bad, Grade::Ok]);
        let gone = Exam { online: false, answer: Timed::Late, carried: Carried::Nothing, trial: Timed::Late, ..well() };
        assert_eq!(grades(&gone), [Grade::Bad, Grade::Bad, Grade::Bad, Grade::Warn, Grade::Ok]);
        let waiting = Exam { unsent: 1, tabs: 10, ..well() };
        let found = findings(Lang::Zh, &waiting);
        assert_eq!(found[3].title, "10个标签页共用一条连接");
        assert_eq!(
            found.last().map(|last| (last.grade, last.title.as_str())),
            Some((Grade::Warn, "有1条消息等待发出"))
        );
    }
}
