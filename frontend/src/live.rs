//! The live stream: who opens it, when it is opened again, and what a person is shown of that.
//!
//! [`source`] is the only user of the browser's `EventSource`; [`connection`] decides, as plain Rust tested on the
//! host; [`backoff`] is its patience. [`tabs`] shares one stream between all tabs of a browser. `chat` drives them.

pub mod backoff;
pub mod carrier;
pub mod connection;
pub mod source;
pub mod tabs;
pub mod version;
