//! The web client: the files of the bundle, built into the executable.
//!
//! The page is revalidated on each load; everything it names carries a hash of its content in its own name, and is kept
//! for ever. Compressed siblings (`.br`, `.gz`) were made when the bundle was; nothing is compressed here. In a debug
//! build the files are read from `dist/` as they are now.

use std::borrow::Cow;

use axum::{
    Extension,
    body::Body,
    response::{IntoResponse, Response},
};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
};
use rust_embed::{EmbeddedFile, RustEmbed};
use shared::problem::ProblemCode;

use super::problem::ShownAsPage;
use crate::error::AppError;

/// Changes with the bundle: `cargo xtask` sets it, so that cargo builds this file again when only `dist/` is new.
const _: Option<&str> = option_env!("TEAHOUSE_BUNDLE");

/// The files of `dist/`; none when it has not been built.
#[derive(RustEmbed)]
#[folder = "../dist"]
#[allow_missing = true]
struct Bundle;

/// The page of the web client, whatever its address: the client itself finds out what to show.
const PAGE: &str = "index.html";
/// Shown in its place when the bundle was not built.
const PLACEHOLDER: &str = include_str!("assets/placeholder.html");

/// The file types of a bundle. Anything else in `dist/` is not served.
const SERVED: [&str; 12] =
    ["css", "html", "ico", "js", "json", "png", "svg", "txt", "wasm", "webmanifest", "webp", "woff2"];
/// Length of the hash that `cargo xtask bundle` puts into the name of a file, in hexadecimal digits.
const NAME_HASH_DIGITS: usize = 16;

/// The files of hashed names never change (RFC 8246).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Everything else is asked for each time, and mostly answered with 304.
const REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");

/// `GET` of every page of the client.
pub async fn page(headers: HeaderMap) -> Response {
    file::<Bundle>(PAGE, &headers)
        .unwrap_or_else(|| ([(CACHE_CONTROL, REVALIDATED)], axum::response::Html(PLACEHOLDER)).into_response())
}

/// Every address that is nothing else: a file of the bundle, or nothing. A person who has mistyped an address is shown the
/// client, which leads on, and not a problem to read.
pub async fn asset(method: Method, uri: Uri, mut headers: HeaderMap) -> Result<Response, AppError> {
    if is_visit(&method, uri.path(), &headers) {
        headers.remove(IF_NONE_MATCH);
        return Ok((StatusCode::NOT_FOUND, Extension(ShownAsPage), page(headers).await).into_response());
    }
    let name = uri.path().strip_prefix('/').filter(|name| is_served(name)).ok_or(ProblemCode::NotFound)?;
    let response = file::<Bundle>(name, &headers).ok_or(ProblemCode::NotFound)?;
    if !matches!(method, Method::GET | Method::HEAD) {
        return Err(ProblemCode::MethodNotAllowed.into());
    }
    Ok(response)
}

/// Whether a browser asks for an address to show it: it wants HTML, and programs have no business there.
fn is_visit(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let mut wishes = headers.get_all(ACCEPT).iter().filter_map(|line| line.to_str().ok());
    let for_programs = path == "/api" || path.starts_with("/api/") || path.contains('.');
    matches!(*method, Method::GET | Method::HEAD) && !for_programs && wishes.any(|line| line.contains("text/html"))
}

/// Whether a path can be a file of the bundle: plain ASCII segments without a leading dot, and a known type.
fn is_served(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let segments = name.split('/').all(|segment| {
        !segment.is_empty() && !segment.starts_with('.') && !segment.contains("..") && segment.bytes().all(plain)
    });
    let kind = name.rsplit_once('.').map(|(_, kind)| kind);
    segments && name != PAGE && kind.is_some_and(|kind| SERVED.contains(&kind))
}

/// Whether the name carries the hash of the content, as in `app-0123456789abcdef_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit('/').next().unwrap_or(name);
    stem.split(['-', '_', '.'])
        .any(|part| part.len() == NAME_HASH_DIGITS && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A file in the best encoding that the client takes; 304 when it has it already.
fn file<B: RustEmbed>(name: &str, request: &HeaderMap) -> Option<Response> {
    let (file, encoding) = best::<B>(name, request)?;
    // Weak: the encodings of one file share their tag's meaning, not their bytes (RFC 9110 §8.8.3.3).
    let tag = HeaderValue::try_from(format!("W/\"{}\"", hex(&file.metadata.sha256_hash()[..16]))).ok()?;
    let fresh = request.get_all(IF_NONE_MATCH).iter().any(|known| names_tag(known, &tag));
    let mut response =
        if fresh { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(bytes_of(file)).into_response() };
    let headers = response.headers_mut();
    headers.insert(ETAG, tag);
    headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(CACHE_CONTROL, if is_hashed(name) { FOR_EVER } else { REVALIDATED });
    if !fresh {
        headers.insert(CONTENT_TYPE, media_type(name));
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    Some(response)
}

fn best<B: RustEmbed>(name: &str, request: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let compressed = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| accepts(request, encoding));
    let compressed = compressed
        .filter_map(|(encoding, suffix)| B::get(&format!("{name}{suffix}")).map(|file| (file, Some(encoding))));
    compressed.chain(B::get(name).map(|file| (file, None))).next()
}

/// Whether the client takes an encoding: named, and not with a quality of zero (RFC 9110 §12.5.3).
fn accepts(request: &HeaderMap, encoding: &str) -> bool {
    let lines = request.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|wish| {
        let (name, weight) = wish.split_once(';').map_or((wish, ""), |(name, weight)| (name, weight.trim()));
        let refused = weight.strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok()).is_some_and(|q| q <= 0.0);
        name.trim().eq_ignore_ascii_case(encoding) && !refused
    })
}

