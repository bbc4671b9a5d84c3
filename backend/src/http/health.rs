//! For operators and their machines: does the process run, can it work, what does it count.

use axum::{extract::State, response::IntoResponse};
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::extract::Json;
use crate::{error::AppError, state::AppState};

/// The answer of both probes.
#[derive(Debug, Serialize)]
pub struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers. It asks nothing else, so that a slow database does not get the process killed.
pub async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// `GET /readyz`: the database answers and has this version's schema; 503 otherwise.
pub async fn readyz(State(app): State<AppState>) -> Result<Json<Health>, AppError> {
    app.store.ready().await?;
    Ok(Json(Health { status: "ready" }))
}

/// `GET /metrics`, on its own listener: the OpenMetrics text format.
pub async fn metrics(State(app): State<AppState>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, kind)], app.metrics.print())
}
