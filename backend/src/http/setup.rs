//! `/api/setup`: first run.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, State},
    response::IntoResponse,
};
use http::{StatusCode, header::SET_COOKIE, request::Parts};
use shared::{problem::ProblemCode, request::Setup, session::SetupState};

use super::{
    auth,
    extract::{From, Json},
    host::OwnHost,
    peer::AddressBlock,
};
use crate::{error::AppError, service, state::AppState};

/// Whether the caller sits at the machine itself; `false` whenever that is not certain.
#[derive(Debug)]
pub struct AtTheMachine(bool);

impl FromRequestParts<AppState> for AtTheMachine {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<ConnectInfo<SocketAddr>>().zip(parts.extensions.get::<OwnHost>());
        let at_the_machine =
            known.is_some_and(|(peer, host)| app.names.is_at_the_machine(host, peer.0, &parts.headers));
        Ok(Self(at_the_machine))
    }
}

/// `GET /api/setup`: whether the workspace must be opened, and whether this caller needs the code.
pub async fn read_setup(
    State(app): State<AppState>,
    AtTheMachine(at_the_machine): AtTheMachine,
) -> Result<Json<SetupState>, AppError> {
    Ok(Json(service::setup::setup_state(&app, at_the_machine).await?))
}

/// `POST /api/setup`: opens the workspace, once, and signs the owner in.
pub async fn open_workspace(
    State(app): State<AppState>,
    AtTheMachine(at_the_machine): AtTheMachine,
    From(place): From,
    Json(setup): Json<Setup>,
) -> Result<impl IntoResponse, AppError> {
    let (budget, from) = (&app.rate_limits.budgets.setups, place.address.map(AddressBlock::from));
    budget.check(from)?;
    let opened = service::setup::open_workspace(&app, setup, at_the_machine, place).await;
    if !opened.as_ref().is_err_and(|error| error.code == ProblemCode::WrongSetupCode) {
        budget.forgive(from);
    }
    let (token, signed_in) = opened?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, auth::set_cookie(app.https, &token))], Json(signed_in)))
}
