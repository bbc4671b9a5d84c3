//! The data directory through restarts, crashes and rollbacks.

use std::{fs, os::unix::fs::PermissionsExt, sync::mpsc};

use futures_util::FutureExt;
use shared::{
    cursor::{Cursor, Offset},
    id::{MemberId, SessionId},
    replica::window::PageAt,
};

use super::*;
use crate::{
    domain::DomainError,
    store::{ChangePassword, EpochStart, People as _, Sessions as _, Watch, contract::fixture::*, cursor_at},
};

#[tokio::test]
async fn an_epoch_begins_with_each_start() {
    let dir = TempDir::new().unwrap();
    let starts = async |start: u64| {
        let store = open(dir.path(), start);
        let bounds = store.log_bounds().await.unwrap();
        (store, bounds)
    };
    let begins = |number, first| EpochStart { epoch: epoch(number), first_offset: Offset(first) };

    let (store, bounds) = starts(1).await;
    assert_eq!((bounds.head, bounds.epochs), (Offset(0), vec![begins(1, 1)]));
    let people = people(&store, 1).await;
    let first = store.post_message(new_post(1, people[0].id)).await.unwrap();
    drop(store);

    // A start that writes nothing owns no offset; what was written before keeps its place.
    let (store, _) = starts(2).await;
    drop(store);
    let (store, bounds) = starts(3).await;
    assert_eq!((bounds.oldest, bounds.head), (Offset(1), Offset(4)));
    assert_eq!(bounds.epochs, [begins(1, 1), begins(2, 5), begins(3, 5)]);
    assert_eq!(store.snapshot(people[0].id).await.unwrap().cursor, Cursor { epoch: epoch(1), offset: Offset(4) });
    assert_eq!(store.post_message(new_post(1, people[0].id)).await.unwrap().answer, first.answer, "a retry");
    let second = store.post_message(new_post(2, people[0].id)).await.unwrap().answer.cursor;
    assert_eq!(second, Cursor { epoch: epoch(3), offset: Offset(5) });
    let bounds = store.log_bounds().await.unwrap();
    for (offset, start) in [(0, 1), (1, 1), (4, 1), (5, 3), (9, 3)] {
        assert_eq!(cursor_at(&bounds.epochs, Offset(offset)).unwrap().epoch, epoch(start), "{offset}");
    }
}

#[tokio::test]
async fn pruning_forgets_epochs_that_no_cursor_can_name() {
    let dir = TempDir::new().unwrap();
    let author = people(&open(dir.path(), 1), 1).await[0].id; // Offsets 1 to 3.
    for start in 2..=4 {
        post(&open(dir.path(), start), start, author).await; // Offsets 4, 5, 6.
    }
    let store = open(dir.path(), 5);
    assert_eq!(store.prune_log(day(30), 2, 100).await.unwrap(), 4);
    let bounds = store.log_bounds().await.unwrap();
    assert_eq!((bounds.oldest, bounds.head), (Offset(5), Offset(6)));
    // A reader that had everything up to 4, in the second epoch, has missed nothing that is gone.
    let kept: Vec<_> = bounds.epochs.iter().map(|start| start.epoch).collect();
    assert_eq!(kept, [epoch(2), epoch(3), epoch(4), epoch(5)]);
    assert_eq!(store.prune_log(day(30), 0, 100).await.unwrap(), 2);
    let bounds = store.log_bounds().await.unwrap();
    assert_eq!(bounds.epochs.iter().map(|start| start.epoch).collect::<Vec<_>>(), [epoch(4), epoch(5)]);
    assert_eq!(store.snapshot(author).await.unwrap().cursor, Cursor { epoch: epoch(4), offset: Offset(6) });
}

