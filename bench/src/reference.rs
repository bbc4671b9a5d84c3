//! The servers that Teahouse is compared with, each in the same run and on the same cores.

pub mod axum_sse;
pub mod bare_send;
pub mod group_commit;
pub mod nchan;

/// The tutorial's Node server; it prints where it listens, as all servers here do.
pub const NODE_SERVER: &str = include_str!("../reference/node.mjs");
