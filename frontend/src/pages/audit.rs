//! `/audit`: what was done with rights that not everyone has. Newest first, a sentence for each act; nobody can change it.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    audit::{AuditAct, AuditEntry},
    id::MemberId,
    member::Person,
};

use super::{names::Names, wrong::Wrongs};
use crate::{
    api,
    browser::{
        focus, page,
        prefs::{lang, w},
        time,
    },
    chat::use_chat,
    components::{
        alert::alert,
        icon::icon,
        pane::{Pane, pane},
        phrase::phrase_of,
        role::role_words,
        seal::seal,
        select::select,
    },
    dom::{El, button, effect, el},
    i18n::{Words, fill, fill_n},
    state::{
        audit::{Day, Kind, Log, Names as _, Narrowed, days},
        view,
    },
};

/// While a search finds fewer entries than this, older ones are looked through too,
const FOUND_ENOUGH: usize = 20;

/// so many pages at a time.
const PAGES_AT_ONCE: u32 = 10;

const DAY_MS: i64 = 86_400_000;

/// How far back the log can be looked at, in days; 0 is all of it.
const RANGES: [i64; 4] = [0, 1, 7, 30];

#[derive(Clone, Copy)]
struct Audit {
    log: RwSignal<Log>,
    kind: RwSignal<usize>,
    /// Whose acts, by the id; empty for everybody's.
    by: RwSignal<String>,
    /// Which of [`RANGES`].
    range: RwSignal<usize>,
    find: RwSignal<String>,
    busy: RwSignal<bool>,
    wrongs: Wrongs,
    names: Names,
    /// How many more pages this search may look through.
    left: StoredValue<u32>,
    /// Counts the questions that begin anew, so that an older one's answer is not taken for the last one's.
    asked: StoredValue<u32>,
}

/// The pane. `back` leads to the rooms, on a phone.
pub(crate) fn audit_pane(back: Callback<()>) -> Vec<El> {
    let audit = Audit {
        log: RwSignal::new(Log::default()),
        kind: RwSignal::new(0),
        by: RwSignal::new(String::new()),
        range: RwSignal::new(0),
        find: RwSignal::new(String::new()),
        busy: RwSignal::new(true),
        wrongs: Wrongs::new(),
        names: Names::new(),
        left: StoredValue::new(0),
        asked: StoredValue::new(0),
    };
    focus::focus_soon("page-name");
    let place = use_chat().place;
    effect(move || page::set_title(&[w().audit_title, " · ", &place.get()].concat()));
    effect(move || {
        // Read, so that another search looks further.
        let (_, _, _) = (audit.kind.get(), audit.range.get(), audit.find.with(String::is_empty));
        audit.left.set_value(PAGES_AT_ONCE);
        audit.look_further();
    });
    effect(move || {
        audit.by.track();
        audit.begin();
    });
    let says = move || {
        let total = audit.log.with(|log| log.total);
        fill_n(lang().plural(total, w().audit_n_one, w().audit_n), total)
    };
    let body = vec![audit.tools(), alert(el("div"), audit.wrongs.any_of()), audit.days(), audit.more()];
    pane(Pane { icon: "#shield", title: w().audit_title, says: Box::new(says), deed: None, back, body })
}

impl Audit {
    /// Asks from the newest entry on, of whoever was chosen.
    fn begin(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.busy.set(false);
        self.log.set(Log::default());
        self.load();
    }

