//! JSON as the browser parsed it, read by the types of `shared` (its module `wire`).

use js_sys::Array;
use shared::wire::{Read, Value};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// A text that is not JSON, or JSON of another shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotThis;

#[wasm_bindgen]
extern "C" {
    /// js-sys has it for Rust texts only, and a text from the network is the browser's already.
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsValue) -> Result<JsValue, JsValue>;

    /// js-sys wants the name as a value of the browser's, which would have to be made first.
    #[wasm_bindgen(catch, js_namespace = Reflect)]
    fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue>;
}

/// A value that `JSON.parse` made.
#[derive(Clone, Debug)]
pub struct Json(JsValue);

impl Json {
    /// Parses a text of the browser's, without copying it over first.
    ///
    /// # Errors
    /// [`NotThis`] when it is not JSON.
    pub fn parse(text: &JsValue) -> Result<Self, NotThis> {
        parse(text).map(Self).map_err(|_| NotThis)
    }
}

impl Value for Json {
    fn member(&self, name: &str) -> Option<Self> {
        // What is no object throws, but for a text or a list, whose members have other names than the wire's.
        get(&self.0, name).ok().filter(|member| !member.is_null() && !member.is_undefined()).map(Self)
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.0.dyn_ref::<Array>().map(|array| array.iter().map(Self).collect())
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn number(&self) -> Option<i64> {
        let number = self.0.as_f64()?;
        // A cast cuts off what does not fit, so only a whole number comes back as it was.
        let whole = number as i64;
        (whole as f64 == number && whole.unsigned_abs() < 1 << 53).then_some(whole)
    }

    fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }
}

/// Reads a text of the browser's.
///
/// # Errors
/// [`NotThis`] when it is not JSON or has another shape.
pub fn read<T: Read>(text: &JsValue) -> Result<T, NotThis> {
    T::read(&Json::parse(text)?).ok_or(NotThis)
}