#[tokio::test]
async fn a_directory_has_one_store() {
    let fresh = Fresh::new();
    let refused = SqliteStore::open(fresh.dir.path(), Box::new(()), epoch(2)).unwrap_err();
    assert!(matches!(&refused, OpenError::InUse { path } if path == fresh.dir.path()), "{refused:?}");
    assert_eq!(refused.to_string(), format!("another teahouse is using {}", fresh.dir.path().display()));
    assert_eq!(fresh.store.log_bounds().await.unwrap().epochs.len(), 1, "the refused start left nothing");
    let Fresh { store, dir } = fresh;
    drop(store);
    open(dir.path(), 2).ready().await.unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    let parent = TempDir::new().unwrap();
    let dir = parent.path().join("a/b");
    let store = open(&dir, 1);
    people(&store, 1).await;
    let mode = |name: &str| fs::metadata(dir.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for file in ["teahouse.db", "teahouse.db-wal", "teahouse.db-shm", "teahouse.lock"] {
        assert_eq!(mode(file), 0o600, "{file}");
    }
    drop(store);
    // As a backup is copied back by another user's tool.
    fs::set_permissions(dir.join("teahouse.db"), fs::Permissions::from_mode(0o644)).unwrap();
    drop(open(&dir, 2));
    assert_eq!(mode("teahouse.db"), 0o600);
}

#[test]
fn a_directory_that_cannot_be_used_says_so() {
    let parent = TempDir::new().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "not a directory").unwrap();
    let failed = SqliteStore::open(&file, Box::new(()), epoch(1)).unwrap_err();
    assert!(matches!(failed, OpenError::Directory { .. }), "{failed:?}");

    let dir = parent.path().join("dir");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("teahouse.db"), "this is no database, but long enough to be taken for one".repeat(99)).unwrap();
    let failed = SqliteStore::open(&dir, Box::new(()), epoch(1)).unwrap_err();
    assert!(matches!(failed, OpenError::Database(_)), "{failed:?}");
}

#[tokio::test]
async fn a_database_of_a_later_version_is_not_touched() {
    let fresh = Fresh::new();
    let later = |tx: &mut transaction::Tx<'_>| {
        let insert = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
                      VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')";
        Ok(tx.connection().execute(insert, []).map(drop)?)
    };
    fresh.store.writer.run(later).await.unwrap();
    assert!(matches!(fresh.store.ready().await, Err(StoreError::Unavailable(_))));
    let Fresh { store, dir } = fresh;
    drop(store);
    let refused = SqliteStore::open(dir.path(), Box::new(()), epoch(2)).unwrap_err();
    assert!(matches!(refused, OpenError::Migration(_)), "{refused:?}");
}

/// What is on the disk at any moment between commits is what a crash leaves: every acknowledged message is in it.
#[tokio::test]
async fn a_crash_loses_nothing_acknowledged() {
    let fresh = Fresh::new();
    let author = people(&fresh.store, 1).await[0].id;
    for burst in 1..=10 {
        let posts = (0..burst).map(|number| post(&fresh.store, burst * 100 + number, author));
        let acknowledged = futures_util::future::join_all(posts).await;
        if burst % 4 == 0 {
            fresh.store.checkpoint().await.unwrap();
        }
        let after = TempDir::new().unwrap();
        for file in ["teahouse.db", "teahouse.db-wal"] {
            fs::copy(fresh.dir.path().join(file), after.path().join(file)).unwrap();
        }
        assert_holds(&open(after.path(), 2), author, &acknowledged).await;
    }
}

async fn assert_holds(store: &SqliteStore, author: MemberId, acknowledged: &[shared::message::Message]) {
    let bounds = store.log_bounds().await.unwrap();
    assert_eq!(bounds.head, acknowledged.last().unwrap().offset);
    let limit = u32::try_from(acknowledged.len()).unwrap();
    let page = store.messages(author, &general(), PageAt::Latest, limit).await.unwrap();
    assert_eq!(page.messages, acknowledged);
    let rows = store.read_log(Offset(0), usize::MAX).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.offset.0).collect::<Vec<_>>(), (1..=bounds.head.0).collect::<Vec<_>>());
}

/// Passes on what it is told of the log.
struct Told(mpsc::Sender<Offset>);

impl Watch for Told {
    fn head_moved(&self, head: Offset) {
        self.0.send(head).unwrap();
    }

    fn sessions_ended(&self, _: &[SessionId]) {}
}

