//! Packages of the operating system: installed where that is possible, named where it is not.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Result, bail, ensure};

use crate::process;

/// Installs Debian packages, or says which ones a person has to install.
///
/// # Errors
///
/// Fails when there is no apt-get, when we are not root, or when apt-get fails. The text names `what` and `packages`.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    if process::find_on_path("apt-get").is_none() {
        bail!("{what} is missing: install your system's packages for it (on Debian: {names})");
    }
    if !is_root() {
        bail!("{what} is missing: run `sudo apt-get install {names}`");
    }
    eprintln!("      installing {names}");
    if !lists_are_fresh() {
        bail!("{what} is missing, and `apt-get update` failed; install by hand: {names}");
    }
    let mut apt = apt_get();
    let status = process::status(apt.args(["install", "--yes", "--no-install-recommends"]).args(packages))?;
    ensure!(status.success(), "{what} is missing, and `apt-get install {names}` failed");
    Ok(())
}

/// Refreshes the package lists, once per process.
fn lists_are_fresh() -> bool {
    static FRESH: OnceLock<bool> = OnceLock::new();
    *FRESH.get_or_init(|| process::run(apt_get().arg("update")).is_ok())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
