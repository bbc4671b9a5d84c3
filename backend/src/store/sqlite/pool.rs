//! The connections that read. Each read is one transaction, so everything it returns is true at one place of the log.
//!
//! Reads wait in one queue, and each reader takes one after the other until the queue stays empty: when ten thousand
//! clients come at once, no thread goes to sleep and is woken between two of their reads.

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::{sync::oneshot, task};

use super::schema;
use crate::store::StoreError;

/// Reads that run at once, at most. On fewer cores as many as there are: more would only take them from each other and
/// from everything else; but never less than two, so that a long one does not hold up the others.
const READERS_MAX: usize = 4;

/// How often a reader with nothing to do lets other threads run before it goes to sleep: cheaper than being woken again.
const YIELDS: usize = 8;

/// A read, and the way its answer takes. Given the error when there is no connection to read from.
type Job = Box<dyn FnOnce(Result<&mut Connection, StoreError>) + Send>;

/// Connections that are opened when they are first needed and kept.
#[derive(Clone)]
pub(super) struct ReadPool {
    path: Arc<PathBuf>,
    readers: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    idle: Vec<Connection>,
    /// Readers at work, and how many of them have nothing to do just now.
    running: usize,
    free: usize,
}

impl ReadPool {
    pub(super) fn new(path: PathBuf) -> Self {
        let cores = thread::available_parallelism().map_or(READERS_MAX, NonZeroUsize::get);
        Self { path: Arc::new(path), readers: cores.clamp(2, READERS_MAX), state: Arc::default() }
    }

    /// Runs `query` off the async threads. Cancel-safe: a read that nobody waits for any more is not begun.
    pub(super) async fn read<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            if !answer.is_closed() {
                let read = connection.and_then(|connection| {
                    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
                    query(&transaction)
                });
                drop(answer.send(read));
            }
        });
        if self.enqueue(job) {
            let pool = self.clone();
            task::spawn_blocking(move || pool.work());
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Corrupt("a read panicked".to_owned())))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns whether one more reader is to work.
    fn enqueue(&self, job: Job) -> bool {
        let mut state = self.state();
        state.waiting.push_back(job);
        let starts = state.running < self.readers && state.waiting.len() > state.free;
        state.running += usize::from(starts);
        starts
    }

    /// The next read, if one comes soon. None gives the connection back and ends the reader.
    fn next_job(&self, connection: &mut Option<Connection>) -> Option<Job> {
        self.state().free += 1;
        for attempt in 0..=YIELDS {
            let mut state = self.state();
            let job = state.waiting.pop_front();
            if job.is_some() || attempt == YIELDS {
                state.free -= 1;
                if job.is_none() {
                    state.running -= 1;
                    state.idle.extend(connection.take());
                }
                return job;
            }
            drop(state);
            thread::yield_now();
        }
        None
    }

    /// Works until nothing waits.
    fn work(&self) {
        let mut connection = self.state().idle.pop();
        while let Some(job) = self.next_job(&mut connection) {
            // One panic is one failed read; what the connection was doing is rolled back, and it is not used again.
            let worked = catch_unwind(AssertUnwindSafe(|| match &mut connection {
                Some(connection) => job(Ok(connection)),
                none => match schema::open_reader(&self.path) {
                    Ok(opened) => job(Ok(none.insert(opened))),
                    Err(error) => job(Err(error.into())),
                },
            }));
            if worked.is_err() {
                connection = None;
            }
        }
    }
}

impl std::fmt::Debug for ReadPool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReadPool").field("path", &self.path).finish_non_exhaustive()
    }
}
