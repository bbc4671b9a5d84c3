//! `cargo xtask test`: every test there is, ending with one line `N passed, N failed`.
//!
//! Rust's tests first (`rust`), as they are the quicker answer; then the shipped executable in Chromium and against other
//! people's SSE clients (`browser`). What cannot run says why and counts as failed.

mod browser;
mod rust;
mod tally;

use anyhow::{Result, bail};

use self::tally::Tally;
use crate::project::Project;

/// Which tests to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Only {
    /// All of them.
    Everything,
    /// Those of the crates: unit, integration, documentation.
    Rust,
    /// Those in `e2e/`.
    Browser,
}

impl Only {
    /// Reads what follows `cargo xtask test`.
    ///
    /// # Errors
    ///
    /// Fails on anything but nothing or `--only rust|browser`.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => Ok(Self::Everything),
            ["--only", "rust"] => Ok(Self::Rust),
            ["--only", "browser" | "e2e"] => Ok(Self::Browser),
            other => {
                bail!("`cargo xtask test {}`: the options are `--only rust` and `--only browser`", other.join(" "))
            }
        }
    }
}

/// Runs the tests; `false` means that some failed or could not run.
///
/// # Errors
///
/// Never by itself; the type is that of the other commands.
pub(crate) fn run(project: &Project, only: Only) -> Result<bool> {
    let mut tally = Tally::default();
    if only != Only::Browser {
        tally.add("unit and integration tests", rust::nextest(project));
        tally.add_optional("documentation tests", rust::doctests(project));
    }
    if only != Only::Rust {
        tally.add("browser and client tests", browser::run(project));
    }
    tally.print();
    Ok(tally.is_green())
}

#[cfg(test)]
mod tests {
    use super::Only;

    #[test]
    fn options_are_read() {
        let parse = |words: &[&str]| Only::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(parse(&[]).expect("nothing is fine"), Only::Everything);
        assert_eq!(parse(&["--only", "rust"]).expect("known"), Only::Rust);
        assert!(parse(&["--only"]).is_err());
        assert!(parse(&["rust"]).is_err());
    }
}
