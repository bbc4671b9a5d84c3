//! The client as a program: compiled, cut into parts, and given its glue.
//!
//! The linker keeps its relocations, from which `wasm_split_cli_support` sees what only one function of `later` leads to;
//! those become files of their own (decision 0011). Then wasm-bindgen makes the glue of the first one. The names here are
//! those that `frontend/assets/{client,loader}.js` use; `page` gives the final ones.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};

use super::Flavour;
use super::assets::Assets;
use super::mute::mute;
use super::page;
use super::share::keep_shared;
use crate::process;
use crate::project::Project;
use crate::tools;

/// The first download's WASM.
pub(super) const FIRST: &str = "frontend.wasm";
/// The glue.
pub(super) const GLUE: &str = "frontend.js";
/// What fetches the other parts.
pub(super) const FETCHER: &str = "later.js";
/// The module under which the program imports what fetches the parts. It is a key in the glue's object of imports as well as
/// the name of a file there, so it is no file's name here: a file is renamed, and the key must stay.
const LINK: &str = "./link.js";
/// The parts of `frontend/src/later.rs`, with the styles of each.
const PARTS: [(&str, &[&str]); 3] =
    [("doors", &[page::DOORS_STYLE]), ("later", &[page::DOORS_STYLE, page::LATER_STYLE]), ("room", &[])];

/// Compiles the client and adds its files: the WASM of each part, the glue, and what fetches the parts.
///
/// # Errors
///
/// Fails when the client does not compile, or cannot be cut or bound.
pub(super) fn build(project: &Project, flavour: Flavour, path: &OsStr, files: &mut Assets) -> Result<()> {
    let workshop = project.target.join("web").join(format!("client-{}", flavour.cargo_profile()));
    if workshop.exists() {
        fs::remove_dir_all(&workshop).with_context(|| format!("removing {}", workshop.display()))?;
    }
    fs::create_dir_all(&workshop).with_context(|| format!("creating {}", workshop.display()))?;
    let compiled = compile(project, flavour)?;
    let parts = cut(&compiled, &workshop)?;
    bind(project, path, &workshop)?;
    collect(&workshop, &parts, files)
}

/// Runs cargo and returns the WASM.
fn compile(project: &Project, flavour: Flavour) -> Result<PathBuf> {
    let profile = flavour.cargo_profile();
    let mut cargo = process::cargo(project);
    cargo
        .args(["rustc", "--package", "frontend", "--bin", "frontend", "--features", "split"])
        .args(["--target", tools::WASM_TARGET, "--profile", profile])
        .args(["--", "--codegen", "link-arg=--emit-relocs"])
        .env("CARGO_TARGET_DIR", &project.target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", remapped(project)?);
    process::run(&mut cargo)?;
    Ok(project.target.join(tools::WASM_TARGET).join(profile).join(FIRST))
}

/// Panics name their file, also where that is never shown: without the directories of this machine.
fn remapped(project: &Project) -> Result<String> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo"))).context("cargo has no home")?;
    let mut directories = vec![project.root.clone()];
    // There is none when all crates are vendored.
    if let Ok(registries) = fs::read_dir(home.join("registry").join("src")) {
        for registry in registries {
            directories.push(registry.context("listing cargo's registries")?.path());
        }
    }
    let flags = directories.iter().map(|directory| format!("--remap-path-prefix={}/=", directory.display()));
    Ok(flags.collect::<Vec<_>>().join(" "))
}

/// The files that a part needs, in the order of the splitter.
type Parts = Vec<(String, Vec<String>)>;

