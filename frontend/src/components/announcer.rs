//! The voice: one polite live region for what arrives, one assertive for what was not sent (`ux.md` §8).
//!
//! The timeline itself is silent, because live lists are read whole again by several readers. What arrives is collected
//! for a second and said in one go, never while the person types, never for own messages, never for older pages.

use std::{sync::Arc, time::Duration};

use leptos::prelude::*;

use super::connection;
use crate::{
    browser::{
        prefs::{first as w, lang},
        time,
    },
    dom::{El, effect, el},
    i18n::{Lang, fill},
    state::view::{Link, MessageRow, Row, Status, TimelineView},
    text::short::spoken,
};

/// Messages are collected for this long.
const COLLECT_MS: u64 = 1000;
/// And said only after this much silence at the keyboard, in milliseconds.
const SILENCE_MS: f64 = 2000.0;
/// More messages than this are counted instead of read.
const READ_AT_MOST: usize = 3;

/// The live regions of the open room. `typed_at` is when something was last typed, in Unix milliseconds.
#[must_use]
pub fn announcer(
    view: ReadSignal<TimelineView>,
    room: Signal<String>,
    link: ReadSignal<Link>,
    typed_at: StoredValue<f64>,
) -> Vec<El> {
    let (polite, urgent) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    tell_arrivals(view, room, link, typed_at, polite);
    tell_link(link, polite);
    tell_failures(view, urgent);
    vec![
        el("div").class("sr").attr("role", "status").attr("aria-live", "polite").text_of(move || polite.get()),
        el("div").class("sr").attr("role", "alert").text_of(move || urgent.get()),
    ]
}

/// Collects what others say below the message that was last.
fn tell_arrivals(
    view: ReadSignal<TimelineView>,
    room: Signal<String>,
    link: ReadSignal<Link>,
    typed_at: StoredValue<f64>,
    polite: RwSignal<String>,
) {
    let waiting = StoredValue::new(Vec::<Arc<Row>>::new());
    let say = Callback::new(move |()| {
        let heard = waiting.try_update_value(std::mem::take).unwrap_or_default();
        if !heard.is_empty() {
            polite.set(sentences(lang(), &room.get_untracked(), &heard));
        }
    });
    let mut last: Option<Arc<str>> = None;
    effect(move || {
        view.with(|view| {
            let fresh = last.take().map(|last| arrived(&view.rows, &last)).unwrap_or_default();
            last = last_sent(&view.rows);
            if fresh.is_empty() || matches!(link.get_untracked(), Link::Replaying { .. }) {
                return;
            }
            let collect = |held: &mut Vec<_>| {
                let first = held.is_empty();
                held.extend(fresh);
                first
            };
            if waiting.try_update_value(collect) == Some(true) {
                say_later(say, typed_at);
            }
        });
    });
}

/// Says what has become of the connection, once.
fn tell_link(link: ReadSignal<Link>, polite: RwSignal<String>) {
    let mut before: Option<Link> = None;
    effect(move || {
        let now = link.get();
        match (before.replace(now), now) {
            (Some(Link::Replaying { seen, .. }), Link::Live { .. }) if seen > 0 => {
                polite.set(fill(w().sr_replay, &[("n", &seen.to_string())]));
            }
            // Only the change is said: the seconds that follow are for the eye.
            (Some(before), now) if std::mem::discriminant(&before) != std::mem::discriminant(&now) => {
                let words = connection::sentence(lang(), now);
                if !words.is_empty() {
                    polite.set(words);
                }
            }
            _ => {}
        }
    });
}

/// Says that a message was not sent.
fn tell_failures(view: ReadSignal<TimelineView>, urgent: RwSignal<String>) {
    let mut before: Option<usize> = None;
    effect(move || {
        let failed = view.with(|view| view.rows.iter().filter(|row| is_failed(row)).count());
        if before.replace(failed).is_some_and(|before| failed > before) {
            urgent.set(w().sr_failed.to_owned());
        } else if failed == 0 {
            urgent.set(String::new());
        }
    });
}

/// Says what was collected, after a second and once the keyboard is silent.
fn say_later(say: Callback<()>, typed_at: StoredValue<f64>) {
    set_timeout(
        move || match typed_at.try_get_value() {
            Some(at) if time::now() - at < SILENCE_MS => say_later(say, typed_at),
            Some(_) => say.run(()),
            // The room was left meanwhile.
            None => {}
        },
        Duration::from_millis(COLLECT_MS),
    );
}

fn message(row: &Row) -> Option<&MessageRow> {
    if let Row::Message(message) = row { Some(message) } else { None }
}

fn is_failed(row: &Row) -> bool {
    message(row).is_some_and(|message| matches!(message.status, Status::Failed(_)))
}

/// The key of the newest message that the server has.
fn last_sent(rows: &[Arc<Row>]) -> Option<Arc<str>> {
    rows.iter()
        .rev()
        .filter_map(|row| message(row))
        .find(|message| message.status == Status::Sent)
        .map(|message| message.key.clone())
}

/// Others' messages below the one that was last. Nothing when that one is gone: then the view has moved, not time.
fn arrived(rows: &[Arc<Row>], last: &str) -> Vec<Arc<Row>> {
    let Some(at) = rows.iter().rposition(|row| message(row).is_some_and(|message| *message.key == *last)) else {
        return Vec::new();
    };
    let of_others = |row: &&Arc<Row>| message(row).is_some_and(|message| !message.own && !message.gone);
    rows[at + 1..].iter().filter(of_others).cloned().collect()
}

/// What is said about messages that have arrived: each of up to three, or how many.
fn sentences(lang: Lang, room: &str, heard: &[Arc<Row>]) -> String {
    if heard.len() > READ_AT_MOST {
        return fill(lang.first().sr_newn, &[("n", &heard.len().to_string()), ("room", room)]);
    }
    let each = heard.iter().filter_map(|row| message(row)).map(|message| {
        fill(lang.first().sr_new1, &[("a", &message.author.name), ("room", room), ("text", &spoken(&message.body))])
    });
    each.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::view::{Deletable, Person};

    fn row(key: &str, own: bool) -> Arc<Row> {
        Arc::new(Row::Message(MessageRow {
            key: key.into(),
            author: Arc::new(Person { id: "u_1".to_owned(), name: "Mei Lin".to_owned() }),
            own,
            head: true,
            at_ms: 0,
            body: "Morning.".into(),
            html: None,
            gone: false,
            undo_s: None,
            deletable: Deletable::No,
            edited_ms: None,
            status: Status::Sent,
        }))
    }

    #[test]
    fn only_others_messages_below_the_last_one_are_heard() {
        let rows = [row("a", false), row("b", true), row("c", false)];
        assert_eq!(arrived(&rows, "a"), [rows[2].clone()]);
        assert!(arrived(&rows, "c").is_empty());
        assert!(arrived(&rows, "gone").is_empty());
        assert_eq!(last_sent(&rows).as_deref(), Some("c"));
    }

    #[test]
    fn three_are_read_and_more_are_counted() {
        let heard = [row("a", false)];
        assert_eq!(sentences(Lang::En, "# general", &heard), "Mei Lin in # general: Morning.");
        let heard: Vec<_> = ["a", "b", "c", "d"].map(|key| row(key, false)).into();
        assert_eq!(sentences(Lang::En, "# general", &heard), "4 new messages in # general");
    }
}
