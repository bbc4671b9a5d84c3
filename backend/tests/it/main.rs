//! The server as its clients meet it: real sockets, real SQLite, one file per area.
//!
//! A test says who does what: [`support::app::TestApp`] is a server on a free port with a clock that stands still,
//! [`support::actor::Actor`] a person with a token, [`support::sse::SseReader`] what comes down a stream, parsed from the
//! raw bytes. Tests that kill, restart or start the executable itself use [`support::process::Process`].

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod support;

mod access;
mod assets;
mod audit;
mod bans;
mod batches;
mod budgets;
mod deletion;
mod exhaustion;
mod fields;
mod framing;
mod guards;
mod guests;
mod half_open;
mod headers;
mod history;
mod http2;
mod invites;
mod kill;
mod limits;
mod links;
mod log_lines;
mod own;
mod people;
mod poison;
mod posting;
mod presence;
mod problems;
mod process;
mod raw_http;
mod reading;
mod rights;
mod rollback;
mod rooms;
mod session;
mod setup;
mod slow_readers;
mod stream;
mod terminal;
mod tls;
