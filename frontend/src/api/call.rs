//! One request: address, body, time-out, answer.

use std::{cell::Cell, pin::Pin};

use gloo_net::http::Request;
use shared::{
    problem::Problem,
    wire::{Read, Write, to_json},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response};

use super::{
    ApiError,
    json::{Json, NotThis},
};
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

pub(super) async fn get<T: Read>(url: &str) -> Result<T, ApiError> {
    send("GET", url, None).await?.read()
}

pub(super) async fn post<T: Read>(url: &str, body: &impl Write) -> Result<T, ApiError> {
    send("POST", url, Some(to_json(body))).await?.read()
}

pub(super) async fn put<T: Read>(url: &str, body: &impl Write) -> Result<T, ApiError> {
    send("PUT", url, Some(to_json(body))).await?.read()
}

/// A POST that has nothing to say.
pub(super) async fn post_bare<T: Read>(url: &str) -> Result<T, ApiError> {
    send("POST", url, Some("{}".to_owned())).await?.read()
}

/// A request whose answer tells nothing that the stream does not: what has changed comes there.
pub(super) async fn change(method: &str, url: &str, body: &impl Write) -> Result<(), ApiError> {
    send(method, url, Some(to_json(body))).await.map(drop)
}

pub(super) async fn patch<T: Read>(url: &str, body: &impl Write) -> Result<T, ApiError> {
    send("PATCH", url, Some(to_json(body))).await?.read()
}

/// A PUT that says everything with its address.
pub(super) async fn put_bare<T: Read>(url: &str) -> Result<T, ApiError> {
    send("PUT", url, None).await?.read()
}

/// A DELETE whose answer has nothing to say. It also reaches the server when the page ends right after it.
pub(super) async fn delete(url: &str) -> Result<(), ApiError> {
    send("DELETE", url, None).await.map(drop)
}

/// An answer: its text, parsed if it is JSON.
struct Answer {
    status: u16,
    json: Result<Json, NotThis>,
}

impl Answer {
    fn read<T: Read>(&self) -> Result<T, ApiError> {
        let read = self.json.as_ref().ok().and_then(T::read);
        read.ok_or(ApiError::Malformed { status: self.status })
    }
}

/// Sends, and turns everything that is not a success into an error. In a box, so that it is one type whatever is asked:
/// each call would carry its own copy of it otherwise.
fn send(method: &str, url: &str, body: Option<String>) -> Pin<Box<dyn Future<Output = Result<Answer, ApiError>>>> {
    let request = request(method, url, body);
    Box::pin(async move {
        let asked_at = clock::monotonic_ms();
        let request = Request::from(request.map_err(|_| ApiError::Network)?);
        let response: Response = request.send().await.map_err(|_| ApiError::Network)?.into();
        let took = clock::monotonic_ms() - asked_at;
        if took < ROUND_TRIP_MAX_MS {
            ROUND_TRIP_MS.set(Some(took.round() as u32));
        }
        // As the browser's own text, which `JSON.parse` takes: as a text of ours it would be copied in and out again.
        let text = JsFuture::from(response.text().map_err(|_| ApiError::Network)?);
        let json = Json::parse(&text.await.map_err(|_| ApiError::Network)?);
        let answer = Answer { status: response.status(), json };
        if response.ok() { Ok(answer) } else { Err(problem(&answer, &response)) }
    })
}

fn request(method: &str, url: &str, body: Option<String>) -> Result<web_sys::Request, JsValue> {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    if let Some(body) = &body {
        init.set_body(&body.into());
    }
    if method == "DELETE" {
        // Fetch standard, "keepalive"; web-sys does not have it.
        js_sys::Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    let request = web_sys::Request::new_with_str_and_init(url, &init)?;
    request.headers().set("Accept", "application/json, application/problem+json")?;
    if body.is_some() {
        request.headers().set("Content-Type", "application/json")?;
    }
    Ok(request)
}

fn problem(answer: &Answer, response: &Response) -> ApiError {
    match answer.read::<Problem>() {
        Ok(problem) => {
            let retry_after = response.headers().get("Retry-After").ok().flatten();
            let retry_after_s = retry_after.and_then(|seconds| seconds.parse().ok());
            ApiError::Problem { problem: Box::new(problem), retry_after_s }
        }
        Err(malformed) => malformed,
    }
}
