//! The web client as the server embeds it, and the release executable around it.
//!
//! The client is compiled, cut into parts and given its glue (`client`); the page is made of `index.html`, which is written for
//! trunk (`page`); what is shipped is made small (`slim`, `optimise`); then every file gets the hash of its final content
//! (`page`, `assets`), and text gets its compressed siblings (`compress`). Finished bundles are kept below the target directory by fingerprint, and `dist/` is a
//! copy of one of them: that is how `run`, `lint` and `test` share one build. `budget` says what the bundle weighs.

mod assets;
mod budget;
mod client;
mod compress;
mod linked;
mod mute;
mod optimise;
mod order;
mod page;
mod share;
mod slim;
mod store;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use self::assets::Assets;
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
const INPUTS: [&str; 8] =
    [".cargo", "Cargo.lock", "Cargo.toml", "frontend", "index.html", "shared", "xtask/npm", "xtask/src/bundle"];

/// `cargo xtask bundle`: builds `target/release/teahouse` and prints where it is.
///
/// # Errors
///
/// Fails when a tool cannot be installed or something does not compile.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut progress = Progress::of(2);
    progress.next("wasm target");
    tools::ensure_wasm_target(project)?;
    ensure_web_tools(project, &mut progress)?;
    let executable = release(project)?;
    eprintln!("built in {} s:", progress.seconds());
    println!("{}", executable.display());
    Ok(())
}

/// `cargo xtask weigh`: builds the web client as it is shipped, and prints what it weighs.
///
/// # Errors
///
/// As [`web`], and when it weighs more than it may.
pub(crate) fn weigh(project: &Project) -> Result<()> {
    web(project, Flavour::Shipped)?;
    budget::check(&project.dist())
}

/// The step that installs wasm-bindgen.
///
/// # Errors
///
/// Fails when it cannot be installed.
pub(crate) fn ensure_web_tools(project: &Project, progress: &mut Progress) -> Result<()> {
    progress.next(tools::WASM_BINDGEN.intention(project)?);
    tools::WASM_BINDGEN.ensure(project)?;
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
    let path = tools::wasm_bindgen_path(project)?;
    let bundle = store::Store::below(&project.target).bundle(flavour, &fingerprint(project, flavour)?);
    if bundle.exists() {
        eprintln!("web client: nothing changed");
    } else {
        eprintln!("web client: building");
        let files = assemble(project, flavour, &path)?;
        let draft = store::draft_of(&bundle)?;
        files.write(&draft)?;
        store::finish(&draft, &bundle)?;
    }
    store::publish(&bundle, &project.dist())
}

fn fingerprint(project: &Project, flavour: Flavour) -> Result<String> {
    let mut fingerprint = Fingerprint::default();
    fingerprint.text(flavour.cargo_profile());
    fingerprint.text(&tools::WASM_BINDGEN.version(project)?);
    fingerprint.text(&process::output(Command::new("rustc").arg("--version").current_dir(&project.root))?);
    for input in INPUTS {
        fingerprint.path(&project.root, input)?;
    }
    Ok(fingerprint.finish())
}

/// Makes what is served of the sources.
fn assemble(project: &Project, flavour: Flavour, path: &OsStr) -> Result<Assets> {
    let mut files = sources(&project.root)?;
    client::build(project, flavour, path, &mut files)?;
    page::lay_out(&mut files)?;
    if flavour == Flavour::Shipped {
        optimise::all(project, &mut files)?;
    }
    page::name(&mut files)?;
    compress::siblings(&mut files, flavour);
    Ok(files)
}

/// The page, and everything that it may be made of.
fn sources(root: &Path) -> Result<Assets> {
    let mut files = Assets::default();
    files.read_below(root, "index.html")?;
    for directory in ["assets", "styles"] {
        files.read_below(root, &format!("{}{directory}", page::SOURCES))?;
    }
    Ok(files)
}
