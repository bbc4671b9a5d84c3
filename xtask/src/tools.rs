//! The programs that building and testing need beside cargo: found, or installed at their pinned version.
//!
//! What is installed goes into the cache (see [`Project`]) below `tools/<name>-<version>`, never into the user's own
//! `~/.cargo/bin`. Submodules: `node` (npm packages), `python` (a virtual environment), `chromium`, `packaged` (servers in
//! Debian's packages), `system` (what only the operating system can install).

pub(crate) mod chromium;
pub(crate) mod node;
pub(crate) mod packaged;
pub(crate) mod python;
pub(crate) mod system;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process;
use crate::project::Project;

/// Sees to it that there is `ip`, with which a test makes a network whose cable it can pull.
///
/// # Errors
///
/// Fails when it is missing and cannot be installed.
pub(crate) fn ensure_iproute() -> Result<()> {
    // Debian's place for it is not on everyone's PATH.
    let is_there = process::find_on_path("ip").is_some() || process::is_executable(Path::new("/usr/sbin/ip"));
    if is_there { Ok(()) } else { system::install("iproute2", &["iproute2"]) }
}

/// The target that the web client is compiled for.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program that comes as a crate.
#[derive(Debug)]
pub(crate) struct CargoTool {
    package: &'static str,
    binary: &'static str,
    version: Version,
    /// Whether to build with the dependency versions that the crate was published with.
    locked: bool,
    /// How long installing takes on two cores, for the progress line.
    minutes: u8,
}

#[derive(Debug)]
enum Version {
    Exactly(&'static str),
    /// The version of this crate in our Cargo.lock: the tool and the crate must be the same version.
    OfDependency(&'static str),
}

/// Serves `index.html` and what it names while developing. 0.22 needs a newer compiler than ours.
pub(crate) const TRUNK: CargoTool =
    CargoTool { package: "trunk", binary: "trunk", version: Version::Exactly("0.21.14"), locked: true, minutes: 4 };

/// Called by the bundle, and by trunk, which would download it if this version were not on the `PATH`. Its own lock file names a version
/// of a dependency that was withdrawn.
pub(crate) const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    binary: "wasm-bindgen",
    version: Version::OfDependency("wasm-bindgen"),
    locked: false,
    minutes: 3,
};

/// Checks licences, sources and banned crates.
pub(crate) const CARGO_DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    binary: "cargo-deny",
    version: Version::Exactly("0.20.2"),
    locked: true,
    minutes: 5,
};

/// Runs the tests, each in its own process.
pub(crate) const NEXTEST: CargoTool = CargoTool {
    package: "cargo-nextest",
    binary: "cargo-nextest",
    version: Version::Exactly("0.9.143"),
    locked: true,
    minutes: 6,
};

impl CargoTool {
    /// Where the executable is, or will be once [`CargoTool::ensure`] has run.
    fn path(&self, project: &Project) -> Result<PathBuf> {
        Ok(self.root(project)?.join("bin").join(self.binary))
    }

    fn root(&self, project: &Project) -> Result<PathBuf> {
        Ok(project.cache.join("tools").join(format!("{}-{}", self.binary, self.version(project)?)))
    }

    /// The pinned version.
    ///
    /// # Errors
    ///
    /// Fails when the version is that of a dependency and `Cargo.lock` does not name it.
    pub(crate) fn version(&self, project: &Project) -> Result<String> {
        match self.version {
            Version::Exactly(version) => Ok(version.to_owned()),
            Version::OfDependency(package) => project.locked_version(package),
        }
    }

    /// What the progress line says: `trunk 0.21.14: installing (about 4 minutes, once)`.
    ///
    /// # Errors
    ///
    /// As [`CargoTool::version`].
    pub(crate) fn intention(&self, project: &Project) -> Result<String> {
        let (name, version) = (self.binary, self.version(project)?);
        Ok(match self.found(project)? {
            Some(_) => format!("{name} {version}"),
            None => format!("{name} {version}: installing (about {} minutes, once)", self.minutes),
        })
    }

