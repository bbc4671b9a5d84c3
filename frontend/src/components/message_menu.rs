//! What can be done to a message: two tools beside the one that the pointer or focus is on, and a menu that has the rest.
//!
//! Both exist once for a whole timeline (`ux.md` §12); `browser::tools` moves the tools from row to row. What the person may
//! not do is not in the menu.

use std::sync::Arc;

use leptos::{ev::KeyboardEvent, prelude::*};

use super::{icon::icon, menu::walked, message_status::Remedies};
use crate::{
    browser::{dialog, focus, prefs::first as w, tools},
    dom::{El, button, effect, el},
    i18n::fill,
    state::view::{Deletable, MessageRow, Row, Status, TimelineView},
    text::short::spoken,
};

/// What can be done to a message; each hears of its key.
#[derive(Clone, Copy, Debug)]
pub struct MessageActs {
    /// When it was not sent.
    pub remedies: Remedies,
    /// Its text goes to the clipboard.
    pub copy_text: Callback<Arc<str>>,
    /// Its address goes to the clipboard.
    pub copy_link: Callback<Arc<str>>,
    /// It and everything after it is unread again.
    pub unread: Callback<Arc<str>>,
    /// It is deleted.
    pub delete: Callback<Arc<str>>,
    /// It is brought back.
    pub undo: Callback<Arc<str>>,
    /// What was deleted last is brought back.
    pub undo_last: Callback<()>,
}

/// What the keys of a message and its menu have in common.
#[derive(Clone, Copy)]
struct Do {
    act: Act,
    sign: &'static str,
    key: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Unread,
    Link,
    Text,
    Select,
    Delete,
}

const DOES: [Do; 5] = [
    Do { act: Act::Select, sign: "#select", key: "" },
    Do { act: Act::Unread, sign: "#unread", key: "u" },
    Do { act: Act::Link, sign: "#link", key: "l" },
    Do { act: Act::Text, sign: "#copy", key: "c" },
    Do { act: Act::Delete, sign: "#trash", key: "Delete" },
];

/// The tools and the menu of a timeline's `list`; they are to be put beside it.
#[derive(Clone)]
pub(super) struct MessageMenu {
    at: RwSignal<Arc<str>>,
    view: ReadSignal<TimelineView>,
    acts: MessageActs,
    menu: El,
}

impl MessageMenu {
    /// Follows the pointer and the focus through the rows of `list`.
    pub(super) fn new(list: &El, view: ReadSignal<TimelineView>, acts: MessageActs) -> Self {
        let (at, expanded) = (RwSignal::new(Arc::from("")), RwSignal::new(false));
        let menu = el("div").id("actions").attr("popover", "auto").class("menu menu--end").attr("role", "menu");
        let menu = walked(menu.attr("aria-label", w().msg_actions), expanded);
        let itself = Self { at, view, acts, menu };
        let tools = itself.tools(expanded);
        let (shown, found, held) = (itself.clone(), itself.clone(), itself.clone());
        tools::follow(list, tools, move |key| {
            let can = shown.find(key).is_some_and(|row| row.status == Status::Sent && !row.gone);
            if can {
                shown.at.set(key.into());
            }
            can
        });
        tools::on_hold(list, move |key, row| {
            if held.find(key).is_some_and(|row| row.status == Status::Sent && !row.gone) {
                held.at.set(key.into());
                dialog::show_popover(&held.menu.node(), row);
            }
        });
        // What is in it is made when it opens, for the message that it opens on.
        let inside = move || if expanded.get() { untrack(|| found.items()) } else { Vec::new() };
        let _ = itself.menu.clone().swap_all(inside);
        // The list may be drawn before the menu: focus goes into it when it has items.
        let opened = itself.menu.clone();
        effect(move || {
            if expanded.get() {
                dialog::focus_item(&opened.node(), isize::MIN);
            }
        });
        itself
    }

    /// The menu itself.
    pub(super) fn menu(&self) -> El {
        self.menu.clone()
    }

