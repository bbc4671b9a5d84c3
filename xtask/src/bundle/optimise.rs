//! wasm-opt over the client's WASM: some 25 % less to download.
//!
//! The wasm-opt is the one of npm's `binaryen`, pinned in `xtask/npm`. Others are not good enough: Debian's (108) builds a
//! client that fails at start, which is also why trunk is told (`data-wasm-opt="0"`) not to use what is on the `PATH`.

use std::fs;
use std::process::{self as std_process, Command};

use anyhow::{Context as _, Result};

use super::assets::Assets;
use crate::process;
use crate::project::Project;
use crate::tools::node;

/// What every browser that we support runs, and no more: `--all-features` emits what none does yet.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// Replaces the bundle's WASM by a smaller one.
///
/// # Errors
///
/// Fails when Node or binaryen cannot be installed, or wasm-opt fails.
pub(super) fn wasm(project: &Project, files: &mut Assets) -> Result<()> {
    let name = files.only(".wasm")?;
    let modules = node::modules(project, "xtask/npm")?;
    let workshop = project.target.join("web").join(format!("wasm-opt-{}", std_process::id()));
    fs::create_dir_all(&workshop).with_context(|| format!("creating {}", workshop.display()))?;
    let (before, after) = (workshop.join("before.wasm"), workshop.join("after.wasm"));
    let contents = files.iter().find(|(other, _)| *other == name).map(|(_, contents)| contents);
    fs::write(&before, contents.context("the WASM was there a moment ago")?)?;
    let mut wasm_opt = Command::new("node");
    wasm_opt.arg(modules.join("binaryen/bin/wasm-opt")).arg("-Oz").args(FEATURES);
    process::run(wasm_opt.arg(&before).arg("--output").arg(&after))?;
    files.put(name, fs::read(&after).with_context(|| format!("reading {}", after.display()))?);
    fs::remove_dir_all(&workshop).with_context(|| format!("removing {}", workshop.display()))
}
