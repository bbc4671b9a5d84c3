//! Python with the packages that the third-party client tests use, in a virtual environment in the cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::system;
use crate::fingerprint::Fingerprint;
use crate::process;
use crate::project::Project;

/// The interpreter of an environment that has what `requirements` (a path below the checkout) names.
///
/// # Errors
///
/// Fails when there is no Python with `venv`, or pip cannot install a package.
pub(crate) fn ensure(project: &Project, requirements: &str) -> Result<PathBuf> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.path(&project.root, requirements)?;
    let home = project.cache.join("python").join(fingerprint.finish());
    let python = home.join("bin").join("python");
    // An environment knows its own path, so it cannot be built elsewhere and renamed: this file says that it is complete.
    let complete = home.join("complete");
    if complete.exists() {
        return Ok(python);
    }
    create(&home)?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    process::run(pip.arg(project.root.join(requirements))).context("installing the Python packages")?;
    fs::write(&complete, "").with_context(|| format!("writing {}", complete.display()))?;
    Ok(python)
}

/// Debian splits `venv` from Python, so having `python3` is not enough.
fn create(home: &Path) -> Result<()> {
    let venv = || process::output(Command::new("python3").args(["-m", "venv", "--clear"]).arg(home));
    if venv().is_err() {
        system::install("Python 3 with venv", &["python3", "python3-venv"])?;
        venv().context("creating the Python environment")?;
    }
    Ok(())
}
