//! What admins do to people: another role, an end to the account, a ban, a link for a new password. From the list of people
//! and from anybody's card alike, so what asks and what tells lies over the whole page.

mod ban;

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::{Member, Role},
    request::ChangePerson,
    session::LinkMade,
};

use self::ban::ban_dialog;
use super::wrong::Wrongs;
use crate::{
    api,
    browser::{
        prefs::{lang, w},
        time,
    },
    chat::{Chat, use_chat},
    components::{
        alert::alert,
        dialog::Sheet,
        link_made::{Link, link_made},
        person_admin::{Deed, person_admin},
        role::role_words,
    },
    dom::{El, button, el},
    i18n::fill,
    state::people::{Deeds, asks_first, roles_for},
};

/// What is being asked or told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Matter {
    Role(Role),
    Deactivate,
    Ban,
    Reset(Arc<LinkMade>),
}

/// Who it is about.
type Case = Option<Arc<(Member, Matter)>>;

/// The hand that acts on people, as pages and cards hold it.
#[derive(Clone, Copy, Debug)]
pub struct Moderation {
    chat: Chat,
    case: RwSignal<Case>,
    /// What went wrong with what was done without asking.
    wrongs: Wrongs,
}

impl Moderation {
    /// A hand that does nothing yet. Whoever draws the page provides it as a context, for [`admin_block`].
    pub(super) fn new() -> Self {
        Self { chat: use_chat(), case: RwSignal::new(None), wrongs: Wrongs::new() }
    }

    /// Whether something is being asked or told.
    #[must_use]
    pub fn is_asked(self) -> bool {
        self.case.with(Option::is_some)
    }

    /// Gives somebody another role. An owner is not made, and one's own rights not given away, without being asked.
    /// `changed` hears of a role that was given without that: it can be taken back.
    pub(super) fn give_role(self, target: Member, role: Role, changed: Callback<Role>) {
        let Some(me) = self.me() else { return };
        if asks_first(&me, &target, role) {
            return self.open(target, Matter::Role(role));
        }
        let before = target.role;
        let done = Callback::new(move |()| changed.run(before));
        self.send(&target, ChangePerson { role: Some(role), ..ChangePerson::default() }, done);
    }

    /// Does what was chosen on a card.
    fn act(self, target: Member, deed: Deed) {
        match deed {
            Deed::Ban => self.open(target, Matter::Ban),
            Deed::Deactivate => self.open(target, Matter::Deactivate),
            Deed::Reactivate => {
                let change = ChangePerson { active: Some(true), ..ChangePerson::default() };
                self.send(&target, change, Callback::new(|()| {}));
            }
            Deed::Lift => {
                let wrongs = self.wrongs;
                wrongs.clear();
                spawn_local(async move {
                    if let Err(error) = api::lift_ban(target.id).await {
                        wrongs.take(&error);
                    }
                });
            }
            Deed::Reset => {
                let wrongs = self.wrongs;
                wrongs.clear();
                spawn_local(async move {
                    match api::make_reset_link(target.id).await {
                        Ok(link) => self.open(target, Matter::Reset(Arc::new(link))),
                        Err(error) => wrongs.take(&error),
                    }
                });
            }
        }
    }

    fn open(self, target: Member, matter: Matter) {
        self.case.set(Some(Arc::new((target, matter))));
    }

    fn send(self, target: &Member, change: ChangePerson, done: Callback<()>) {
        let (wrongs, member) = (self.wrongs, target.id);
        wrongs.clear();
        spawn_local(async move {
            match api::change_person(member, &change).await {
                Ok(()) => done.run(()),
                Err(error) => wrongs.take(&error),
            }
        });
    }

    /// The person at this screen.
    fn me(self) -> Option<Member> {
        self.chat.own.with_untracked(|own| own.as_ref().map(|own| own.member.clone()))
    }

    fn is_me(self, target: &Member) -> bool {
        self.me().is_some_and(|me| me.id == target.id)
    }

    /// What went wrong, for the page that shows people.
    pub(super) fn wrong(self) -> Signal<Option<String>> {
        self.wrongs.any_of()
    }
}

