//! What the browser knows about letters, so that the program need not carry its tables.

use js_sys::JsString;

/// A text in lower case and in Unicode's normal form C.
#[must_use]
pub fn lowered(text: &str) -> String {
    JsString::from(text).to_lower_case().normalize("NFC").into()
}
