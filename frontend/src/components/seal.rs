//! A person as a seal: initials, or one Han character, on a glaze that hangs on the id.

use crate::{
    dom::{El, el},
    state::view::Person,
    text::seal::{glaze, letters},
};

/// A seal of size `m` (in the rail), `l` (at a door) or none (beside a message). It is hidden from the accessibility
/// tree: the name is always beside it.
#[must_use]
pub fn seal(person: &Person, size: Option<&'static str>) -> El {
    const GLAZES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
    let letters = letters(&person.name);
    el("span")
        .class("seal")
        .attr("aria-hidden", "true")
        .attr("data-glaze", GLAZES[usize::from(glaze(&person.id)) - 1])
        .attr("data-size", size)
        .flag("data-han", letters.han)
        .text(&letters.text)
}
