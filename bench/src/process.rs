//! Servers as processes: started on their own cores, measured from outside, ended by name of nobody but themselves.
//!
//! What the kernel counts in `/proc` is taken for the process and its children (nginx works in a child).

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::{
    process::{Pid, Signal, kill_process},
    thread::sched_setaffinity,
};

use crate::machine::Cores;

/// How long a server may take to be ready.
const START_MAX: Duration = Duration::from_secs(30);
/// How long it may take to end when it is asked to.
const STOP_MAX: Duration = Duration::from_secs(12);
/// What a server prints when it is ready.
const READY: &str = "listening on http://";
/// Clock ticks of `/proc/PID/stat` in a second: `USER_HZ`, part of Linux's interface.
const TICKS_PER_SECOND: u64 = 100;

/// A running server. Dropping it ends it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    // Kept open: a server that cannot print may complain.
    _output: Option<BufReader<ChildStdout>>,
}

/// What the kernel has counted for a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time on any core, user and kernel.
    pub cpu: Duration,
    /// Resident memory.
    pub rss_bytes: u64,
}

impl Server {
    /// Starts a server on `cores` that prints where it listens.
    ///
    /// # Errors
    /// It cannot be started, or is not ready in time.
    pub fn start(command: &mut Command, cores: &Cores) -> Result<Self> {
        let mut child = spawn(command.stdout(Stdio::piped()), &cores.server)?;
        let mut output = BufReader::new(child.stdout.take().context("standard output was asked for as a pipe")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let Some(address) = line.trim().strip_prefix(READY) else {
            let _ = child.kill();
            bail!("a server did not become ready: {line:?} ({command:?})");
        };
        let address = address.parse().with_context(|| format!("where a server listens: {address}"))?;
        Ok(Self { child, address, _output: Some(output) })
    }

    /// Starts a server on `cores` that will listen on `address` without saying so.
    ///
    /// # Errors
    /// It cannot be started, or does not accept in time.
    pub fn start_silent(command: &mut Command, cores: &Cores, address: SocketAddr) -> Result<Self> {
        let child = spawn(command.stdout(Stdio::null()), &cores.server)?;
        let mut server = Self { child, address, _output: None };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            ensure!(began.elapsed() < START_MAX, "a server does not accept on {address}");
            if let Some(status) = server.child.try_wait()? {
                bail!("a server ended at its start: {status} ({command:?})");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(server)
    }

    /// What it has used until now, and holds.
    ///
    /// # Errors
    /// It has ended.
    pub fn usage(&self) -> Result<Usage> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        let children = children.split_whitespace().filter_map(|pid| pid.parse().ok());
        let mut sum = Usage::default();
        for pid in std::iter::once(pid).chain(children) {
            let usage = of_process(pid)?;
            sum.cpu += usage.cpu;
            sum.rss_bytes += usage.rss_bytes;
        }
        Ok(sum)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process(pid, Signal::TERM);
        }
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if began.elapsed() > STOP_MAX {
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Starts a process on other cores than this one: it inherits them, and so does each of its threads.
fn spawn(command: &mut Command, cores: &rustix::thread::CpuSet) -> Result<Child> {
    let own = rustix::thread::sched_getaffinity(None)?;
    sched_setaffinity(None, cores)?;
    let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    sched_setaffinity(None, &own)?;
    child.with_context(|| format!("starting {}", command.get_program().to_string_lossy()))
}

/// What a process has used.
///
/// # Errors
/// There is none by that id.
pub fn of_process(pid: u32) -> Result<Usage> {
    let directory = Path::new("/proc").join(pid.to_string());
    let read =
        |file: &str| fs::read_to_string(directory.join(file)).with_context(|| format!("{file} of process {pid}"));
    let ticks = cpu_ticks(&read("stat")?).context("the kernel's counters of a process")?;
    let rss_bytes = rss_bytes(&read("status")?).unwrap_or(0);
    Ok(Usage { cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND), rss_bytes })
}

/// Fields 14 and 15 of `/proc/PID/stat`, counted behind the name, which may hold anything (proc(5)).
fn cpu_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_read_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 9 1000 99";
        assert_eq!(cpu_ticks(stat), Some(300));
        assert_eq!(cpu_ticks("7 (a"), None);
        assert_eq!(rss_bytes("Name:\tx\nVmRSS:\t   1234 kB\n"), Some(1234 * 1024));
        assert_eq!(rss_bytes("Name:\tx\n"), None);
    }

    #[test]
    fn this_process_uses_something() {
        let usage = of_process(std::process::id()).expect("it runs");
        assert!(usage.rss_bytes > 100_000, "{usage:?}");
    }
}
