//! What this device says of its person to the server: that they do something, and that they type.

use shared::{id::RoomId, presence::PresenceLevel};

use super::driver::Driver;
use crate::{api, browser::clock, state::signs::Sign};

impl Driver {
    /// What the person does with this device.
    pub(super) fn level(&self) -> PresenceLevel {
        self.signs.borrow().level(clock::now().mono_ms)
    }

    /// The person pressed something.
    pub(super) fn pressed(&self) {
        let sign = self.signs.borrow_mut().pressed(clock::now().mono_ms);
        self.give(sign);
    }

    /// The text in a room's composer has changed.
    pub(super) fn wrote(&self, room: RoomId, text: &str) {
        let sign = self.signs.borrow_mut().wrote(room, text, clock::now().mono_ms);
        self.give(sign);
        self.settle();
    }

    /// Time has passed.
    pub(super) fn wake_signs(&self) {
        let sign = self.signs.borrow_mut().wake(clock::now().mono_ms);
        self.give(sign);
    }

    /// Says it to the server, once: it is a lease, and is said again while it is true. Who does not share that they type
    /// does not say it either.
    fn give(&self, sign: Option<Sign>) {
        let Some(sign) = sign else { return };
        let shares_typing = self.model.borrow().settings().is_some_and(|settings| settings.shows_typing);
        if self.connection.borrow().is_connected() && (shares_typing || sign == Sign::Active) {
            self.spawn(move |_| async move { drop(api::give_sign(sign).await) });
        }
    }
}
