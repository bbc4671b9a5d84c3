//! The account was banned or deactivated: nothing of the place stays on this device, and what its person had written and
//! not sent is shown to them until they close the page (`ux.md` §15, Notices).

use std::time::Duration;

use leptos::prelude::{Set, set_timeout};

use super::{driver::Driver, keeping};
use crate::{
    browser::time,
    state::view::{Barred, Session},
};

impl Driver {
    /// Shows the page that says so, and in the next turn erases what is kept of the account, here and on the device: when
    /// the rooms leave the screen, their composers hand over what was typed a moment ago.
    pub(super) fn bar(&self, banned: bool) {
        let place = self.model.borrow().workspace().map(|place| place.name.to_string()).unwrap_or_default();
        self.barred.replace(Some(Barred { banned, at_ms: time::now_ms(), place, kept: String::new() }));
        self.signals.session.set(Session::Barred);
        let itself = self.itself.clone();
        let leave = move || {
            if let Some(driver) = itself.upgrade() {
                driver.leave_place();
            }
        };
        set_timeout(leave, Duration::ZERO);
    }

    fn leave_place(&self) {
        let account = self.account();
        if let Some(account) = account {
            // What was written in other tabs of this browser too: all of it is erased now.
            for (room, text) in keeping::drafts(account) {
                self.model.borrow_mut().set_draft(room, text);
            }
        }
        if let Some(barred) = &mut *self.barred.borrow_mut() {
            barred.kept = self.model.borrow().unsent_texts().join("\n\n");
        }
        self.forget_in_page(Session::Barred);
        if let Some(account) = account {
            self.spawn(move |driver| async move { keeping::Outbox::new(&driver.shelf, account).clear().await });
        }
    }

    /// Somebody else takes over a page whose person was signed out: first everything of the first one's goes.
    pub(super) async fn make_room(&self) {
        if let Some(account) = self.account() {
            keeping::Outbox::new(&self.shelf, account).clear().await;
        }
        self.forget_person();
    }
}
