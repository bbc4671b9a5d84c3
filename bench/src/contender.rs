//! A server that is measured: what it is called, how it is started, what it understands.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::{
    load::Api,
    machine::Cores,
    process::Server,
    reference::{NODE_SERVER, nchan},
    seed::{self, People},
};

/// Everything that is compared, in the order in which it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contender {
    /// One `send(2)` for each subscriber.
    BareSend,
    /// The server of this repository.
    Teahouse,
    /// axum's `Sse` over `tokio::broadcast`.
    AxumSse,
    /// The tutorial's server on Node.
    Node,
    /// nginx with nchan.
    Nchan,
    /// axum and rusqlite with group commit, nothing else.
    GroupCommit,
}

impl Contender {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::BareSend, Self::Teahouse, Self::AxumSse, Self::Node, Self::Nchan, Self::GroupCommit];

    /// Those with streams.
    pub const STREAMING: [Self; 5] = [Self::BareSend, Self::Teahouse, Self::AxumSse, Self::Node, Self::Nchan];

    /// As it is called in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BareSend => "bare send(2)",
            Self::Teahouse => "Teahouse",
            Self::AxumSse => "axum Sse + broadcast",
            Self::Node => "Node http",
            Self::Nchan => "nginx + nchan",
            Self::GroupCommit => "bare axum + SQLite",
        }
    }

    /// As it is called on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::BareSend => "bare-send",
            Self::Teahouse => "teahouse",
            Self::AxumSse => "axum-sse",
            Self::Node => "node",
            Self::Nchan => "nchan",
            Self::GroupCommit => "group-commit",
        }
    }
}

/// Where servers come from and where they may leave files.
#[derive(Debug)]
pub struct Stage {
    /// Who runs on which cores.
    pub cores: Cores,
    /// How the server under test is called: its executable, or this program and a word.
    teahouse: Vec<OsString>,
    /// A data directory with people in it, which is copied for each start.
    pub seed: Seed,
    /// Where data directories are made: on the disk that is to be measured.
    work: PathBuf,
    /// Options of `teahouse serve` that lift its caps.
    uncapped: Vec<String>,
}

/// A data directory and those in it.
#[derive(Debug)]
pub struct Seed {
    directory: TempDir,
    people: People,
}

impl Seed {
    /// Makes it; a second or two for 15,000 people.
    ///
    /// # Errors
    /// The store refuses.
    pub fn with_people(work: &Path, count: usize) -> Result<Self> {
        Self::with_rooms(work, count, seed::Rooms::default())
    }

    /// Makes it, with rooms beside the one that all are in.
    ///
    /// # Errors
    /// The store refuses.
    pub fn with_rooms(work: &Path, count: usize, rooms: seed::Rooms) -> Result<Self> {
        let directory = TempDir::new_in(work)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let people = runtime.block_on(seed::people(directory.path(), count, rooms))?;
        Ok(Self { directory, people })
    }
}

/// A contender at work. Dropping it ends it and removes its files.
#[derive(Debug)]
pub struct Running {
    /// The process.
    pub server: Server,
    /// What it understands.
    pub api: Api,
    _files: TempDir,
}

impl Stage {
    /// Prepares everything for `people`. Without an executable the server that is linked into this program is measured: the
    /// same code, for those who work on it and would rather build once.
    ///
    /// # Errors
    /// The seed cannot be made, or there is no such executable.
    pub fn prepare(cores: Cores, teahouse: Option<PathBuf>, work: &Path, people: usize) -> Result<Self> {
        let teahouse = match teahouse {
            Some(executable) => vec![executable.into()],
            None => vec![env::current_exe().context("where this program is")?.into(), "teahouse".into()],
        };
        let help = command(&teahouse).args(["serve", "--help"]).output();
        let help = help.with_context(|| format!("starting {}", teahouse[0].to_string_lossy()))?.stdout;
        let uncapped = uncapping(&String::from_utf8_lossy(&help));
        Ok(Self { cores, teahouse, seed: Seed::with_people(work, people)?, work: work.to_owned(), uncapped })
    }

