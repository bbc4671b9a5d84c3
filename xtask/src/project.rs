//! Where things are: the checkout, cargo's target directory, and the cache that outlives both.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The directories that every command works with. All paths are absolute.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    /// The checkout: the directory of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target directory.
    pub(crate) target: PathBuf,
    /// Installed tools and packages, shared by all checkouts of this user.
    pub(crate) cache: PathBuf,
}

impl Project {
    /// Finds the directories from the environment that `cargo run` gives to xtask.
    ///
    /// # Errors
    ///
    /// Fails when xtask was not started by cargo, or when no cache directory can be derived from the environment.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("start this through cargo: `cargo xtask`")?;
        let root =
            Path::new(&manifest).parent().context("xtask lies directly below the root of the checkout")?.to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => root.join(directory),
            None => root.join("target"),
        };
        Ok(Self { root, target, cache: cache_directory()? })
    }

    /// Where the finished web client is put for the server to embed.
    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The version of `package` in `Cargo.lock`.
    ///
    /// # Errors
    ///
    /// Fails when the lock file cannot be read or does not name the package.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let path = self.root.join("Cargo.lock");
        let lock = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        version_in_lock(&lock, package).with_context(|| format!("{} does not name {package}", path.display()))
    }
}

/// `$TEAHOUSE_CACHE`, else `teahouse` below the user's cache directory as the XDG base directory specification has it.
fn cache_directory() -> Result<PathBuf> {
    let given = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(directory) = given("TEAHOUSE_CACHE") {
        return std::path::absolute(directory).context("TEAHOUSE_CACHE");
    }
    given("XDG_CACHE_HOME")
        .or_else(|| given("HOME").map(|home| home.join(".cache")))
        .map(|base| base.join("teahouse"))
        .context("no place for the cache: set HOME, XDG_CACHE_HOME or TEAHOUSE_CACHE")
}

fn version_in_lock(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines();
    lines.find(|line| *line == name)?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "[[package]]\nname = \"leptos\"\nversion = \"0.8.23\"\n\n[[package]]\nname = \"leptos_dom\"\nversion = \"0.8.8\"\n";
        assert_eq!(version_in_lock(lock, "leptos").as_deref(), Some("0.8.23"));
        assert_eq!(version_in_lock(lock, "leptos_dom").as_deref(), Some("0.8.8"));
        assert_eq!(version_in_lock(lock, "lept"), None);
    }
}
