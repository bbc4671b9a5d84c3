//! Servers of other people, as Debian packages them: the proxies that the recipes of `deploy/` are for.
//!
//! An installed one is used. Otherwise the package is only unpacked into the cache: that needs no rights, and starts no
//! service on this machine, which installing it would. The version is the one of the Debian release that the machine runs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::system;
use crate::process;
use crate::project::Project;

/// A program in a package.
#[derive(Debug)]
pub(crate) struct Packaged {
    package: &'static str,
    /// Where the package has it; its last part is the program's name.
    path: &'static str,
    /// The environment variable that names another one.
    variable: &'static str,
    /// Makes it print its version, to see whether it runs at all.
    version_argument: &'static str,
}

/// The proxy of most.
pub(crate) const NGINX: Packaged =
    Packaged { package: "nginx", path: "usr/sbin/nginx", variable: "NGINX", version_argument: "-v" };

/// The proxy that needs no configuration.
pub(crate) const CADDY: Packaged =
    Packaged { package: "caddy", path: "usr/bin/caddy", variable: "CADDY", version_argument: "version" };

impl Packaged {
    /// The environment variable that hands the executable to the tests, and names another one to xtask.
    pub(crate) fn variable(&self) -> &'static str {
        self.variable
    }

    /// The executable: the one that [`Packaged::variable`] names, an installed one, or one unpacked into the cache.
    ///
    /// # Errors
    ///
    /// Fails when there is none and the package cannot be had or does not run here; the text says what to install.
    pub(crate) fn ensure(&self, project: &Project) -> Result<PathBuf> {
        if let Some(given) = env::var_os(self.variable).filter(|value| !value.is_empty()) {
            let path = PathBuf::from(given);
            ensure!(process::is_executable(&path), "{}={} is not an executable file", self.variable, path.display());
            return Ok(path);
        }
        // `sbin` is not on everybody's PATH.
        let usual = Path::new("/").join(self.path);
        let installed = process::find_on_path(self.name()).or_else(|| process::is_executable(&usual).then_some(usual));
        if let Some(path) = installed {
            return Ok(path);
        }
        let home = project.cache.join("debian").join(self.package);
        let unpacked = home.join(self.path);
        if !process::is_executable(&unpacked) {
            eprintln!("unpacking Debian's package {}", self.package);
            self.unpack(&home).with_context(|| self.missing())?;
        }
        process::output(Command::new(&unpacked).arg(self.version_argument)).with_context(|| self.missing())?;
        Ok(unpacked)
    }

    /// The program's name.
    fn name(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    fn missing(&self) -> String {
        let Self { package, variable, .. } = self;
        format!("{} is missing: install it (on Debian: {package}), or let {variable} name it", self.name())
    }

    /// Downloads the package of this machine's Debian release, and unpacks it.
    fn unpack(&self, home: &Path) -> Result<()> {
        for tool in ["apt-get", "dpkg-deb"] {
            ensure!(process::find_on_path(tool).is_some(), "there is no {tool} to get it with");
        }
        let draft = home.with_extension(format!("draft-{}", std::process::id()));
        fs::create_dir_all(&draft).with_context(|| format!("creating {}", draft.display()))?;
        let download =
            || process::run(Command::new("apt-get").args(["--quiet", "download", self.package]).current_dir(&draft));
        if let Err(error) = download() {
            // A fresh machine has no package lists yet.
            ensure!(system::is_root() && system::lists_are_fresh(), error);
            download()?;
        }
        let archive = archive_in(&draft)?;
        process::run(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(&draft))?;
        fs::remove_file(&archive).with_context(|| format!("removing {}", archive.display()))?;
        if fs::rename(&draft, home).is_err() {
            // Another xtask was faster: its directory has the same contents.
            ensure!(home.exists(), "cannot rename {} to {}", draft.display(), home.display());
            fs::remove_dir_all(&draft).with_context(|| format!("removing {}", draft.display()))?;
        }
        Ok(())
    }
}

/// The one package in a directory.
fn archive_in(directory: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(directory).with_context(|| format!("listing {}", directory.display()))? {
        let path = entry.with_context(|| format!("listing {}", directory.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            return Ok(path);
        }
    }
    bail!("apt-get left no package in {}", directory.display())
}

#[cfg(test)]
mod tests {
    use super::{CADDY, NGINX};

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(NGINX.missing(), "nginx is missing: install it (on Debian: nginx), or let NGINX name it");
        assert_eq!(CADDY.name(), "caddy");
    }
}
