//! Everything that was measured, as it is kept: each scenario's latest run, so that they can be run one by one.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::{
    contender::Contender,
    machine::Machine,
    scenario::{
        burst::Burst, fan_out::FanOut, idle::Idle, posts::Posts, resume::Resume, saturation::Saturation,
        snapshot::Snapshot,
    },
};

/// One server's outcome: what it took, or why there is nothing to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row<T> {
    /// Who.
    pub contender: Contender,
    /// The figures, or a sentence.
    pub outcome: Result<T, String>,
}

/// One scenario's latest run: all servers in turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section<T> {
    /// When, RFC 3339.
    pub at: String,
    /// The commit of the checkout.
    pub commit: String,
    /// Whether it was a `--quick` run, which is too short to be published.
    pub is_quick: bool,
    /// Share of all cores that was busy right before: how quiet the machine was.
    pub busy_before: f64,
    /// In the order in which they were measured; a server can come twice.
    pub rows: Vec<Row<T>>,
}

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Where.
    pub machine: Machine,
    /// See [`crate::scenario::fan_out`]: one entry for each rate.
    pub fan_out: Option<Section<Vec<FanOut>>>,
    /// See [`crate::scenario::idle`].
    pub idle: Option<Section<Idle>>,
    /// See [`crate::scenario::saturation`].
    pub saturation: Option<Section<Saturation>>,
    /// See [`crate::scenario::burst`].
    pub burst: Option<Section<Burst>>,
    /// See [`crate::scenario::resume`].
    pub resume: Option<Section<Resume>>,
    /// See [`crate::scenario::posts`].
    pub posts: Option<Section<Posts>>,
    /// See [`crate::scenario::snapshot`].
    #[serde(default)]
    pub snapshot: Option<Section<Snapshot>>,
}

impl<T> Section<T> {
    /// The figures of a server, of each time it was measured.
    pub fn of(&self, contender: Contender) -> impl Iterator<Item = &T> {
        self.rows.iter().filter(move |row| row.contender == contender).filter_map(|row| row.outcome.as_ref().ok())
    }

    /// The mean of a figure of a server over its rounds; `None` when there is none.
    pub fn mean(&self, contender: Contender, figure: impl Fn(&T) -> Option<f64>) -> Option<f64> {
        let figures: Vec<f64> = self.of(contender).filter_map(figure).collect();
        (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / crate::scenario::float(figures.len() as u64))
    }
}

impl Results {
    /// What was kept; nothing when there is no file yet.
    ///
    /// # Errors
    /// The file cannot be read, or another version wrote it.
    pub fn load(path: &Path) -> Result<Self> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let text = fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is another version's: remove it", path.display()))
    }

    /// Keeps them.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_string_pretty(self)?).with_context(|| format!("writing {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_survive_the_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("results.json");
        assert_eq!(Results::load(&path).expect("nothing yet"), Results::default());
        let row = |outcome| Row { contender: Contender::Teahouse, outcome };
        let burst = Burst { streams: 3, seconds: 0.5, ..Burst::default() };
        let rows = vec![row(Ok(burst)), row(Err("refused".to_owned())), row(Ok(Burst { seconds: 1.5, ..burst }))];
        let section = Section { at: String::new(), commit: String::new(), is_quick: true, busy_before: 0.0, rows };
        assert_eq!(section.mean(Contender::Teahouse, |burst| Some(burst.seconds)), Some(1.0));
        assert_eq!(section.mean(Contender::Node, |burst| Some(burst.seconds)), None);
        let results = Results { burst: Some(section), ..Results::default() };
        results.save(&path).expect("it can be written");
        assert_eq!(Results::load(&path).expect("it can be read"), results);
    }
}
