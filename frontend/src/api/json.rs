//! JSON by the browser, Rust values by serde-wasm-bindgen.

use js_sys::{Function, JSON, Reflect};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

/// A text that is not JSON, or JSON of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON expected here")]
pub struct NotThis;

thread_local! {
    /// `JSON.parse` itself: js-sys has it for Rust texts only, and a text from the network is the browser's already.
    static PARSE: Option<Function> = Reflect::get(&js_sys::global(), &"JSON".into())
        .and_then(|json| Reflect::get(&json, &"parse".into()))
        .ok()
        .and_then(|parse| parse.dyn_into().ok());
}

/// Parses a text of the browser's, without copying it over first.
///
/// # Errors
/// [`NotThis`] when it is not JSON.
pub fn parse(text: &JsValue) -> Result<JsValue, NotThis> {
    PARSE.with(|parse| parse.as_ref()?.call1(&JsValue::UNDEFINED, text).ok()).ok_or(NotThis)
}

/// Parses a text of the browser's into a Rust value.
///
/// # Errors
/// [`NotThis`] when it is not JSON or has another shape.
pub fn read<T: DeserializeOwned>(text: &JsValue) -> Result<T, NotThis> {
    serde_wasm_bindgen::from_value(parse(text)?).map_err(|_| NotThis)
}

/// Writes a value of ours as JSON.
#[must_use]
pub fn write(value: &impl Serialize) -> String {
    let value = serde_wasm_bindgen::to_value(value).expect("requests are plain structs of texts and small numbers");
    JSON::stringify(&value).expect("a plain object can be written").into()
}
