//! The client's state as plain Rust: what the screen shows, and the rules by which it changes.
//!
//! Nothing here knows the browser, so all of it is tested on the host. The wire's own model, the replica, lives in
//! `shared`; this folder turns it and the outbox into what components take as props.
//!
//! Start with [`view`], the vocabulary shared by this folder and `components`; then [`model`], which joins the parts.

pub mod audit;
pub mod directory;
pub mod doctor;
pub mod members;
pub mod model;
pub mod names;
pub mod outbox;
pub mod pending;
pub mod people;
pub mod presence;
pub mod signs;
pub mod time;
pub mod timeline;
pub mod view;
