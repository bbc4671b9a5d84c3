//! The edge: the only code that names axum. The whole HTTP surface is this table and the list in [`layers`].
//!
//! A handler parses ([`extract`], [`auth`]), calls one function of [`crate::service`] and wraps what comes back; every
//! error is an [`AppError`](crate::error::AppError) and becomes a problem in [`problem`]. The stream is [`stream`] and [`chat`]; how
//! connections are accepted, and leave hyper for a stream, is in [`listener`] and [`takeover`].

pub mod assets;
pub mod auth;
pub mod caps;
pub mod chat;
pub mod extract;
pub mod guests;
pub mod head;
pub mod health;
pub mod host;
pub mod invites;
pub mod layers;
pub mod links;
pub mod listener;
pub mod members;
pub mod messages;
pub mod origin;
pub mod own;
pub mod peer;
pub mod people;
pub mod presence;
pub mod problem;
pub mod rate_limit;
pub mod rooms;
pub mod session;
pub mod setup;
pub mod snapshot;
pub mod stream;
pub mod takeover;
pub mod workspace;

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{delete, get, patch, post, put},
};
use shared::route;

use crate::state::AppState;

/// Every address of the server, and the layers around them.
pub fn router(app: AppState) -> Router {
    // With a slash at the end too, as people type them.
    let pages = [
        "/",
        "/setup",
        "/setup/",
        "/signin",
        "/signin/",
        "/join/{code}",
        "/join/{code}/",
        "/move/{code}",
        "/move/{code}/",
        "/reset/{code}",
        "/reset/{code}/",
        "/people",
        "/people/",
        "/audit",
        "/audit/",
        "/rooms",
        "/rooms/",
        "/rooms/{room}",
        "/rooms/{room}/",
        "/rooms/{room}/{part}",
    ];
    let pages = pages.iter().fold(Router::new(), |router, page| router.route(page, get(assets::page)));
    pages
        .route(route::CHAT, get(stream::open_stream))
        .route(route::SETUP, get(setup::read_setup).post(setup::open_workspace))
        .route(route::SESSION, get(session::read_session).post(session::sign_in).delete(session::sign_out))
        .route(route::INVITES, get(invites::list_invites).post(invites::create_invite))
        .route("/api/invites/{invite}", get(invites::read_invite).delete(invites::withdraw_invite))
        .route("/api/join/{code}", post(invites::join))
        .route(route::GUESTS, post(guests::enter))
        .route(route::DEVICE_LINKS, post(links::create_device_link).delete(links::withdraw_device_link))
        .route("/api/device-links/{code}", get(links::read_device_link).post(links::use_device_link))
        .route("/api/people/{member}/reset-link", post(links::create_reset_link))
        .route("/api/reset/{code}", get(links::read_reset_link).post(links::reset_password))
        .route(route::SNAPSHOT, get(snapshot::read_snapshot))
        .route(route::ROOMS, get(rooms::list_rooms).post(rooms::create_room))
        .route("/api/rooms/{room}", get(rooms::read_room).patch(rooms::change_room))
        .route("/api/rooms/{room}/members", get(members::list_members))
        .route("/api/rooms/{room}/members/{member}", put(members::add_member).delete(members::remove_member))
        .route("/api/rooms/{room}/involvement", put(rooms::set_involvement))
        .route("/api/rooms/{room}/messages", get(messages::list_messages).post(messages::post_message))
        .route("/api/rooms/{room}/read", put(rooms::move_read))
        .route("/api/rooms/{room}/typing", post(presence::set_typing))
        .route("/api/messages/{message}", delete(messages::delete_message))
        .route(route::DIRECTORY, get(rooms::list_directory))
        .route(route::PEOPLE, get(people::list_people))
        .route("/api/people/{member}", get(people::read_member).patch(people::change_person))
        .route("/api/people/{member}/ban", get(people::preview_ban).put(people::ban_member).delete(people::lift_ban))
        .route(route::SESSIONS, get(own::list_sessions).delete(own::end_other_sessions))
        .route("/api/sessions/{id}", delete(own::revoke_session))
        .route(route::TOKENS, get(own::list_tokens).post(own::create_token))
        .route("/api/tokens/{id}", delete(own::revoke_token))
        .route(route::PASSWORD, put(own::change_password))
        .route(route::WORKSPACE, patch(workspace::change_workspace))
        .route(route::AUDIT, get(workspace::list_audit))
        .route(route::PRESENCE, get(presence::read_presence).post(presence::set_presence))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(assets::asset)
        .layer(from_fn_with_state(app.clone(), layers::guarded))
        .with_state(app)
}

/// What the listener of `--metrics-listen` serves.
pub fn metrics_router(app: AppState) -> Router {
    let router = Router::new().route("/metrics", get(health::metrics));
    router.layer(from_fn_with_state(app.clone(), layers::unguarded)).with_state(app)
}
