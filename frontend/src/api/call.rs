//! One request: address, body, time-out, answer.

use std::cell::Cell;

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use shared::problem::Problem;
use web_sys::AbortSignal;

use super::{ApiError, json};
use crate::browser::clock;

/// The longest a person waits for something they asked for, in milliseconds. A post is sent again after it.
const PATIENCE_MS: u32 = 15_000;

/// An answer slower than this, in milliseconds, tells about the server's work, not about the way to it.
const ROUND_TRIP_MAX_MS: f64 = 10_000.0;

thread_local! {
    static ROUND_TRIP_MS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// How long the last answered request took, in milliseconds. `None` before the first.
#[must_use]
pub fn round_trip_ms() -> Option<u32> {
    ROUND_TRIP_MS.get()
}

pub(super) async fn get<T: DeserializeOwned>(url: &str) -> Result<T, ApiError> {
    read(send(Request::get(url), None).await?).await
}

pub(super) async fn post<T: DeserializeOwned>(url: &str, body: &impl Serialize) -> Result<T, ApiError> {
    read(send(Request::post(url), Some(json::write(body))).await?).await
}

pub(super) async fn put<T: DeserializeOwned>(url: &str, body: &impl Serialize) -> Result<T, ApiError> {
    read(send(Request::put(url), Some(json::write(body))).await?).await
}

/// A DELETE whose answer has nothing to say.
pub(super) async fn delete(url: &str) -> Result<(), ApiError> {
    send(Request::delete(url), None).await.map(drop)
}

/// Sends, and turns everything that is not a success into an error.
async fn send(request: RequestBuilder, body: Option<String>) -> Result<Response, ApiError> {
    let timeout = AbortSignal::timeout_with_u32(PATIENCE_MS);
    let request = request.abort_signal(Some(&timeout)).header("Accept", "application/json, application/problem+json");
    let request = match body {
        Some(body) => request.header("Content-Type", "application/json").body(body),
        None => request.build(),
    };
    let asked_at = clock::monotonic_ms();
    let response = request.map_err(|_| ApiError::Network)?.send().await.map_err(|_| ApiError::Network)?;
    let took = clock::monotonic_ms() - asked_at;
    if took < ROUND_TRIP_MAX_MS {
        ROUND_TRIP_MS.set(Some(took.round() as u32));
    }
    if response.ok() { Ok(response) } else { Err(problem(response).await) }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    let text = response.text().await.map_err(|_| ApiError::Network)?;
    json::read(&text.into()).map_err(|_| ApiError::Malformed { status: response.status() })
}

async fn problem(response: Response) -> ApiError {
    let status = response.status();
    let retry_after_s = response.headers().get("Retry-After").and_then(|seconds| seconds.parse().ok());
    match read::<Problem>(response).await {
        Ok(problem) => ApiError::Problem { problem: Box::new(problem), retry_after_s },
        Err(_) => ApiError::Malformed { status },
    }
}
