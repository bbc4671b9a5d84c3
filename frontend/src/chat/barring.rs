//! The account was banned or deactivated: nothing of the place stays on this device, and what its person had written and
//! not sent is shown to them until they close the page (`ux.md` §15, Notices).

use super::{driver::Driver, keeping};
use crate::{
    browser::time,
    state::view::{Barred, Session},
};

impl Driver {
    /// Erases what is kept of the account, here and on the device, and says why only then.
    pub(super) fn bar(&self, banned: bool) {
        let account = self.account();
        let place = self.model.borrow().workspace().map(|place| place.name.to_string()).unwrap_or_default();
        if let Some(account) = account {
            // What was written in other tabs of this browser too: all of it is erased now.
            for (room, text) in keeping::drafts(account) {
                self.model.borrow_mut().set_draft(room, text);
            }
        }
        let kept = self.model.borrow().unsent_texts().join("\n\n");
        self.barred.replace(Some(Barred { banned, at_ms: time::now_ms(), place, kept }));
        self.spawn(move |driver| async move {
            if let Some(account) = account {
                keeping::Outbox::new(&driver.shelf, account).clear().await;
            }
            driver.forget_in_page(Session::Barred);
        });
    }

    /// Somebody else takes over a page whose person was signed out: first everything of the first one's goes.
    pub(super) async fn make_room(&self) {
        if let Some(account) = self.account() {
            keeping::Outbox::new(&self.shelf, account).clear().await;
        }
        self.forget_person();
    }
}
