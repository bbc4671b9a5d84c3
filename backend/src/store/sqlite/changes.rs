//! Which of the things kept in memory a transaction has made stale.
//!
//! Only this process writes to the database (it holds the directory's lock), so what is kept can be exact, not merely fresh:
//! SQLite itself reports each row that a command inserts, changes or deletes. It reports ordinary tables only, not those
//! `WITHOUT ROWID`, and no `DELETE` without a condition (sqlite.org/c3ref/update_hook.html). The memberships are of that
//! kind; but none comes or goes without the room's count of members, and a test holds them to it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rusqlite::{Connection, hooks::Action};

/// What has changed since it was last asked for. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    owners: AtomicBool,
    rights: AtomicBool,
    log: AtomicBool,
    /// What is being changed is nothing that anybody keeps.
    is_unnoticed: AtomicBool,
}

impl Changes {
    /// Watches what the connection that writes changes.
    pub(super) fn watch(&self, writer: &Connection) -> rusqlite::Result<()> {
        let flags = Arc::clone(&self.0);
        writer.update_hook(Some(move |action: Action, _: &str, table: &str, _: i64| {
            let set = |flag: &AtomicBool| flag.store(true, Ordering::Relaxed);
            match table {
                "members" | "sessions" | "rooms" if flags.is_unnoticed.load(Ordering::Relaxed) => {}
                "members" => {
                    set(&flags.owners);
                    set(&flags.rights);
                }
                "sessions" => set(&flags.owners),
                "rooms" => set(&flags.rights),
                "events" if action != Action::SQLITE_INSERT => set(&flags.log),
                _ => {}
            }
        }))
    }

    /// Runs what changes a row of these tables, but nothing that is kept of it. For the thread that writes.
    pub(super) fn unnoticed<T>(&self, change: impl FnOnce() -> T) -> T {
        self.0.is_unnoticed.store(true, Ordering::Relaxed);
        let changed = change();
        self.0.is_unnoticed.store(false, Ordering::Relaxed);
        changed
    }

    /// Whether sessions or the people they are of have changed.
    pub(super) fn take_owners(&self) -> bool {
        self.0.owners.swap(false, Ordering::Relaxed)
    }

    /// Whether anything has changed by which it is decided who may post where.
    pub(super) fn take_rights(&self) -> bool {
        self.0.rights.swap(false, Ordering::Relaxed)
    }

    /// Whether rows of the log that were there before were rewritten or deleted.
    pub(super) fn take_log(&self) -> bool {
        self.0.log.swap(false, Ordering::Relaxed)
    }
}