    /// Where data directories are made.
    #[must_use]
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// The same with others in the data directory.
    #[must_use]
    pub fn seeded(&self, seed: Seed) -> Self {
        let Self { cores, teahouse, work, uncapped, .. } = self;
        Self { cores: cores.clone(), teahouse: teahouse.clone(), seed, work: work.clone(), uncapped: uncapped.clone() }
    }

    /// Starts a contender; `None` with the reason when it cannot run here.
    ///
    /// # Errors
    /// It should run and does not.
    pub fn start(&self, contender: Contender) -> Result<Result<Running, String>> {
        let files = TempDir::new_in(&self.work)?;
        let (server, api) = match contender {
            Contender::Teahouse => (self.start_teahouse(files.path())?, Api::Teahouse(self.seed.people.clone())),
            Contender::Nchan => match nchan::missing() {
                Some(reason) => return Ok(Err(reason)),
                None => (nchan::start(files.path(), &self.cores)?, nchan::api()),
            },
            Contender::Node => {
                let script = files.path().join("node.mjs");
                fs::write(&script, NODE_SERVER)?;
                match Server::start(Command::new("node").arg(script), &self.cores) {
                    Ok(server) => (server, Api::reference()),
                    Err(error) => return Ok(Err(format!("Node does not start: {error:#}"))),
                }
            }
            Contender::BareSend | Contender::AxumSse => (self.start_own(contender, files.path())?, Api::reference()),
            Contender::GroupCommit => (self.start_own(contender, files.path())?, Api::Store),
        };
        Ok(Ok(Running { server, api, _files: files }))
    }

    fn start_teahouse(&self, directory: &Path) -> Result<Server> {
        for entry in fs::read_dir(self.seed.directory.path())? {
            let entry = entry?;
            fs::copy(entry.path(), directory.join(entry.file_name()))?;
        }
        let mut serve = command(&self.teahouse);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(directory).args(&self.uncapped);
        Server::start(&mut serve, &self.cores)
    }

    /// Starts one of the servers of this program.
    fn start_own(&self, contender: Contender, directory: &Path) -> Result<Server> {
        let own = env::current_exe().context("where this program is")?;
        Server::start(Command::new(own).args(["serve", contender.word()]).arg(directory), &self.cores)
    }
}

fn command(words: &[OsString]) -> Command {
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// Options that set the caps to "no limit", as far as this version has them: everybody here comes from one machine.
fn uncapping(help: &str) -> Vec<String> {
    let caps = [
        "--max-connections",
        "--max-connections-per-address",
        "--max-streams",
        "--max-streams-per-user",
        "--max-streams-per-address",
        "--post-rate",
    ];
    let has = |cap: &str| help.split_whitespace().any(|word| word.trim_matches(',') == cap);
    caps.into_iter().filter(|cap| has(cap)).flat_map(|cap| [cap.to_owned(), "0".to_owned()]).collect()
}

/// Reads a contender's word.
///
/// # Errors
/// There is none by that name.
pub fn parse(word: &str) -> Result<Contender> {
    let found = Contender::ALL.into_iter().find(|contender| contender.word() == word);
    match found {
        Some(contender) => Ok(contender),
        None => bail!("no server `{word}`: there are {}", Contender::ALL.map(Contender::word).join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_are_lifted_where_there_are_any() {
        assert_eq!(uncapping("--listen <ADDRESS:PORT>  --data"), [""; 0]);
        let help = "  --max-streams <COUNT>\n      Streams at once\n  --post-rate <PER_SECOND>";
        assert_eq!(uncapping(help), ["--max-streams", "0", "--post-rate", "0"]);
    }

    #[test]
    fn every_contender_has_its_word() {
        for contender in Contender::ALL {
            assert_eq!(parse(contender.word()).expect("known"), contender);
        }
        assert!(parse("nobody").is_err());
    }
}
