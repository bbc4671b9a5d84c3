//! The edge: the only code that names axum.

pub mod chat;
pub mod listener;
pub mod takeover;
