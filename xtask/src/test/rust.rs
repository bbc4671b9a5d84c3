//! The tests of the crates: cargo-nextest for unit and integration tests, `cargo test --doc` for examples in comments,
//! which nextest does not run.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::tally::Counts;
use crate::process;
use crate::project::Project;
use crate::tools;

/// Unit and integration tests of every crate, on the host.
///
/// # Errors
///
/// Fails when nextest cannot be installed, something does not compile, or the report is missing.
pub(super) fn nextest(project: &Project) -> Result<Counts> {
    let directory = tools::NEXTEST.ensure(project)?;
    if let Err(error) = tools::ensure_iproute() {
        // The one test that needs it fails, and says so; the others are worth running.
        eprintln!("      {error:#}");
    }
    // `.config/nextest.toml` asks for it. nextest's own files are below the checkout, wherever the target directory is.
    let report = project.root.join("target/nextest/default/junit.xml");
    if report.exists() {
        fs::remove_file(&report).with_context(|| format!("removing {}", report.display()))?;
    }
    let mut command = Command::new("cargo-nextest");
    command.current_dir(&project.root).env("PATH", process::path_with([directory.as_path()])?).args([
        "nextest",
        "run",
        "--workspace",
        "--locked",
        "--no-fail-fast",
    ]);
    let status = process::status(&mut command)?;
    let xml = fs::read_to_string(&report).context("the tests did not build")?;
    let counts = counts_in_junit(&xml).with_context(|| format!("no counts in {}", report.display()))?;
    ensure!(status.success() || counts.failed > 0, "nextest ended with {status}");
    Ok(counts)
}

/// The attributes of `<testsuites …>`: `tests`, `failures`, `errors`.
fn counts_in_junit(xml: &str) -> Option<Counts> {
    let tag = xml.split("<testsuites ").nth(1)?.split('>').next()?;
    let number =
        |name: &str| -> Option<u32> { tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?.parse().ok() };
    let failed = number("failures")? + number("errors")?;
    Some(Counts { passed: number("tests")?.checked_sub(failed)?, failed })
}

/// The examples in doc comments; there may be none.
///
/// # Errors
///
/// Fails when cargo cannot be started or something does not compile.
pub(super) fn doctests(project: &Project) -> Result<Counts> {
    let (mut counts, mut results) = (Counts::default(), 0);
    let mut cargo = process::cargo(project);
    cargo.args(["test", "--doc", "--workspace", "--locked", "--no-fail-fast"]);
    let status = process::tee(&mut cargo, |line| {
        if let Some(more) = counts_in_result(line) {
            counts += more;
            results += 1;
        }
    })?;
    ensure!(status.success() || counts.failed > 0, "the documentation tests did not build");
    ensure!(results > 0, "rustdoc looked at no crate");
    Ok(counts)
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`; ignored ones count as failed.
fn counts_in_result(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |name: &str| -> Option<u32> {
        let mut words = rest.split([' ', ';']).filter(|word| !word.is_empty());
        let mut last = words.next()?;
        for word in words {
            if word == name {
                return last.parse().ok();
            }
            last = word;
        }
        None
    };
    Some(Counts { passed: number("passed")?, failed: number("failed")? + number("ignored")? })
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts_in_junit, counts_in_result};

    #[test]
    fn counts_are_read_from_the_report_of_nextest() {
        let xml = "<?xml version=\"1.0\"?>\n<testsuites name=\"nextest-run\" tests=\"12\" failures=\"2\" errors=\"1\" uuid=\"x\">\n<testsuite name=\"a\" tests=\"5\">";
        assert_eq!(counts_in_junit(xml), Some(Counts { passed: 9, failed: 3 }));
        assert_eq!(counts_in_junit("<testsuite tests=\"1\">"), None);
    }

    #[test]
    fn counts_are_read_from_the_last_line_of_a_doc_test() {
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(counts_in_result(line), Some(Counts { passed: 3, failed: 3 }));
        assert_eq!(counts_in_result("test a ... ok"), None);
    }
}
