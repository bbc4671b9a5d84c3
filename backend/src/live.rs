//! The fan-out: who hears what, and when. It knows bytes, audiences and connections; it knows no SQL.
//!
//! One task tails the log ([`log`] is what it needs of the store), encodes each fact once and hands it, with the list of
//! those who may hear it, to the shards, which write it straight to the sockets of readers who keep up and leave it in the
//! mailboxes of those who do not. When a stream was away, or too slow, it reads the log instead. The log is the truth and
//! everything else a hint, so nothing here can lose a fact: at worst it is late.
//!
//! Reading order: [`hub`] (what others call), `tail` (the log comes in), `shard` (it goes out), `mailbox` (the place of one
//! reader), [`subscription`] (one stream, whatever carries it), `resume` (where a stream begins), `replay` and `pages`
//! (catching up), `ticker`. What is no fact, `presence` and `typing`, is leases; `audience` says who hears of them.

mod audience;
mod batch;
pub mod encode;
pub mod ending;
mod hold;
pub mod hub;
mod listeners;
pub mod log;
mod mailbox;
pub mod metrics;
mod pages;
mod pass;
mod presence;
mod registry;
mod replay;
pub mod resume;
mod rights;
mod shard;
mod sink;
pub mod subscription;
mod tail;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod ticker;
mod typing;

pub use self::{
    batch::Batch,
    hold::BATCH_WAIT,
    hub::Hub,
    resume::Start,
    sink::Sink,
    subscription::{Subscriber, Subscription},
};

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks without regard to poison: every critical section here leaves its data whole at each step, and a panic in one
/// stream must not silence all others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
