//! One run: each scenario on each server in turn, on a machine that is waited for until it is quiet.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Result, bail};

use crate::{
    contender::{Contender, Running, Seed, Stage},
    machine::{self, Cores, Machine},
    report::{Results, Row, Section, markdown},
    scenario::{burst, fan_out, idle, posts, resume, saturation, snapshot},
    seed::Rooms,
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// See [`crate::scenario::fan_out`].
    FanOut,
    /// See [`crate::scenario::idle`].
    Idle,
    /// See [`crate::scenario::saturation`].
    Saturation,
    /// See [`crate::scenario::burst`].
    Burst,
    /// See [`crate::scenario::resume`].
    Resume,
    /// See [`crate::scenario::posts`].
    Posts,
    /// See [`crate::scenario::snapshot`].
    Snapshot,
}

impl Scenario {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 7] =
        [Self::FanOut, Self::Idle, Self::Saturation, Self::Burst, Self::Resume, Self::Posts, Self::Snapshot];

    /// As it is called on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FanOut => "fan-out",
            Self::Idle => "idle",
            Self::Saturation => "saturation",
            Self::Burst => "burst",
            Self::Resume => "resume",
            Self::Posts => "posts",
            Self::Snapshot => "snapshot",
        }
    }

    /// Reads a scenario's word.
    ///
    /// # Errors
    /// There is none by that name.
    pub fn parse(word: &str) -> Result<Self> {
        match Self::ALL.into_iter().find(|scenario| scenario.word() == word) {
            Some(scenario) => Ok(scenario),
            None => bail!("no scenario `{word}`: there are {}", Self::ALL.map(Self::word).join(", ")),
        }
    }
}

/// What to run and where to put it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Which scenarios; the figures of the others stay what they were.
    pub scenarios: Vec<Scenario>,
    /// Shorter times and fewer streams: to see that it works, not to be published.
    pub is_quick: bool,
    /// How long to wait for a quiet machine before each scenario.
    pub wait: Duration,
    /// The executable under test; without it, the server that is linked into this program.
    pub teahouse: Option<PathBuf>,
    /// Where data directories and the figures of earlier runs are: on the disk that is to be measured.
    pub work: PathBuf,
    /// Where BENCHMARKS.md and its images go.
    pub docs: PathBuf,
}

/// How much of everything.
#[derive(Debug, Clone, Copy)]
struct Size {
    people: usize,
    fan_out: usize,
    saturation: usize,
    burst: usize,
    seconds: f64,
    idle_seconds: u64,
    /// Of the large place whose beginning is asked for.
    place: (usize, Rooms),
    snapshots: u32,
}

const WHOLE: Size = Size {
    people: 15_000,
    fan_out: 5_000,
    saturation: 2_000,
    burst: 10_000,
    seconds: 5.0,
    idle_seconds: 30,
    place: (5_000, Rooms { count: 500, of_first: 100 }),
    snapshots: 200,
};
const QUICK: Size = Size {
    people: 1_000,
    fan_out: 500,
    saturation: 200,
    burst: 1_000,
    seconds: 1.0,
    idle_seconds: 3,
    place: (500, Rooms { count: 50, of_first: 10 }),
    snapshots: 20,
};

/// Messages each second, of the fan-out; the last is the published one.
const RATES: [f64; 3] = [5.0, 10.0, 20.0];
/// Messages that everybody has missed when they come back.
const BEHIND: usize = 100;
/// Connections that post durably.
const CLIENTS: usize = 64;

/// Measures, keeps what was measured after each scenario, and writes the report.
///
/// # Errors
/// Something could not be prepared or written. That a server failed a scenario is a result, not an error.
pub fn run(plan: &Plan) -> Result<()> {
    machine::raise_file_limit()?;
    let cores = Cores::divide()?;
    let size = if plan.is_quick { QUICK } else { WHOLE };
    fs::create_dir_all(&plan.work)?;
    eprintln!("seeding {} people", size.people);
    let stage = Stage::prepare(cores, plan.teahouse.clone(), &plan.work, size.people)?;
    let kept = plan.work.join("results.json");
    let mut results = Results::load(&kept)?;
    results.machine = Machine::here();
    for scenario in &plan.scenarios {
        let conductor = Conductor { stage: &stage, scenario: *scenario, is_quick: plan.is_quick, wait: plan.wait };
        conduct(&conductor, size, &mut results)?;
        results.save(&kept)?;
        markdown::write(&results, &plan.docs)?;
    }
    Ok(())
}

