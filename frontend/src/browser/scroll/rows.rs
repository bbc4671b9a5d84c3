//! The rows of a timeline as boxes: which one is where. Reads layout, writes nothing.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, NodeList};

use super::anchor::Held;

/// The messages of a list. Every element with `data-key` is one; day lines are not, because they stick.
pub(super) struct Rows {
    list: HtmlElement,
}

impl Rows {
    pub(super) fn new(list: HtmlElement) -> Self {
        Self { list }
    }

    fn all(&self) -> Option<NodeList> {
        self.list.query_selector_all("[data-key]").ok()
    }

    /// The top of a row, counted from the top of everything.
    pub(super) fn top_of(&self, key: &str) -> Option<f64> {
        let mut selector = String::from("[data-key=\"");
        selector.push_str(key);
        selector.push_str("\"]");
        let row = self.list.query_selector(&selector).ok().flatten()?;
        Some(f64::from(row.dyn_ref::<HtmlElement>()?.offset_top()))
    }

    /// The first row whose top lies at or below a height: the one that is held.
    pub(super) fn first_below(&self, top: f64) -> Option<Held> {
        let rows = self.all()?;
        let at = partition(rows.length(), |at| row(&rows, at).is_some_and(|row| f64::from(row.offset_top()) < top));
        let row = row(&rows, at.min(rows.length().checked_sub(1)?))?;
        Some(Held { key: row.get_attribute("data-key")?, offset: f64::from(row.offset_top()) - top })
    }

    /// How many rows are read when the view ends at a height, and the key of the last one: 60 % of a row must lie
    /// above it.
    pub(super) fn last_visible(&self, bottom: f64) -> Option<(u32, String)> {
        let rows = self.all()?;
        let read = |row: HtmlElement| f64::from(row.offset_top()) + 0.6 * f64::from(row.offset_height()) <= bottom;
        let count = partition(rows.length(), |at| row(&rows, at).is_some_and(read));
        let last = row(&rows, count.checked_sub(1)?)?;
        Some((count, last.get_attribute("data-key")?))
    }
}

fn row(rows: &NodeList, at: u32) -> Option<HtmlElement> {
    rows.item(at)?.dyn_into().ok()
}

/// The number of leading indices for which `holds`, by halving: three hundred rows are asked nine times.
fn partition(count: u32, holds: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = u32::midpoint(low, high);
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halving_finds_the_edge() {
        for count in 0..20 {
            for edge in 0..=count {
                assert_eq!(partition(count, |at| at < edge), edge);
            }
        }
    }
}
