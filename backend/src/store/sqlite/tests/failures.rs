//! Commits that fail, commands that panic, a queue that is full: nothing is acknowledged that is not there, nothing is
//! there that was refused, and what can go on goes on.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Sender},
    },
};

use futures_util::{FutureExt, future::join_all};
use rusqlite::Connection;
use shared::{cursor::Offset, id::MemberId, replica::window::PageAt};

use super::*;
use crate::store::contract::fixture::*;

/// Keeps the writer busy until told to go on, so that what is queued meanwhile is one batch. `prepare` runs on the
/// writer's connection first.
async fn hold(
    store: &SqliteStore,
    prepare: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
) -> Sender<()> {
    let (begins, begun) = mpsc::channel();
    let (go_on, told) = mpsc::channel();
    let prepare = Mutex::new(Some(prepare));
    let gate = store.writer.run(move |tx| {
        // What is held runs once: nothing fails in its batch after it has written.
        prepare.lock().unwrap().take().unwrap()(tx.connection())?;
        begins.send(()).unwrap();
        // An error means that the test has failed and dropped its end; then nothing is left to wait for.
        let _ = told.recv();
        Ok(())
    });
    assert!(gate.now_or_never().is_none());
    begun.recv().unwrap();
    go_on
}

/// Eight posts in one batch, which begins after `prepare`.
async fn batch(
    store: &SqliteStore,
    author: MemberId,
    prepare: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
) -> Vec<Result<Posted, StoreError>> {
    let go_on = hold(store, prepare).await;
    let mut posts = pin!(join_all((101..=108).map(|number| {
        let mut command = new_post(number, author);
        command.body = "x".repeat(8_000);
        store.post_message(command)
    })));
    assert!(posts.as_mut().now_or_never().is_none());
    go_on.send(()).unwrap();
    posts.await
}

/// The offsets go on where they were, without a gap.
async fn assert_goes_on(store: &SqliteStore, author: MemberId, head_before: Offset) {
    assert_eq!(head(store).await, head_before);
    assert_eq!(store.read_log(head_before, 10).await.unwrap(), []);
    for number in 1..=3 {
        assert_eq!(post(store, number, author).await.offset, Offset(head_before.0 + number));
    }
}

#[tokio::test]
async fn a_failed_commit_fails_its_whole_batch() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let before = head(&store).await;
    // The first commit from here on is that of the gate, the second that of the batch.
    let mut commits = 0;
    let second_fails = move || {
        commits += 1;
        commits == 2
    };
    for answer in batch(&store, author, move |connection| connection.commit_hook(Some(second_fails))).await {
        assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    }
    let page = store.messages(author, &general(), PageAt::Latest, 100).await.unwrap();
    assert_eq!(page.messages, []);
    store.ready().await.unwrap();
    assert_goes_on(&store, author, before).await;
    assert!(store.post_message(new_post(101, author)).await.unwrap().created, "its key was never used");
}

#[tokio::test]
async fn a_full_disk_refuses_and_recovers() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let no_more_pages = |connection: &Connection| {
        let pages: i64 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 8), [], |_| Ok(()))
    };
    let answers = batch(&store, author, no_more_pages).await;
    let stored: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().ok()).collect();
    assert!(stored.len() < 8, "the disk was not full");
    for answer in &answers {
        assert!(matches!(answer, Ok(_) | Err(StoreError::Full)), "{answer:?}");
    }
    // Reading goes on, and shows exactly what was acknowledged.
    let page = store.messages(author, &general(), PageAt::Latest, 100).await.unwrap();
    assert_eq!(page.messages, stored.iter().map(|posted| posted.answer.message.clone()).collect::<Vec<_>>());
    let head_before = head(&store).await;
    assert_eq!(head_before.0, 3 + stored.len() as u64);

    let more = |connection: &Connection| connection.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(()));
    store.writer.run(move |tx| Ok(more(tx.connection())?)).await.unwrap();
    assert_goes_on(&store, author, head_before).await;
}

