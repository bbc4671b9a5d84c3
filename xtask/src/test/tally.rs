//! How many tests passed and failed, over all runners.

use std::ops::AddAssign;

use anyhow::Result;

/// What one runner counted.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u32,
    /// Failed, or skipped: a test that did not run has not passed.
    pub(super) failed: u32,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// The sum, and what could not run at all.
#[derive(Debug, Default)]
pub(super) struct Tally {
    sum: Counts,
    lines: Vec<String>,
}

impl Tally {
    /// Adds a runner's answer. An error counts as one failure, is printed at once and again before the sum.
    pub(super) fn add(&mut self, runner: &str, answer: Result<Counts>) {
        match answer {
            Ok(Counts { passed: 0, failed: 0 }) => self.could_not_run(runner, "it found no tests"),
            answer => self.add_optional(runner, answer),
        }
    }

    /// Adds the answer of a runner that may have nothing to run.
    pub(super) fn add_optional(&mut self, runner: &str, answer: Result<Counts>) {
        match answer {
            Ok(counts) => {
                self.sum += counts;
                self.lines.push(format!("{runner}: {} passed, {} failed", counts.passed, counts.failed));
            }
            Err(error) => self.could_not_run(runner, &format!("{error:#}")),
        }
    }

    fn could_not_run(&mut self, runner: &str, why: &str) {
        let line = format!("{runner}: could not run: {why}");
        eprintln!("{line}");
        self.lines.push(line);
        self.sum.failed += 1;
    }

    /// One line per runner, and the sum as the last line.
    pub(super) fn print(&self) {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        println!("{}", self.last_line());
    }

    /// Whether everything ran and passed.
    pub(super) fn is_green(&self) -> bool {
        self.sum.failed == 0
    }

    fn last_line(&self) -> String {
        format!("{} passed, {} failed", self.sum.passed, self.sum.failed)
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::{Counts, Tally};

    #[test]
    fn runners_add_up_and_what_could_not_run_has_failed() {
        let mut tally = Tally::default();
        tally.add("a", Ok(Counts { passed: 3, failed: 0 }));
        assert!(tally.is_green());
        tally.add("b", Ok(Counts { passed: 2, failed: 1 }));
        tally.add("c", Err(anyhow!("no browser")));
        tally.add("d", Ok(Counts::default()));
        assert_eq!(tally.last_line(), "5 passed, 3 failed");
        assert_eq!(tally.lines[2], "c: could not run: no browser");
        assert!(!tally.is_green());
    }
}
