//! The second block of somebody's card: what one may do to them. What one may not is absent.

use leptos::prelude::*;
use shared::member::Role;

use super::{icon::icon, role_choice::role_choice};
use crate::{
    browser::prefs::w,
    dom::{El, button, el},
    i18n::fill,
    state::people::Deeds,
};

/// What is done to a person by one press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A link for a new password is made.
    Reset,
    /// The account is deactivated.
    Deactivate,
    /// It is reactivated.
    Reactivate,
    /// The person is banned.
    Ban,
    /// The ban is lifted.
    Lift,
}

/// The block for `name`, who has the role `now`. `roles` are those that can be given, what they have among them; empty for
/// none.
#[must_use]
pub fn person_admin(
    name: &str,
    deeds: Deeds,
    roles: &[Role],
    now: Role,
    role: Callback<Role>,
    act: Callback<Deed>,
) -> El {
    let line = |deed, sign, words: &'static str| {
        let danger = deed == Deed::Ban;
        button("card__deed").flag("data-danger", danger).child(icon(sign)).text(words).press(move || act.run(deed))
    };
    let all = [
        (deeds.reset, Deed::Reset, "#key", w().card_reset),
        (deeds.deactivate, Deed::Deactivate, "#pause", w().card_off),
        (deeds.reactivate, Deed::Reactivate, "#again", w().card_on),
        (deeds.lift, Deed::Lift, "#check", w().ban_lift),
        (deeds.ban, Deed::Ban, "#no", w().card_ban),
    ];
    let may = all.into_iter().filter(|(may, ..)| *may);
    let lines: Vec<El> = may.map(|(_, deed, sign, words)| line(deed, sign, words)).collect();
    let choice = (!roles.is_empty()).then(|| {
        let label = fill(w().role_of, &[("a", name)]);
        el("div").class("set").children([el("span").text(w().card_role), role_choice(&label, roles, now, role)])
    });
    el("div").class("card__admin").child(choice).children(lines)
}
