//! The one thread that writes, and group commit: whatever waits is run in one transaction and paid for with one fsync.
//!
//! A refusal (or a panic) takes back only its own command and takes no offset. Commands read and judge before they write,
//! so a refused one has hardly ever written anything: a batch runs without savepoints first, and only if a command that
//! has written fails is it taken back as a whole and run again with a savepoint for each (a savepoint makes SQLite copy
//! every page that is changed under it). Answers go out after the commit. A commit that fails fails its whole batch; a
//! disk that fails ends the store, see [`super::error::is_fatal`]. While one batch is on its way to the disk the next one
//! gathers, so the batches grow with the load and no command ever waits for company.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::Connection;
use shared::cursor::{Epoch, Offset};
use tokio::sync::{oneshot, watch};

use super::{
    error, log,
    posting_rights::PostingRights,
    rows, schema,
    transaction::{Committed, Tx},
};
use crate::store::{LogRow, StoreError, Watch};

/// Commands that may wait. Above it the disk is far behind and the sender should know: it gets `Unavailable`.
const QUEUE_MAX: usize = 4096;

/// Commands in one transaction: enough to hide the fsync, few enough that the first of them is answered soon.
const BATCH_MAX: usize = 256;

/// How long a checkpoint, and every command behind it, waits for readers.
const CHECKPOINT_WAIT: Duration = Duration::from_millis(200);

/// What the writer's thread calls. None of them may block.
pub(super) struct Hooks {
    /// After each commit, before its commands are answered, with what they have appended to the log.
    pub(super) committed: Box<dyn Fn(Vec<LogRow>) + Send>,
    /// Whoever has opened the store.
    pub(super) watch: Box<dyn Watch>,
}

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// The end of the queue that commands are put into. Dropping it runs what waits and ends the thread.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Work>>,
    thread: Option<JoinHandle<()>>,
    failure: watch::Receiver<Option<String>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        rights: PostingRights,
        epoch: Epoch,
        head: Offset,
        hooks: Hooks,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = sync_channel(QUEUE_MAX);
        let (failed, failure) = watch::channel(None);
        let worker = Worker { connection, rights, epoch, head, waiting, hooks, failed };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(move || worker.run())?;
        Ok(Self { queue: Some(queue), thread: Some(thread), failure })
    }

    /// Queues a command and waits for its commit. Once queued it runs, whether or not anybody waits; it runs a second time
    /// when the first was taken back, so what it does depends on nothing but the database and its own values.
    pub(super) async fn run<T, F>(&self, command: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let command = Command { run: command, outcome: None, answer };
        self.queue(Work::Command(Box::new(command)))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Folds the WAL into the database and empties it; `Unavailable` while a reader is in the way.
    pub(super) async fn checkpoint(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.queue(Work::Checkpoint(answer))?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// What the disk said when it failed; `None` while all is well.
    pub(super) fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.clone()
    }

    fn queue(&self, work: Work) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.try_send(work).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Unavailable("too many commands are waiting".to_owned()),
            TrySendError::Disconnected(_) => stopped(),
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // The thread catches the panics of commands; one of its own has been printed already.
            let _ = thread.join();
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Unavailable("the store has stopped".to_owned())
}

/// What the queue holds.
enum Work {
    Command(Box<dyn Queued>),
    Checkpoint(Answer<()>),
}

