//! The request under which a line is written: every line says which one it was (docs/LOGGING.md).
//!
//! One value for each request, for which the [format of a line](super::lines) asks. A `tracing` span would do the same for
//! any nesting and any number of subscribers, and be written, locked and kept once for each of them: a tenth of what a
//! post costs.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use shared::id::MemberId;

tokio::task_local! {
    static CURRENT: Arc<Request>;
}

/// What every line of a request says. None of it is as it came, but the address of whoever asked.
#[derive(Debug)]
pub struct Request {
    /// Its id, which the answer carries too.
    pub id: Arc<str>,
    /// Its method, if it is a known one.
    pub method: &'static str,
    /// The template of its path.
    pub route: Arc<str>,
    /// Who asked, if that is known.
    pub client: Option<IpAddr>,
    member: OnceLock<MemberId>,
}

impl Request {
    /// A request of nobody yet.
    #[must_use]
    pub const fn new(id: Arc<str>, method: &'static str, route: Arc<str>, client: Option<IpAddr>) -> Self {
        Self { id, method, route, client, member: OnceLock::new() }
    }

    /// Whose request it has turned out to be.
    pub fn member(&self) -> Option<MemberId> {
        self.member.get().copied()
    }

    /// Works on a request: what is logged meanwhile is logged of it.
    pub async fn work<T>(self: Arc<Self>, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    /// The same of what need not wait.
    pub fn finish<T>(self: Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }
}

/// The request that is worked on is this member's.
pub fn is_of(member: MemberId) {
    // There is none outside of a server's own layers.
    let _ = CURRENT.try_with(|request| request.member.set(member));
}

/// Hands over the request that is worked on, if it is one.
pub(super) fn with_current<T>(read: impl FnOnce(&Request) -> T) -> Option<T> {
    CURRENT.try_with(|request| read(request)).ok()
}

impl Request {
    /// Writes it in front of a line.
    pub(super) fn write(&self, line: &mut impl fmt::Write) -> fmt::Result {
        let Self { id, method, route, client, member } = self;
        for piece in ["request{id=", id, " method=\"", method, "\" route=\"", route, "\""] {
            line.write_str(piece)?;
        }
        if let Some(client) = client {
            write!(line, " client={client}")?;
        }
        if let Some(member) = member.get() {
            write!(line, " member={member}")?;
        }
        line.write_str("}: ")
    }
}
