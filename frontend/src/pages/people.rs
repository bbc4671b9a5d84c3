//! `/people`: everyone of the place. Admins see what each is, was and may be; members see who there is.
//!
//! The list is the server's, page by page. What changes meanwhile is heard of by the stream, and what is loaded is asked for
//! again: a change of this kind is rare.

use std::{sync::Arc, time::Duration};

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::{Member, PeoplePage, Person, Role},
    policy::WorkspaceAction,
    presence::PresenceLevel,
};

use super::{moderation::Moderation, names::Names, wrong::Wrongs};
use crate::{
    api,
    browser::{
        address::use_address,
        focus, page,
        prefs::{lang, w},
        time,
    },
    chat::{Chat, use_chat},
    components::{
        alert::alert,
        icon::icon,
        pane::{Pane, pane},
        presence::{dot, said},
        role::standing_word,
        role_choice::role_choice,
        seal::seal,
        segments::{Segment, segments},
    },
    dom::{El, button, effect, el},
    i18n::{fill, fill_n},
    state::{
        audit::Names as _,
        people::{List, Show, Standing, UNDO_MS, roles_for, standing},
        view,
    },
};

/// How long to wait for the next letter before the list is asked for, in milliseconds.
const TYPING_MS: u64 = 150;

/// How long changes are collected before the list is asked for again, in milliseconds.
const NEWS_MS: u64 = 400;

/// What the page holds.
#[derive(Clone, Copy)]
struct People {
    chat: Chat,
    list: RwSignal<List>,
    show: RwSignal<usize>,
    find: RwSignal<String>,
    wrongs: Wrongs,
    names: Names,
    moderation: Moderation,
    /// Whose role was just changed, and what it was.
    undo: RwSignal<Option<(String, Role)>>,
    /// Counts what was asked for, so that an older answer is not taken for the last one.
    asked: StoredValue<u32>,
}

/// The pane. `back` leads to the rooms, on a phone.
pub(crate) fn people_pane(back: Callback<()>, moderation: Moderation) -> Vec<El> {
    let chat = use_chat();
    let people = People {
        chat,
        list: RwSignal::new(List::default()),
        show: RwSignal::new(0),
        find: RwSignal::new(String::new()),
        wrongs: Wrongs::new(),
        names: Names::new(),
        moderation,
        undo: RwSignal::new(None),
        asked: StoredValue::new(0),
    };
    focus::focus_soon("page-name");
    effect(move || page::set_title(&[w().people_title, " · ", &chat.place.get()].concat()));
    people.follow();
    let count = move || people.count_words();
    let body = [people.tools(), alert(el("div"), people.wrongs.any_of()), alert(el("div"), moderation.wrong())];
    let table = [people.table(), people.more()];
    pane(Pane {
        icon: "#users",
        title: w().people_title,
        says: Box::new(count),
        deed: invite_button(chat),
        back,
        body: body.into_iter().chain(table).collect(),
    })
}

fn invite_button(chat: Chat) -> Option<El> {
    let address = use_address();
    let may =
        |role| chat.own.with_untracked(|own| own.as_ref().is_some_and(|own| own.may(WorkspaceAction::Invite(role))));
    [Role::Member, Role::Guest].into_iter().any(may).then(|| {
        let open = move || address.open("invite");
        button("btn btn--main").child(icon("#plus")).text(w().people_invite).press(open)
    })
}

impl People {
    /// How many people the list has; of all of the place also, how many are here.
    fn count_words(self) -> String {
        let n = self.list.with(|list| u64::from(list.total));
        let all = self.show.get() == 0 && self.find.with(|find| find.trim().is_empty()) && n > 1;
        match self.chat.here().filter(|_| all) {
            Some(here) => fill(w().people_n_here, &[("n", &n.to_string()), ("m", &here.to_string())]),
            None => fill_n(lang().plural(n, w().people_n_one, w().people_n), n),
        }
    }

    fn is_admin(self) -> bool {
        self.chat.own.with_untracked(|own| own.as_ref().is_some_and(|own| own.member.role.is_admin()))
    }

