//! `cargo xtask dev`: the server, and `trunk serve` with live reload in front of it.
//!
//! The page comes from trunk, which builds it again on every change; `/chat` and `/api` go on to the server
//! (`[[proxy]]` in `Trunk.toml`), so that the browser sees one origin as in a release.

use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::project::Project;
use crate::tools;

/// Where `Trunk.toml` expects the server.
const BACKEND: &str = "127.0.0.1:8081";

/// How often to look whether one of the two has ended.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Runs both until one of them ends, then ends the other. Ctrl-C reaches both, as they share our terminal.
///
/// # Errors
///
/// Fails when a tool cannot be installed, the server does not compile, or one of the two ends by itself.
pub(crate) fn run(project: &Project) -> Result<()> {
    tools::ensure_wasm_target(project)?;
    let path = tools::web_path(project)?;
    process::run(process::cargo(project).args(["build", "--package", "teahouse"]))?;
    let mut server = Command::new(project.target.join("debug").join("teahouse"));
    server.current_dir(&project.root).args(["serve", "--listen", BACKEND, "--data", "teahouse-data"]);
    let mut trunk = tools::trunk(project, &path);
    trunk.arg("serve");
    let mut children = [("the server", start(&mut server)?), ("trunk", start(&mut trunk)?)];
    let ended = wait_for_first(&mut children);
    for (_, child) in &mut children {
        // It may have ended by itself meanwhile, which is as good.
        let _ = child.kill();
        let _ = child.wait();
    }
    let (name, status) = ended?;
    bail!("{name} has ended ({status})")
}

fn start(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("starting {}", command.get_program().to_string_lossy()))
}

fn wait_for_first(children: &mut [(&'static str, Child)]) -> Result<(&'static str, ExitStatus)> {
    loop {
        for (name, child) in children.iter_mut() {
            if let Some(status) = child.try_wait().with_context(|| format!("waiting for {name}"))? {
                return Ok((name, status));
            }
        }
        thread::sleep(LOOK_EVERY);
    }
}
