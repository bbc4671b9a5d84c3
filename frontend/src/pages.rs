//! The pages: they join components with the state and the interface, and own what is on its way.
//!
//! [`chat`] is the place itself; [`setup`], [`signin`] and [`join`] are its doors. [`wrong`] turns what the server
//! refused into a sentence beside the field it is about.

pub mod chat;
pub mod join;
pub mod keyboard;
pub mod notices;
pub mod room;
pub mod setup;
pub mod signin;
pub mod wrong;
