//! Lists: an element for each key, kept as long as the key is there, so that focus, selection and scrolling survive.

use std::sync::Arc;

use leptos::prelude::{Owner, untrack};
use wasm_bindgen::JsCast;
use web_sys::Node;

use super::{El, follow::follow, put_before};

/// What stands in a list: its key, its element, and the owner of everything in it.
struct Item {
    key: Arc<str>,
    element: El,
    owner: Owner,
}

type Keys = Box<dyn Fn() -> Vec<Arc<str>>>;
type Draw = Box<dyn Fn(&Arc<str>) -> El>;

impl El {
    /// Adds a list: `draw` makes the element of a key when the key comes, and it goes when the key goes. An element whose
    /// key stays is the same one, and is moved only when others cannot be moved instead.
    ///
    /// Keys are unique. `draw` is not tracked: what changes in an element follows its own signals.
    #[must_use]
    pub fn each(self, keys: impl Fn() -> Vec<Arc<str>> + 'static, draw: impl Fn(&Arc<str>) -> El + 'static) -> Self {
        self.follow_list(Box::new(keys), Box::new(draw))
    }

    fn follow_list(self, keys: Keys, draw: Draw) -> Self {
        let marker = self.marker();
        // Not the owner of a run of the effect, which ends with the next run: elements stay.
        let parent = Owner::current().expect("elements are built under an owner");
        let mut items: Vec<Item> = Vec::new();
        follow(Box::new(move || {
            let keys = keys();
            if keys.iter().eq(items.iter().map(|item| &item.key)) {
                return;
            }
            untrack(|| items = arrange(std::mem::take(&mut items), keys, &parent, &draw, &marker));
        }));
        self
    }
}

/// Turns the old elements into those of `keys`, in that order, with as few moves as there can be.
fn arrange(old: Vec<Item>, keys: Vec<Arc<str>>, parent: &Owner, draw: &Draw, marker: &Node) -> Vec<Item> {
    let old_keys: Vec<&str> = old.iter().map(|item| &*item.key).collect();
    let found = places(&old_keys, &keys);
    let stay = stay(&found);
    let mut old: Vec<Option<Item>> = old.into_iter().map(Some).collect();
    let mut kept: Vec<Option<Item>> = found.iter().map(|at| at.and_then(|at| old[at].take())).collect();
    for gone in old.into_iter().flatten() {
        gone.owner.cleanup();
        gone.element.0.remove();
    }
    // From the end: whatever comes before an element is put before it.
    let mut before = marker.clone();
    let mut items: Vec<Item> = Vec::with_capacity(keys.len());
    for (at, key) in keys.into_iter().enumerate().rev() {
        let item = match kept[at].take() {
            Some(item) if stay[at] => item,
            Some(item) => {
                put_before(&before, &item.element.0);
                item
            }
            None => {
                let owner = parent.child();
                let element = owner.with(|| draw(&key));
                put_before(&before, &element.0);
                Item { key, element, owner }
            }
        };
        before = item.element.0.clone().unchecked_into();
        items.push(item);
    }
    items.reverse();
    items
}

/// Where each of the keys in `new` stood in `old`. Keys mostly follow one another as before, so the search begins where the last one ended.
pub(crate) fn places(old: &[&str], new: &[Arc<str>]) -> Vec<Option<usize>> {
    let mut next = 0;
    let position = |key: &Arc<str>| {
        let (passed, ahead) = old.split_at(next);
        let at = ahead.iter().position(|old| *old == &**key).map(|at| at + passed.len());
        let at = at.or_else(|| passed.iter().position(|old| *old == &**key));
        next = at.map_or(next, |at| (at + 1).min(old.len()));
        at
    };
    new.iter().map(position).collect()
}

/// Which elements can stay where they are while the others move around them: a longest rising run of old places
/// (Knuth, TAOCP 5.1.4; the elements that it leaves out are the fewest that must move).
fn stay(found: &[Option<usize>]) -> Vec<bool> {
    // For each length, the index whose old place ends a run of that length lowest; and for each index, the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; found.len()];
    for (at, place) in found.iter().enumerate().filter(|(_, place)| place.is_some()) {
        let length = ends.partition_point(|&end| found[end] < *place);
        before[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stay = vec![false; found.len()];
    let mut last = ends.last().copied();
    while let Some(at) = last {
        stay[at] = true;
        last = before[at];
    }
    stay
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the letters in `new` are drawn, and which are moved, when the list was `old`.
    fn check(old: &str, new: &str, drawn: &str, moved: &str) {
        let letters = |text: &str| text.chars().map(|c| Arc::from(c.to_string())).collect::<Vec<Arc<str>>>();
        let (old, new) = (letters(old), letters(new));
        let found = places(&old.iter().map(|key| &**key).collect::<Vec<_>>(), &new);
        let stay = stay(&found);
        let pick = |wanted: &dyn Fn(usize) -> bool| {
            (0..new.len()).filter(|&at| wanted(at)).map(|at| &*new[at]).collect::<String>()
        };
        for (at, place) in found.iter().enumerate() {
            assert!(place.is_none_or(|place| old[place] == new[at]));
        }
        assert_eq!(pick(&|at| found[at].is_none()), drawn, "drawn");
        assert_eq!(pick(&|at| found[at].is_some() && !stay[at]), moved, "moved");
    }

    #[test]
    fn a_key_that_stays_keeps_its_element_and_its_place() {
        check("", "", "", "");
        check("", "abc", "abc", "");
        check("abc", "", "", "");
        check("abc", "abcd", "d", "");
        check("bcd", "abcd", "a", "");
        check("abcd", "bd", "", "");
        check("abc", "axbyc", "xy", "");
        check("abcd", "efgh", "efgh", "");
    }

    #[test]
    fn only_what_must_move_is_moved() {
        check("abcd", "dabc", "", "d");
        check("abcd", "bcda", "", "a");
        check("abcde", "adcbe", "", "dc");
        check("abcd", "dcba", "", "dcb");
        check("abcd", "xdab", "x", "d");
    }

    #[test]
    fn the_elements_that_stay_are_in_order_and_as_many_as_can() {
        // All orders of five old places: no more stay than in the best of all selections.
        let mut order = [0, 1, 2, 3, 4];
        permute(&mut order, 0, &|order| {
            let found: Vec<_> = order.iter().copied().map(Some).collect();
            let stay = stay(&found);
            let kept: Vec<usize> = (0..5).filter(|&at| stay[at]).map(|at| order[at]).collect();
            assert!(kept.is_sorted(), "{order:?}");
            let rises = |mask: &u32| {
                let picked: Vec<usize> = (0..5).filter(|at| mask & (1 << at) != 0).map(|at| order[at]).collect();
                picked.is_sorted()
            };
            let best = (0_u32..32).filter(rises).map(u32::count_ones).max();
            assert_eq!(u32::try_from(kept.len()).ok(), best, "{order:?}");
        });
    }

    fn permute(order: &mut [usize; 5], from: usize, check: &dyn Fn(&[usize; 5])) {
        if from == order.len() {
            return check(order);
        }
        for at in from..order.len() {
            order.swap(from, at);
            permute(order, from + 1, check);
            order.swap(from, at);
        }
    }
}
