//! Input, parsed into types that cannot be wrong; whatever cannot be parsed is a problem that names the field.

use std::{
    convert::Infallible,
    error::Error,
    fmt::Display,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Request},
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT},
    request::Parts,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Serialize, de::DeserializeOwned};
use shared::{
    id::{MemberId, RoomId},
    limits::{NAME_MAX_BYTES, REQUEST_MAX_BYTES},
    problem::ProblemCode,
    text::TextError,
};
use tokio::time::timeout;
use url::form_urlencoded;

use super::peer;
use crate::{
    domain::room::is_slug,
    error::AppError,
    service::device::device,
    state::AppState,
    store::{Place, RoomRef},
};

/// How long a body may take. The largest is 100 KiB: two seconds on the slowest line there is.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body, read strictly: the declared type must be `application/json`, nothing may follow the value, and the error
/// names the field at fault. Unknown fields are ignored, as the compatibility rule of `shared` wants.
///
/// As an answer it is `application/json; charset=utf-8`: said aloud, so that no old client guesses (security.md X7).
#[derive(Debug)]
pub struct Json<T>(pub T);

/// An answer that is JSON already.
#[derive(Debug)]
pub struct Written(pub Vec<u8>);

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.0));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
        response
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => Written(body).into_response(),
            Err(error) => AppError::internal(error).into_response(),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = AppError;

    async fn from_request(request: Request, _: &S) -> Result<Self, AppError> {
        if !is_json(request.headers()) || request.headers().contains_key(CONTENT_ENCODING) {
            return Err(ProblemCode::UnsupportedMediaType.into());
        }
        // Not axum's `DefaultBodyLimit`: one more layer around every handler, for the one place where bodies are read.
        let body = timeout(BODY_TIMEOUT, Limited::new(request.into_body(), REQUEST_MAX_BYTES).collect()).await;
        let body = body.map_err(|late| AppError::new(ProblemCode::RequestTimeout).because(late))?.map_err(unread)?;
        parse(&body.to_bytes()).map(Self)
    }
}

/// Exactly one `Content-Type`, `application/json`; the only parameter let through is the redundant `charset=utf-8`.
///
/// A type that a form can send without a preflight must never reach a handler (Fetch §2.2.2, OWASP ASVS 3.5.2).
fn is_json(headers: &HeaderMap) -> bool {
    let mut declared = headers.get_all(CONTENT_TYPE).iter();
    let (Some(Ok(only)), None) = (declared.next().map(|value| value.to_str()), declared.next()) else { return false };
    let (essence, parameter) = only.split_once(';').map_or((only, None), |(first, rest)| (first, Some(rest.trim())));
    essence.trim().eq_ignore_ascii_case("application/json")
        && parameter.is_none_or(|parameter| parameter.eq_ignore_ascii_case("charset=utf-8"))
}

fn unread(error: Box<dyn Error + Send + Sync>) -> AppError {
    let code = if error.is::<LengthLimitError>() {
        ProblemCode::PayloadTooLarge
    } else {
        // The body broke off; nobody is likely to read this.
        ProblemCode::InvalidJson
    };
    AppError::new(code).because(error)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, AppError> {
    // Serde would also read a struct from a list of its fields' values; no request is one.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(ProblemCode::InvalidJson.into());
    }
    // Keeping track of where one is costs as much as reading; what is right needs no place of a fault.
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize::<_, T>(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        refused(&path, error.inner())
    })?;
    // The value is right: something follows it.
    Err(ProblemCode::InvalidJson.into())
}

/// Which rule a field broke. Serde keeps only the text of the type's own error, so it is recognised by that text.
fn refused(path: &str, error: &serde_json::Error) -> AppError {
    if !error.is_data() {
        return ProblemCode::InvalidJson.into();
    }
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
    let twice = text.strip_prefix("duplicate field `").and_then(|rest| rest.split_once('`')).map(|(name, _)| name);
    let field = match missing.or(twice) {
        Some(name) => name,
        None if path == "." => return ProblemCode::InvalidJson.into(),
        None => path,
    };
    let broken = TextError::ALL.into_iter().find(|rule| text.starts_with(&rule.to_string()));
    AppError::of_field(broken.map_or(ProblemCode::InvalidField, code_of), field)
}

