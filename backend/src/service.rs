//! What people can do, one function each: validate, ask the store, tell the live streams.
//!
//! A function here takes parsed input and gives a wire type or an [`AppError`](crate::error::AppError). It names no
//! axum type and no database. What it needs of the world (clock, randomness, hashing) comes from the
//! [`App`] or from [`secret`]; so the store's commands carry every id and time in them.
//!
//! **Cancel-safety.** Dropping one of these futures drops the answer, never half of a command: the store runs a queued
//! command to its end. Reads can be dropped at any time.

pub mod audit;
pub mod bans;
pub mod delete_message;
pub mod device;
pub mod guests;
pub mod history;
pub mod invites;
pub mod join;
pub mod links;
pub mod maintenance;
pub mod message_ids;
pub mod passwords;
pub mod people;
pub mod post_message;
pub mod presence;
pub mod read_positions;
pub mod request_key;
pub mod rooms;
pub mod secret;
pub mod sessions;
pub mod setup;
pub mod snapshot;
pub mod tokens;
pub mod uses;
pub mod workspace;

use std::net::IpAddr;

use shared::id::MemberId;

use crate::{state::App, store::By};

/// Who gives a command, now.
fn by(app: &App, member: MemberId, address: Option<IpAddr>) -> By {
    By { member, at: app.clock.timestamp(), address }
}
