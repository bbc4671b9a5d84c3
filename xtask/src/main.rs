//! Teahouse's own commands, called as `cargo xtask <command>`.
//!
//! Each command is one module here; what they share is `project` (where things are), `process` (running programs),
//! `tools` (pinned programs, installed when missing) and `fingerprint` (whether anything changed). Nothing here is part of
//! the shipped executable. Start reading at the command you are interested in, for example `run`.

mod bench;
mod bundle;
mod dev;
mod fingerprint;
mod lint;
mod process;
mod progress;
mod project;
mod run;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::project::Project;

const HELP: &str = "\
Teahouse's own commands.

  cargo xtask run [-- OPTIONS]   build what changed and start the server (OPTIONS go to `teahouse serve`)
  cargo xtask dev                the server, and `trunk serve` with live reload in front of it
  cargo xtask bundle             target/release/teahouse: one executable with the web client inside
  cargo xtask weigh              what the web client weighs, as it is shipped
  cargo xtask test [--only rust|browser]   every test, Chromium included; ends with `N passed, N failed`
  cargo xtask bench [--only SCENARIO,…] [--quick]   measure, beside other servers, and write docs/BENCHMARKS.md
  cargo xtask lint               format, clippy (host and wasm32), docs, dependencies, tidy, size budget
  cargo xtask tidy               the house rules alone: who may name what, file sizes, docs that list things
  cargo xtask audit              known vulnerabilities of our dependencies (needs the network)
  cargo xtask ci                 lint and test

Missing tools are installed at their pinned versions into $TEAHOUSE_CACHE (else ~/.cache/teahouse).
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the command named on the command line; `false` means that it ran and found something wrong, which it has printed.
fn dispatch() -> Result<bool> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(true);
    };
    let project = Project::locate()?;
    match (command.as_str(), rest) {
        ("run", rest) => run::run(&project, rest).map(|()| true),
        ("dev", []) => dev::run(&project).map(|()| true),
        ("bundle", []) => bundle::run(&project).map(|()| true),
        ("weigh", []) => bundle::weigh(&project).map(|()| true),
        ("test", rest) => test::run(&project, test::Only::parse(rest)?),
        ("bench", rest) => bench::run(&project, &bench::Options::parse(rest)?).map(|()| true),
        ("lint", []) => lint::run(&project),
        ("tidy", []) => tidy::run(&project),
        ("audit", []) => lint::audit(&project),
        ("ci", []) => Ok(lint::run(&project)? & test::run(&project, test::Only::Everything)?),
        ("help" | "--help" | "-h", _) => {
            print!("{HELP}");
            Ok(true)
        }
        _ => bail!("unknown command `{}`; see `cargo xtask help`", arguments.join(" ")),
    }
}