#[tokio::test]
async fn a_panic_takes_back_only_its_own_command() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let go_on = hold(&store, |_| Ok(())).await;
    let first = store.post_message(new_post(11, author));
    let panics = store.writer.run(move |tx| -> Result<(), StoreError> {
        messages::post(tx, &new_post(12, author))?;
        panic!("a fault that this test makes");
    });
    let last = store.post_message(new_post(13, author));
    let mut all = pin!(async { futures_util::join!(first, panics, last) });
    assert!(all.as_mut().now_or_never().is_none());
    go_on.send(()).unwrap();
    let (first, panicked, last) = all.await;
    assert!(matches!(panicked, Err(StoreError::Corrupt(_))), "{panicked:?}");
    let offsets = [first, last].map(|posted| posted.unwrap().answer.message.offset);
    assert_eq!(offsets, [Offset(4), Offset(5)]);
    assert_goes_on(&store, author, Offset(5)).await;
}

#[tokio::test]
async fn a_refusal_after_writing_takes_back_only_its_own_command() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let go_on = hold(&store, |_| Ok(())).await;
    let runs = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&runs);
    let first = store.post_message(new_post(11, author));
    let refused_at_once = store.writer.run(|_| -> Result<(), StoreError> { Err(StoreError::NotFound) });
    let refused_late = store.writer.run(move |tx| -> Result<(), StoreError> {
        count.fetch_add(1, Ordering::Relaxed);
        messages::post(tx, &new_post(12, author))?;
        // State without a fact: the head does not tell.
        tx.prepare("UPDATE rooms SET name = 'spoiled'")?.execute([])?;
        Err(StoreError::NotFound)
    });
    let last = store.post_message(new_post(13, author));
    let mut all = pin!(async { futures_util::join!(first, refused_at_once, refused_late, last) });
    assert!(all.as_mut().now_or_never().is_none());
    go_on.send(()).unwrap();
    let (first, refused_at_once, refused_late, last) = all.await;
    assert!(matches!((refused_at_once, refused_late), (Err(StoreError::NotFound), Err(StoreError::NotFound))));
    assert_eq!(runs.load(Ordering::Relaxed), 2, "the batch ran again with savepoints");
    let offsets = [first, last].map(|posted| posted.unwrap().answer.message.offset);
    assert_eq!(offsets, [Offset(4), Offset(5)]);
    assert_eq!(store.room(author, &general()).await.unwrap().room.name.as_str(), "general");
    assert!(store.post_message(new_post(12, author)).await.unwrap().created, "its key was never used");
    assert_eq!(head(&store).await, Offset(6));
}

#[tokio::test]
async fn a_panic_in_a_read_costs_nobody_else_anything() {
    let Fresh { store, dir: _dir } = Fresh::new();
    for _ in 0..20 {
        let panicked = store.readers.read(|_| -> Result<(), StoreError> { panic!("a fault that this test makes") });
        assert!(matches!(panicked.await, Err(StoreError::Corrupt(_))));
    }
    store.ready().await.unwrap();
}

#[tokio::test]
async fn a_full_queue_answers_at_once() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let go_on = hold(&store, |_| Ok(())).await;
    let mut number = 0;
    let refused = loop {
        number += 1;
        if let Some(answer) = store.post_message(new_post(number, author)).now_or_never() {
            break answer;
        }
        assert!(number < 1_000_000, "the queue has no bound");
    };
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    go_on.send(()).unwrap();
    // What was accepted is run, in order; what was refused is not, and can be sent again.
    while store.writer.run(|_| Ok(())).await.is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(head(&store).await, Offset(3 + number - 1));
    assert_eq!(post(&store, number, author).await.offset, Offset(3 + number));
}

#[tokio::test]
async fn a_checkpoint_waits_only_a_little_for_a_reader() {
    let Fresh { store, dir: _dir } = Fresh::new();
    let author = people(&store, 1).await[0].id;
    let (begins, begun) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    let reads = store.readers.read(move |tx| {
        log::head(tx)?;
        begins.send(()).unwrap();
        let _ = told.recv();
        Ok(log::head(tx)?)
    });
    let mut reads = pin!(reads);
    assert!(reads.as_mut().now_or_never().is_none());
    begun.recv().unwrap();
    post(&store, 1, author).await;
    let busy = store.checkpoint().await;
    assert!(matches!(busy, Err(StoreError::Unavailable(_))), "{busy:?}");
    post(&store, 2, author).await;
    go_on.send(()).unwrap();
    assert_eq!(reads.await.unwrap(), Offset(3), "a read sees one state, however long it takes");
    store.checkpoint().await.unwrap();
}
