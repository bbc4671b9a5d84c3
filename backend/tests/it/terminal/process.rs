//! Runs the executable as a shell would.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Longest wait for a line or an end.
const PATIENCE: Duration = Duration::from_secs(20);

/// A home directory for one test.
pub(super) struct Home(TempDir);

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Home {
    /// Nobody is signed in.
    pub(super) fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    /// Somebody is signed in to `url`.
    pub(super) fn signed_in(url: &str) -> Self {
        let home = Self::new();
        let file = home.credentials();
        fs::create_dir_all(file.parent().expect("it has a directory")).expect("a directory");
        fs::write(&file, format!("url = \"{url}\"\nname = \"ana\"\ntoken = \"t0k3n\"\n")).expect("a file");
        home.private(&file);
        home
    }

    /// Where the token is kept.
    pub(super) fn credentials(&self) -> PathBuf {
        self.0.path().join(".config/teahouse/credentials.toml")
    }

    fn private(&self, file: &Path) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("a mode");
    }

    /// `teahouse ARGUMENTS`, with nothing of this process' environment.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_teahouse"));
        command.args(arguments).env_clear().env("HOME", self.0.path()).env("TZ", "UTC");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        Self::finish(self.command(arguments))
    }

    /// Runs a command to its end with something to read.
    pub(super) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the executable starts");
        // It may end without reading all of it.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        Self::wait(child)
    }

    /// Runs a prepared command to its end.
    pub(super) fn finish(mut command: Command) -> Ended {
        Self::wait(command.spawn().expect("the executable starts"))
    }

    fn wait(child: Child) -> Ended {
        let output = child.wait_with_output().expect("it ends");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Starts a command that goes on; it is killed when the value is dropped.
    pub(super) fn start(self, arguments: &[&str]) -> Running {
        let mut child = self.command(arguments).spawn().expect("the executable starts");
        let (send, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let (send, notices) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        Running { child, lines, notices, _home: self }
    }
}

/// A command that goes on.
pub(super) struct Running {
    child: Child,
    lines: Receiver<String>,
    notices: Receiver<String>,
    /// Stays as long as the command runs.
    _home: Home,
}

impl Running {
    /// The next line of standard output.
    pub(super) fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("no line came; standard error: {:?}", self.notices.try_iter().collect::<Vec<_>>())
        })
    }

    /// The next line of standard error.
    pub(super) fn notice(&self) -> String {
        self.notices.recv_timeout(PATIENCE).expect("a notice comes")
    }

    /// Waits for the end by itself: the exit code, and what was not read yet of both outputs.
    pub(super) fn end(mut self) -> Ended {
        let code = self.child.wait().expect("it ends").code();
        let rest = |lines: &Receiver<String>| lines.iter().map(|line| line + "\n").collect();
        Ended { code, stdout: rest(&self.lines), stderr: rest(&self.notices) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
