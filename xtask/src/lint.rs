//! `cargo xtask lint`: everything that can be said about the code without running it. And `cargo xtask audit`.
//!
//! Every check runs even if an earlier one failed, so that one run shows all there is to mend.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::bundle;
use crate::process;
use crate::progress::Progress;
use crate::project::Project;
use crate::tidy;
use crate::tools;

/// What it is called, and what does it.
type Check = (&'static str, fn(&Project) -> Result<()>);

const CHECKS: [Check; 7] = [
    ("format", format),
    ("tidy", tidy_check),
    ("clippy, host", clippy_host),
    ("clippy, wasm32", clippy_wasm),
    ("documentation", documentation),
    ("dependencies: bans, licences, sources", dependencies),
    ("size budget of the web client", budget),
];

/// Runs every check; `false` means that one has found something, which it has printed.
///
/// # Errors
///
/// Never by itself; the type is that of the other commands.
pub(crate) fn run(project: &Project) -> Result<bool> {
    let mut progress = Progress::of(CHECKS.len());
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        progress.next(name);
        if let Err(error) = check(project) {
            eprintln!("{name}: {error:#}");
            failed.push(name);
        }
    }
    if failed.is_empty() {
        println!("lint: all {} checks passed in {} s", CHECKS.len(), progress.seconds());
    } else {
        println!("lint: failed: {}", failed.join("; "));
    }
    Ok(failed.is_empty())
}

fn format(project: &Project) -> Result<()> {
    process::run(process::cargo(project).args(["fmt", "--all", "--check"])).context("run `cargo fmt`")
}

fn tidy_check(project: &Project) -> Result<()> {
    ensure!(tidy::run(project)?, "see above");
    Ok(())
}

fn clippy_host(project: &Project) -> Result<()> {
    clippy(project, &["--workspace", "--all-targets"])
}

/// The web client and what it shares with the server, as the browser gets them.
fn clippy_wasm(project: &Project) -> Result<()> {
    tools::ensure_wasm_target(project)?;
    let scope = ["--package", "frontend", "--package", "shared", "--features", "frontend/split"];
    clippy(project, &[&scope[..], &["--target", tools::WASM_TARGET]].concat())
}

fn clippy(project: &Project, scope: &[&str]) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["clippy", "--quiet", "--locked"]).args(scope).args(["--", "--deny", "warnings"]);
    process::run(&mut cargo)
}

fn documentation(project: &Project) -> Result<()> {
    let mut cargo = process::cargo(project);
    cargo.args(["doc", "--quiet", "--locked", "--workspace", "--no-deps", "--document-private-items"]);
    process::run(cargo.env("RUSTDOCFLAGS", "--deny warnings"))
}

fn dependencies(project: &Project) -> Result<()> {
    process::run(cargo_deny(project)?.args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))
}

fn budget(project: &Project) -> Result<()> {
    bundle::weigh(project)
}

fn cargo_deny(project: &Project) -> Result<Command> {
    let directory = tools::CARGO_DENY.ensure(project)?;
    let mut command = Command::new("cargo-deny");
    command.current_dir(&project.root).env("PATH", process::path_with([directory.as_path()])?);
    Ok(command)
}

/// `cargo xtask audit`: known vulnerabilities, from the RustSec advisory database. Needs the network, so it is no part of
/// `lint`.
///
/// # Errors
///
/// Fails when cargo-deny cannot be installed or started.
pub(crate) fn audit(project: &Project) -> Result<bool> {
    let fetched = process::status(cargo_deny(project)?.arg("fetch").arg("db"))?;
    if !fetched.success() {
        println!("audit: the advisory database cannot be reached, so nothing was checked");
        return Ok(false);
    }
    let status = process::status(cargo_deny(project)?.args(["check", "--disable-fetch", "advisories"]))?;
    println!("audit: {}", if status.success() { "no known vulnerabilities" } else { "see above" });
    Ok(status.success())
}
