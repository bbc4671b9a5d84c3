//! Copying a text.

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

use super::page;

/// Copies the text of a field. Over plain HTTP browsers have no clipboard interface: there the field is selected and
/// the old command used, which needs the field to be on screen.
///
/// Returns whether it was copied; when not, the field is selected, so that the person can copy it by keyboard.
pub async fn copy_field(field: HtmlInputElement) -> bool {
    field.select();
    copy(&field.value()).await
}

/// Copies a text; `field` is a place on the page from which it can be copied where there is no interface.
pub async fn copy_text(text: &str, field: HtmlTextAreaElement) -> bool {
    field.set_value(text);
    field.select();
    copy(text).await
}

/// Copies a text that is in no field. Where browsers have no clipboard interface, one is made for it, as nothing else can
/// be selected and copied there.
pub async fn copy_plain(text: &str) -> bool {
    let document = page::document();
    let field = document.create_element("textarea").ok().and_then(|field| field.dyn_into::<HtmlTextAreaElement>().ok());
    let (Some(field), Some(body)) = (field, document.body()) else { return false };
    field.set_class_name("sr");
    let before = document.active_element();
    let _ = body.append_child(&field);
    let copied = copy_text(text, field.clone()).await;
    field.remove();
    if let Some(before) = before {
        super::focus::focus_element(&before);
    }
    copied
}

/// Copies a text, which is also what is selected.
async fn copy(text: &str) -> bool {
    let navigator = page::window().navigator();
    let modern = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard")).is_ok_and(|value| value.is_object());
    if modern && JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok() {
        return true;
    }
    let document = page::document();
    js_sys::Reflect::get(&document, &JsValue::from_str("execCommand"))
        .ok()
        .and_then(|command| command.dyn_into::<js_sys::Function>().ok())
        .and_then(|command| command.call1(&document, &JsValue::from_str("copy")).ok())
        .is_some_and(|copied| copied.is_truthy())
}