    fn load(self) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let (before, number) = (self.log.with_untracked(Log::last), self.asked.get_value());
        let by = self.by.get_untracked();
        let filter = if by.is_empty() { by } else { ["&by=", &by].concat() };
        spawn_local(async move {
            let answer = api::audit(&filter, before).await;
            // The page may be gone by now, or others asked for.
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            self.busy.set(false);
            match answer {
                Ok(page) => {
                    self.log.update(|log| log.take(page, before.is_none()));
                    self.wrongs.clear();
                    self.look_further();
                }
                Err(error) => self.wrongs.take(&error),
            }
        });
    }

    /// A search that finds little among what is loaded goes on with what is older.
    fn look_further(self) {
        let searches = self.kind.try_get_untracked().unwrap_or_default() != 0
            || self.range.try_get_untracked().unwrap_or_default() != 0
            || self.find.try_with_untracked(|find| !find.trim().is_empty()) == Some(true);
        let left = self.left.try_get_value().unwrap_or_default();
        if !searches || left == 0 || !untrack(|| self.has_more()) {
            return;
        }
        let found: usize = untrack(|| self.fitting()).iter().map(|day| day.entries.len()).sum();
        if found < FOUND_ENOUGH {
            self.left.set_value(left - 1);
            self.load();
        }
    }

    fn fitting(self) -> Vec<Day> {
        let (kind, since_ms) = (Kind::ALL[self.kind.get()], self.since_ms());
        let fitting =
            |log: &Log, find: &String| days(log, Narrowed { kind, since_ms, find }, &self.names, &time::offset_minutes);
        self.log.with(|log| self.find.with(|find| fitting(log, find)))
    }

    /// How old entries may be, as a moment in Unix milliseconds.
    fn since_ms(self) -> Option<i64> {
        let days = RANGES[self.range.get()];
        (days > 0).then(|| time::now() as i64 - days * DAY_MS)
    }

    fn has_more(self) -> bool {
        let since_ms = self.since_ms();
        self.log.with(|log| log.more_since(since_ms))
    }

    fn tools(self) -> El {
        let search = el("input")
            .class("input input--small")
            .attr("type", "search")
            .attr("aria-label", w().audit_find)
            .attr("placeholder", w().audit_find)
            .bind(self.find);
        let word = |kind: Kind| match kind {
            Kind::Every => w().audit_kind,
            Kind::People => w().audit_kind_people,
            Kind::Rooms => w().audit_kind_rooms,
            Kind::Links => w().audit_kind_links,
            Kind::Place => w().audit_kind_place,
        };
        let ranges = [w().audit_range_all, w().audit_range_day, w().audit_range_week, w().audit_range];
        el("div").class("page__tools").children([
            el("div").class("withtail").children([icon("#search"), search]),
            self.by_whom(),
            one_of("audit-kind", w().audit_kind_label, &Kind::ALL.map(word), self.kind),
            one_of("audit-range", w().audit_range_label, &ranges, self.range),
        ])
    }

    /// Whose acts are shown: anyone's, or those of one of the admins of today.
    fn by_whom(self) -> El {
        let anyone = || (String::new(), w().audit_by_any.to_owned());
        let admins = RwSignal::new(vec![anyone()]);
        spawn_local(async move {
            let (mut all, mut after) = (vec![anyone()], None);
            while let Ok(page) = api::people("admins", "", after).await {
                let choice = |person: Person| (person.member.id.to_string(), person.member.display_name.to_string());
                all.extend(page.people.into_iter().map(choice));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            admins.try_set(all);
        });
        let list = move || {
            let choose = move |by: String| self.by.set(by);
            Some(select("audit-by", Some(w().audit_by), &admins.get(), self.by, choose))
        };
        el("div").swap(list)
    }

    fn days(self) -> El {
        let all = move || {
            self.names.track();
            let days = self.fitting();
            if days.is_empty() && !self.busy.get() {
                return vec![el("p").class("page__none").attr("role", "status").text(w().audit_none)];
            }
            days.iter().flat_map(|day| self.day(day)).collect()
        };
        el("div").swap_all(all)
    }

    fn day(self, day: &Day) -> [El; 2] {
        let lines: Vec<El> = day.entries.iter().map(|entry| self.line(entry)).collect();
        [
            el("h2").class("audit__day").text(&time::day_words(lang(), day.at_ms)),
            el("ol").class("audit").children(lines),
        ]
    }

    fn line(self, entry: &Arc<AuditEntry>) -> El {
        let at = time::parse(&entry.at.0).unwrap_or_default();
        let hour = el("time")
            .attr("datetime", &*time::machine(at))
            .attr("title", &*time::full(lang(), at))
            .text(&time::hour(lang(), at));
        let someone = || w().audit_someone.to_owned();
        let by = self.names.person(entry.by).unwrap_or_else(someone);
        let target = entry.member.map(|member| self.names.person(member).unwrap_or_else(someone)).unwrap_or_default();
        let room = entry.room.map(|room| {
            let name = self.names.room(room);
            name.map_or_else(|| w().audit_somewhere.to_owned(), |name| ["# ", &name].concat())
        });
        let room = room.unwrap_or_default();
        let detail = entry.detail.clone().unwrap_or_default();
        let values = [
            ("a", &*by),
            ("b", &*target),
            ("room", &*room),
            ("role", role_words(shared::member::Role::from_word(&detail))),
            ("what", &*what(entry, &detail, &room)),
        ]
        .map(|(hole, value)| (hole, value.to_owned()));
        let words = phrase_of(el("p"), sentence(entry.act, &detail, w()), &|hole| {
            let value = values.iter().find(|(name, _)| *name == hole).map_or("", |(_, value)| &**value);
            let who = match hole {
                "a" => Some(entry.by),
                "b" => entry.member,
                _ => None,
            };
            named(value, who)
        });
        let words = words.child(note(entry));
        let person = view::Person { id: entry.by.to_string(), name: by };
        let address = entry.address.clone().unwrap_or_default();
        el("li").children([hour, seal(&person, Some("m")), words, el("span").class("mono").text(&address)])
    }

    fn more(self) -> El {
        let more = move || {
            let load = move || {
                self.left.set_value(PAGES_AT_ONCE);
                self.load();
            };
            let older =
                button("btn btn--text").flag_of("data-busy", move || self.busy.get()).text(w().audit_more).press(load);
            self.has_more().then(|| el("p").class("page__none").child(older))
        };
        el("div").swap_on(move || self.has_more(), move || untrack(more))
    }
}

