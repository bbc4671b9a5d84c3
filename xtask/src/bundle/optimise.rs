//! What is shipped, as small as it gets: wasm-opt over each part of the program, esbuild over scripts and styles.
//!
//! Both come from npm, pinned in `xtask/npm`. The wasm-opt is the one of `binaryen`; others are not good enough: Debian's
//! (108) builds a client that fails at start.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self as std_process, Command};

use anyhow::{Context as _, Result};

use super::assets::Assets;
use super::order::by_likeness;
use super::slim::{ShortNames, rename, without_unused};
use super::{client, page};
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

/// Several rounds, as each leaves something for the next one, and with the control flow made anew in between. Little is
/// put where it is called: brotli finds a call that is there twice, and seldom two bodies that have grown into others.
/// Nobody asks the program what it was made with.
const PASSES: [&str; 13] = [
    "-Oz",
    "--low-memory-unused",
    "--one-caller-inline-max-function-size=40",
    "--always-inline-max-function-size=0",
    "--flatten",
    "--rereloop",
    "-Oz",
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--strip-producers",
    "--strip-target-features",
];

/// Replaces the bundle's WASM, scripts and styles by smaller ones.
///
/// # Errors
///
/// Fails when Node or a package cannot be installed, or one of the tools fails.
pub(super) fn all(project: &Project, files: &mut Assets) -> Result<()> {
    let modules = node::modules(project, "xtask/npm")?;
    let workshop = project.target.join("web").join(format!("optimise-{}", std_process::id()));
    fs::create_dir_all(&workshop).with_context(|| format!("creating {}", workshop.display()))?;
    let bench = Bench { modules, workshop };
    let names = ShortNames::of(files.bytes(client::FIRST)?)?;
    let glue = without_unused(&names.shorten(files.text(client::GLUE)?)?);
    files.put(client::GLUE, glue);
    let parts: Vec<String> = files.names().filter(|name| name.ends_with(".wasm")).map(str::to_owned).collect();
    for part in &parts {
        bench.wasm(files, part, &names)?;
    }
    bench.scripts_and_styles(files)?;
    fs::remove_dir_all(&bench.workshop).with_context(|| format!("removing {}", bench.workshop.display()))
}

/// Where the tools work.
struct Bench {
    /// `node_modules`.
    modules: PathBuf,
    workshop: PathBuf,
}

impl Bench {
    fn wasm(&self, files: &mut Assets, part: &str, names: &ShortNames) -> Result<()> {
        let renamed = rename(files.bytes(part)?, names).with_context(|| part.to_owned())?;
        let before = self.put("before.wasm", &renamed)?;
        let after = self.workshop.join("after.wasm");
        let mut wasm_opt = Command::new("node");
        wasm_opt.arg(self.modules.join("binaryen/bin/wasm-opt")).args(PASSES).args(FEATURES);
        process::run(wasm_opt.arg(&before).arg("--output").arg(&after))?;
        files.put(part, by_likeness(&read(&after)?).with_context(|| part.to_owned())?);
        Ok(())
    }

    /// One script of the client's three, and all of them, and the styles, without what is for readers.
    fn scripts_and_styles(&self, files: &mut Assets) -> Result<()> {
        let bundled = [page::CLIENT, client::GLUE, client::FETCHER];
        for name in bundled {
            self.put(name, files.bytes(name)?)?;
        }
        let bundle = self.workshop.join("bundle.js");
        let outfile = format!("--outfile={}", bundle.display());
        self.esbuild(&["client.js", "--bundle", "--minify", "--format=esm", &outfile])?;
        files.put(page::CLIENT, read(&bundle)?);
        for name in [client::GLUE, client::FETCHER] {
            files.remove(name);
            files.replace(&page::preload(name), "")?;
        }
        let alone = [page::BOOT, page::LOADER, page::STYLE, page::DOORS_STYLE, page::LATER_STYLE];
        for name in alone {
            self.put(name, files.bytes(name)?)?;
        }
        self.esbuild(&[&alone[..], &["--minify", "--outdir=small"]].concat())?;
        for name in alone {
            files.put(name, read(&self.workshop.join("small").join(name))?);
        }
        Ok(())
    }

    fn esbuild(&self, arguments: &[&str]) -> Result<()> {
        let mut esbuild = Command::new(self.modules.join("esbuild/bin/esbuild"));
        process::run(esbuild.current_dir(&self.workshop).args(["--log-level=warning"]).args(arguments))
    }

    fn put(&self, name: &str, contents: &[u8]) -> Result<PathBuf> {
        let path = self.workshop.join(name);
        fs::write(&path, contents).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}
