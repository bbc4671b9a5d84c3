//! Errors as answers: every status from 400 up is `application/problem+json` (RFC 9457) with a code and a request id.
//!
//! A handler's [`AppError`] travels as an extension of a bodiless response; [`fill`] writes the body at the edge, where
//! the request id is known, and logs the cause there, once. An error status that nobody gave a code (axum's own 404 or
//! 405) gets one there too, so none can be forgotten.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use shared::problem::{Problem, ProblemCode};

use crate::error::AppError;

/// The media type of a problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let mut response = status_of(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

fn status_of(code: ProblemCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Marks an answer whose status is an error's and whose body is a page for people: it stays as it is.
#[derive(Clone, Copy, Debug)]
pub struct ShownAsPage;

/// Writes the body of an error, and its cause to the log.
pub fn fill(response: &mut Response, request_id: &str) {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || response.extensions().get::<ShownAsPage>().is_some() {
        return;
    }
    let error = response.extensions_mut().remove::<AppError>().unwrap_or_else(|| unnamed(status));
    log(&error);
    let problem = Problem { field: error.field, ..Problem::new(error.code, request_id) };
    let body = serde_json::to_vec(&problem).expect("a problem is plain strings and numbers");
    *response.status_mut() = status_of(error.code);
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, PROBLEM_JSON);
    if let Some(seconds) = error.retry_after_s {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    if problem.status == 401 {
        // RFC 9110 §11.6.1 demands a challenge; this one makes no browser ask.
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    *response.body_mut() = Body::from(body);
}

/// The error behind a bare status that axum answered by itself.
fn unnamed(status: StatusCode) -> AppError {
    match status {
        StatusCode::NOT_FOUND => ProblemCode::NotFound.into(),
        StatusCode::METHOD_NOT_ALLOWED => ProblemCode::MethodNotAllowed.into(),
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::PayloadTooLarge.into(),
        other => AppError::internal(format!("a handler answered {other} without saying why")),
    }
}

fn log(error: &AppError) {
    let code = error.code.as_str();
    match (&error.cause, error.code.status() >= 500) {
        (Some(cause), true) => tracing::error!(code, cause = ?Chain(cause.as_ref()), "request failed"),
        (None, true) => tracing::error!(code, "request failed"),
        (Some(cause), false) => tracing::debug!(code, cause = ?Chain(cause.as_ref()), "request refused"),
        (None, false) => tracing::debug!(code, field = error.field.as_deref(), "request refused"),
    }
}

/// An error and what caused it, on one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl std::fmt::Debug for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Through `Debug` of a string: control characters come out escaped.
        let mut text = self.0.to_string();
        let mut next = self.0.source();
        while let Some(error) = next {
            text = format!("{text}: {error}");
            next = error.source();
        }
        write!(f, "{text:?}")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use http_body_util::BodyExt;

    use super::*;
    use crate::{domain::DomainError, store::StoreError};

    async fn filled(mut response: Response) -> (Response<()>, Problem) {
        fill(&mut response, "q1");
        let (parts, body) = response.into_parts();
        let problem = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
        (Response::from_parts(parts, ()), problem)
    }

    #[tokio::test]
    async fn what_the_store_says_becomes_a_problem_without_its_words() {
        let check = async |error: StoreError, code: ProblemCode, retry: bool| {
            let (response, problem) = filled(AppError::from(error).into_response()).await;
            assert_eq!((problem.code, problem.request_id.as_str()), (code, "q1"));
            assert_eq!(response.status().as_u16(), code.status());
            assert_eq!(response.headers().contains_key(RETRY_AFTER), retry, "{code:?}");
            assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
            assert!(!serde_json::to_string(&problem).unwrap().contains("inside"), "{problem:?}");
        };
        let inside = || String::from("inside");
        check(StoreError::NotFound, ProblemCode::NotFound, false).await;
        check(StoreError::Unavailable(inside()), ProblemCode::Unavailable, true).await;
        check(StoreError::Full, ProblemCode::StorageFull, false).await;
        check(StoreError::Corrupt(inside()), ProblemCode::Internal, false).await;
        for (refusal, code) in [
            (DomainError::SetupDone, ProblemCode::SetupDone),
            (DomainError::Forbidden, ProblemCode::Forbidden),
            (DomainError::InviteInvalid, ProblemCode::InviteInvalid),
            (DomainError::NameTaken, ProblemCode::NameTaken),
            (DomainError::ClientIdReused, ProblemCode::ClientIdReused),
        ] {
            check(StoreError::Refused(refusal), code, false).await;
        }
    }

    #[tokio::test]
    async fn a_bare_status_gets_a_code() {
        for (status, code) in [
            (StatusCode::NOT_FOUND, ProblemCode::NotFound),
            (StatusCode::METHOD_NOT_ALLOWED, ProblemCode::MethodNotAllowed),
            (StatusCode::PAYLOAD_TOO_LARGE, ProblemCode::PayloadTooLarge),
            (StatusCode::BAD_REQUEST, ProblemCode::Internal),
            (StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal),
        ] {
            assert_eq!(filled(status.into_response()).await.1.code, code);
        }
    }

    #[test]
    fn what_went_well_is_left_alone() {
        for status in [StatusCode::OK, StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED] {
            let mut response = status.into_response();
            fill(&mut response, "q1");
            assert_eq!((response.status(), response.headers().get(CONTENT_TYPE)), (status, None));
        }
    }
}
