//! Inviting people: what the link shall be, the link itself, which is shown once, and the links that still work.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    id::RoomId,
    member::Role,
    policy::{RoomAction, WorkspaceAction},
    request::CreateInvite,
    session::InviteInfo,
};

use super::{names::Names, wrong::Wrongs};
use crate::{
    api,
    browser::{
        address::use_address,
        prefs::{lang, w},
        time,
    },
    chat::use_chat,
    components::{
        alert::alert,
        dialog::Sheet,
        icon::icon,
        link_made::{Link, link_made},
        role::role_words,
        segments::{Segment, segments},
        select::{Choice, select_field},
    },
    dom::{El, button, effect, el},
    i18n::fill,
    state::{audit::Names as _, view::RoomRow},
};

const DAY_S: i64 = 86_400;

/// What a link can be limited to.
const DAYS: [i64; 3] = [7, 1, 30];
const USES: [Option<u32>; 3] = [Some(10), Some(1), None];
const ROLES: [Role; 3] = [Role::Member, Role::Guest, Role::Admin];

#[derive(Clone, Copy)]
struct Invites {
    roles: StoredValue<Vec<Role>>,
    role: RwSignal<usize>,
    room: RwSignal<String>,
    days: RwSignal<String>,
    uses: RwSignal<String>,
    busy: RwSignal<bool>,
    made: RwSignal<Option<Arc<Link>>>,
    open: RwSignal<Option<Vec<InviteInfo>>>,
    wrongs: Wrongs,
    names: Names,
}

/// The dialog, which lies over any page as `#invite`, or `#invite/ROOM` for one room.
pub(crate) fn invite_overlay() -> El {
    let (chat, address) = (use_chat(), use_address());
    let part = Memo::new(move |_| {
        let part = address.part();
        let asked = part == "invite" || part.starts_with("invite/");
        asked.then(|| part.trim_start_matches("invite").trim_start_matches('/').to_owned())
    });
    let may_any = move || {
        chat.own.with(|own| {
            own.as_ref().is_some_and(|own| ROLES.iter().any(|role| own.may(WorkspaceAction::Invite(*role))))
        })
    };
    let open = Signal::derive(move || part.with(Option::is_some) && may_any());
    let sheet = Sheet {
        id: "invite",
        class: "invites",
        title: Box::new(|| w().invite_t.to_owned()),
        lead: None,
        open,
        closed: Callback::new(move |()| address.close()),
    };
    sheet.draw(move || {
        let own = chat.own.get_untracked();
        let may = |role: &Role| own.as_ref().is_some_and(|own| own.may(WorkspaceAction::Invite(*role)));
        let rooms = chat
            .rooms
            .with_untracked(|rooms| rooms.iter().filter(|room| can_invite_to(room)).cloned().collect::<Vec<_>>());
        let wished = part.get_untracked().unwrap_or_default();
        let first = rooms
            .iter()
            .find(|room| room.id == wished)
            .or(rooms.iter().find(|room| room.slug == shared::room::FIRST_ROOM_SLUG))
            .or(rooms.first());
        let invites = Invites {
            roles: StoredValue::new(ROLES.into_iter().filter(may).collect()),
            role: RwSignal::new(0),
            room: RwSignal::new(first.map(|room| room.id.clone()).unwrap_or_default()),
            days: RwSignal::new(DAYS[0].to_string()),
            uses: RwSignal::new(uses_value(USES[0])),
            busy: RwSignal::new(false),
            made: RwSignal::new(None),
            open: RwSignal::new(None),
            wrongs: Wrongs::new(),
            names: Names::new(),
        };
        invites.load();
        let top = move || match invites.made.get() {
            Some(link) => {
                el("div").class("form").child(link_made(el("b").attr("role", "status").text(w().invite_made), &link))
            }
            None => invites.form(&rooms),
        };
        let top = el("div").swap(move || Some(top()));
        vec![el("div").class("invites__all").children([top, invites.list()])]
    })
}

/// Whether a link can lead into a room.
fn can_invite_to(room: &RoomRow) -> bool {
    room.may(RoomAction::InviteTo)
}

fn uses_value(uses: Option<u32>) -> String {
    uses.map(|uses| uses.to_string()).unwrap_or_default()
}

fn uses_words(uses: Option<u32>) -> &'static str {
    match uses {
        Some(1) => w().invite_once,
        Some(_) => w().invite_10,
        None => w().invite_any,
    }
}

impl Invites {
    fn load(self) {
        effect(move || {
            spawn_local(async move {
                match api::invites().await {
                    Ok(answer) => {
                        self.open.try_set(Some(answer.invites));
                    }
                    Err(error) => self.wrongs.take(&error),
                }
            });
        });
    }

    fn role(self) -> Role {
        self.roles.with_value(|roles| roles.get(self.role.get()).copied().unwrap_or(Role::Member))
    }

