//! Running other programs: with their output shown, collected, or both.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::project::Project;

/// Cargo, at the root of the checkout: the same cargo that started xtask.
pub(crate) fn cargo(project: &Project) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&project.root);
    command
}

/// Runs to the end with inherited standard streams.
///
/// # Errors
///
/// Fails when the program cannot be started or does not end with exit code 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    ensure!(status.success(), "`{}` failed ({status})", shown(command));
    Ok(())
}

/// Like [`run`], for programs whose exit code is an answer.
///
/// # Errors
///
/// Fails when the program cannot be started.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("starting `{}`", shown(command)))
}

/// Runs to the end and returns what it wrote to standard output, which must be UTF-8.
///
/// # Errors
///
/// Fails when the program cannot be started or does not end with exit code 0; the error carries its standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting `{}`", shown(command)))?;
    ensure!(
        output.status.success(),
        "`{}` failed ({}):\n{}",
        shown(command),
        output.status,
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    String::from_utf8(output.stdout).with_context(|| format!("output of `{}`", shown(command)))
}

/// Runs to the end, shows each line of standard output as it comes, and gives it to `see`.
///
/// # Errors
///
/// Fails when the program cannot be started or its output cannot be read.
pub(crate) fn tee(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("starting `{}`", shown(command)))?;
    let pipe = child.stdout.take().context("standard output was asked for as a pipe")?;
    for line in BufReader::new(pipe).split(b'\n') {
        let line = line.with_context(|| format!("reading from `{}`", shown(command)))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        see(&line);
    }
    child.wait().with_context(|| format!("waiting for `{}`", shown(command)))
}

/// Becomes the program: signals reach it directly, and its exit code is ours. Returns only when it cannot be started, or
/// where processes cannot be replaced, when it has ended well.
///
/// # Errors
///
/// Fails when the program cannot be started.
pub(crate) fn become_program(command: &mut Command) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        let error = command.exec();
        Err(error).with_context(|| format!("starting `{}`", shown(command)))
    }
    #[cfg(not(unix))]
    {
        run(command)
    }
}

/// The first executable file called `name` on `PATH`.
pub(crate) fn find_on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|directory| directory.join(name)).find(|path| is_executable(path))
}

/// Whether `path` is a file that may be executed.
pub(crate) fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// `PATH` with `directories` in front, so that a child finds the pinned tools before any other of the same name.
pub(crate) fn path_with<'a>(directories: impl IntoIterator<Item = &'a Path>) -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let paths = directories.into_iter().map(Path::to_path_buf).chain(env::split_paths(&inherited));
    env::join_paths(paths).context("a directory of the tools has a `:` in its name")
}

/// The command as a person would type it, for error texts.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{find_on_path, output, path_with, run, shown, tee};

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let error = run(Command::new("sh").args(["-c", "exit 3"])).expect_err("it fails");
        assert_eq!(error.to_string(), "`sh -c exit 3` failed (exit status: 3)");
        let error = output(Command::new("sh").args(["-c", "echo why >&2; exit 1"])).expect_err("it fails");
        assert!(error.to_string().ends_with("why"), "{error}");
    }

    #[test]
    fn tee_sees_every_line_and_the_exit_code() {
        let mut lines = Vec::new();
        let status =
            tee(Command::new("sh").args(["-c", "echo one; printf two; exit 4"]), |line| lines.push(line.to_owned()));
        assert_eq!(lines, ["one", "two"]);
        assert_eq!(status.expect("it ran").code(), Some(4));
    }

    #[test]
    fn the_path_starts_with_the_given_directories() {
        let path = path_with(["/a".as_ref(), "/b".as_ref()]).expect("no colons");
        assert!(path.to_string_lossy().starts_with("/a:/b:"));
        assert!(find_on_path("sh").is_some());
        assert_eq!(find_on_path("no such program"), None);
        assert_eq!(shown(Command::new("x").arg("y")), "x y");
    }
}
