//! What surrounds every handler: one layer, since each costs a request more than all that it does. Outermost first:
//!
//! 1. [`frame`]: draws the request id, so that everything inside can name it; catches a panic; writes problem bodies,
//!    the headers of every response and the one log line. Outermost, so that no answer escapes it.
//! 2. [`guard`]: refuses what must not reach a handler. The order of its checks: the name before anything looks at
//!    origins, which only mean something relative to our own; the [cookies' size](check_cookies) before anything parses
//!    them; a [preflight] before the CSRF check, since it carries nothing that could be checked;
//!    [cross-site changes](check_origin) last.
//!
//! The body's limit is `extract::Json`'s, the only reader of bodies.

use std::{any::Any, net::SocketAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http::{
    HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
        ACCESS_CONTROL_REQUEST_METHOD, COOKIE,
    },
};
use shared::{limits::COOKIE_MAX_BYTES, problem::ProblemCode};
use tokio::time::Instant;

use super::{auth, head::ResponseHead, host::OwnHost, origin::Requester, peer, peer::ClientAddress, problem};
use crate::{
    error::AppError,
    service::secret,
    state::AppState,
    telemetry::{RequestLabels, request::Request as Logged},
};

/// Base-36 digits of a request id.
const REQUEST_ID_DIGITS: usize = 12;
/// What a request without a route is counted under.
const UNMATCHED: &str = "(none)";
/// What machines ask every few seconds. That it went well is no news.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Frame and guard, for what people and programs call.
pub async fn guarded(State(app): State<AppState>, request: Request, next: Next) -> Response {
    frame(app, request, next, true).await
}

/// The frame alone, for the listener of the metrics, whatever name it is called by.
pub async fn unguarded(State(app): State<AppState>, request: Request, next: Next) -> Response {
    frame(app, request, next, false).await
}

/// What surrounds every request.
async fn frame(app: AppState, mut request: Request, next: Next, is_guarded: bool) -> Response {
    let started = Instant::now();
    let request_id: Arc<str> = secret::draw(REQUEST_ID_DIGITS).into();
    let host = app.names.recognise(request.uri(), request.headers());
    let own = || host.as_ref().map(|host| app.names.origin(host)).unwrap_or_default();
    let requester = Requester::judge(request.headers(), own, &app.listed_origins);
    let head = ResponseHead { request_id: Arc::clone(&request_id), requester, https: app.https };
    request.extensions_mut().insert(head.clone());

    let route = request.extensions().get::<MatchedPath>().map_or(UNMATCHED, MatchedPath::as_str).into();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let client = peer.map(|peer| peer::client(peer.0, request.headers(), &app.trusted_proxies));
    if let Some(client) = client {
        request.extensions_mut().insert(ClientAddress(client));
    }
    let logged = Arc::new(Logged::new(request_id, method_label(request.method()), route, client));
    let inside = async {
        match if is_guarded { guard(&app, &head.requester, host, &mut request) } else { Ok(None) } {
            Ok(None) => next.run(request).await,
            Ok(Some(answer)) => answer,
            Err(refusal) => refusal.into_response(),
        }
    };
    let answer = Arc::clone(&logged).work(AssertUnwindSafe(inside).catch_unwind()).await;
    Arc::clone(&logged).finish(|| finish(&app, &logged, &head, answer, started.elapsed()))
}

/// Gives an answer what every answer carries, counts it, and writes its line.
fn finish(
    app: &AppState,
    request: &Logged,
    head: &ResponseHead,
    answer: Result<Response, Box<dyn Any + Send>>,
    elapsed: Duration,
) -> Response {
    let mut response = answer.unwrap_or_else(|panic| {
        app.metrics.panics.inc();
        AppError::internal(format!("a handler panicked: {}", panic_text(&*panic))).into_response()
    });
    problem::fill(&mut response, &request.id);
    head.apply(response.headers_mut());
    let status = response.status().as_u16();
    let labels = RequestLabels { route: Arc::clone(&request.route), status };
    app.metrics.requests.get_or_create(&labels).inc();
    app.metrics.request_seconds.observe(elapsed.as_secs_f64());
    let is_probe = PROBES.contains(&&*request.route) && response.status().is_success();
    let elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
    if is_probe {
        tracing::debug!(status, elapsed_ms, "answered");
    } else {
        tracing::info!(status, elapsed_ms, "answered");
    }
    response
}

