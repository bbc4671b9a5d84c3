//! What a message says. The only place of the client that sets inner HTML, and only HTML that the server has sanitised.

use crate::{
    browser::{prefs::first as w, rendered},
    dom::{El, el},
    text::script::lang_of,
};

/// The body of a message: the server's rendering if there is one, or the author's text as text. The id is for the
/// message's accessible name.
#[must_use]
pub fn message_body(id: &str, body: &str, html: Option<&str>) -> El {
    let said = el("div").class("said").id(id).attr("dir", "auto").attr("lang", lang_of(body));
    let Some(html) = html else { return said.flag("data-plain", true).text(body) };
    rendered::element(&said).set_inner_html(html);
    rendered::finish(&said.node(), w().code_label);
    said
}
