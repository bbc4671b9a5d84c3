//! Coming in with a new account: a name and a password, or as a guest a name alone. Of a name that is taken two others are
//! offered, and the password stays typed.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::{
    member::Role,
    request,
    session::InvitePreview,
    text::{Password, SignInName},
};

use super::{person, room_name};
use crate::{
    api,
    browser::{address::use_address, page, prefs::doors as w},
    chat::use_chat,
    components::{
        door::{self, end},
        door_people::door_people,
        field::{Field, Kind},
        phrase::phrase,
    },
    dom::{El, el},
    i18n::fill,
    pages::wrong::{Part, Wrong, Wrongs},
    state::{people::other_names, view::Person},
};

/// What is typed, and what comes of it.
#[derive(Clone, Copy)]
pub(super) struct NewcomerForm {
    name: RwSignal<String>,
    password: RwSignal<String>,
    wrongs: Wrongs,
    busy: RwSignal<bool>,
    /// Names that the server has refused.
    taken: RwSignal<Vec<String>>,
    code: StoredValue<Arc<str>>,
}

impl NewcomerForm {
    pub(super) fn new(code: Arc<str>) -> Self {
        Self {
            name: RwSignal::new(String::new()),
            password: RwSignal::new(String::new()),
            wrongs: Wrongs::new(),
            busy: RwSignal::new(false),
            taken: RwSignal::new(Vec::new()),
            code: StoredValue::new(code),
        }
    }

    pub(super) fn draw(self, preview: &InvitePreview) -> Vec<El> {
        let guest = preview.role == Role::Guest;
        let (chat, address) = (use_chat(), use_address());
        let send = Callback::new(move |()| {
            let Some(request) = self.read(guest) else { return };
            self.busy.set(true);
            let code = self.code.get_value();
            spawn_local(async move {
                let answer = api::join(&code, &request).await;
                self.busy.set(false);
                match answer {
                    Ok(signed_in) => {
                        chat.signed_in(signed_in);
                        // In the same turn: with a session, this address is the page of those who had an account before.
                        address.go("/", true);
                    }
                    Err(error) => {
                        self.wrongs.take(&error);
                        if self.wrongs.get(Part::Name) == Some(Wrong::NameTaken) {
                            let name = self.name.get_untracked().trim().to_owned();
                            self.taken.update(|taken| taken.push(name));
                        }
                    }
                }
            });
        });
        let mut inside = if guest { as_guest(preview) } else { invitation(preview) };
        let waits = Signal::derive(move || self.busy.get() || self.wrongs.must_wait());
        let mut fields = vec![self.name_field(preview)];
        if !guest {
            fields.push(self.password_field());
        }
        let go = if guest { w().join_guest_go } else { w().join_go };
        let after = el("a").class("btn btn--wide").attr("href", "/signin").text(w().join_have);
        let form = door::form(waits, send).children(fields);
        inside.push(end(form, self.wrongs.of(Part::Whole), go, waits).child(after));
        inside
    }

    /// The request, or nothing and what is wrong beside the fields.
    fn read(self, guest: bool) -> Option<request::Join> {
        self.wrongs.clear();
        let (typed, secret) = (self.name.get_untracked(), self.password.get_untracked());
        self.wrongs.judge_name(Part::Name, &typed);
        if !guest {
            self.wrongs.judge_password(&secret);
        }
        let name = SignInName::parse(typed).ok()?;
        let password = if guest { None } else { Some(Password::parse(secret).ok()?) };
        Some(request::Join { name: Some(name), password })
    }

    /// A taken name is answered with two others.
    fn name_field(self, preview: &InvitePreview) -> El {
        let place = preview.workspace.name.clone();
        let plain = self.wrongs.of(Part::Name);
        let wrong = Signal::derive(move || match self.wrongs.get(Part::Name) {
            Some(Wrong::NameTaken) => {
                let taken = self.taken.get();
                let last = taken.last().cloned().unwrap_or_default();
                let [a, b] = other_names(&last, &taken, &place);
                Some(fill(w().name_taken_try, &[("a", &a), ("b", &b)]))
            }
            _ => plain.get(),
        });
        let name = Field::new("name", w().setup_you, Kind::Name, "username");
        let note = if preview.role == Role::Guest { None } else { Some(w().in_name_note) };
        Field { note, ..name }.draw(self.name, wrong)
    }

    fn password_field(self) -> El {
        let left = Callback::new(move |()| {
            self.password.with_untracked(|password| {
                if !password.is_empty() {
                    self.wrongs.judge_password(password);
                }
            });
        });
        let password = Field::new("password", w().in_password, Kind::Password, "new-password");
        Field { note: Some(w().setup_pw_note), left: Some(left), ..password }
            .draw(self.password, self.wrongs.of(Part::Password))
    }
}

/// Who invites, where to, and whom one will meet.
fn invitation(preview: &InvitePreview) -> Vec<El> {
    let room = room_name(preview);
    let title = [("a", preview.inviter.display_name.as_str()), ("room", &*room)];
    page::set_title(&fill(w().join_title, &title));
    let people: Vec<Person> = preview.people.iter().map(person).collect();
    let count = preview.people_count;
    let lead = if count == 1 { w().join_lead_one } else { w().join_lead };
    let values = [("n", &*count.to_string()), ("team", preview.workspace.name.as_str())];
    vec![
        door_people(&person(&preview.inviter), &people, count),
        phrase(el("h1"), w().join_title, &title),
        phrase(el("p").class("door__lead"), lead, &values),
    ]
}

/// A guest sees one room, and is told so before they come in.
fn as_guest(preview: &InvitePreview) -> Vec<El> {
    let room = room_name(preview);
    page::set_title(&fill(w().join_guest_t, &[("room", &room)]));
    let people: Vec<Person> = preview.people.iter().map(person).collect();
    vec![
        door_people(&person(&preview.inviter), &people, preview.people_count),
        phrase(el("h1"), w().join_guest_t, &[("room", &room)]),
        el("p").class("door__lead").text(w().join_guest_b),
    ]
}
