//! The promises of the stream, one by one, against a log in memory and a clock that jumps when nothing is left to do.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod batches;
mod endings;
mod fan_out;
mod interleavings;
mod outages;
mod presence;
mod resuming;
mod rights;
mod slow_readers;
mod straight;
mod typing;
