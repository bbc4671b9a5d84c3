//! A server that speaks another protocol: this page is of no use with it, whatever else its greeting says (PROTOCOL §5).

use shared::{
    limits::HEARTBEAT_MS,
    stream::{Introduction, Resume},
};

use super::{driver::Driver, keeping};
use crate::live::{
    connection::Input,
    version::{self, Verdict},
};

impl Driver {
    /// Loads the page anew, once for each version of the server; after that the person is told.
    pub(super) fn meet_foreign(&self, introduction: &Introduction) {
        let protocol = introduction.protocol;
        let version = introduction.version.clone().unwrap_or_else(|| format!("protocol {protocol}"));
        self.doctor.note_server(&version);
        let reloaded = keeping::reloaded_for();
        if version::judge(env!("CARGO_PKG_VERSION"), &version, protocol, reloaded.as_deref()) == Verdict::ReloadNow {
            return keeping::reload_for(&version);
        }
        let greeting = Input::Hello { protocol, resume: Resume::Reset, behind: 0, heartbeat_ms: HEARTBEAT_MS };
        self.tell(greeting);
    }
}
