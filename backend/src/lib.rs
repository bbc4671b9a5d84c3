//! The Teahouse server.

pub mod clock;
pub mod domain;
pub mod http;
pub mod live;
pub mod shutdown;