    fn form(self, rooms: &[RoomRow]) -> El {
        let ids = ["invite-role-1", "invite-role-2", "invite-role-3"];
        let roles = self.roles.get_value();
        let choice =
            |(id, role): (&'static str, &Role)| Segment { id, label: role_words(*role), icon: None, lang: None };
        let choices: Vec<Segment> = ids.into_iter().zip(&roles).map(choice).collect();
        let choose = Callback::new(move |at: usize| self.role.set(at));
        let as_what = segments("invite-role", w().invite_role, &choices, move || self.role.get(), choose);
        let note = move || (self.role() == Role::Guest).then(|| el("small").text(w().invite_room_note));
        let line = el("div").class("set").children([el("div").text(w().invite_role).swap(note), as_what]);
        let rooms: Vec<Choice> = rooms.iter().map(|room| (room.id.clone(), room.title())).collect();
        let until = [w().invite_7d, w().invite_1d, w().invite_30d];
        let until: Vec<Choice> =
            DAYS.iter().zip(until).map(|(days, words)| (days.to_string(), words.to_owned())).collect();
        let uses: Vec<Choice> = USES.iter().map(|uses| (uses_value(*uses), uses_words(*uses).to_owned())).collect();
        let fields = el("div").class("form__row").children([
            select_field("invite-room", w().invite_room, &rooms, self.room, move |room| self.room.set(room)),
            select_field("invite-until", w().invite_until, &until, self.days, move |days| self.days.set(days)),
            select_field("invite-uses", w().invite_uses, &uses, self.uses, move |uses| self.uses.set(uses)),
        ]);
        let make = move || {
            if !self.busy.get_untracked() {
                self.make();
            }
        };
        let go = button("btn btn--main")
            .flag_of("data-busy", move || self.busy.get())
            .true_of("aria-busy", move || self.busy.get())
            .child(icon("#link"))
            .text(w().invite_make)
            .press(make);
        alert(el("div").class("form").children([line, fields]), self.wrongs.any_of()).child(el("div").child(go))
    }

    fn make(self) {
        self.wrongs.clear();
        self.busy.set(true);
        let (role, uses) = (untrack(|| self.role()), self.uses.get_untracked().parse::<u32>().ok());
        let room: Option<RoomId> = self.room.get_untracked().parse().ok();
        let days: i64 = self.days.get_untracked().parse().unwrap_or(DAYS[0]);
        let wish = CreateInvite { role: Some(role), room, expires_in_s: Some(days * DAY_S), uses };
        spawn_local(async move {
            let answer = api::make_invite(&wish).await;
            self.busy.try_set(false);
            match answer {
                Ok(invite) => {
                    let room = room.and_then(|room| self.names.room(room)).unwrap_or_default();
                    let date =
                        time::parse(&invite.expires_at.0).map(|at| time::short_date(lang(), at)).unwrap_or_default();
                    let says = [
                        ("role", role_words(role)),
                        ("room", &*["# ", &room].concat()),
                        ("uses", uses_words(uses)),
                        ("date", &*date),
                    ];
                    let says = fill(w().invite_forever, &says);
                    let link =
                        Link { url: invite.url, qr: invite.qr, says, note: w().invite_once_note, passes_on: true };
                    self.made.try_set(Some(Arc::new(link)));
                    self.reload();
                }
                Err(error) => self.wrongs.take(&error),
            }
        });
    }

    fn reload(self) {
        spawn_local(async move {
            if let Ok(answer) = api::invites().await {
                self.open.try_set(Some(answer.invites));
            }
        });
    }

    /// The links that still work.
    fn list(self) -> El {
        let list = move || {
            let open = self.open.get()?;
            let count = el("span").class("num").text(&open.len().to_string());
            let head = el("h3").text(w().invite_open).text(" ").child(count);
            let lines: Vec<El> = open.iter().map(|invite| self.line(invite)).collect();
            let none = open.is_empty().then(|| el("p").class("quiet").text(w().invite_none));
            Some(el("section").class("links").child(head).child(none).child(el("ul").children(lines)))
        };
        el("div").class("invites__open").swap(list)
    }

    fn line(self, invite: &InviteInfo) -> El {
        let invite = Arc::new(invite.clone());
        let (gone, id) = (RwSignal::new(false), invite.id);
        let (said, shown) = (invite.clone(), invite.clone());
        let what = move || {
            self.names.track();
            let room = self.names.room(said.room);
            let room = room.map_or_else(|| w().invite_gone.to_owned(), |name| ["# ", &name].concat());
            fill(w().invite_line, &[("role", role_words(said.role)), ("room", &room)])
        };
        let sub = move || {
            self.names.track();
            let by = self.names.person(shown.by).unwrap_or_else(|| "…".to_owned());
            let date = time::parse(&shown.expires_at.0).map(|at| time::short_date(lang(), at)).unwrap_or_default();
            let (n, m) = (shown.used.to_string(), shown.uses.map(|uses| uses.to_string()));
            let sentence = if m.is_some() { w().invite_sub } else { w().invite_sub_any };
            fill(sentence, &[("n", &n), ("m", m.as_deref().unwrap_or_default()), ("date", &date), ("a", &by)])
        };
        let withdraw = move || {
            self.wrongs.clear();
            spawn_local(async move {
                match api::withdraw_invite(id).await {
                    Ok(()) => {
                        gone.try_set(true);
                    }
                    Err(error) => self.wrongs.take(&error),
                }
            });
        };
        let named = what.clone();
        let end = move || {
            Some(if gone.get() {
                el("span").class("quiet").attr("role", "status").text(w().invite_withdrawn)
            } else {
                button("btn btn--small btn--danger")
                    .attr("aria-label", &*fill(w().invite_revoke_of, &[("what", &untrack(&named))]))
                    .text(w().invite_revoke)
                    .press(withdraw)
            })
        };
        let words = el("div").children([el("div").text_of(what), el("small").text_of(sub)]);
        el("li").children([icon("#link"), words]).swap(end)
    }
}
