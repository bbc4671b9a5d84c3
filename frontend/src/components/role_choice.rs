//! Choosing somebody's role. Arrow keys walk through a closed list and change it at each step, so what is chosen by key is
//! told only when the list is left or Enter is pressed (`ux.md` §15, People); what is chosen by pointer at once.

use leptos::{
    ev::{Event, FocusEvent, KeyboardEvent},
    prelude::*,
};
use shared::member::Role;

use super::{role::role_words, select::select};
use crate::dom::El;

/// The list of `roles`, of which `now` holds.
#[must_use]
pub fn role_choice(label: &str, roles: &[Role], now: Role, chosen: Callback<Role>) -> El {
    let choices: Vec<_> = roles.iter().map(|role| (role.as_str().to_owned(), role_words(*role).to_owned())).collect();
    let value = RwSignal::new(now.as_str().to_owned());
    let by_key = StoredValue::new(false);
    let told = StoredValue::new(now);
    let tell = move || {
        let role = Role::from_word(&value.get_untracked());
        if told.get_value() != role {
            told.set_value(role);
            chosen.run(role);
        }
    };
    let choose = move |word: String| {
        value.set(word);
        if !by_key.get_value() {
            tell();
        }
    };
    let pressed = move |event: KeyboardEvent| {
        by_key.set_value(true);
        if event.key() == "Enter" {
            tell();
        }
    };
    select("", Some(label), &choices, value, choose)
        .on("keydown", pressed)
        .on("pointerdown", move |_: Event| by_key.set_value(false))
        .on("blur", move |_: FocusEvent| tell())
}
