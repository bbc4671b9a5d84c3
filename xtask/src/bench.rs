//! `cargo xtask bench`: builds the release server and the measuring program, measures, and writes docs/BENCHMARKS.md.
//!
//! What is measured, and the servers that it is compared with, is in the crate `bench`. The two programs are built apart:
//! in one build cargo would give the server the features that only the references need.

use std::process::Command;

use anyhow::{Result, bail};

use crate::bundle;
use crate::process;
use crate::project::Project;

/// What is passed on to the measuring program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Options(Vec<String>);

impl Options {
    /// Reads what follows `cargo xtask bench`.
    ///
    /// # Errors
    ///
    /// Fails on anything but `--only SCENARIO,…`, `--quick` and `--wait SECONDS`.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Vec::new();
        let mut rest = arguments.iter();
        while let Some(word) = rest.next() {
            match (word.as_str(), rest.as_slice().first()) {
                ("--quick", _) => options.push(word.clone()),
                ("--only" | "--wait", Some(value)) => {
                    options.extend([word.clone(), value.clone()]);
                    rest.next();
                }
                _ => bail!(
                    "`cargo xtask bench {word}`: the options are `--only SCENARIO,…`, `--quick` and `--wait SECONDS`"
                ),
            }
        }
        Ok(Self(options))
    }
}

/// Builds and measures. About ten minutes after the builds; `--only` keeps the figures of the other scenarios.
///
/// # Errors
///
/// Fails when something does not compile or cannot be prepared. That a goal was missed is in the page, not an error.
pub(crate) fn run(project: &Project, options: &Options) -> Result<()> {
    let server = bundle::server(project, "release")?;
    process::run(process::cargo(project).args(["build", "--package", "bench", "--release"]))?;
    let program = project.target.join("release").join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    let mut bench = Command::new(program);
    bench.current_dir(&project.root).arg("run").arg("--teahouse").arg(server);
    bench.arg("--work").arg(project.target.join("bench")).arg("--docs").arg(project.root.join("docs"));
    process::run(bench.args(&options.0))
}

#[cfg(test)]
mod tests {
    use super::Options;

    #[test]
    fn options_are_read() {
        let parse = |words: &[&str]| Options::parse(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(parse(&[]).expect("nothing is fine"), Options::default());
        assert_eq!(parse(&["--only", "posts", "--quick"]).expect("known").0, ["--only", "posts", "--quick"]);
        for wrong in [&["--only"][..], &["posts"], &["--quick", "--teahouse"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
