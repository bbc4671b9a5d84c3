//! What somebody is, in a word: never a colour alone.

use shared::member::Role;

use crate::{
    browser::prefs::w,
    dom::{El, el},
    state::people::Standing,
};

/// The word of a role.
#[must_use]
pub fn role_words(role: Role) -> &'static str {
    match role {
        Role::Owner => w().role_owner,
        Role::Admin => w().role_admin,
        Role::Member => w().role_member,
        Role::Bot => w().role_bot,
        Role::Guest => w().role_guest,
    }
}

/// The word of a role, as a label beside a name.
#[must_use]
pub fn role_word(role: Role) -> El {
    standing_word(Standing::Role(role))
}

/// What somebody is, as a label beside a name: their role, or that the account is not in use.
#[must_use]
pub fn standing_word(standing: Standing) -> El {
    let (is, words) = match standing {
        Standing::Role(role) => (role.as_str(), role_words(role)),
        Standing::Inactive => ("off", w().role_off),
        Standing::Banned => ("banned", w().role_banned),
    };
    el("span").class("person__is").attr("data-is", is).text(words)
}
