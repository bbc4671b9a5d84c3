//! The contract on SQLite, and what only SQLite can show: its files, its failures, its plans.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod failures;
mod files;
mod kept;
mod migrations;
mod plans;
mod poison;
mod scale;

use tempfile::TempDir;

use super::*;
use crate::store::{
    Invites as _, LogStore as _, Messages as _, Posted, Rooms as _, StoreError,
    contract::{self, fixture::epoch},
};

/// A store in a directory of its own.
struct Fresh {
    // Before the directory: it writes until it is closed.
    store: SqliteStore,
    dir: TempDir,
}

impl Fresh {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self { store: open(dir.path(), 1), dir }
    }
}

fn open(dir: &Path, start: u64) -> SqliteStore {
    SqliteStore::open(dir, Box::new(()), epoch(start)).unwrap()
}

macro_rules! on_sqlite {
    ($($area:ident::$behaviour:ident,)+) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                contract::$area::$behaviour(&Fresh::new().store).await;
            }
        )+
    };
}
contract::each_behaviour!(on_sqlite);