    /// The choices that are not empty for everybody: only admins know who is banned.
    fn choices(self) -> &'static [Show] {
        if self.is_admin() { &Show::ALL } else { &Show::ALL[..4] }
    }

    /// Asks for the list whenever another one is wanted, and when people have changed.
    fn follow(self) {
        let mut first = true;
        effect(move || {
            let (_, typed) = (self.show.get(), self.find.with(|find| !find.is_empty()));
            let wait = if std::mem::take(&mut first) || !typed { 0 } else { TYPING_MS };
            self.ask_soon(wait);
        });
        let mut known = self.chat.people_changes.get_untracked();
        effect(move || {
            if std::mem::replace(&mut known, self.chat.people_changes.get()) != known {
                self.ask_soon(NEWS_MS);
            }
        });
    }

    fn ask_soon(self, wait_ms: u64) {
        let number = self.asked.get_value().wrapping_add(1);
        self.asked.set_value(number);
        let ask = move || {
            if self.asked.try_get_value() == Some(number) {
                self.ask(number);
            }
        };
        if wait_ms == 0 { ask() } else { set_timeout(ask, Duration::from_millis(wait_ms)) }
    }

    fn ask(self, number: u32) {
        let show = self.choices()[self.show.get_untracked()];
        let find = self.find.get_untracked();
        spawn_local(async move {
            let answer = api::people(show.word(), find.trim(), None).await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            self.wrongs.clear();
            match answer {
                Ok(page) => self.take(page, true),
                Err(error) => self.wrongs.take(&error),
            }
        });
    }

    /// Takes in a page, whose people are watched from now on.
    fn take(self, page: PeoplePage, first: bool) {
        let shown: Vec<_> = page.people.iter().map(|person| person.member.id).collect();
        if self.list.try_update(|list| list.take(page, first)).is_some() {
            self.chat.show_presence_of(&shown);
        }
    }

    fn load_more(self) {
        let Some(after) = self.list.with_untracked(|list| list.next) else { return };
        let (number, show) = (self.asked.get_value(), self.choices()[self.show.get_untracked()]);
        let find = self.find.get_untracked();
        spawn_local(async move {
            let answer = api::people(show.word(), find.trim(), Some(after)).await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(page) => self.take(page, false),
                Err(error) => self.wrongs.take(&error),
            }
        });
    }

    fn tools(self) -> El {
        let search = el("input")
            .class("input input--small")
            .attr("type", "search")
            .attr("aria-label", w().people_find)
            .attr("placeholder", w().people_find)
            .bind(self.find);
        let word = |show: &Show| match show {
            Show::All => ("show-all", w().people_all),
            Show::Admins => ("show-admins", w().people_admins),
            Show::Guests => ("show-guests", w().people_guests),
            Show::Inactive => ("show-inactive", w().people_off),
            Show::Banned => ("show-banned", w().people_bans),
        };
        let choice = |(id, label)| Segment { id, label, icon: None, lang: None };
        let choices: Vec<Segment> = self.choices().iter().map(word).map(choice).collect();
        let shown = move || self.show.get();
        let show = Callback::new(move |at: usize| self.show.set(at));
        el("div").class("page__tools").children([
            el("div").class("withtail").children([icon("#search"), search]),
            segments("show", w().people_title, &choices, shown, show),
        ])
    }

    fn table(self) -> El {
        let head = |words: &'static str, skips: bool| {
            el("th").attr("scope", "col").attr("class", skips.then_some("tbl__skip")).text(words)
        };
        let admin = self.is_admin();
        let mut heads = vec![head(w().people_col_who, false), head(w().people_col_role, false)];
        if admin {
            heads.push(head(w().people_col_rooms, true));
        }
        heads.extend([head(w().people_col_seen, false), head(w().people_col_in, true)]);
        if admin {
            let hidden = el("span").class("sr").text(w().people_col_do);
            heads.push(el("th").attr("scope", "col").child(hidden));
        }
        let ids = move || {
            self.list.with(|list| list.people.iter().map(|person| person.member.id.to_string().into()).collect())
        };
        let rows = el("tbody").each(ids, move |id| self.row(id.clone()));
        let none = move || {
            let none = self.list.with(|list| list.people.is_empty()) && self.find.with(|find| !find.trim().is_empty());
            none.then(|| el("p").class("page__none").attr("role", "status").text(w().people_none))
        };
        let table = el("table").class("tbl").children([el("thead").child(el("tr").children(heads)), rows]);
        el("div").child(table).swap(none)
    }

    fn more(self) -> El {
        let more = move || {
            let load = button("btn btn--text").text(w().people_load).press(move || self.load_more());
            self.list.with(|list| list.next.is_some()).then(|| el("p").class("page__none").child(load))
        };
        el("div").swap_on(move || self.list.with(|list| list.next), move || untrack(more))
    }

    /// A row; it follows what becomes of the person.
    fn row(self, id: Arc<str>) -> El {
        let person = Memo::new(move |_| self.list.with(|list| list.person(&id).cloned()));
        let off = move || person.with(|person| person.as_ref().is_some_and(|person| !person.member.active));
        let cells = move || person.get().map(|person| self.cells(&person)).unwrap_or_default();
        el("tr").flag_of("data-off", off).swap_all(cells)
    }

    fn cells(self, person: &Arc<Person>) -> Vec<El> {
        let (member, admin) = (&person.member, self.is_admin());
        let mut cells = vec![el("td").child(self.who(member)), el("td").class("tbl__role").child(self.role(person))];
        if admin {
            let rooms = person.room_count.map(|count| count.to_string()).unwrap_or_default();
            cells.push(el("td").class("num tbl__skip").text(&rooms));
        }
        cells.extend([self.seen(person), self.came(person)]);
        if admin {
            cells.push(el("td").class("tbl__more").child(Self::opener(person)));
        }
        cells
    }

    /// When somebody was here last.
    fn seen(self, person: &Arc<Person>) -> El {
        let (chat, id) = (self.chat, person.member.id);
        let before = person.last_seen_at.as_ref().and_then(|at| time::parse(&at.0));
        let words = move || match chat.level(id) {
            Some(PresenceLevel::Active | PresenceLevel::Away) => w().people_now.to_owned(),
            _ => before.map_or_else(|| w().people_hidden.to_owned(), |at| time::short_moment(lang(), at)),
        };
        el("td").class("num tbl__rest").text_of(words)
    }

    /// When somebody came, and whose invite it was.
    fn came(self, person: &Arc<Person>) -> El {
        let date = time::parse(&person.member.joined_at.0).map(|at| time::short_date(lang(), at)).unwrap_or_default();
        let (invited_by, first) = (person.invited_by, person.member.role == Role::Owner && self.is_admin());
        let words = move || {
            self.names.track();
            match invited_by.map(|by| self.names.person(by)) {
                Some(Some(by)) => fill(w().people_by, &[("date", &date), ("a", &by)]),
                None if first => fill(w().people_first, &[("date", &date)]),
                _ => date.clone(),
            }
        };
        el("td").class("tbl__skip quiet").text_of(words)
    }

    /// What the person is: a choice where there is one, and a way back for six seconds after it was made.
    fn role(self, person: &Arc<Person>) -> El {
        let member = &person.member;
        let now = standing(member.role, member.active, person.banned == Some(true));
        let roles = self
            .chat
            .own
            .with_untracked(|own| own.as_ref().map(|own| roles_for(&own.member, member)).unwrap_or_default());
        if !matches!(now, Standing::Role(_)) || roles.len() < 2 || self.is_me(member) {
            return standing_word(now);
        }
        let label = fill(w().role_of, &[("a", member.display_name.as_str())]);
        let target = member.clone();
        let chosen = Callback::new(move |role| self.give(target.clone(), role));
        let id = member.id.to_string();
        let taken_back = member.clone();
        let undo = move || {
            let before =
                self.undo.with(|undo| undo.as_ref().filter(|(whose, _)| *whose == id).map(|(_, role)| *role))?;
            let (target, label) = (taken_back.clone(), fill(w().role_of, &[("a", taken_back.display_name.as_str())]));
            let back = move || {
                self.undo.set(None);
                self.give_back(target.clone(), before);
            };
            Some(
                button("btn btn--small btn--text")
                    .attr("aria-label", &*[w().undo, ": ", &label].concat())
                    .text(w().undo)
                    .press(back),
            )
        };
        el("span").class("tbl__choice").child(role_choice(&label, &roles, member.role, chosen)).swap(undo)
    }

    fn is_me(self, member: &Member) -> bool {
        self.chat.own.with_untracked(|own| own.as_ref().is_some_and(|own| own.member.id == member.id))
    }

    fn give(self, target: Member, role: Role) {
        let id = target.id;
        let changed = Callback::new(move |before: Role| {
            self.list.try_update(|list| list.change(id, &|person| person.member.role = role));
            let key = id.to_string();
            self.undo.try_set(Some((key.clone(), before)));
            set_timeout(
                move || {
                    let is = self.undo.try_with_untracked(|undo| undo.as_ref().is_some_and(|(whose, _)| *whose == key));
                    if is == Some(true) {
                        self.undo.try_set(None);
                    }
                },
                Duration::from_millis(UNDO_MS),
            );
        });
        self.moderation.give_role(target, role, changed);
    }

    /// The old role, without another way back.
    fn give_back(self, target: Member, role: Role) {
        let id = target.id;
        let changed = Callback::new(move |_| {
            self.list.try_update(|list| list.change(id, &|person| person.member.role = role));
        });
        self.moderation.give_role(target, role, changed);
    }

    fn opener(person: &Arc<Person>) -> El {
        let member = &person.member;
        button("tool")
            .attr("data-person", &*member.id.to_string())
            .attr("aria-label", &*fill(w().people_more, &[("a", member.display_name.as_str())]))
            .attr("aria-haspopup", "dialog")
            .child(icon("#more"))
    }

    /// The seal and the names, which open the card.
    fn who(self, member: &Member) -> El {
        let (chat, id) = (self.chat, member.id);
        let level = move || chat.level(id);
        let person = view::Person { id: id.to_string(), name: member.display_name.to_string() };
        let names = el("span").children([
            el("b").children([el("bdi").text(&person.name), said(level)]),
            el("small").child(el("bdi").text(member.name.as_str())),
        ]);
        button("person")
            .attr("data-person", &*person.id)
            .attr("aria-haspopup", "dialog")
            .children([seal(&person, Some("m")).child(dot(level)), names])
    }
}
