//! The fan-out: who hears what, and when. It knows bytes, audiences and connections; it knows no SQL.
//!
//! Reading order: [`log`] (what it needs of the store), then the hub, the mailbox, a subscription.

pub mod log;
