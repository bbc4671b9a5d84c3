//! The frame of a dialog: a native modal `<dialog>` with a heading and, unless the person must act, a closing button.

use leptos::{ev, html, prelude::*};

use super::icon::Icon;
use crate::browser::{dialog, prefs::t};

/// A modal dialog that is open while `open` holds.
#[component]
pub fn Dialog(
    /// The dialog's id; its heading is `{id}-t`.
    id: &'static str,
    /// The heading.
    title: Signal<&'static str>,
    /// Whether it is open.
    #[prop(into)]
    open: Signal<bool>,
    /// Closed by Escape or the button. Without this it cannot be closed: the page cannot go on as it is.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let heading = [id, "-t"].concat();
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        if open.get() { dialog::show(&element) } else { dialog::close(&element) }
    });
    let keep_open = move |event: ev::Event| {
        if on_close.is_none() {
            event.prevent_default();
        }
    };
    // Chromium closes on the second Escape in a row whatever `cancel` says (HTML, close watchers); `closedby` forbids that
    // where it is known, and elsewhere the dialog opens again.
    let closed = move |_| match on_close {
        Some(on_close) => on_close.run(()),
        None if open.get_untracked() => {
            if let Some(element) = node.get_untracked() {
                dialog::show(&element);
            }
        }
        None => {}
    };
    view! {
        <dialog
            id=id
            node_ref=node
            aria-labelledby=heading.clone()
            closedby=on_close.is_none().then_some("none")
            on:cancel=keep_open
            on:close=closed
        >
            <header class="dialog__head">
                <h2 id=heading.clone() tabindex="-1">{title}</h2>
                {on_close.map(|_| view! {
                    <button
                        type="button"
                        class="tool"
                        aria-label=t(|w| w.panel_close)
                        on:click=move |_| if let Some(element) = node.get_untracked() { dialog::close(&element) }
                    >
                        <Icon of="#x"/>
                    </button>
                })}
            </header>
            {move || open.get().then(|| children())}
        </dialog>
    }
}