const fn code_of(rule: TextError) -> ProblemCode {
    match rule {
        TextError::Blank => ProblemCode::Blank,
        TextError::TooLong => ProblemCode::TooLong,
        TextError::TooShort => ProblemCode::PasswordTooShort,
        TextError::Control => ProblemCode::ControlCharacter,
    }
}

/// The query of an address. Parameters nobody asks for are ignored; one that comes twice is refused when it is asked for.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Query {
    /// The parameter of that name.
    ///
    /// # Errors
    /// [`ProblemCode::InvalidQuery`], naming it, when it comes twice or cannot be read.
    pub fn one<T: FromStr<Err: Display>>(&self, name: &'static str) -> Result<Option<T>, AppError> {
        let refuse = || AppError::of_field(ProblemCode::InvalidQuery, name);
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(refuse());
        }
        value.parse().map(Some).map_err(|_| refuse())
    }
}

impl Query {
    /// What somebody typed to look for, empty if there is none. Longer than a name it finds nothing anyway.
    ///
    /// # Errors
    /// [`ProblemCode::InvalidQuery`], naming it, when it comes twice or is too long.
    pub fn text(&self, name: &'static str) -> Result<String, AppError> {
        let text = self.one::<String>(name)?.unwrap_or_default();
        if text.len() > NAME_MAX_BYTES { Err(AppError::of_field(ProblemCode::InvalidQuery, name)) } else { Ok(text) }
    }
}

/// The one variable segment of a path. A text that cannot be a `T` is the same 404 as one that names nothing.
#[derive(Debug)]
pub struct Segment<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Segment<T> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let text = Path::<String>::from_request_parts(parts, state).await.map_err(|_| ProblemCode::NotFound)?;
        text.parse().map(Self).map_err(|_| ProblemCode::NotFound.into())
    }
}

/// A room's segment: an id, which has an underscore, or a slug, which has none.
#[derive(Debug)]
pub struct Room(pub RoomRef);

impl<S: Send + Sync> FromRequestParts<S> for Room {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let Segment(text) = Segment::<String>::from_request_parts(parts, state).await?;
        room_ref(text).map(Self)
    }
}

fn room_ref(text: String) -> Result<RoomRef, AppError> {
    match text.parse::<RoomId>() {
        Ok(id) => Ok(RoomRef::Id(id)),
        Err(_) if is_slug(&text) => Ok(RoomRef::Slug(text)),
        Err(_) => Err(ProblemCode::NotFound.into()),
    }
}

/// The two segments that name a member of a room.
#[derive(Debug)]
pub struct RoomMember {
    /// The room.
    pub room: RoomRef,
    /// Who; `None` for `me`, the caller.
    pub member: Option<MemberId>,
}

impl<S: Send + Sync> FromRequestParts<S> for RoomMember {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let segments = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((room, member)) = segments.map_err(|_| ProblemCode::NotFound)?;
        let member = match member.as_str() {
            "me" => None,
            id => Some(id.parse().map_err(|_| ProblemCode::NotFound)?),
        };
        Ok(Self { room: room_ref(room)?, member })
    }
}

/// The client's address, see [`super::peer::client`]; none when a router is called without a connection.
#[derive(Debug, Clone, Copy)]
pub struct Client(pub Option<IpAddr>);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self(peer.map(|peer| peer::client(peer.0, &parts.headers, &app.trusted_proxies))))
    }
}

/// Where a request comes from, as a session keeps it: the client's address, and the device in words.
#[derive(Debug, Clone)]
pub struct From(pub Place);

