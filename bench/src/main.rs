//! The command line of the measurements; `cargo xtask bench` calls it. See the library for what is measured, and how.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use bench::{
    contender::{self, Contender, Stage},
    machine::{self, Cores},
    reference::{axum_sse, bare_send, group_commit},
    run::{self, Plan, Scenario},
    scenario::fan_out,
};
use clap::{Args, Parser, Subcommand};
use teahouse::{
    config::{self, CommandLine},
    shutdown, telemetry,
};

/// Teahouse's published measurements
#[derive(Debug, Parser)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure and write the report
    Run(Run),
    /// Measure the fan-out alone and print it: for those who work on it
    FanOut(FanOut),
    /// Be the teahouse that is linked in: the arguments are its own
    #[command(disable_help_flag = true)]
    Teahouse {
        /// As for `teahouse`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Be one of the servers compared with, until ended
    Serve {
        /// Which
        server: String,
        /// Where it may keep files
        directory: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// Scenarios to measure; the figures of the others stay
    #[arg(long, value_delimiter = ',', value_parser = Scenario::parse, default_values = Scenario::ALL.map(Scenario::word))]
    only: Vec<Scenario>,
    /// Less of everything: shows that it works, not to be published
    #[arg(long)]
    quick: bool,
    /// Seconds to wait for a quiet machine, at most, before each scenario
    #[arg(long, default_value_t = 60)]
    wait: u64,
    /// The teahouse to measure; without it, the one that is linked into this program
    #[arg(long)]
    teahouse: Option<PathBuf>,
    /// Where data directories and earlier figures are, on the disk to be measured
    #[arg(long, default_value = "target/bench")]
    work: PathBuf,
    /// Where BENCHMARKS.md and its images go
    #[arg(long, default_value = "docs")]
    docs: PathBuf,
}

#[derive(Debug, Args)]
struct FanOut {
    /// The teahouse to measure; without it, the one that is linked into this program
    #[arg(long)]
    teahouse: Option<PathBuf>,
    /// Servers to measure, in this order
    #[arg(long, value_delimiter = ',', value_parser = contender::parse, default_value = "bare-send,teahouse,bare-send,teahouse")]
    servers: Vec<Contender>,
    /// Streams
    #[arg(long, default_value_t = 5000)]
    streams: usize,
    /// Messages each second, one rate after the other
    #[arg(long, value_delimiter = ',', default_value = "20")]
    rates: Vec<f64>,
    /// Seconds measured
    #[arg(long, default_value_t = 6.0)]
    seconds: f64,
}

fn main() -> Result<()> {
    match Options::parse().command {
        Command::Run(Run { only, quick, wait, teahouse, work, docs }) => {
            let wait = Duration::from_secs(wait);
            run::run(&Plan { scenarios: only, is_quick: quick, wait, teahouse, work, docs })
        }
        Command::FanOut(options) => try_fan_out(options),
        Command::Teahouse { arguments } => teahouse(arguments),
        Command::Serve { server, directory } => serve(contender::parse(&server)?, &directory),
    }
}

fn try_fan_out(options: FanOut) -> Result<()> {
    machine::raise_file_limit()?;
    let stage = Stage::prepare(Cores::divide()?, options.teahouse, &std::env::temp_dir(), options.streams)?;
    let (warm_up, time) = (Duration::from_secs(1), Duration::from_secs_f64(options.seconds));
    let plans = options.rates.iter().map(|rate| fan_out::Plan { streams: options.streams, rate: *rate, warm_up, time });
    let plans: Vec<_> = plans.collect();
    for contender in options.servers {
        match stage.start(contender)? {
            Ok(running) => {
                for figures in fan_out::measure(&running, &plans)? {
                    println!("{}: {figures:?}", contender.word());
                }
            }
            Err(reason) => println!("{}: {reason}", contender.word()),
        }
    }
    Ok(())
}

/// What the executable does with `serve`.
fn teahouse(arguments: Vec<OsString>) -> Result<()> {
    machine::end_with_parent()?;
    let words = std::iter::once("teahouse".into()).chain(arguments);
    let command = CommandLine::read(words).unwrap_or_else(|error| error.exit()).command;
    let config::Command::Serve(config) = command else { bail!("only `serve` is measured") };
    telemetry::init(config.log_format, &config.log)?;
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = ::teahouse::bind(config.listen, "--listen")?;
        Ok(::teahouse::run(*config, listener, shutdown::on_signals()?).await?)
    })
}

fn serve(contender: Contender, directory: &Path) -> Result<()> {
    machine::end_with_parent()?;
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match contender {
        Contender::BareSend => bare_send::serve(bare_send::listen()?),
        Contender::AxumSse => runtime()?.block_on(axum_sse::serve()),
        Contender::GroupCommit => runtime()?.block_on(group_commit::serve(directory)),
        Contender::Teahouse | Contender::Node | Contender::Nchan => bail!("that one is a program of its own"),
    }
}
