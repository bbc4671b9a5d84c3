//! Who is asking: the session behind a cookie or a bearer token, and the cookie itself.
//!
//! Browsers get a cookie; over HTTPS it is named `__Host-sid`, so that no neighbouring site can plant one. Programs, and
//! pages of other origins, send `Authorization: Bearer`. Only these two places are looked at: never a query.

use std::borrow::Cow;

use axum::extract::{FromRequestParts, MatchedPath};
use http::{
    HeaderMap, HeaderValue, Method,
    header::{AUTHORIZATION, COOKIE},
    request::Parts,
};
use shared::{id::SessionId, member::Member, problem::ProblemCode, route, session::Access};

use super::peer::ClientAddress;
use crate::{
    error::AppError,
    service::sessions::{self, SESSION_MS},
    state::AppState,
    store::SessionOwner,
    telemetry,
};

/// A living session. As an extractor it answers 401 to everyone else, whatever they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Names the session; it opens nothing.
    pub id: SessionId,
    /// Whose it is.
    pub member: Member,
    /// What it may do of what they may.
    pub access: Access,
    /// When it ends, in milliseconds since 1970.
    pub expires_at_ms: i64,
}

impl From<Session> for SessionOwner {
    fn from(session: Session) -> Self {
        Self {
            session: session.id,
            member: session.member,
            access: session.access,
            expires_at_ms: session.expires_at_ms,
        }
    }
}

impl FromRequestParts<AppState> for Session {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, AppError> {
        let token = token(&parts.headers, cookie_name(app.https)).ok_or(ProblemCode::NotSignedIn)?;
        let owner = sessions::authenticate(app, &token).await?;
        telemetry::request::is_of(owner.member.id);
        let route = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        if !permits(owner.access, &parts.method, route) {
            tracing::info!(token = %owner.session, "refused: the token may not do that");
            return Err(ProblemCode::TokenTooNarrow.into());
        }
        // Opening a stream is no use: what it opens again by itself would keep a session for ever.
        if route != route::CHAT {
            let address = parts.extensions.get::<ClientAddress>().map(|client| client.0);
            app.uses.note(&owner, address, app.clock.now_ms());
        }
        Ok(Self { id: owner.session, member: owner.member, access: owner.access, expires_at_ms: owner.expires_at_ms })
    }
}

/// Whether a session or token may make this request at all; what the person may do is asked later. A route that is not
/// named here is for those who may do everything.
fn permits(access: Access, method: &Method, route: &str) -> bool {
    let reads = method.is_safe();
    // Signing out ends what may do little as well.
    let ends_itself = (method, route) == (&Method::DELETE, route::SESSION);
    let posts = matches!(
        (method, route),
        (&Method::POST, "/api/rooms/{room}/messages" | "/api/rooms/{room}/typing")
            | (&Method::PUT, "/api/rooms/{room}/read")
    );
    match access {
        Access::All => true,
        Access::Post => reads || ends_itself || posts,
        Access::Read => reads || ends_itself,
    }
}

/// The name of the session's cookie. Browsers take `__Host-` only over HTTPS, with `Secure`, without a domain and for
/// the whole host (RFC 6265bis §4.1.3.2).
#[must_use]
pub const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-sid" } else { "sid" }
}

/// The cookie that hands a session to a browser.
#[must_use]
pub fn set_cookie(https: bool, token: &str) -> HeaderValue {
    cookie(https, token, SESSION_MS / 1000)
}

/// The cookie that takes the session's away.
#[must_use]
pub fn clear_cookie(https: bool) -> HeaderValue {
    cookie(https, "", 0)
}

fn cookie(https: bool, value: &str, max_age_s: i64) -> HeaderValue {
    let name = cookie_name(https);
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).expect("a token is base-36 digits")
}

/// Whether the request carries a token in `Authorization`: then its cookies count for nothing.
#[must_use]
pub fn has_bearer(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).iter().any(|value| bearer(value).is_some())
}

/// Whether the request carries the session's cookie, good or not.
#[must_use]
pub fn has_cookie(headers: &HeaderMap, https: bool) -> bool {
    cookies(headers, cookie_name(https)).next().is_some()
}

/// The token of a request: the bearer's, else the cookie's. Two of one kind are none: who knows which one was planted.
fn token<'a>(headers: &'a HeaderMap, cookie_name: &'a str) -> Option<Cow<'a, str>> {
    fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
        all.next().filter(|_| all.next().is_none())
    }
    if has_bearer(headers) {
        return only(headers.get_all(AUTHORIZATION).iter()).and_then(bearer).map(Cow::Borrowed);
    }
    only(cookies(headers, cookie_name))
}

/// The token of a `Bearer` credential (RFC 6750 §2.1). Other schemes, a proxy's `Basic` for instance, are not for us.
fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start())
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> + 'a {
    let pairs = headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
    // What is not UTF-8 becomes a token that does not exist.
    let value = |pair: &'a [u8]| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"=");
    pairs.filter_map(value).map(String::from_utf8_lossy)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    fn read(lines: &[(http::HeaderName, &[u8])]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        token(&headers, "sid").map(Cow::into_owned)
    }

    #[test]
    fn one_cookie_or_one_bearer() {
        let check = |lines: &[(http::HeaderName, &[u8])], expected: Option<&str>| {
            assert_eq!(read(lines).as_deref(), expected, "{lines:?}");
        };
        check(&[(COOKIE, b"sid=abc")], Some("abc"));
        check(&[(COOKIE, b"a=1; sid=abc; b=2")], Some("abc"));
        check(&[(COOKIE, b"a=1"), (COOKIE, b"sid=abc")], Some("abc"));
        check(&[(COOKIE, b"sid=abc; sid=def")], None);
        check(&[(COOKIE, b"sid=abc"), (COOKIE, b"sid=abc")], None);
        check(&[(COOKIE, b"__Host-sid=abc; SID=abc; xsid=abc")], None);
        check(&[(COOKIE, b"sid=\xff\xfe")], Some("\u{fffd}\u{fffd}"));
        check(&[(AUTHORIZATION, b"Bearer abc")], Some("abc"));
        check(&[(AUTHORIZATION, b"bearer  abc"), (COOKIE, b"sid=def")], Some("abc"));
        check(&[(AUTHORIZATION, b"Basic abc"), (COOKIE, b"sid=def")], Some("def"));
        check(&[(AUTHORIZATION, b"Bearer abc"), (AUTHORIZATION, b"Bearer abc")], None);
        check(&[], None);
    }

    #[test]
    fn a_narrow_token_may_do_what_it_was_made_for() {
        let messages = "/api/rooms/{room}/messages";
        for (method, route, post, read) in [
            (Method::GET, "/api/snapshot", true, true),
            (Method::HEAD, route::CHAT, true, true),
            (Method::POST, messages, true, false),
            (Method::PUT, "/api/rooms/{room}/read", true, false),
            (Method::DELETE, route::SESSION, true, true),
            (Method::POST, route::TOKENS, false, false),
            (Method::DELETE, "/api/messages/{message}", false, false),
            (Method::PATCH, messages, false, false),
            (Method::POST, "", false, false),
        ] {
            let may = |access| permits(access, &method, route);
            assert_eq!(
                (may(Access::All), may(Access::Post), may(Access::Read)),
                (true, post, read),
                "{method} {route}"
            );
        }
    }

    #[test]
    fn the_cookie_is_guarded() {
        assert_eq!(set_cookie(false, "abc"), "sid=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000");
        assert_eq!(clear_cookie(true), "__Host-sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure");
    }
}
