//! The executable itself, as an operator runs it.

use std::{net::SocketAddr, path::Path, process::Stdio, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    sync::Mutex,
    task::JoinHandle,
    time::timeout,
};

use super::DEADLINE;

/// `teahouse serve`, running. Dropping it kills it.
pub(crate) struct Process {
    /// Where it says that it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    errors: Arc<Mutex<String>>,
    reading: JoinHandle<()>,
    output: BufReader<tokio::process::ChildStdout>,
}

/// How a process ended, and everything it said after its first line.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// The command `teahouse serve --data data`, with options, and nothing of the environment that it could read.
pub(crate) fn command(data: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_teahouse"));
    command.env_clear().arg("serve").arg("--data").arg(data).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// The same command, with so many file descriptors and no more.
pub(crate) fn with_descriptors(count: u32, data: &Path, options: &[&str]) -> Command {
    let mut command = Command::new("/bin/sh");
    command.env_clear().args([
        "-c",
        &format!("ulimit -n {count} && exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_teahouse"),
    ]);
    command.arg("serve").arg("--data").arg(data).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs the command to an end that it finds by itself.
pub(crate) async fn run_to_end(mut command: Command) -> Ended {
    let output = timeout(DEADLINE, command.output()).await.expect("it ends by itself").unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Process {
    /// Starts it on a free port and waits for its first line.
    pub(crate) async fn start(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    /// The same, with more options.
    pub(crate) async fn start_with(data: &Path, options: &[&str]) -> Self {
        Self::spawn(command(data, &[&["--listen", "127.0.0.1:0"], options].concat())).await
    }

    /// Runs the command and waits for its first line.
    pub(crate) async fn spawn(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let errors = Arc::new(Mutex::new(String::new()));
        let (kept, mut stderr) = (Arc::clone(&errors), BufReader::new(child.stderr.take().unwrap()));
        let reading = tokio::spawn(async move {
            let mut line = String::new();
            while stderr.read_line(&mut line).await.is_ok_and(|count| count > 0) {
                kept.lock().await.push_str(&line);
                line.clear();
            }
        });
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        let read = timeout(DEADLINE, output.read_line(&mut line)).await.expect("a first line in time");
        read.unwrap();
        let address = line.strip_prefix("listening on http").map(|rest| rest.trim_start_matches('s'));
        let address = address.and_then(|rest| rest.strip_prefix("://")?.trim_end().parse().ok());
        let Some(address) = address else {
            reading.await.unwrap();
            panic!("it said {line:?}, and {}", errors.lock().await);
        };
        Self { address, child, errors, reading, output }
    }

    /// `kill -9`.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub(crate) async fn terminate(self) -> Ended {
        self.signal("TERM").await;
        self.ended().await
    }

    /// Sends a signal.
    pub(crate) async fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id().to_string()]).status().await.unwrap();
        assert!(sent.success());
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Waits for the end.
    pub(crate) async fn ended(mut self) -> Ended {
        let status = timeout(DEADLINE, self.child.wait()).await.expect("it ends in time").unwrap();
        self.reading.await.unwrap();
        let mut output = String::new();
        self.output.read_to_string(&mut output).await.unwrap();
        let errors = std::mem::take(&mut *self.errors.lock().await);
        Ended { code: status.code(), output, errors }
    }

    /// What it has written to standard error so far.
    pub(crate) async fn errors(&self) -> String {
        self.errors.lock().await.clone()
    }
}
