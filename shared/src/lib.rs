//! What crosses the wire between Teahouse's server and its clients, and the pure model both keep of it.
//!
//! Read in this order: [`event`] (the facts), [`cursor`] (where a reader is), [`stream`] (what `GET /chat` says besides
//! facts), [`replica`] (the model a client folds the facts into), then the resources and requests of `/api`. All of them
//! have serde's traits; [`wire`] is how the web client does without.
//!
//! **Compatibility rule.** A reader ignores fields it does not know and counts, but ignores, events whose name it does
//! not know; so adding a field or an event is compatible, and removing or re-typing one raises [`stream::PROTOCOL`].
//! This crate knows serde and nothing else: no clock, no randomness, no IO; it builds for wasm32.

pub mod audit;
pub mod cursor;
pub mod event;
pub mod id;
pub mod limits;
pub mod member;
pub mod message;
pub mod policy;
pub mod presence;
pub mod problem;
pub mod replica;
pub mod request;
pub mod room;
pub mod route;
pub mod session;
pub mod sorted;
pub mod stream;
pub mod text;
pub mod wire;
