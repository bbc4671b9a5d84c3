//! The machine: what it is, which cores are whose, and whether anybody else is busy on it.

use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use rustix::{
    process::{Resource, Rlimit, Signal, getrlimit, set_parent_process_death_signal, setrlimit},
    thread::{CpuSet, sched_getaffinity, sched_setaffinity},
};
use serde::{Deserialize, Serialize};

/// Open files needed: 15,000 streams and some.
pub const FILES_NEEDED: u64 = 17_000;
/// Below this share of all cores the machine counts as quiet.
const QUIET_MAX: f64 = 0.04;
/// How long it must be quiet.
const QUIET_FOR: Duration = Duration::from_secs(2);

/// Who runs where: this process, which is the load, on the last core, and servers on all others.
#[derive(Debug, Clone)]
pub struct Cores {
    /// The load's core.
    pub load: CpuSet,
    /// The servers' cores.
    pub server: CpuSet,
    /// How many those are.
    pub servers: usize,
}

impl Cores {
    /// Divides the cores that this process may use, and moves this thread to its own.
    ///
    /// # Errors
    /// The system does not say, or refuses.
    pub fn divide() -> Result<Self> {
        let all = sched_getaffinity(None)?;
        let usable: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).collect();
        let (last, others) = usable.split_last().context("no core to run on")?;
        let set = |cores: &[usize]| {
            let mut set = CpuSet::new();
            cores.iter().for_each(|core| set.set(*core));
            set
        };
        // On one core they share it; the figures then say little.
        let others = if others.is_empty() { std::slice::from_ref(last) } else { others };
        let cores = Self { load: set(&[*last]), server: set(others), servers: others.len() };
        sched_setaffinity(None, &cores.load)?;
        Ok(cores)
    }
}

/// Lets this process, and the servers that it starts, have as many open files as they need.
///
/// # Errors
/// The hard limit is too low, and this user may not raise it.
pub fn raise_file_limit() -> Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let wanted = Rlimit { current: Some(hard.max(FILES_NEEDED)), maximum: Some(hard.max(FILES_NEEDED)) };
    setrlimit(Resource::Nofile, wanted).with_context(|| {
        format!("{FILES_NEEDED} open files are needed; raise the hard limit (`ulimit -Hn`, now {hard})")
    })
}

/// Ends this process when the one that started it ends, however that ends: no server is left over by an interrupted run.
///
/// # Errors
/// The system refuses.
pub fn end_with_parent() -> Result<()> {
    set_parent_process_death_signal(Some(Signal::TERM)).context("asking to end with the parent")
}

/// What a reader of the figures must know.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor, and how many cores of it.
    pub processor: String,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The kernel.
    pub kernel: String,
    /// The system.
    pub system: String,
    /// `name version` of what was measured.
    pub versions: Vec<String>,
}

impl Machine {
    /// Looks around.
    #[must_use]
    pub fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let after = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_once([':', '=']).map_or_else(String::new, |(_, value)| value.trim().trim_matches('"').to_owned())
        };
        let info = read("/proc/cpuinfo");
        let cores = info.lines().filter(|line| line.starts_with("processor")).count();
        let kilobytes = after(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse::<u64>().unwrap_or(0);
        Self {
            processor: format!("{}, {cores} cores", after(&info, "model name")),
            memory_gib: (kilobytes + 512 * 1024) / (1024 * 1024),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
            system: after(&read("/etc/os-release"), "PRETTY_NAME"),
            versions: versions(),
        }
    }
}

fn versions() -> Vec<String> {
    let first_line = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().ok()?;
        let text = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
    };
    [
        Some(format!("SQLite {}", rusqlite::version())),
        first_line("rustc", "--version"),
        first_line("node", "--version").map(|version| format!("Node {version}")),
        first_line("nginx", "-v"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Time that all cores together were busy, and all time there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy {
    busy: u64,
    all: u64,
}

impl Busy {
    /// Counted since the machine started.
    ///
    /// # Errors
    /// The kernel does not say.
    pub fn now() -> Result<Self> {
        parse_busy(&fs::read_to_string("/proc/stat")?).context("the kernel's counters of all cores")
    }

    /// Which share of all cores was busy since `earlier`.
    #[must_use]
    pub fn share_since(self, earlier: Self) -> f64 {
        share(self.busy.saturating_sub(earlier.busy), self.all.saturating_sub(earlier.all))
    }

    /// The time, in microseconds of one core, that was busy since `earlier`.
    #[must_use]
    pub const fn time_since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.busy.saturating_sub(earlier.busy) * 10)
    }
}

#[expect(clippy::cast_precision_loss, reason = "ticks stay far below 2^53")]
fn share(part: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// The first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal, … in ticks (proc(5)).
fn parse_busy(stat: &str) -> Option<Busy> {
    let fields: Vec<u64> =
        stat.lines().next()?.strip_prefix("cpu ")?.split_whitespace().flat_map(str::parse).take(8).collect();
    let idle = fields.get(3)? + fields.get(4)?;
    let all: u64 = fields.iter().sum();
    Some(Busy { busy: all - idle, all })
}

/// Waits until the machine has been quiet for 2 s, or about `at_most`. Returns the share of all cores that was busy at the end.
///
/// # Errors
/// The kernel does not say.
pub fn wait_until_quiet(at_most: Duration) -> Result<f64> {
    let began = Instant::now();
    loop {
        let before = Busy::now()?;
        thread::sleep(QUIET_FOR);
        let share = Busy::now()?.share_since(before);
        if share <= QUIET_MAX || began.elapsed() + QUIET_FOR > at_most {
            return Ok(share);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busy_share_is_what_is_not_idle() {
        let at = |line: &str| parse_busy(line).expect("a line of /proc/stat");
        let earlier = at("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 …");
        let later = at("cpu  130 0 110 840 10 5 5 0 0 0\n");
        assert_eq!(later.share_since(earlier), 0.5);
        assert_eq!(later.time_since(earlier), Duration::from_millis(500));
        assert_eq!(earlier.share_since(earlier), 0.0);
        assert_eq!(parse_busy("intr 1 2 3"), None);
    }

    #[test]
    fn this_machine_can_be_described() {
        let machine = Machine::here();
        assert!(!machine.kernel.is_empty() && machine.memory_gib > 0, "{machine:?}");
    }
}
