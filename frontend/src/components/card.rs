//! The card behind every seal and name: who somebody is, and what can be done about them (`ux.md` §15, "Card").
//!
//! There is one for the whole page. Whatever has `data-person` opens it; what is in it is made when it opens.

use leptos::{ev::Event, prelude::*};
use shared::{member::Role, presence::PresenceLevel};

use super::{
    icon::icon,
    presence::{dot, said},
    role::standing_word,
    seal::seal,
};
use crate::{
    browser::{
        dialog,
        people::opener,
        prefs::{lang, w},
        time,
    },
    dom::{El, button, effect, el},
    i18n::fill,
    state::{people, view::Person},
};

/// What the card shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Who.
    pub person: Person,
    /// The sign-in name.
    pub name: String,
    /// What they are in the workspace.
    pub role: Role,
    /// Whether the account is in use.
    pub active: bool,
    /// Whether they are banned, as far as the person at this screen may know and was told.
    pub banned: Option<bool>,
    /// Whether they are here; `None`: it is not known.
    pub level: Option<PresenceLevel>,
    /// What they say about themself; may be empty.
    pub bio: String,
    /// When the account was made, in Unix milliseconds.
    pub since_ms: Option<i64>,
    /// The time zone, if they share one and it was answered.
    pub zone: Option<String>,
    /// When they were here last, in Unix milliseconds, if they share that.
    pub seen_ms: Option<i64>,
    /// The titles of the rooms that they share with the person at this screen.
    pub shared: Vec<String>,
    /// It is the person at this screen.
    pub own: bool,
    /// A conversation with them may be begun.
    pub message: bool,
    /// The room that they can be taken out of, by its title.
    pub remove_from: Option<String>,
}

/// What the card reports.
#[derive(Clone, Copy, Debug)]
pub struct CardEvents {
    /// It has closed.
    pub closed: Callback<()>,
    /// A conversation is wanted.
    pub message: Callback<()>,
    /// They are to be taken out of the room.
    pub remove: Callback<()>,
}

/// The card; it is empty while nobody's is `shown`. `admin` is the block of those who run the place, for whoever is shown.
#[must_use]
pub fn card(
    shown: Signal<Option<Card>>,
    wrong: Signal<Option<String>>,
    admin: Box<dyn Fn(Card) -> Option<El>>,
    events: CardEvents,
) -> El {
    let frame = el("div").id("card").attr("popover", "auto").class("card").attr("role", "dialog");
    let label = move || shown.with(|card| card.as_ref().map(|card| fill(w().card_title, &[("a", &card.person.name)])));
    let popover = frame.clone();
    let toggled = move |event: Event| {
        if !dialog::toggled_open(&event) {
            events.closed.run(());
        }
    };
    // Whoever is shown no more takes the card with them; whoever is shown anew opens it beside what was pressed.
    let who = Memo::new(move |_| shown.with(|card| card.as_ref().map(|card| card.person.id.clone())));
    effect(move || match (who.with(Option::is_some), opener()) {
        (true, Some(opener)) => dialog::show_popover(&popover.node(), &opener),
        _ => dialog::hide_popover(&popover.node()),
    });
    let frame = frame.attr("tabindex", "-1").attr_text_of("aria-label", label).on("toggle", toggled);
    let frame = frame.swap_all(move || shown.get().map(|card| inside(&card, events)).unwrap_or_default());
    let frame =
        frame.swap(move || wrong.get().map(|words| el("p").class("form__bad").attr("role", "alert").text(&words)));
    let standing = move || shown.with(|card| card.as_ref().map(|card| (card.role, card.active, card.banned)));
    frame.swap_on(move || (who.get(), standing()), move || shown.get_untracked().and_then(&admin))
}

fn inside(card: &Card, events: CardEvents) -> Vec<El> {
    let standing = people::standing(card.role, card.active, card.banned == Some(true));
    let under = el("small").children([el("bdi").text(&card.name), standing_word(standing)]);
    let level = card.level;
    let name = el("h2").children([el("bdi").text(&card.person.name), said(move || level)]);
    let top = el("div")
        .class("card__top")
        .children([seal(&card.person, Some("l")).child(dot(move || level)), el("div").children([name, under])]);
    let mut parts = vec![top];
    if !card.bio.is_empty() {
        parts.push(el("p").class("card__bio").attr("dir", "auto").text(&card.bio));
    }
    parts.push(facts(card));
    parts.extend(doings(card, events));
    parts
}

fn facts(card: &Card) -> El {
    let mut list = el("dl");
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            list = list.clone().child(el("dt").text(name)).child(el("dd").text(&value));
        }
    };
    fact(w().card_time, card.zone.as_deref().and_then(|zone| time::hour_in(lang(), zone)));
    let seen = match card.level {
        Some(PresenceLevel::Active | PresenceLevel::Away) => Some(w().people_now.to_owned()),
        _ => card.seen_ms.map(|at| time::moment_words(lang(), at)),
    };
    fact(w().card_seen, seen);
    let shared = Some(card.shared.join(w().list_comma)).filter(|_| !card.shared.is_empty() && !card.own);
    fact(w().card_rooms, shared);
    fact(w().card_since, card.since_ms.map(|at| time::date_of(lang(), at)));
    list
}

fn doings(card: &Card, events: CardEvents) -> Vec<El> {
    let mut parts = Vec::new();
    if card.message && !card.own && card.active {
        let message = button("btn btn--main").child(icon("#thread")).text(w().card_msg);
        parts.push(el("div").class("card__do").child(message.press(move || events.message.run(()))));
    }
    if let Some(room) = &card.remove_from {
        let words = fill(w().card_remove, &[("room", room)]);
        let remove = button("").child(icon("#leave")).text(&words).press(move || events.remove.run(()));
        parts.push(el("div").class("card__room").child(remove));
    }
    parts
}
