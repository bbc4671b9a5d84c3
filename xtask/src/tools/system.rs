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
    let status = process::status(&mut installation(packages))?;
    ensure!(status.success(), "{what} is missing, and `apt-get install {names}` failed");
    Ok(())
}

/// Installs the packages whose programs are not on the `PATH`: pairs of both names.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn ensure_programs(programs: &[(&str, &str)]) -> Result<()> {
    for (program, package) in programs {
        if process::find_on_path(program).is_none() {
            install(program, &[package])?;
        }
    }
    Ok(())
}

/// The command that installs packages without asking.
fn installation(packages: &[&str]) -> Command {
    let mut apt = apt_get();
    apt.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    apt
}

/// Refreshes the package lists, once per process; only root may.
pub(super) fn lists_are_fresh() -> bool {
    static FRESH: OnceLock<bool> = OnceLock::new();
    *FRESH.get_or_init(|| process::run(apt_get().arg("update")).is_ok())
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// Whether this process may do everything.
pub(super) fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::{ensure_programs, installation};
    use crate::process;
    use crate::tools::chromium::PACKAGES;

    #[test]
    fn packages_are_installed_without_questions() {
        let command = installation(&["chromium", "fonts-noto-cjk"]);
        let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
        let expected = ["--quiet", "install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk"];
        assert_eq!((command.get_program().to_str(), words), (Some("apt-get"), expected.map(Into::into).to_vec()));
        let frontend = command.get_envs().find(|(name, _)| *name == "DEBIAN_FRONTEND").and_then(|(_, value)| value);
        assert_eq!(frontend, Some("noninteractive".as_ref()));
    }

    #[test]
    fn debian_has_the_packages_of_chromium() {
        if process::find_on_path("apt-get").is_none() {
            println!("skipped: only Debian and its kin have apt-get");
            return;
        }
        let mut command = installation(&PACKAGES);
        let answer = process::output(command.arg("--simulate"));
        // A fresh machine has no package lists before the `apt-get update` that goes before an installation.
        let has_no_lists =
            |text: &str| text.contains("Unable to locate package") || text.contains("no installation candidate");
        match answer {
            Ok(_) => {}
            Err(error) if has_no_lists(&error.to_string()) => println!("not simulated: {error}"),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn what_is_there_is_not_installed() {
        ensure_programs(&[("sh", "no-such-package")]).expect("a shell is everywhere");
    }
}
