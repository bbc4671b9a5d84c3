//! Teahouse's web client: what is on screen, and how it follows the log.
//!
//! Read in this order: [`app`] (providers, and which page an address is), [`dom`] (what elements are built with),
//! [`pages`], [`components`], then [`state`] for the rules and [`browser`] for everything that touches the page. The
//! wire's model of a chat, the replica, is in `shared`.

pub mod api;
pub mod app;
pub mod browser;
pub mod chat;
pub mod components;
pub mod dom;
pub mod i18n;
pub mod later;
pub mod live;
pub mod pages;
pub mod state;
pub mod text;
