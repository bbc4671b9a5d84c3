//! What this device says of its person to the server: that they do something, and that they type.

use shared::{id::RoomId, member::Settings, presence::PresenceLevel};

use super::driver::Driver;
use crate::{api, browser::clock, state::signs::Sign};

impl Driver {
    /// What the person does with this device.
    pub(super) fn level(&self) -> PresenceLevel {
        self.signs.borrow().level(clock::now().mono_ms)
    }

    /// The person did something.
    pub(super) fn pressed(&self) {
        let is_shared = self.shares(|settings| settings.shows_presence);
        let sign = self.signs.borrow_mut().pressed(is_shared, clock::now().mono_ms);
        self.give(sign);
    }

    /// The person has changed the text in a room's composer.
    pub(super) fn wrote(&self, room: RoomId, text: &str) {
        let sign = self.signs.borrow_mut().wrote(room, text, clock::now().mono_ms);
        if sign.is_some() {
            self.give(sign);
            self.set_timer();
        }
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
        let is_said = sign == Sign::Active || self.shares(|settings| settings.shows_typing);
        if is_said && self.connection.borrow().is_connected() {
            self.spawn(move |_| async move { drop(api::give_sign(sign).await) });
        }
    }

    /// What the person shares, as far as that is known.
    fn shares(&self, what: fn(&Settings) -> bool) -> bool {
        self.model.borrow().settings().is_some_and(what)
    }
}