/// A command of any type.
trait Queued: Send {
    /// Runs it; whether what it wrote is to be kept.
    fn apply(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Takes note that it panicked.
    fn panicked(&mut self);
    /// Why SQLite took the whole transaction back under this command.
    fn abort(&self) -> Failure;
    /// Sends what it said.
    fn answer(self: Box<Self>);
    /// Sends that nothing of its batch was kept.
    fn fail(self: Box<Self>, failure: &Failure);
}

struct Command<T, F> {
    run: F,
    outcome: Option<Result<T, StoreError>>,
    answer: Answer<T>,
}

impl<T, F> Queued for Command<T, F>
where
    T: Send,
    F: Fn(&mut Tx<'_>) -> Result<T, StoreError> + Send,
{
    fn apply(&mut self, tx: &mut Tx<'_>) -> bool {
        self.outcome.insert((self.run)(tx)).is_ok()
    }

    fn panicked(&mut self) {
        self.outcome = Some(Err(StoreError::Corrupt("a command panicked".to_owned())));
    }

    fn abort(&self) -> Failure {
        match &self.outcome {
            Some(Err(StoreError::Full)) => Failure::Full,
            Some(Err(error)) => Failure::Passing(error.to_string()),
            _ => Failure::Passing("the transaction was rolled back".to_owned()),
        }
    }

    fn answer(self: Box<Self>) {
        // Whoever asked may have gone; the command stands all the same.
        let _ = self.answer.send(self.outcome.unwrap_or_else(|| Err(stopped())));
    }

    fn fail(self: Box<Self>, failure: &Failure) {
        let _ = self.answer.send(Err(failure.to_error()));
    }
}

/// Why a batch was not kept.
enum Failure {
    /// No space.
    Full,
    /// Something that may pass.
    Passing(String),
    /// The disk.
    Fatal(String),
}

impl Failure {
    fn to_error(&self) -> StoreError {
        match self {
            Self::Full => StoreError::Full,
            Self::Passing(cause) | Self::Fatal(cause) => StoreError::Unavailable(cause.clone()),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        if error::is_fatal(&error) {
            return Self::Fatal(error.to_string());
        }
        match StoreError::from(error) {
            StoreError::Full => Self::Full,
            other => Self::Passing(other.to_string()),
        }
    }
}

/// The thread's own state.
struct Worker {
    connection: Connection,
    rights: PostingRights,
    epoch: Epoch,
    head: Offset,
    waiting: Receiver<Work>,
    hooks: Hooks,
    failed: watch::Sender<Option<String>>,
}

impl Worker {
    fn run(mut self) {
        while let Ok(first) = self.waiting.recv() {
            let (batch, checkpoint) = self.gather(first);
            if !batch.is_empty() {
                self.commit(batch);
            }
            if let Some(answer) = checkpoint {
                let _ = answer.send(self.checkpoint());
            }
        }
    }

    /// What waits, up to the limit or to a checkpoint, which cannot run inside a transaction.
    fn gather(&self, first: Work) -> (Vec<Box<dyn Queued>>, Option<Answer<()>>) {
        let mut batch = Vec::new();
        let mut next = Some(first);
        while let Some(work) = next {
            match work {
                Work::Command(command) => batch.push(command),
                Work::Checkpoint(answer) => return (batch, Some(answer)),
            }
            next = if batch.len() < BATCH_MAX { self.waiting.try_recv().ok() } else { None };
        }
        (batch, None)
    }

    fn commit(&mut self, mut batch: Vec<Box<dyn Queued>>) {
        let before = self.head;
        match self.transact(&mut batch) {
            Ok(Committed { head, appended, ended }) => {
                self.head = head;
                (self.hooks.committed)(appended);
                if !ended.is_empty() {
                    self.hooks.watch.sessions_ended(&ended);
                }
                batch.into_iter().for_each(Queued::answer);
                if head > before {
                    self.hooks.watch.head_moved(head);
                }
            }
            Err(failure) => {
                let failure = self.recover(failure);
                tracing::error!(commands = batch.len(), error = %failure.to_error(), "a batch was not committed");
                batch.into_iter().for_each(|command| command.fail(&failure));
            }
        }
    }

    /// Runs a batch in one transaction.
    fn transact(&self, batch: &mut [Box<dyn Queued>]) -> Result<Committed, Failure> {
        if let Some(cause) = &*self.failed.borrow() {
            return Err(Failure::Fatal(cause.clone()));
        }
        self.execute("BEGIN IMMEDIATE")?;
        let tx = match self.apply_all(batch)? {
            Some(tx) => tx,
            None => {
                self.roll_back("ROLLBACK")?;
                self.execute("BEGIN IMMEDIATE")?;
                self.apply_each(batch)?
            }
        };
        let head = tx.head();
        if head > self.head {
            self.connection.prepare_cached("UPDATE log SET head = ?1")?.execute([rows::sql(head)])?;
        }
        self.execute("COMMIT")?;
        Ok(tx.into_committed())
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute([])
    }

    /// Takes back what was written, and with it what was found to be so meanwhile.
    fn roll_back(&self, sql: &str) -> rusqlite::Result<usize> {
        self.rights.forget();
        self.execute(sql)
    }

    fn begin(&self) -> Tx<'_> {
        Tx::new(&self.connection, &self.rights, self.epoch, self.head)
    }

    /// Runs every command without savepoints. `None` when one has written and failed: then all of it is to be taken back.
    /// What a refused command had not written need not be.
    fn apply_all(&self, batch: &mut [Box<dyn Queued>]) -> Result<Option<Tx<'_>>, Failure> {
        let mut tx = self.begin();
        for command in batch {
            let (head, changes) = (tx.head(), self.connection.total_changes());
            let kept = self.apply(&mut **command, &mut tx)?;
            if !kept && (tx.head(), self.connection.total_changes()) != (head, changes) {
                return Ok(None);
            }
        }
        Ok(Some(tx))
    }

    /// Runs every command in a savepoint of its own.
    fn apply_each(&self, batch: &mut [Box<dyn Queued>]) -> Result<Tx<'_>, Failure> {
        let mut tx = self.begin();
        for command in batch {
            let mark = tx.mark();
            self.execute("SAVEPOINT command")?;
            if !self.apply(&mut **command, &mut tx)? {
                self.roll_back("ROLLBACK TO command")?;
                tx.rewind(mark);
            }
            self.execute("RELEASE command")?;
        }
        Ok(tx)
    }