#[tokio::test]
async fn a_commit_is_told_after_it_can_be_read() {
    let dir = TempDir::new().unwrap();
    let (told, heads) = mpsc::channel();
    let store = SqliteStore::open(dir.path(), Box::new(Told(told)), epoch(1)).unwrap();
    let author = people(&store, 1).await[0].id;
    for number in 1..=5 {
        post(&store, number, author).await;
    }
    let refused = store.post_message(new_post(9, member_id(99))).await;
    assert_not_found(refused);
    drop(store);
    // The set-up, and each post; the refusal did not move the head.
    assert_eq!(heads.iter().collect::<Vec<_>>(), [3, 4, 5, 6, 7, 8].map(Offset));
}

#[tokio::test]
async fn what_was_queued_runs_although_nobody_waits() {
    let fresh = Fresh::new();
    let author = people(&fresh.store, 1).await[0].id;
    // Dropped while it waits, unless the writer was very quick.
    drop(fresh.store.post_message(new_post(1, author)).now_or_never());
    let Fresh { store, dir } = fresh;
    drop(store);
    assert_eq!(open(dir.path(), 2).log_bounds().await.unwrap().head, Offset(4));
}

/// Deleted text is overwritten in the pages, and gone from the WAL after a checkpoint.
#[tokio::test]
async fn what_is_deleted_is_nowhere_in_the_files() {
    const SECRET: &str = "the tea is in the third drawer";
    let fresh = Fresh::new();
    let author = people(&fresh.store, 1).await[0].id;
    let mut command = new_post(1, author);
    command.body = SECRET.to_owned();
    command.html = Some(SECRET.to_owned());
    fresh.store.post_message(command).await.unwrap();
    let files = ["teahouse.db", "teahouse.db-wal", "teahouse.db-shm"];
    let found = || {
        let holds = |file: &&str| {
            let bytes = fs::read(fresh.dir.path().join(file)).unwrap();
            bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
        };
        files.iter().filter(|file| holds(file)).count()
    };
    assert_eq!(found(), 1, "in the WAL");
    fresh.store.checkpoint().await.unwrap();
    assert_eq!(found(), 1, "in the database");
    let delete = |tx: &mut transaction::Tx<'_>| {
        let all = "DELETE FROM messages; DELETE FROM events WHERE kind = 'message_posted'";
        Ok(tx.connection().execute_batch(all)?)
    };
    fresh.store.writer.run(delete).await.unwrap();
    fresh.store.checkpoint().await.unwrap();
    assert_eq!(found(), 0);
    assert_eq!(fs::metadata(fresh.dir.path().join("teahouse.db-wal")).unwrap().len(), 0);
}

/// Passes on which sessions have ended.
struct Ended(mpsc::Sender<Vec<SessionId>>);

impl Watch for Ended {
    fn head_moved(&self, _: Offset) {}

    fn sessions_ended(&self, sessions: &[SessionId]) {
        self.0.send(sessions.to_vec()).unwrap();
    }
}

#[tokio::test]
async fn the_end_of_a_session_is_told_although_nobody_waits() {
    let dir = TempDir::new().unwrap();
    let (told, ended) = mpsc::channel();
    let store = SqliteStore::open(dir.path(), Box::new(Ended(told)), epoch(1)).unwrap();
    let people = people(&store, 2).await;
    let ids = [7, 8].map(|number| new_session(number).id);
    for number in [7, 8] {
        store.create_session(people[1].id, new_session(number)).await.unwrap();
    }
    // Polled once, so that it is queued, and dropped.
    assert!(store.end_session(ids[0]).now_or_never().is_none());
    let change = ChangePassword {
        member: people[1].id,
        current_hash: "$argon2id$2".to_owned(),
        new_hash: "$argon2id$3".to_owned(),
        kept: ids[1],
    };
    assert!(store.change_password(change.clone()).now_or_never().is_none());
    // A refusal beside it ends nothing, nor does what ends nobody.
    let wrong = store.change_password(ChangePassword { kept: ids[0], ..change }).await;
    assert_refused(wrong, DomainError::WrongPassword);
    store.end_session(ids[0]).await.unwrap();
    // Deactivating is told by the log.
    store.change_person(set_active(people[0].id, people[1].id, false)).await.unwrap();
    drop(store);
    let all: Vec<_> = ended.iter().flatten().collect();
    assert_eq!(all, [ids[0], new_session(2).id]);
}