/// A method as it may stand in the log: one of the known, since the text of another comes from outside.
const fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a text")
}

/// Refuses what must not reach a handler: first of all, requests for a name that this server does not go by
/// (RFC 9110 §15.5.20). The answer, if the request needs no handler.
fn guard(
    app: &AppState,
    requester: &Requester,
    host: Result<OwnHost, ProblemCode>,
    request: &mut Request,
) -> Result<Option<Response>, AppError> {
    request.extensions_mut().insert(host?);
    check_cookies(request)?;
    if let Some(answer) = preflight(requester, request)? {
        return Ok(Some(answer));
    }
    check_origin(app, requester, request)?;
    Ok(None)
}

/// Refuses cookies that no browser of ours holds (RFC 6585 §5).
fn check_cookies(request: &Request) -> Result<(), AppError> {
    let bytes: usize = request.headers().get_all(COOKIE).iter().map(HeaderValue::len).sum();
    if bytes > COOKIE_MAX_BYTES {
        return Err(ProblemCode::HeaderTooLarge.into());
    }
    Ok(())
}

/// The answer to a CORS preflight (WHATWG Fetch §4.8). The allowed origin itself is among the headers of every response.
fn preflight(requester: &Requester, request: &Request) -> Result<Option<Response>, AppError> {
    if request.method() != Method::OPTIONS || !request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return Ok(None);
    }
    if !matches!(requester, Requester::Listed(_)) {
        return Err(ProblemCode::CrossSite.into());
    }
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    Ok(Some((StatusCode::NO_CONTENT, headers).into_response()))
}

/// Refuses requests that change something on behalf of someone whose browser was led here by a foreign page.
fn check_origin(app: &AppState, requester: &Requester, request: &Request) -> Result<(), AppError> {
    let bearer = auth::has_bearer(request.headers());
    let cookie = auth::has_cookie(request.headers(), app.https);
    if !requester.may_change(request.method(), bearer, cookie) {
        tracing::info!("refused as cross-site");
        return Err(ProblemCode::CrossSite.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use std::ffi::OsString;

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use http_body_util::BodyExt;
    use shared::problem::Problem;
    use tokio_util::sync::CancellationToken;
    use tower::ServiceExt;

    use super::*;
    use crate::{
        clock::ManualClock,
        config::{Command, CommandLine},
        state::App,
    };

    async fn app() -> (AppState, tempfile::TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let arguments = ["teahouse", "serve", "--data"].map(OsString::from).into_iter();
        let arguments = arguments.chain([directory.path().into()]);
        let Command::Serve(config) = CommandLine::read(arguments).unwrap().command else {
            unreachable!("it says serve")
        };
        let listener = config.listen;
        let clock = Arc::new(ManualClock::at(0));
        let (app, _) = App::open(&config, listener, clock, CancellationToken::new()).await.unwrap();
        (app, directory)
    }

    #[tokio::test]
    async fn a_panic_is_one_failed_request_and_no_more() {
        async fn panicking() -> StatusCode {
            panic!("on purpose")
        }
        let (app, _directory) = app().await;
        let router = Router::new().route("/panics", get(panicking)).layer(from_fn_with_state(app.clone(), unguarded));
        for count in 1..=2 {
            let request = Request::builder().uri("/panics").body(Body::empty()).unwrap();
            let response = router.clone().with_state(()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), 500);
            assert!(response.headers().contains_key("x-request-id"));
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let problem: Problem = serde_json::from_slice(&body).unwrap();
            assert_eq!(problem.code, ProblemCode::Internal);
            assert!(!String::from_utf8_lossy(&body).contains("on purpose"), "the cause stays inside");
            assert_eq!(app.metrics.panics.get(), count);
        }
    }
}