/// One of a few choices, by its place among them.
fn one_of(id: &str, label: &str, words: &[&str], chosen: RwSignal<usize>) -> El {
    let choices: Vec<_> = words.iter().enumerate().map(|(at, words)| (at.to_string(), (*words).to_owned())).collect();
    let choose = move |at: String| chosen.set(at.parse().unwrap_or_default());
    select(id, Some(label), &choices, RwSignal::new("0".to_owned()), choose)
}

/// What stands in a hole of a sentence; a person's name opens their card.
fn named(value: &str, who: Option<MemberId>) -> El {
    let name = el("bdi").text(value);
    match who {
        Some(who) => button("").attr("data-person", &*who.to_string()).attr("aria-haspopup", "dialog").child(name),
        None => name,
    }
}

/// What an invite or a token is called in a sentence.
fn what(entry: &AuditEntry, detail: &str, room: &str) -> String {
    match entry.act {
        AuditAct::InviteMade | AuditAct::InviteWithdrawn => {
            let role = role_words(shared::member::Role::from_word(detail));
            fill(w().invite_line, &[("role", role), ("room", room)])
        }
        AuditAct::WorkspaceChanged => rule(detail, w()),
        _ => detail.to_owned(),
    }
}

/// A rule of the place and what it is now, out of `rule=value`; one of a later version as it came.
fn rule(detail: &str, w: &Words) -> String {
    let Some((rule, value)) = detail.split_once('=') else { return detail.to_owned() };
    let what = match rule {
        "name" => w.ws_name,
        "rooms_by" => w.ws_rooms,
        "invites_by" => w.ws_invites,
        "guests" => w.ws_guests,
        _ => rule,
    };
    let value = match (rule, value) {
        ("rooms_by" | "invites_by", "everyone") => w.ws_all,
        ("rooms_by" | "invites_by", "admins") => w.ws_admins,
        ("guests", "true") => w.ws_on,
        ("guests", "false") => w.ws_off,
        (_, value) => value,
    };
    fill(w.audit_pair, &[("what", what), ("value", value)])
}

/// The sentence of an act. A kind of room decides which of two it is.
fn sentence(act: AuditAct, detail: &str, w: &Words) -> &'static str {
    match act {
        AuditAct::WorkspaceChanged => w.audit_ws,
        AuditAct::RoleChanged => w.audit_role,
        AuditAct::Deactivated => w.audit_off,
        AuditAct::Reactivated => w.audit_on,
        AuditAct::Banned => w.audit_ban,
        AuditAct::Unbanned => w.audit_unban,
        AuditAct::ResetLinkMade => w.audit_reset,
        AuditAct::InviteMade => w.audit_invite,
        AuditAct::InviteWithdrawn => w.audit_revoke,
        AuditAct::TokenMade => w.audit_token,
        AuditAct::TokenRevoked => w.audit_untoken,
        AuditAct::RoomConverted if detail == "open" => w.audit_opened,
        AuditAct::RoomConverted => w.audit_closed,
        AuditAct::RoomArchived => w.audit_arch,
        AuditAct::RoomRestored => w.audit_restored,
        AuditAct::MemberRemoved => w.audit_removed,
        AuditAct::MessageDeleted => w.audit_del,
        AuditAct::Unknown => w.audit_other,
    }
}

/// How much it touched, and why.
fn note(entry: &AuditEntry) -> Option<El> {
    let count = entry.count.filter(|count| *count > 0);
    let count = count.map(|n| fill_n(lang().plural(n, w().audit_count_one, w().audit_count), n));
    let why = entry.reason.as_ref().filter(|why| !why.as_str().is_empty());
    let why = why.map(|why| fill(w().audit_why, &[("text", why.as_str())]));
    if count.is_none() && why.is_none() {
        return None;
    }
    let part = |words: String| el("span").text(&words);
    let parts: Vec<El> = count.into_iter().chain(why).map(part).collect();
    Some(el("small").class("audit__note").children(parts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, Part, parts};

    #[test]
    fn rules_are_told_in_words() {
        for (detail, words) in [
            ("guests=true", "Guests may come in: on"),
            ("rooms_by=admins", "Who may make rooms: Owner and admins"),
            ("name=a=b", "Name of the place: a=b"),
            ("tea=green", "tea: green"),
            ("tea", "tea"),
        ] {
            assert_eq!(rule(detail, Lang::En.words()), words);
        }
    }

    #[test]
    fn every_act_has_a_sentence_of_its_own() {
        for lang in [Lang::En, Lang::Zh] {
            let mut seen = Vec::new();
            for act in AuditAct::ALL.iter().chain([&AuditAct::Unknown]) {
                for detail in ["open", "closed"] {
                    let sentence = sentence(*act, detail, lang.words());
                    let known =
                        |part| matches!(part, Part::Words(_) | Part::Hole("a" | "b" | "room" | "role" | "what"));
                    assert!(parts(sentence).all(known), "{sentence}");
                    seen.push(sentence);
                }
            }
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), AuditAct::ALL.len() + 2, "one each, two for a room that changes its kind");
        }
    }
}