fn conduct(conductor: &Conductor<'_>, size: Size, results: &mut Results) -> Result<()> {
    use Contender::{BareSend, GroupCommit, Teahouse};
    let time = Duration::from_secs_f64(size.seconds);
    let warm_up = time / 4;
    match conductor.scenario {
        Scenario::FanOut => {
            let plans = RATES.map(|rate| fan_out::Plan { streams: size.fan_out, rate, warm_up, time });
            // The two that are compared most closely come twice, around the others.
            let order = [&Contender::STREAMING[..], &[BareSend, Teahouse]].concat();
            results.fan_out = Some(conductor.section(&order, |running| fan_out::measure(running, &plans))?);
        }
        Scenario::Idle => {
            let idle_time = |api: &crate::load::Api| match api {
                crate::load::Api::Teahouse(_) => Duration::from_secs(size.idle_seconds),
                _ => Duration::from_secs(2),
            };
            let measure = |running: &Running| idle::measure(running, size.people, idle_time(&running.api));
            results.idle = Some(conductor.section(&Contender::STREAMING, measure)?);
        }
        Scenario::Saturation => {
            let measure = |running: &Running| saturation::measure(running, size.saturation, time / 2);
            results.saturation = Some(conductor.section(&Contender::STREAMING, measure)?);
        }
        Scenario::Burst => {
            let measure = |running: &Running| burst::measure(running, size.burst);
            results.burst = Some(conductor.section(&Contender::STREAMING, measure)?);
        }
        Scenario::Resume => {
            let plan = resume::Plan { streams: size.burst, behind: BEHIND, rate: 20.0 };
            results.resume = Some(conductor.section(&[Teahouse], |running| resume::measure(running, &plan))?);
        }
        Scenario::Posts => {
            let order = [GroupCommit, Teahouse, GroupCommit, Teahouse];
            results.posts = Some(conductor.section(&order, |running| posts::measure(running, CLIENTS, warm_up, time))?);
        }
        Scenario::Snapshot => {
            let (people, rooms) = size.place;
            let stage = conductor.stage.seeded(Seed::with_rooms(conductor.stage.work(), people, rooms)?);
            let conductor = Conductor { stage: &stage, ..*conductor };
            let measure = |running: &Running| snapshot::measure(running, size.snapshots);
            results.snapshot = Some(conductor.section(&[Teahouse], measure)?);
        }
    }
    Ok(())
}

/// Measures one scenario on several servers.
struct Conductor<'a> {
    stage: &'a Stage,
    scenario: Scenario,
    is_quick: bool,
    wait: Duration,
}

impl Conductor<'_> {
    fn section<T>(&self, order: &[Contender], measure: impl Fn(&Running) -> Result<T>) -> Result<Section<T>> {
        let busy_before = machine::wait_until_quiet(self.wait)?;
        let mut rows = Vec::new();
        for contender in order {
            eprintln!("{}: {}", self.scenario.word(), contender.name());
            let outcome = match self.stage.start(*contender)? {
                Ok(running) => measure(&running).map_err(|error| format!("{error:#}")),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = &outcome {
                eprintln!("{}: {}: {reason}", self.scenario.word(), contender.name());
            }
            rows.push(Row { contender: *contender, outcome });
        }
        let at = format!("{:.0}", jiff::Timestamp::now());
        Ok(Section { at, commit: commit(), is_quick: self.is_quick, busy_before, rows })
    }
}

/// The commit that is checked out; empty outside a checkout.
fn commit() -> String {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output();
    output.map_or_else(|_| String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::Scenario;

    #[test]
    fn every_scenario_has_its_word() {
        for scenario in Scenario::ALL {
            assert_eq!(Scenario::parse(scenario.word()).expect("known"), scenario);
        }
        assert!(Scenario::parse("everything").is_err());
    }
}
