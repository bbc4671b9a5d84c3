//! Whom one will meet behind the door: the inviter large, a few others, and how many more.

use super::seal::seal;
use crate::{
    dom::{El, el},
    state::view::Person,
};

/// Seals shown beside the inviter's.
const SHOWN: usize = 4;

/// The seals of the inviter and of others, of whom there are `count` in all. Decoration: the sentence below says who and
/// how many.
#[must_use]
pub fn door_people(inviter: &Person, people: &[Person], count: u32) -> El {
    let shown = &people[..people.len().min(SHOWN)];
    let rest = (count as usize).saturating_sub(shown.len() + 1);
    let mut all = el("div").class("door__people").attr("aria-hidden", "true").child(seal(inviter, Some("l")));
    if !shown.is_empty() {
        let seals: Vec<El> = shown.iter().map(|person| seal(person, Some("m"))).collect();
        all = all.child(el("span").class("seals").children(seals));
    }
    if rest > 0 {
        all = all.child(el("span").class("quiet num").text("+").text(&rest.to_string()));
    }
    all
}
