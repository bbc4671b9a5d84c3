//! Bans: someone is out at once; what they said may go with them, a little later.

use std::{net::IpAddr, sync::Arc};

use shared::{
    id::MemberId,
    request::{Ban, BanMade, BanPreview, PersonChanged, Purge},
};

use super::by;
use crate::{
    clock,
    error::AppError,
    state::{App, AppState},
    store::{BanMember, PurgeSince, StoreError},
};

/// Messages deleted in one transaction: some ten milliseconds of the writer's time.
const BATCH: u32 = 100;

/// "The last 24 hours", in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a ban would touch.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound), [`Forbidden`](shared::problem::ProblemCode::Forbidden).
pub async fn preview(app: &App, actor: MemberId, member: MemberId) -> Result<BanPreview, AppError> {
    let day = clock::timestamp(app.clock.now_ms() - DAY_MS);
    Ok(app.store.ban_preview(actor, member, day).await?)
}

/// Bans a person, and begins to delete what is to be deleted; that goes on after the answer.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound), [`Forbidden`](shared::problem::ProblemCode::Forbidden).
pub async fn ban(
    app: &AppState,
    actor: MemberId,
    address: Option<IpAddr>,
    member: MemberId,
    wish: Ban,
) -> Result<BanMade, AppError> {
    let purge = match wish.purge {
        Purge::Keep => PurgeSince::Keep,
        Purge::Day => PurgeSince::Moment(clock::timestamp(app.clock.now_ms() - DAY_MS)),
        Purge::All => PurgeSince::Beginning,
    };
    let by = by(app, actor, address);
    let (reason, addresses) = (wish.reason, wish.addresses);
    let made = app.store.ban(BanMember { by, member, reason, addresses, purge }).await?;
    tracing::info!(person = %member, addresses, messages = made.count, "banned");
    if wish.purge != Purge::Keep {
        let app = Arc::clone(app);
        tokio::spawn(async move {
            if let Err(error) = self::purge(&app).await {
                tracing::warn!(%error, "messages of a banned person are still there; their deletion is tried again");
            }
        });
    }
    Ok(made)
}

/// Lifts a ban.
///
/// # Errors
/// [`NotFound`](shared::problem::ProblemCode::NotFound), [`Forbidden`](shared::problem::ProblemCode::Forbidden).
pub async fn lift(
    app: &App,
    actor: MemberId,
    address: Option<IpAddr>,
    member: MemberId,
) -> Result<PersonChanged, AppError> {
    let changed = app.store.lift_ban(by(app, actor, address), member).await?;
    tracing::info!(person = %member, "ban lifted");
    Ok(changed)
}

/// Deletes what bans have left to be deleted, until there is no more. What is under way in the database is also done by
/// whoever calls this next, so any number may run at once.
///
/// # Errors
/// The store's.
pub async fn purge(app: &App) -> Result<(), StoreError> {
    loop {
        let purged = app.store.purge(app.clock.timestamp(), BATCH).await?;
        app.hub.forget(&purged.rewritten);
        if !purged.more {
            return Ok(());
        }
    }
}
