//! The least that a durable post can cost with these libraries: axum, one writer thread, SQLite with group commit.
//!
//! The same durability as Teahouse (WAL, `synchronous=FULL`): an answer means that the row is on the disk. Nothing else:
//! no sign-in, no rights, no rendering, no events, one row for each post.

use std::{
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use anyhow::Result;
use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, sync::oneshot};

use crate::load::api::REFERENCE_POST;

/// Posts that may wait.
const QUEUE_MAX: usize = 4096;
/// Posts in one transaction.
const BATCH_MAX: usize = 256;

/// What is posted.
#[derive(Debug, Deserialize)]
struct Posted {
    client_id: String,
    body: String,
}

#[derive(Debug, Serialize)]
struct Stored {
    id: i64,
}

type Work = (Posted, oneshot::Sender<i64>);

/// Serves until the process ends; the database is made in `directory`.
///
/// # Errors
/// It cannot listen, or the database does not open.
pub async fn serve(directory: &Path) -> Result<()> {
    let connection = Connection::open(directory.join("reference.db"))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection
        .execute_batch("CREATE TABLE posts (id INTEGER PRIMARY KEY, client_id TEXT NOT NULL, body TEXT NOT NULL)")?;
    let (queue, waiting) = sync_channel::<Work>(QUEUE_MAX);
    thread::spawn(move || write(&connection, &waiting));
    let router = Router::new().route(REFERENCE_POST, post(store)).with_state(queue);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn store(
    State(queue): State<SyncSender<Work>>,
    Json(posted): Json<Posted>,
) -> Result<(StatusCode, Json<Stored>), StatusCode> {
    let (answer, answered) = oneshot::channel();
    queue.try_send((posted, answer)).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let id = answered.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok((StatusCode::CREATED, Json(Stored { id })))
}

/// Writes whatever waits in one transaction, until nobody can post any more. A failure drops the answers: 500.
fn write(connection: &Connection, waiting: &Receiver<Work>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH_MAX - 1));
        if let Ok(ids) = commit(connection, &batch) {
            for ((_, answer), id) in batch.into_iter().zip(ids) {
                // Whoever asked may have gone.
                let _ = answer.send(id);
            }
        }
    }
}

fn commit(connection: &Connection, batch: &[Work]) -> rusqlite::Result<Vec<i64>> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let ids = batch.iter().map(|(posted, _)| {
        let mut insert = connection.prepare_cached("INSERT INTO posts (client_id, body) VALUES (?1, ?2)")?;
        insert.insert([&posted.client_id, &posted.body])
    });
    let ids = ids.collect::<rusqlite::Result<Vec<_>>>();
    connection.prepare_cached(if ids.is_ok() { "COMMIT" } else { "ROLLBACK" })?.execute([])?;
    ids
}