/// Cuts the program: `first.wasm`, for wasm-bindgen, and a file for each other part.
fn cut(compiled: &Path, workshop: &Path) -> Result<Parts> {
    let linked = fs::read(compiled).with_context(|| format!("reading {}", compiled.display()))?;
    let program = keep_shared(&mute(&linked)?)?;
    let first = workshop.join("first.wasm");
    let mut options = wasm_split_cli_support::Options::new(&program);
    options.output_dir = workshop;
    options.main_out_path = &first;
    options.link_name = LINK;
    options.emit_dwarf = false;
    let cut = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("cutting the WASM: {error:#}"))?;
    for (part, _) in PARTS {
        ensure!(cut.prefetch_map.contains_key(part), "the client has no part `{part}`");
    }
    let mut parts: Parts = cut.prefetch_map.into_iter().collect();
    parts.sort_unstable();
    let chunks: BTreeSet<&str> = parts
        .iter()
        .flat_map(|(_, names)| names)
        .map(String::as_str)
        .filter(|name| name.starts_with("chunk_"))
        .collect();
    ensure!(chunks.len() <= 1, "the parts share {chunks:?}: a page would have to fetch more than it needs");
    Ok(parts)
}

/// Makes the glue of the first part. What the linker exports stays, for the others.
fn bind(project: &Project, path: &OsStr, workshop: &Path) -> Result<()> {
    let mut bindgen = Command::new("wasm-bindgen");
    bindgen
        .current_dir(&project.root)
        .env("PATH", path)
        .args(["--target", "web", "--no-typescript", "--omit-default-module-path"])
        .args(["--keep-lld-exports", "--no-demangle", "--out-name", "frontend", "--out-dir"])
        .arg(workshop)
        .arg(workshop.join("first.wasm"));
    process::run(&mut bindgen)
}

fn collect(workshop: &Path, parts: &Parts, files: &mut Assets) -> Result<()> {
    let read = |name: &str| {
        let path = workshop.join(name);
        fs::read(&path).with_context(|| format!("reading {}", path.display()))
    };
    files.put(FIRST, read("frontend_bg.wasm")?);
    files.put(GLUE, linked(&String::from_utf8(read(GLUE)?).context("the glue is not UTF-8")?)?);
    let mut fetcher = files.text("frontend/assets/later.js")?.to_owned();
    for (part, names) in parts {
        let mut fetched: Vec<String> = names.iter().map(|name| format!("\"/{}\"", served(name))).collect();
        for name in names {
            files.put(served(name), read(&format!("{name}.wasm"))?);
        }
        let styles = PARTS.iter().find(|(of, _)| of == part).map_or(&[][..], |(_, styles)| *styles);
        fetched.extend(styles.iter().map(|style| format!("\"/{style}\"")));
        fetcher.push_str(&format!("export const __wasm_split_load_{part} = part([{}]);\n", fetched.join(", ")));
    }
    files.put(FETCHER, fetcher);
    Ok(())
}

/// The glue, which imports what fetches the parts from where it is.
fn linked(glue: &str) -> Result<String> {
    let (from, to) = (format!("from \"{LINK}\""), format!("from \"./{FETCHER}\""));
    ensure!(glue.contains(&from), "the glue does not import {LINK}");
    Ok(glue.replace(&from, &to))
}

/// `split_later` → `later.wasm`; what two parts share is a file too (`share` sees to it that there is only one).
fn served(name: &str) -> String {
    format!("{}.wasm", name.strip_prefix("split_").unwrap_or("shared"))
}

#[cfg(test)]
mod tests {
    use super::{linked, served};

    #[test]
    fn the_glue_imports_a_file_and_keeps_its_key() {
        let glue = "import * as import1 from \"./link.js\";\nreturn { \"./link.js\": import1 };";
        let expected = "import * as import1 from \"./later.js\";\nreturn { \"./link.js\": import1 };";
        assert_eq!(linked(glue).expect("one import"), expected);
        assert!(linked("import \"./link.js\";").is_err());
    }

    #[test]
    fn parts_are_served_by_their_names() {
        assert_eq!(served("split_later"), "later.wasm");
        assert_eq!(served("chunk_1"), "shared.wasm");
    }
}