fn names_tag(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == &tag[2..])
}

fn bytes_of(file: EmbeddedFile) -> bytes::Bytes {
    match file.data {
        Cow::Borrowed(bytes) => bytes::Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes::Bytes::from(bytes),
    }
}

fn media_type(name: &str) -> HeaderValue {
    let guess = mime_guess::from_path(name).first_or_octet_stream();
    let text = guess.type_() == mime_guess::mime::TEXT || guess.subtype() == "javascript";
    let value = if text { format!("{guess}; charset=utf-8") } else { guess.to_string() };
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    /// A bundle of the shape that `cargo xtask bundle` makes.
    #[derive(RustEmbed)]
    #[folder = "tests/it/fixtures/dist"]
    struct Fixture;

    fn get(name: &str, headers: &[(http::HeaderName, &str)]) -> Option<Response> {
        let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        file::<Fixture>(name, &headers.collect())
    }

    const SCRIPT: &str = "frontend-0123456789abcdef.js";

    #[test]
    fn a_hashed_file_is_compressed_and_kept() {
        let brotli = get(SCRIPT, &[(ACCEPT_ENCODING, "gzip, br")]).unwrap();
        assert_eq!(brotli.headers()[CONTENT_ENCODING], "br");
        assert_eq!(brotli.headers()[CONTENT_TYPE], "text/javascript; charset=utf-8");
        assert_eq!(brotli.headers()[CACHE_CONTROL], FOR_EVER);
        assert_eq!(brotli.headers()[VARY], "Accept-Encoding");
        assert_eq!(get(SCRIPT, &[(ACCEPT_ENCODING, "gzip")]).unwrap().headers()[CONTENT_ENCODING], "gzip");
        assert!(!get(SCRIPT, &[]).unwrap().headers().contains_key(CONTENT_ENCODING));
        assert!(get("missing-0123456789abcdef.js", &[]).is_none());
    }

    #[test]
    fn a_known_tag_is_not_sent_again() {
        let first = get(PAGE, &[]).unwrap();
        assert_eq!((first.status(), &first.headers()[CACHE_CONTROL]), (StatusCode::OK, &REVALIDATED));
        let tag = first.headers()[ETAG].to_str().unwrap();
        for known in [tag, &format!("\"x\", {tag}"), "*", &tag[2..]] {
            let again = get(PAGE, &[(IF_NONE_MATCH, known)]).unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.headers()[ETAG], tag);
        }
        assert_eq!(get(PAGE, &[(IF_NONE_MATCH, "\"x\"")]).unwrap().status(), StatusCode::OK);
    }

    #[test]
    fn only_files_of_a_bundle_are_looked_for() {
        for name in ["app-0123456789abcdef.js", "favicon.ico", "fonts/a_b.woff2", "manifest.webmanifest"] {
            assert!(is_served(name), "{name}");
        }
        for name in [
            "",
            "..",
            "../db.sqlite",
            "pkg/..%2f..%2fdb.sqlite",
            "%252e/a.js",
            "..;/a.js",
            "a\\b.js",
            ".git/config",
            ".env",
            "teahouse.db-wal",
            "a.js.",
            "a.js ",
            "/etc/passwd",
            "a//b.js",
            "a/./b.js",
            "app.js.br",
            "app.js.gz",
            "index.html",
            "a.js%00",
            "Cargo.toml",
        ] {
            assert!(!is_served(name), "{name}");
        }
    }

    #[test]
    fn a_hashed_name_is_kept_for_ever() {
        assert!(is_hashed("frontend-0123456789abcdef.js"));
        assert!(is_hashed("frontend-0123456789abcdef_bg.wasm"));
        assert!(!is_hashed("frontend.js") && !is_hashed("favicon.svg") && !is_hashed("frontend-0123.js"));
    }

    #[test]
    fn an_encoding_is_taken_as_asked() {
        let check = |wish: &str, brotli: bool, gzip: bool| {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, wish.parse().unwrap())]);
            assert_eq!((accepts(&headers, "br"), accepts(&headers, "gzip")), (brotli, gzip), "{wish:?}");
        };
        check("gzip, deflate, br", true, true);
        check("gzip;q=1.0, br;q=0", false, true);
        check("BR ; q=0.5", true, false);
        check("", false, false);
        check("identity", false, false);
    }

    #[test]
    fn types_are_what_browsers_demand() {
        assert_eq!(media_type("a.wasm"), "application/wasm");
        assert_eq!(media_type("a.js"), "text/javascript; charset=utf-8");
        assert_eq!(media_type("a.css"), "text/css; charset=utf-8");
        assert_eq!(media_type("a.html"), "text/html; charset=utf-8");
    }
}
