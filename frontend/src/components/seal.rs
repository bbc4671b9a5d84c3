//! A person as a seal: initials, or one Han character, on a glaze that hangs on the id.

use crate::{
    dom::{El, el},
    state::view::Person,
    text::seal::{glaze, letters},
};

/// A seal of size `s` (in a row), `m` (in a list), `l` (at a door) or none (beside a message). It is hidden from the accessibility
/// tree: the name is always beside it.
#[must_use]
pub fn seal(person: &Person, size: Option<&'static str>) -> El {
    let letters = letters(&person.name);
    let text = if size == Some("s") { letters.text.chars().take(1).collect() } else { letters.text };
    blank(&person.id, size).flag("data-han", letters.han).text(&text)
}

/// The seal of several people, with their number; the glaze hangs on `id`.
#[must_use]
pub fn crowd(id: &str, people: usize) -> El {
    blank(id, Some("s")).text(&people.to_string())
}

fn blank(id: &str, size: Option<&'static str>) -> El {
    const GLAZES: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];
    el("span")
        .class("seal")
        .attr("aria-hidden", "true")
        .attr("data-glaze", GLAZES[usize::from(glaze(id)) - 1])
        .attr("data-size", size)
}