/// The second block of somebody's card: what the person at this screen may do to them. `None` if that is nothing.
/// `done` closes the card.
#[must_use]
pub fn admin_block(target: &Member, banned: bool, done: Callback<()>) -> Option<El> {
    let moderation: Moderation = use_context()?;
    let me = moderation.me()?;
    let (deeds, roles) = (Deeds::of(&me, target, banned), roles_for(&me, target));
    let others = me.id != target.id;
    let roles = if others && target.active && roles.len() > 1 { roles } else { Vec::new() };
    if !deeds.any() && roles.is_empty() {
        return None;
    }
    let (about, given) = (target.clone(), target.clone());
    let act = Callback::new(move |deed| {
        done.run(());
        moderation.act(about.clone(), deed);
    });
    let role = Callback::new(move |role| {
        done.run(());
        moderation.give_role(given.clone(), role, Callback::new(|_| {}));
    });
    Some(person_admin(target.display_name.as_str(), deeds, &roles, target.role, role, act))
}

/// The dialogs, of which at most one is open.
pub(crate) fn moderation_overlays(moderation: Moderation) -> Vec<El> {
    let close = Callback::new(move |()| moderation.case.set(None));
    let is =
        move |what: fn(&Matter) -> bool| moderation.case.with(|case| case.as_ref().is_some_and(|case| what(&case.1)));
    let name = move || moderation.case.with(name_of);
    let asks = Signal::derive(move || is(|matter| matches!(matter, Matter::Role(_) | Matter::Deactivate)));
    let tells = Signal::derive(move || is(|matter| matches!(matter, Matter::Reset(_))));
    let bans = Signal::derive(move || is(|matter| *matter == Matter::Ban));
    let ask_title = move || {
        let title = moderation.case.with(|case| match case.as_ref().map(|case| (&case.0, &case.1)) {
            Some((target, Matter::Role(_))) if moderation.is_me(target) => w().role_self_t,
            Some((_, Matter::Role(_))) => w().role_owner_t,
            _ => w().off_ask_t,
        });
        fill(title, &[("a", &name())])
    };
    let ask = Sheet { id: "ask", class: "ask", title: Box::new(ask_title), lead: None, open: asks, closed: close };
    let told = move || fill(w().reset_t, &[("a", &name())]);
    let link = Sheet { id: "reset", class: "invites", title: Box::new(told), lead: None, open: tells, closed: close };
    vec![
        ask.draw(move || {
            moderation.case.get_untracked().map(|case| question(&case, moderation, close)).unwrap_or_default()
        }),
        link.draw(move || moderation.case.get_untracked().and_then(|case| reset_link(&case)).into_iter().collect()),
        ban_dialog(moderation.case.read_only(), bans, close),
    ]
}

fn name_of(case: &Case) -> String {
    case.as_ref().map(|case| case.0.display_name.to_string()).unwrap_or_default()
}

fn question(case: &Arc<(Member, Matter)>, moderation: Moderation, close: Callback<()>) -> Vec<El> {
    let (target, matter) = &**case;
    let wrongs = Wrongs::new();
    let (words, go, change) = match matter {
        Matter::Role(role) => {
            let change = ChangePerson { role: Some(*role), ..ChangePerson::default() };
            let words = if moderation.is_me(target) { w().role_self_b } else { w().role_owner_b };
            (fill(words, &[("role", role_words(*role))]), w().role_go, change)
        }
        _ => {
            let change = ChangePerson { active: Some(false), ..ChangePerson::default() };
            (w().off_ask_b.to_owned(), w().card_off, change)
        }
    };
    let member = target.id;
    let send = move || {
        wrongs.clear();
        let change = change.clone();
        spawn_local(async move {
            match api::change_person(member, &change).await {
                // Another case may have been opened meanwhile.
                Ok(())
                    if moderation.case.with_untracked(|case| case.as_ref().is_some_and(|case| case.0.id == member)) =>
                {
                    close.run(());
                }
                Ok(()) => {}
                Err(error) => wrongs.take(&error),
            }
        });
    };
    let body = alert(el("div").class("form").child(el("p").text(&words)), wrongs.any_of());
    let foot = el("footer").class("dialog__foot").children([
        button("btn push").text(w().cancel).press(move || close.run(())),
        button("btn btn--danger").text(go).press(send),
    ]);
    vec![body, foot]
}

fn reset_link(case: &Arc<(Member, Matter)>) -> Option<El> {
    let Matter::Reset(made) = &case.1 else { return None };
    let until = time::parse(&made.expires_at.0).map(|at| time::hour(lang(), at)).unwrap_or_default();
    let says = fill(w().reset_note, &[("a", case.0.display_name.as_str()), ("time", &until)]);
    let link = Link { url: made.url.clone(), qr: made.qr.clone(), says, note: w().invite_once_note, passes_on: false };
    Some(el("div").class("form").child(link_made(el("b").attr("role", "status").text(w().invite_made), &link)))
}
