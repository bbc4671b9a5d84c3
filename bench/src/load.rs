//! The load client: thousands of raw event streams and a few connections that post, on one thread and one epoll.
//!
//! [`Fleet`] owns the sockets and the loop. [`scan`] finds messages in what arrives, [`posting`] sends them,
//! [`histogram`] keeps how long they took, [`api`] knows how each server wants to be asked. It keeps exact counts: a run
//! in which one stream missed one message, or got one twice, is an error and no measurement.

pub mod api;
pub mod fleet;
pub mod histogram;
pub mod ledger;
pub mod posting;
pub mod scan;
mod stream;

pub use self::{api::Api, fleet::Fleet, histogram::Histogram, ledger::Ledger};
