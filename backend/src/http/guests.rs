//! `/api/guests`: coming in by a name alone.

use axum::{extract::State, response::IntoResponse};
use http::{StatusCode, header::SET_COOKIE};
use shared::request::EnterAsGuest;

use super::{
    auth,
    extract::{From, Json},
};
use crate::{error::AppError, service, state::AppState};

/// `POST /api/guests`: makes a guest's account and signs it in.
pub async fn enter(
    State(app): State<AppState>,
    From(place): From,
    Json(request): Json<EnterAsGuest>,
) -> Result<impl IntoResponse, AppError> {
    app.rate_limits.budgets.guests.check_address(place.address)?;
    let (token, signed_in) = service::guests::enter(&app, request.name, place).await?;
    Ok((StatusCode::CREATED, [(SET_COOKIE, auth::set_cookie(app.https, &token))], Json(signed_in)))
}
