//! Node, and packages from npm at the versions of a lock file.
//!
//! The packages go into the cache, one directory per content of the lock file, so that a fresh clone has them at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self as std_process, Command};

use anyhow::{Context as _, Result, bail, ensure};

use super::system;
use crate::fingerprint::Fingerprint;
use crate::process;
use crate::project::Project;

/// The oldest Node that runs the browser tests (`fetch`, `node:test` with `run`).
const OLDEST: u32 = 20;

/// What npm reads in a package's directory.
const FILES: [&str; 3] = ["package.json", "package-lock.json", ".npmrc"];

/// Checks that Node is there and new enough, installing it where that is possible.
///
/// # Errors
///
/// Fails when it is missing or too old; the text says what to install.
pub(crate) fn ensure() -> Result<()> {
    if process::find_on_path("node").is_none() || process::find_on_path("npm").is_none() {
        system::install("Node with npm", &["nodejs", "npm"])?;
    }
    let version = process::output(Command::new("node").arg("--version"))?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|digits| digits.parse().ok());
    match major {
        Some(major @ 0..OLDEST) => bail!("Node {major} is too old: install Node {OLDEST} or newer"),
        Some(_) => Ok(()),
        None => bail!("`node --version` says {:?}", version.trim()),
    }
}

/// The `node_modules` for the lock file in `package`, a directory below the checkout.
///
/// # Errors
///
/// Fails when Node is missing or npm cannot install what the lock file names.
pub(crate) fn modules(project: &Project, package: &str) -> Result<PathBuf> {
    let mut fingerprint = Fingerprint::default();
    for file in FILES {
        fingerprint.path(&project.root, &format!("{package}/{file}"))?;
    }
    let home = project.cache.join("npm").join(fingerprint.finish());
    if !home.exists() {
        ensure()?;
        install(&project.root.join(package), &home)?;
    }
    Ok(home.join("node_modules"))
}

/// Installs beside `home` and renames at the end, so that `home` is either complete or not there.
fn install(package: &Path, home: &Path) -> Result<()> {
    let draft = home.with_extension(format!("draft-{}", std_process::id()));
    fs::create_dir_all(&draft).with_context(|| format!("creating {}", draft.display()))?;
    for file in FILES {
        fs::copy(package.join(file), draft.join(file)).with_context(|| format!("copying {file}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&draft);
    process::run(&mut npm).with_context(|| format!("installing the packages of {}", package.display()))?;
    if fs::rename(&draft, home).is_err() {
        // Another xtask was faster: its directory has the same contents.
        ensure!(home.exists(), "cannot rename {} to {}", draft.display(), home.display());
        fs::remove_dir_all(&draft).with_context(|| format!("removing {}", draft.display()))?;
    }
    Ok(())
}

/// Makes `link` lead to `modules`, because Node looks for packages only beside and above the importing file.
///
/// # Errors
///
/// Fails when what stands at `link` cannot be replaced.
pub(crate) fn link(modules: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|there| there == modules) {
        return Ok(());
    }
    if link.is_symlink() {
        fs::remove_file(link).with_context(|| format!("removing {}", link.display()))?;
    } else if link.is_dir() {
        // From an `npm ci` by hand; git ignores it.
        fs::remove_dir_all(link).with_context(|| format!("removing {}", link.display()))?;
    }
    #[cfg(unix)]
    let made = std::os::unix::fs::symlink(modules, link);
    #[cfg(windows)]
    let made = std::os::windows::fs::symlink_dir(modules, link);
    made.with_context(|| format!("linking {} to {}", link.display(), modules.display()))
}
