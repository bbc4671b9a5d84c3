//! Chromium, for the browser tests.

use std::env;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

use super::system;
use crate::process;

/// Names under which distributions install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The tests compare Chinese text and emoji too, which need fonts.
pub(super) const PACKAGES: [&str; 3] = ["chromium", "fonts-noto-cjk", "fonts-noto-color-emoji"];

/// The executable: `$CHROMIUM`, else the first of the usual names on the `PATH`, installed first where that is possible.
///
/// # Errors
///
/// Fails when there is none and it cannot be installed; the text says what to install.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(given) = env::var_os("CHROMIUM").filter(|value| !value.is_empty()) {
        let path = PathBuf::from(given);
        ensure!(process::is_executable(&path), "CHROMIUM={} is not an executable file", path.display());
        return Ok(path);
    }
    if let Some(path) = find() {
        return Ok(path);
    }
    system::install("Chromium", &PACKAGES)?;
    find().context("Chromium was installed, but is not on the PATH")
}

fn find() -> Option<PathBuf> {
    NAMES.iter().find_map(|name| process::find_on_path(name))
}
