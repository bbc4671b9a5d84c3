//! The two modes of a timeline and what may change them. Pure: heights in, decisions out.

/// The view counts as being at the foot within this many pixels of the end.
const FOOT_PX: f64 = 64.0;

/// The heights of a scrolled view, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Metrics {
    /// How far it is scrolled.
    pub top: f64,
    /// The height of what is visible.
    pub view: f64,
    /// The height of everything.
    pub total: f64,
}

impl Metrics {
    /// How far the end lies below the view.
    #[must_use]
    pub fn distance(&self) -> f64 {
        (self.total - self.view - self.top).max(0.0)
    }
}

/// A row that stays where it is on screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The row's key.
    pub key: String,
    /// How far its top lies below the top of the view, in CSS pixels.
    pub offset: f64,
}

/// What is kept in place when heights change.
#[derive(Clone, Debug, PartialEq)]
pub enum Mode {
    /// The end.
    Foot,
    /// A row.
    Held(Held),
}

/// Why the view has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Wheel, key, touch or scrollbar.
    Person,
    /// Something grew or shrank, or our own correction. It never changes the mode: this is the classic way to lose
    /// the foot.
    Layout,
}

/// Whether the view counts as being at its foot.
#[must_use]
pub fn is_foot(metrics: Metrics) -> bool {
    metrics.distance() <= FOOT_PX
}

/// The mode after the view has moved; `None` leaves it.
pub fn after_scroll(
    mode: &Mode,
    metrics: Metrics,
    cause: Cause,
    anchor: impl FnOnce() -> Option<Held>,
) -> Option<Mode> {
    match (cause, mode) {
        (Cause::Layout, _) => None,
        (Cause::Person, _) if is_foot(metrics) => Some(Mode::Foot),
        (Cause::Person, _) => anchor().map(Mode::Held),
    }
}

/// Where the view is, as far as the timeline draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Held at the foot.
    pub at_foot: bool,
    /// More than one and a half views away from the end. When not, and the end is not loaded, a newer page is due.
    pub far: bool,
    /// Less than one and a half views remain above: time to ask for an older page.
    pub near_top: bool,
    /// How many messages lie above the lower edge of the view.
    pub passed: u32,
}

impl Place {
    /// Of a mode and its heights; `passed` counts the messages above the lower edge.
    #[must_use]
    pub fn of(mode: &Mode, metrics: Metrics, passed: u32) -> Self {
        let reach = 1.5 * metrics.view;
        let far = metrics.distance() > reach;
        Self { at_foot: *mode == Mode::Foot, far, near_top: metrics.top < reach, passed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Option<Held> {
        Some(Held { key: "m_1".to_owned(), offset: 12.0 })
    }

    fn at(top: f64) -> Metrics {
        Metrics { top, view: 600.0, total: 3000.0 }
    }

    #[test]
    fn only_the_person_leaves_the_foot() {
        assert_eq!(after_scroll(&Mode::Foot, at(100.0), Cause::Layout, held), None);
        assert_eq!(after_scroll(&Mode::Foot, at(100.0), Cause::Person, held), held().map(Mode::Held));
    }

    #[test]
    fn sixty_four_pixels_are_the_foot() {
        assert_eq!(after_scroll(&Mode::Foot, at(2336.0), Cause::Person, held), Some(Mode::Foot));
        assert_eq!(after_scroll(&Mode::Foot, at(2335.0), Cause::Person, held), held().map(Mode::Held));
        assert_eq!(
            after_scroll(&Mode::Held(held().unwrap_or_else(|| unreachable!())), at(2400.0), Cause::Person, held),
            Some(Mode::Foot)
        );
    }

    #[test]
    fn without_rows_the_mode_stays() {
        assert_eq!(after_scroll(&Mode::Foot, at(0.0), Cause::Person, || None), None);
    }

    #[test]
    fn places_are_told_by_distance() {
        let place = Place::of(&Mode::Foot, at(2400.0), 7);
        assert_eq!(place, Place { at_foot: true, far: false, near_top: false, passed: 7 });
        let place = Place::of(&Mode::Held(Held { key: String::new(), offset: 0.0 }), at(899.0), 0);
        assert_eq!((place.at_foot, place.far, place.near_top), (false, true, true));
    }
}
