//! Teahouse's server and terminal client, as a library that `main.rs` and the tests start.

pub mod cli;
pub mod domain;
pub mod store;
