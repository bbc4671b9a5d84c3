//! Which way a finger goes, and when it has gone far enough: plain numbers, in CSS pixels.

/// The system's own gestures begin this near to an edge.
const EDGE: f64 = 24.0;
/// A finger that has moved less than this has not said where it goes.
const SLOP: f64 = 10.0;
/// Sideways means so many times more sideways than up or down.
const SIDEWAYS: f64 = 1.5;
/// The part of the width after which the pane stays away.
const COMMIT: f64 = 0.3;

/// A finger on its way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Track {
    start: (f64, f64),
    width: f64,
    way: Way,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Unknown,
    /// To the right, so far.
    Aside(f64),
    Other,
}

impl Track {
    /// A finger is put down on a page of this width. `None` where the system's own gestures begin.
    #[must_use]
    pub fn begin(x: f64, y: f64, width: f64) -> Option<Self> {
        (x >= EDGE && x <= width - EDGE).then_some(Self { start: (x, y), width, way: Way::Unknown })
    }

    /// It moves. Returns how far the pane is drawn aside, once it is clear that it shall be.
    pub fn move_to(&mut self, x: f64, y: f64) -> Option<f64> {
        let (dx, dy) = (x - self.start.0, y - self.start.1);
        self.way = match self.way {
            Way::Unknown if dx.hypot(dy) < SLOP => Way::Unknown,
            Way::Unknown if dx < SIDEWAYS * dy.abs() => Way::Other,
            Way::Unknown | Way::Aside(_) => Way::Aside(dx.max(0.0)),
            Way::Other => Way::Other,
        };
        self.aside()
    }

    /// It is lifted. Whether the pane stays away.
    #[must_use]
    pub fn commits(&self) -> bool {
        self.aside().is_some_and(|aside| aside >= COMMIT * self.width)
    }

    fn aside(&self) -> Option<f64> {
        if let Way::Aside(aside) = self.way { Some(aside) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f64 = 400.0;

    /// Puts a finger down at (100, 300), moves it by these steps, and says where the pane is and whether it stays there.
    fn check(steps: &[(f64, f64)], aside: Option<f64>, commits: bool) {
        let mut track = Track::begin(100.0, 300.0, WIDTH).expect("far from the edges");
        let last = steps.iter().map(|(dx, dy)| track.move_to(100.0 + dx, 300.0 + dy)).last().flatten();
        assert_eq!((last, track.commits()), (aside, commits), "{steps:?}");
    }

    #[test]
    fn the_pane_follows_a_finger_that_goes_right() {
        check(&[(9.0, 0.0)], None, false);
        check(&[(12.0, 3.0)], Some(12.0), false);
        check(&[(12.0, 0.0), (119.0, 80.0)], Some(119.0), false);
        check(&[(12.0, 0.0), (120.0, 80.0)], Some(120.0), true);
        check(&[(12.0, 0.0), (200.0, 0.0), (50.0, 0.0)], Some(50.0), false);
        check(&[(12.0, 0.0), (-50.0, 0.0)], Some(0.0), false);
    }

    #[test]
    fn it_follows_no_other_way() {
        check(&[(0.0, 12.0), (300.0, 12.0)], None, false);
        check(&[(12.0, 9.0), (300.0, 9.0)], None, false);
        check(&[(-12.0, 0.0), (300.0, 0.0)], None, false);
    }

    #[test]
    fn the_edges_belong_to_the_system() {
        for (x, begins) in [(0.0, false), (23.0, false), (24.0, true), (376.0, true), (377.0, false)] {
            assert_eq!(Track::begin(x, 0.0, WIDTH).is_some(), begins, "{x}");
        }
    }
}
