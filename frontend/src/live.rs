//! The live stream: who opens it, when it is opened again, and what a person is shown of that.
//!
//! [`source`] is the only user of the browser's `EventSource`; [`connection`] decides, as plain Rust tested on the
//! host; [`backoff`] is its patience. `chat` drives the three.

pub mod backoff;
pub mod connection;
pub mod source;
