//! First run: opening the workspace, exactly once, by whoever can read the server's terminal.

use shared::{
    id::{MemberId, RoomId},
    problem::ProblemCode,
    request::Setup,
    session::{SetupState, SignedIn},
};
use subtle::ConstantTimeEq;

use super::{passwords, secret, sessions};
use crate::{
    domain::member::name_key,
    error::AppError,
    state::App,
    store::{NewMember, OpenWorkspace, Place},
};

/// The code that opens the workspace. Drawn at every start, printed on standard error, kept in memory only.
#[derive(Debug)]
pub struct SetupCode(String);

impl SetupCode {
    /// Draws a new one.
    #[must_use]
    pub fn draw() -> Self {
        Self(secret::draw(secret::SETUP_DIGITS))
    }

    /// As it is printed: two groups of five.
    #[must_use]
    pub fn print(&self) -> String {
        let (first, second) = self.0.split_at(secret::SETUP_DIGITS / 2);
        format!("{first}-{second}")
    }

    /// Whether someone typed it: with or without the hyphen, in either case. Takes the same time for any wrong code.
    #[must_use]
    pub fn fits(&self, typed: &str) -> bool {
        let typed: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        self.0.as_bytes().ct_eq(typed.to_ascii_lowercase().as_bytes()).into()
    }
}

/// Whether the workspace must be opened, whether this caller needs the code for it, and whether guests may walk in.
///
/// # Errors
/// The store's.
pub async fn setup_state(app: &App, at_the_machine: bool) -> Result<SetupState, AppError> {
    let workspace = app.store.workspace().await?;
    let needed = workspace.is_none();
    let guests = app.guests && workspace.is_some_and(|workspace| workspace.guests);
    Ok(SetupState { needed, code_needed: needed && !at_the_machine, guests })
}

/// Opens the workspace and signs the owner in.
///
/// `at_the_machine` says that the caller came over the loopback interface and through no proxy: then no code is needed.
///
/// # Errors
/// [`ProblemCode::SetupDone`] from the second time on, before the code is looked at; [`ProblemCode::WrongSetupCode`];
/// [`ProblemCode::PasswordTooCommon`].
pub async fn open_workspace(
    app: &App,
    setup: Setup,
    at_the_machine: bool,
    place: Place,
) -> Result<(String, SignedIn), AppError> {
    if app.store.workspace().await?.is_some() {
        return Err(ProblemCode::SetupDone.into());
    }
    if !at_the_machine && !setup.code.as_deref().is_some_and(|typed| app.setup_code.fits(typed)) {
        tracing::warn!("set-up refused: the code was missing or wrong");
        return Err(AppError::of_field(ProblemCode::WrongSetupCode, "code"));
    }
    passwords::refuse_common(&setup.password, &[setup.workspace.as_str(), setup.name.as_str()])?;
    let password_hash = app.passwords.hash(setup.password).await?;
    let (token, session) = sessions::new_session(app, place);
    let command = OpenWorkspace {
        workspace: setup.workspace,
        owner: NewMember {
            id: MemberId::from_entropy(secret::entropy()),
            name_key: name_key(setup.name.as_str()),
            name: setup.name,
            password_hash,
            at: app.clock.timestamp(),
        },
        session,
        room: RoomId::from_entropy(secret::entropy()),
        guests: app.guests,
    };
    // Two at once both come here; the store lets one of them through.
    let me = app.store.open_workspace(command).await?;
    tracing::info!(member = %me.id, "workspace opened");
    let workspace = app.store.workspace().await?.ok_or(ProblemCode::SetupNeeded)?;
    Ok((token, SignedIn { me, workspace }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_fits_however_it_is_typed() {
        let code = SetupCode(String::from("7kq2m9xa4b"));
        assert_eq!(code.print(), "7kq2m-9xa4b");
        for fits in ["7kq2m-9xa4b", "7kq2m9xa4b", " 7KQ2M 9XA4B\n"] {
            assert!(code.fits(fits), "{fits:?}");
        }
        for wrong in ["", "-", "7kq2m-9xa4", "7kq2m-9xa4c", "7kq2m-9xa4bb", "７kq2m9xa4b"] {
            assert!(!code.fits(wrong), "{wrong:?}");
        }
    }
}
