//! Teahouse's server and terminal client, as a library that `main.rs` and the tests start.

pub mod cli;
pub mod clock;
pub mod domain;
pub mod http;
pub mod live;
pub mod shutdown;
pub mod store;
