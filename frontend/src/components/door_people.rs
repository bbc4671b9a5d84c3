//! Whom one will meet behind the door: the inviter large, a few others, and how many more.

use leptos::prelude::*;

use super::seal::Seal;
use crate::state::view::Person;

/// Seals shown beside the inviter's.
const SHOWN: usize = 4;

/// The seals. Decoration: the sentence below says who and how many.
#[component]
pub fn DoorPeople(
    /// Who made the link.
    inviter: Person,
    /// Others.
    people: Vec<Person>,
    /// How many there are in all.
    count: u32,
) -> impl IntoView {
    let shown = people.len().min(SHOWN);
    let rest = (count as usize).saturating_sub(shown + 1);
    let seals = people.into_iter().take(SHOWN).map(|person| view! { <Seal person=Signal::stored(person) size="m"/> });
    view! {
        <div class="door__people" aria-hidden="true">
            <Seal person=Signal::stored(inviter) size="l"/>
            {(shown > 0).then(|| view! { <span class="seals">{seals.collect_view()}</span> })}
            {(rest > 0).then(|| view! { <span class="quiet num">"+"{rest}</span> })}
        </div>
    }
}