impl FromRequestParts<AppState> for From {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let Client(address) = Client::from_request_parts(parts, app).await?;
        let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(Place { device: user_agent.and_then(device), address }))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use shared::request::{PostMessage, Setup};

    use super::*;

    #[test]
    fn only_json_is_json() {
        let check = |declared: &[&'static str], expected: bool| {
            let mut headers = HeaderMap::new();
            for value in declared {
                headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            assert_eq!(is_json(&headers), expected, "{declared:?}");
        };
        for json in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=UTF-8",
        ] {
            check(&[json], true);
        }
        for other in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/json;x=y",
            "text/plain; application/json",
            "application/json; charset=utf-16",
            "application/jsonx",
            "application/json, text/plain",
            "application/problem+json",
        ] {
            check(&[other], false);
        }
        check(&[], false);
        check(&["application/json", "text/plain"], false);
    }

    fn check<T: DeserializeOwned + std::fmt::Debug>(body: impl AsRef<[u8]>, code: ProblemCode, field: Option<&str>) {
        let error = parse::<T>(body.as_ref()).unwrap_err();
        let text = String::from_utf8_lossy(&body.as_ref()[..body.as_ref().len().min(80)]).into_owned();
        assert_eq!((error.code, error.field.as_deref()), (code, field), "{text}");
    }

    #[test]
    fn what_is_not_the_expected_json_is_refused() {
        let deep = "[".repeat(10_000);
        let deep_field = format!("{{\"x\":{}", "{\"x\":".repeat(10_000));
        let good = r#"{"client_id":"00000000-0000-4000-8000-000000000000","body":"x"}"#;
        assert!(parse::<PostMessage>(good.as_bytes()).is_ok());
        let trailing = format!("{good}x");
        let marked = format!("\u{feff}{good}");
        let list = r#"["00000000-0000-4000-8000-000000000000","x"]"#;
        for wrong in ["", "x", list, "{", "[]", "null", "NaN", "\"x\"", "1e400", &deep, &deep_field, &trailing, &marked]
        {
            check::<PostMessage>(wrong, ProblemCode::InvalidJson, None);
        }
        check::<PostMessage>(b"{\"client_id\":\"\xff\"}", ProblemCode::InvalidJson, None);
        check::<PostMessage>(r#"{"client_id":"\ud800"}"#, ProblemCode::InvalidJson, None);
    }

    #[test]
    fn the_field_at_fault_is_named() {
        let post = |id: &str, body: &str| format!(r#"{{"client_id":{id},"body":{body}}}"#);
        let id = r#""00000000-0000-4000-8000-000000000000""#;
        check::<PostMessage>(post(id, r#"" \n""#), ProblemCode::Blank, Some("body"));
        check::<PostMessage>(post(id, r#""a\u0000b""#), ProblemCode::ControlCharacter, Some("body"));
        check::<PostMessage>(post(id, &format!("\"{}\"", "x".repeat(17_000))), ProblemCode::TooLong, Some("body"));
        check::<PostMessage>(post(r#""no uuid""#, r#""x""#), ProblemCode::InvalidField, Some("client_id"));
        for wrong in ["1", "null", "true", "[]", "{}", "9007199254740993"] {
            check::<PostMessage>(post(id, wrong), ProblemCode::InvalidField, Some("body"));
        }
        check::<PostMessage>(r#"{"body":"x"}"#, ProblemCode::InvalidField, Some("client_id"));
        check::<PostMessage>(r#"{"body":"x","body":"y"}"#, ProblemCode::InvalidField, Some("body"));
        let setup = r#"{"workspace":"w","name":"n","password":"1234567"}"#;
        check::<Setup>(setup, ProblemCode::PasswordTooShort, Some("password"));
    }

    #[test]
    fn a_query_parameter_is_read_once() {
        let query = |text: &str| Query(form_urlencoded::parse(text.as_bytes()).into_owned().collect());
        assert_eq!(query("limit=5&x=1").one::<u32>("limit").unwrap(), Some(5));
        assert_eq!(query("").one::<u32>("limit").unwrap(), None);
        for wrong in ["limit=-1", "limit=NaN", "limit=", "limit=1e3", "limit=5&limit=5", "limit=99999999999"] {
            let error = query(wrong).one::<u32>("limit").unwrap_err();
            assert_eq!((error.code, error.field.as_deref()), (ProblemCode::InvalidQuery, Some("limit")), "{wrong}");
        }
    }
}
