//! The connections that read. Each read is one transaction, so everything it returns is true at one place of the log.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::{sync::Semaphore, task};

use super::schema;
use crate::store::StoreError;

/// Reads that run at once: as many as there are cores on a small server; more would only share them.
const READERS: usize = 4;

/// Connections that are opened when they are first needed and kept. Reads wait for one, in turn.
#[derive(Debug)]
pub(super) struct ReadPool {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    turns: Arc<Semaphore>,
}

impl ReadPool {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), turns: Arc::new(Semaphore::new(READERS)) }
    }

    /// Runs `query` off the async threads. Cancel-safe: a read that has begun ends by itself and frees its turn then.
    pub(super) async fn read<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Unavailable("the store is closed".to_owned()))?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let read = task::spawn_blocking(move || {
            let _turn = turn;
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut connection = kept.map_or_else(|| schema::open_reader(&path), Ok)?;
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            let answer = query(&transaction);
            drop(transaction);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        read.await.unwrap_or_else(|panicked| Err(StoreError::Corrupt(panicked.to_string())))
    }
}
