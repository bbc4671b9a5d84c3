//! Coming in as a guest without an invite, by a name alone, where the place allows it.
//!
//! Two must allow it: who runs the server (`--guests`), since the door is open to everyone who can reach the address, and
//! who runs the workspace (its rule `guests`). A guest link needs only the second.

use shared::{id::MemberId, problem::ProblemCode, session::SignedIn, text::SignInName};

use super::{secret, sessions};
use crate::{
    domain::member::name_key,
    error::AppError,
    state::App,
    store::{LetInGuest, NewMember, Place},
};

/// Makes a guest's account in the first room and signs it in. Returns the secret of the new session.
///
/// # Errors
/// [`ProblemCode::SetupNeeded`] while there is no place yet, [`ProblemCode::Forbidden`] where guests need an invite,
/// [`ProblemCode::NameTaken`] for the field `name`, [`ProblemCode::AddressBlocked`], [`ProblemCode::LimitReached`].
pub async fn enter(app: &App, name: SignInName, place: Place) -> Result<(String, SignedIn), AppError> {
    let workspace = app.store.workspace().await?.ok_or(ProblemCode::SetupNeeded)?;
    if !app.guests {
        return Err(ProblemCode::Forbidden.into());
    }
    let (token, session) = sessions::new_session(app, place);
    let member = NewMember {
        id: MemberId::from_entropy(secret::entropy()),
        name_key: name_key(name.as_str()),
        name,
        password_hash: String::new(),
        at: app.clock.timestamp(),
    };
    let me =
        app.store.let_in_guest(LetInGuest { member, session }).await.map_err(|error| match AppError::from(error) {
            taken if taken.code == ProblemCode::NameTaken => AppError::of_field(taken.code, "name"),
            other => other,
        })?;
    tracing::info!(member = %me.id, "came in as a guest");
    Ok((token, SignedIn { me, workspace }))
}