    fn tools(&self, expanded: RwSignal<bool>) -> El {
        let (copy, at) = (self.acts.copy_text, self.at);
        el("div").class("msg__tools").attr("role", "group").attr("aria-label", w().msg_actions).children([
            button("tool")
                .attr("tabindex", "-1")
                .attr("aria-label", w().msg_text)
                .attr("title", w().msg_text)
                .child(icon("#copy"))
                .press(move || copy.run(at.get_untracked())),
            button("tool")
                .attr("tabindex", "-1")
                .attr("aria-label", w().msg_more)
                .attr("title", w().msg_more)
                .attr("aria-haspopup", "menu")
                .attr("popovertarget", "actions")
                .state_of("aria-expanded", move || expanded.get())
                .child(icon("#more")),
        ])
    }

    fn items(&self) -> Vec<El> {
        let key = self.at.get_untracked();
        let Some(row) = self.find(&key) else { return Vec::new() };
        let of = fill(w().act_of, &[("a", &row.author.name), ("text", &spoken(&row.body))]);
        let mut items = vec![el("div").class("menu__of clip").attr("aria-hidden", "true").text(&of)];
        let apart = || el("hr").attr("aria-hidden", "true");
        for does in DOES.iter().filter(|does| allows(&row, does.act)) {
            if does.act == Act::Delete {
                items.push(apart());
            }
            items.push(self.item(*does, key.clone()));
        }
        items
    }

    fn item(&self, does: Do, key: Arc<str>) -> El {
        let acts = self.acts;
        let hint = if does.key == "Delete" { w().key_delete.to_owned() } else { does.key.to_ascii_uppercase() };
        button(if does.act == Act::Select { "only-phone" } else { "" })
            .attr("role", "menuitem")
            .attr("tabindex", "-1")
            .attr("popovertarget", "actions")
            .attr("popovertargetaction", "hide")
            .flag("data-danger", does.act == Act::Delete)
            .child(icon(does.sign))
            .text(name(does.act))
            .child((!hint.is_empty()).then(|| el("kbd").attr("aria-hidden", "true").text(&hint)))
            .press(move || {
                let key = key.clone();
                // In the next frame the menu is closed and focus is back at its button.
                request_animation_frame(move || {
                    tools::focus_row(&key);
                    perform(acts, does.act, key);
                });
            })
    }

    /// What a key does when a message has the focus. Returns whether it did anything.
    pub(super) fn pressed(&self, event: &KeyboardEvent) -> bool {
        let Some((key, row)) = tools::focused_row() else { return false };
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return false;
        }
        let pressed = event.key();
        if pressed == "z" {
            self.acts.undo_last.run(());
            return true;
        }
        let Some(of) = self.find(&key).filter(|of| of.status == Status::Sent) else { return false };
        match pressed.as_str() {
            "ArrowRight" => return tools::enter(&row),
            "Enter" | "ContextMenu" => {}
            "F10" if event.shift_key() => {}
            _ => {
                let does = DOES.iter().find(|does| !does.key.is_empty() && does.key == pressed);
                let Some(does) = does.filter(|does| allows(&of, does.act)) else { return false };
                if does.act == Act::Delete {
                    // The next message has the focus then, else the one before (`ux.md` §7).
                    tools::focus_beside(&row);
                }
                perform(self.acts, does.act, key.as_str().into());
                return true;
            }
        }
        if of.gone {
            return false;
        }
        self.at.set(key.as_str().into());
        dialog::show_popover(&self.menu.node(), &row);
        true
    }

    fn find(&self, key: &str) -> Option<MessageRow> {
        self.view.with_untracked(|view| {
            view.rows.iter().rev().find_map(|row| match &**row {
                Row::Message(message) if *message.key == *key => Some(message.clone()),
                _ => None,
            })
        })
    }
}

fn allows(row: &MessageRow, act: Act) -> bool {
    match act {
        Act::Unread | Act::Link | Act::Text | Act::Select => !row.gone,
        Act::Delete => row.deletable != Deletable::No,
    }
}

fn perform(acts: MessageActs, act: Act, key: Arc<str>) {
    match act {
        Act::Unread => acts.unread.run(key),
        Act::Link => acts.copy_link.run(key),
        Act::Text => acts.copy_text.run(key),
        Act::Select => focus::select_contents(&["said-", &key].concat()),
        Act::Delete => acts.delete.run(key),
    }
}

fn name(act: Act) -> &'static str {
    match act {
        Act::Unread => w().msg_unread,
        Act::Link => w().msg_link,
        Act::Text => w().msg_text,
        Act::Select => w().act_select,
        Act::Delete => w().msg_delete,
    }
}
