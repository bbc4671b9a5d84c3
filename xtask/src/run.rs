//! `cargo xtask run`: from a fresh checkout to a running chat.

use std::process::Command;

use anyhow::Result;

use crate::bundle::{self, Flavour};
use crate::process;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools;

/// Where the server keeps its data, below the checkout, unless the options say otherwise.
const DATA: &str = "teahouse-data";

/// Installs what is missing, builds what changed, and becomes the server, which prints its address.
///
/// # Errors
///
/// Fails when a tool cannot be installed, something does not compile, or the server cannot be started.
pub(crate) fn run(project: &Project, arguments: &[String]) -> Result<()> {
    let options = arguments.strip_prefix(&["--".to_owned()]).unwrap_or(arguments);
    let mut progress = Progress::of(5);
    progress.next(if tools::has_wasm_target(project) { "wasm target" } else { "wasm target: installing" });
    tools::ensure_wasm_target(project)?;
    bundle::ensure_web_tools(project, &mut progress)?;
    progress.next("web client");
    bundle::web(project, Flavour::Quick)?;
    progress.next("server (the first build takes some minutes)");
    let executable = bundle::server(project, "quick")?;
    progress.next(format!("starting, after {} s", progress.seconds()));
    let mut server = Command::new(executable);
    server.current_dir(&project.root).arg("serve");
    if !options.iter().any(|option| option == "--data" || option.starts_with("--data=")) {
        server.args(["--data", DATA]);
    }
    process::become_program(server.args(options))
}
