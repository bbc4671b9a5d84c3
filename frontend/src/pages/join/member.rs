//! An invite opened by somebody who is signed in: they are asked, and join with the account they have.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use shared::session::InvitePreview;

use super::room_name;
use crate::{
    api,
    browser::{address::use_address, page, prefs::doors as w},
    chat::{Chat, use_chat},
    components::{door, phrase::phrase, seal::seal},
    dom::{El, button, el},
    i18n::fill,
    pages::wrong::{Part, Wrongs},
};

/// What comes of asking.
#[derive(Clone, Copy)]
pub(super) struct MemberForm {
    chat: Chat,
    wrongs: Wrongs,
    busy: RwSignal<bool>,
    code: StoredValue<Arc<str>>,
}

impl MemberForm {
    pub(super) fn new(code: Arc<str>) -> Self {
        Self { chat: use_chat(), wrongs: Wrongs::new(), busy: RwSignal::new(false), code: StoredValue::new(code) }
    }

    pub(super) fn draw(self, preview: &InvitePreview) -> Vec<El> {
        let (chat, address) = (self.chat, use_address());
        let me = chat.me.get();
        let name = me.as_ref().map(|me| me.name.clone()).unwrap_or_default();
        let room = room_name(preview);
        let values = [("room", &*room), ("a", &*name)];
        page::set_title(&fill(w().join_as_t, &values));
        let send = Callback::new(move |()| {
            self.wrongs.clear();
            self.busy.set(true);
            let code = self.code.get_value();
            spawn_local(async move {
                let answer = api::enter(&code).await;
                self.busy.set(false);
                match answer {
                    Ok(room) => address.go(&["/rooms/", &room.slug].concat(), true),
                    Err(error) if chat.take_barring(&error) => {}
                    Err(error) => self.wrongs.take(&error),
                }
            });
        });
        let waits = Signal::derive(move || self.busy.get() || self.wrongs.must_wait());
        let go = el("button")
            .class("btn btn--main btn--wide")
            .true_of("aria-busy", move || waits.get())
            .flag_of("data-busy", move || waits.get())
            .text(&fill(w().join_as_go, &[("a", &name)]));
        let other = button("btn btn--wide").text(w().join_as_other).press(move || self.leave());
        let form = crate::components::alert::alert(door::form(waits, send), self.wrongs.of(Part::Whole));
        vec![
            el("div").class("door__people").attr("aria-hidden", "true").child(me.map(|me| seal(&me, Some("l")))),
            phrase(el("h1"), w().join_as_t, &values),
            el("p").class("door__lead").text(w().join_as_b),
            form.children([go, other]),
        ]
    }

    /// Another account: this one is signed out first, and the invite is opened again by nobody.
    fn leave(self) {
        let chat = self.chat;
        self.wrongs.clear();
        spawn_local(async move {
            if let Err(error) = chat.sign_out().await {
                self.wrongs.take(&error);
            }
        });
    }
}
