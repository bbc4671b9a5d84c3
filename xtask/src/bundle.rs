//! The web client as the server embeds it, and the release executable around it.
//!
//! trunk compiles and names the files; everything after that happens here: the WASM is optimised (`optimise`), the page
//! loses its inline script and every file gets the hash of its final content (`page`, `assets`), and text gets its
//! compressed siblings (`compress`). Finished bundles are kept below the target directory by fingerprint, and `dist/` is a
//! copy of one of them: that is how `run`, `lint` and `test` share one build. `budget` says what the bundle weighs.

mod assets;
pub(crate) mod budget;
mod compress;
mod optimise;
mod page;
mod store;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::fingerprint::Fingerprint;
use crate::process;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools;

/// Which bundle to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Quick to build, large to download: for `cargo xtask run`.
    Quick,
    /// What is released and tested.
    Shipped,
}

impl Flavour {
    /// The cargo profile of the WASM.
    fn cargo_profile(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Shipped => "wasm",
        }
    }
}

/// Everything that a bundle is made from. A change here is a new bundle.
const INPUTS: [&str; 9] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "frontend",
    "index.html",
    "shared",
    "xtask/npm",
    "xtask/src/bundle",
];

/// `cargo xtask bundle`: builds `target/release/teahouse` and prints where it is.
///
/// # Errors
///
/// Fails when a tool cannot be installed or something does not compile.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut progress = Progress::of(4);
    progress.next("wasm target");
    tools::ensure_wasm_target(project)?;
    ensure_web_tools(project, &mut progress)?;
    let executable = release(project)?;
    eprintln!("built in {} s:", progress.seconds());
    println!("{}", executable.display());
    Ok(())
}

/// The two steps that install trunk and wasm-bindgen.
///
/// # Errors
///
/// Fails when one of them cannot be installed.
pub(crate) fn ensure_web_tools(project: &Project, progress: &mut Progress) -> Result<()> {
    for tool in [&tools::TRUNK, &tools::WASM_BINDGEN] {
        progress.next(tool.intention(project)?);
        tool.ensure(project)?;
    }
    Ok(())
}

/// The release executable with the shipped web client inside, built if anything changed.
///
/// # Errors
///
/// Fails when a tool cannot be installed or something does not compile.
pub(crate) fn release(project: &Project) -> Result<PathBuf> {
    web(project, Flavour::Shipped)?;
    eprintln!("building the release executable");
    server(project, "release")
}

/// The server, built with a cargo profile; it embeds what is in `dist/`.
///
/// # Errors
///
/// Fails when it does not compile.
pub(crate) fn server(project: &Project, profile: &str) -> Result<PathBuf> {
    let mut embedded = Fingerprint::default();
    embedded.path(&project.root, "dist")?;
    let mut build = process::cargo(project);
    // cargo does not see files that are new in `dist/`; this makes it embed them.
    build.args(["build", "--package", "teahouse", "--profile", profile]).env("TEAHOUSE_BUNDLE", embedded.finish());
    process::run(&mut build)?;
    let name = format!("teahouse{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target.join(profile).join(name))
}

/// Puts the web client into `dist/`, building it unless a finished bundle of the same inputs is at hand.
///
/// # Errors
///
/// Fails when a tool cannot be installed, the client does not compile, or the page breaks a rule of `page`.
pub(crate) fn web(project: &Project, flavour: Flavour) -> Result<()> {
    tools::ensure_wasm_target(project)?;
    let path = tools::web_path(project)?;
    let bundle = store::Store::below(&project.target).bundle(flavour, &fingerprint(project, flavour)?);
    if bundle.exists() {
        eprintln!("web client: nothing changed");
    } else {
        eprintln!("web client: building");
        let raw = compile(project, flavour, &path)?;
        let draft = store::draft_of(&bundle)?;
        assemble(project, flavour, &raw, &draft)?;
        store::finish(&draft, &bundle)?;
    }
    store::publish(&bundle, &project.dist())
}

fn fingerprint(project: &Project, flavour: Flavour) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.text(flavour.cargo_profile());
    fingerprint.text(&tools::TRUNK.version(project)?);
    fingerprint.text(&process::output(Command::new("rustc").arg("--version").current_dir(&project.root))?);
    for input in INPUTS {
        fingerprint.path(&project.root, input)?;
    }
    Ok(fingerprint.finish())
}

/// Runs trunk and returns the directory with its output.
fn compile(project: &Project, flavour: Flavour, path: &OsStr) -> Result<PathBuf> {
    let raw = project.target.join("web").join(format!("trunk-{}", flavour.cargo_profile()));
    fs::create_dir_all(&raw).with_context(|| format!("creating {}", raw.display()))?;
    let mut trunk = tools::trunk(project, path);
    trunk.args(["build", "--release", "--cargo-profile", flavour.cargo_profile(), "--dist"]).arg(&raw);
    process::run(&mut trunk)?;
    Ok(raw)
}

/// Turns trunk's output into what is served.
fn assemble(project: &Project, flavour: Flavour, raw: &Path, bundle: &Path) -> Result<()> {
    let mut files = assets::Assets::read(raw)?;
    if flavour == Flavour::Shipped {
        optimise::wasm(project, &mut files)?;
    }
    page::finish(&mut files)?;
    compress::siblings(&mut files, flavour);
    files.write(bundle)
}