    /// Runs one command; whether what it wrote is to be kept.
    fn apply(&self, command: &mut dyn Queued, tx: &mut Tx<'_>) -> Result<bool, Failure> {
        let kept = catch_unwind(AssertUnwindSafe(|| command.apply(tx))).unwrap_or_else(|_| {
            command.panicked();
            false
        });
        if self.connection.is_autocommit() {
            // Running out of space (or memory) makes SQLite take the whole transaction back by itself.
            return Err(command.abort());
        }
        Ok(kept)
    }

    /// Makes sure that nothing of a failed batch is left, and that the head is what the database says.
    fn recover(&mut self, failure: Failure) -> Failure {
        self.rights.forget();
        let undone = self.connection.is_autocommit() || self.connection.execute_batch("ROLLBACK").is_ok();
        let failure = match log::head(&self.connection) {
            Ok(head) if undone && head == self.head => failure,
            // A commit that was reported as failed and is there, or a database that cannot say.
            _ => Failure::Fatal(failure.to_error().to_string()),
        };
        if let Failure::Fatal(cause) = &failure {
            self.failed.send_if_modified(|failed| failed.replace(cause.clone()).is_none());
        }
        failure
    }

    /// Waits a little for readers of the WAL, whose reads are short; those that begin meanwhile find all in the database.
    fn checkpoint(&self) -> Result<(), StoreError> {
        self.connection.busy_timeout(CHECKPOINT_WAIT)?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(schema::BUSY_TIMEOUT)?;
        if busy? {
            Err(StoreError::Unavailable("a reader keeps the WAL from being emptied".to_owned()))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use rusqlite::{Error, ffi};

    use super::*;

    fn worker(dir: &std::path::Path) -> (Worker, SyncSender<Work>, watch::Receiver<Option<String>>) {
        let path = dir.join("teahouse.db");
        std::fs::File::create(&path).unwrap();
        let epoch = Epoch::from_entropy([1; 8]);
        let (connection, head) = schema::open_writer(&path, epoch).unwrap();
        let (queue, waiting) = sync_channel(8);
        let (failed, failure) = watch::channel(None);
        let hooks = Hooks { committed: Box::new(|_| {}), watch: Box::new(()) };
        let rights = PostingRights::default();
        (Worker { connection, rights, epoch, head, waiting, hooks, failed }, queue, failure)
    }

    fn command() -> (Box<dyn Queued>, oneshot::Receiver<Result<(), StoreError>>) {
        let (answer, answered) = oneshot::channel();
        (Box::new(Command { run: |_: &mut Tx<'_>| Ok(()), outcome: None, answer }), answered)
    }

    #[tokio::test]
    async fn after_a_failed_fsync_nothing_is_acknowledged() {
        let dir = tempfile::TempDir::new().unwrap();
        let (mut worker, _queue, failure) = worker(dir.path());
        let (first, answered) = command();
        worker.commit(vec![first]);
        answered.await.unwrap().unwrap();

        let fsync = Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR_FSYNC), None);
        assert!(matches!(worker.recover(fsync.into()), Failure::Fatal(_)));
        assert!(failure.borrow().as_ref().is_some_and(|cause| cause.contains("disk I/O error")), "{failure:?}");
        let (later, answered) = command();
        worker.commit(vec![later]);
        assert!(matches!(answered.await.unwrap(), Err(StoreError::Unavailable(_))));
    }

    #[test]
    fn a_failure_that_passes_leaves_the_store_working() {
        let dir = tempfile::TempDir::new().unwrap();
        let (mut worker, _queue, failure) = worker(dir.path());
        worker.connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM log").unwrap();
        let busy = Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None);
        assert!(matches!(worker.recover(busy.into()), Failure::Passing(_)));
        assert_eq!((worker.connection.is_autocommit(), &*failure.borrow()), (true, &None));
        // A head that is not the one remembered: a commit that was reported as failed is there.
        worker.connection.execute_batch("UPDATE log SET head = 7").unwrap();
        let busy = Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None);
        assert!(matches!(worker.recover(busy.into()), Failure::Fatal(_)));
    }
}