    /// The directory of the executable, which is installed first if it is missing.
    ///
    /// # Errors
    ///
    /// Fails when cargo cannot download or build the tool.
    pub(crate) fn ensure(&self, project: &Project) -> Result<PathBuf> {
        let found = match self.found(project)? {
            Some(path) => path,
            None => self.install(project)?,
        };
        let directory = found.parent().context("an executable lies in a directory")?;
        Ok(directory.to_path_buf())
    }

    /// The executable in the cache, or one of exactly this version on the `PATH`.
    fn found(&self, project: &Project) -> Result<Option<PathBuf>> {
        let cached = self.path(project)?;
        if process::is_executable(&cached) {
            return Ok(Some(cached));
        }
        let version = self.version(project)?;
        Ok(process::find_on_path(self.binary).filter(|path| says_version(path, &version)))
    }

    fn install(&self, project: &Project) -> Result<PathBuf> {
        let version = self.version(project)?;
        // Kept until the end, so that an interrupted build goes on where it stopped.
        let build = project.cache.join("build").join(format!("{}-{version}", self.binary));
        let mut cargo = process::cargo(project);
        cargo
            .args(["install", "--quiet", self.package, "--version", &version])
            .args(self.locked.then_some("--locked"))
            .arg("--root")
            .arg(self.root(project)?)
            .env("CARGO_TARGET_DIR", &build)
            // A tool that runs for seconds need not be built for speed: this halves the time.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
        process::run(&mut cargo).with_context(|| format!("installing {} {version}", self.package))?;
        fs::remove_dir_all(&build).with_context(|| format!("removing {}", build.display()))?;
        self.path(project)
    }
}

/// Whether `program --version` names exactly this version.
fn says_version(program: &Path, version: &str) -> bool {
    process::output(Command::new(program).arg("--version"))
        .is_ok_and(|text| text.split_whitespace().any(|word| word == version))
}

/// Adds the wasm target to the Rust toolchain if it is not there.
///
/// # Errors
///
/// Fails when it is missing and rustup is missing too, or cannot download it.
pub(crate) fn ensure_wasm_target(project: &Project) -> Result<()> {
    if has_wasm_target(project) {
        return Ok(());
    }
    process::run(Command::new("rustup").args(["target", "add", WASM_TARGET]).current_dir(&project.root)).with_context(
        || format!("adding the Rust target {WASM_TARGET}; without rustup, install your system's package of it"),
    )
}

/// Whether this toolchain can compile for [`WASM_TARGET`].
pub(crate) fn has_wasm_target(project: &Project) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]).current_dir(&project.root);
    process::output(&mut rustc).is_ok_and(|path| Path::new(path.trim()).is_dir())
}

/// A `PATH` on which trunk and the wasm-bindgen that fits our Cargo.lock come first.
///
/// # Errors
///
/// As [`CargoTool::ensure`].
pub(crate) fn web_path(project: &Project) -> Result<OsString> {
    let trunk = TRUNK.ensure(project)?;
    let wasm_bindgen = WASM_BINDGEN.ensure(project)?;
    process::path_with([trunk.as_path(), wasm_bindgen.as_path()])
}

/// A `PATH` on which the wasm-bindgen that fits our Cargo.lock comes first.
///
/// # Errors
///
/// As [`CargoTool::ensure`].
pub(crate) fn wasm_bindgen_path(project: &Project) -> Result<OsString> {
    let wasm_bindgen = WASM_BINDGEN.ensure(project)?;
    process::path_with([wasm_bindgen.as_path()])
}

/// trunk at the root of the checkout, with `path` from [`web_path`].
pub(crate) fn trunk(project: &Project, path: &OsStr) -> Command {
    let mut trunk = Command::new("trunk");
    trunk
        .current_dir(&project.root)
        .env("PATH", path)
        .env("CARGO_TARGET_DIR", &project.target)
        // Below a compiler error, trunk would print where in trunk that was noticed.
        .env("RUST_BACKTRACE", "0")
        .env("TRUNK_SKIP_VERSION_CHECK", "true");
    trunk
}
