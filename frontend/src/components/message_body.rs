//! What a message says. The only place of the client that sets inner HTML, and only HTML that the server has sanitised.

use std::sync::Arc;

use leptos::{html, prelude::*};

use crate::{
    browser::{prefs::t, rendered},
    text::script::lang_of,
};

/// The body of a message: the server's rendering, or the author's text as text.
#[component]
pub fn MessageBody(
    /// The element's id, for the message's accessible name.
    id: String,
    /// The author's own text.
    body: Arc<str>,
    /// The same, rendered and sanitised by the server.
    html: Option<Arc<str>>,
) -> impl IntoView {
    let lang = lang_of(&body);
    let Some(html) = html else {
        return view! { <div class="said" id=id dir="auto" lang=lang data-plain="">{body.to_string()}</div> }
            .into_any();
    };
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(node) = node.get() {
            rendered::finish(&node, t(|w| w.code_label).get_untracked());
        }
    });
    view! { <div class="said" id=id dir="auto" lang=lang node_ref=node inner_html=html.to_string()></div> }.into_any()
}
