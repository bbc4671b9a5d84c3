//! The shipped executable from outside: Chromium, other people's SSE clients and proxies, the development proxy.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::tally::Counts;
use crate::bundle;
use crate::process;
use crate::project::Project;
use crate::tools::packaged::{CADDY, NGINX};
use crate::tools::{self, chromium, node, python, system};

/// What the tests of `deploy/` call, and Debian's packages of it.
const PROGRAMS: [(&str, &str); 4] =
    [("openssl", "openssl"), ("strace", "strace"), ("setpriv", "util-linux"), ("systemd-analyze", "systemd")];

/// Builds the executable and runs everything in `e2e/` against it.
///
/// # Errors
///
/// Fails when a tool is missing and cannot be installed, something does not compile, or the runner breaks down.
pub(super) fn run(project: &Project) -> Result<Counts> {
    node::ensure()?;
    let chromium = chromium::ensure()?;
    let modules = node::modules(project, "e2e")?;
    node::link(&modules, &project.root.join("e2e/node_modules"))?;
    let python = python::ensure(project, "e2e/clients/requirements.txt")?;
    let (nginx, caddy) = (NGINX.ensure(project)?, CADDY.ensure(project)?);
    system::ensure_programs(&PROGRAMS)?;
    let path = tools::web_path(project)?;
    let executable = bundle::release(project)?;

    let summary = project.target.join("e2e-summary.txt");
    if summary.exists() {
        fs::remove_file(&summary).with_context(|| format!("removing {}", summary.display()))?;
    }
    let mut runner = Command::new("node");
    runner
        .arg("e2e/run.mjs")
        .current_dir(&project.root)
        .env("PATH", path)
        .env("TEAHOUSE_BIN", &executable)
        .env("CHROMIUM", &chromium)
        .env("PYTHON", &python)
        .env(NGINX.variable(), &nginx)
        .env(CADDY.variable(), &caddy)
        .env("E2E_SUMMARY", &summary);
    let status = process::status(&mut runner)?;
    let text = fs::read_to_string(&summary).context("the runner left no summary")?;
    let counts = counts_in_summary(&text).with_context(|| format!("the runner's summary reads {text:?}"))?;
    ensure!(status.success() || counts.failed > 0, "the runner ended with {status}");
    Ok(counts)
}

/// `12 passed, 0 failed`, as e2e/run.mjs writes it.
fn counts_in_summary(text: &str) -> Option<Counts> {
    let (passed, rest) = text.trim().split_once(" passed, ")?;
    Some(Counts { passed: passed.parse().ok()?, failed: rest.strip_suffix(" failed")?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{Counts, counts_in_summary};

    #[test]
    fn the_summary_is_read() {
        assert_eq!(counts_in_summary("12 passed, 3 failed\n"), Some(Counts { passed: 12, failed: 3 }));
        assert_eq!(counts_in_summary(""), None);
        assert_eq!(counts_in_summary("12 passed, x failed"), None);
    }
}
