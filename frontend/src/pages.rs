//! The pages: they join components with the state and the interface, and own what is on its way.
//!
//! [`chat`] is the place itself; [`setup`], [`signin`] and [`join`] are its doors, and [`barred`] is a closed one. [`wrong`] turns what the server
//! refused into a sentence beside the field it is about.
//!
//! A page is a function that makes what it remembers, and returns how it is drawn ([`Draw`]).

pub(crate) mod audit;
pub mod barred;
pub(crate) mod browse;
pub(crate) mod cards;
pub mod chat;
pub(crate) mod gone;
pub(crate) mod guest;
pub(crate) mod invites;
pub mod join;
pub mod keyboard;
pub mod link;
pub mod moderation;
mod names;
pub(crate) mod new_direct;
pub(crate) mod new_room;
pub mod notices;
pub mod panel;
pub(crate) mod people;
mod place;
pub mod room;
mod room_people;
pub(crate) mod room_settings;
mod settings;
pub mod setup;
pub mod signin;
mod trouble;
pub(crate) mod workspace;
pub mod wrong;

/// How a page is drawn. It runs again when the language changes, and whenever a signal changes that it reads itself: what
/// has to survive that, as what was typed, is made outside of it.
pub type Draw = Box<dyn Fn() -> Vec<crate::dom::El>>;
