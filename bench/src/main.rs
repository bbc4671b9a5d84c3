//! The command line of the measurements; `cargo xtask bench` calls it. See the library for what is measured, and how.

use std::{path::PathBuf, time::Duration};

use anyhow::{Result, bail};
use bench::{
    contender::{self, Contender, Stage},
    machine::{self, Cores},
    reference::{axum_sse, bare_send, group_commit},
    scenario::fan_out,
};
use clap::{Parser, Subcommand};

/// Teahouse's published measurements
#[derive(Debug, Parser)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Be one of the servers compared with, until ended
    Serve {
        /// Which
        server: String,
        /// Where it may keep files
        directory: PathBuf,
    },
    /// Measure the fan-out alone and print it
    FanOut {
        /// The teahouse to measure
        #[arg(long)]
        teahouse: PathBuf,
        /// Servers to measure, in this order
        #[arg(long, value_delimiter = ',', default_value = "bare-send,teahouse,bare-send,teahouse")]
        servers: Vec<String>,
        /// Streams
        #[arg(long, default_value_t = 5000)]
        streams: usize,
        /// Messages each second, one after the other
        #[arg(long, value_delimiter = ',', default_value = "20")]
        rates: Vec<f64>,
        /// Seconds measured
        #[arg(long, default_value_t = 6.0)]
        seconds: f64,
    },
}

fn main() -> Result<()> {
    match CommandLine::parse().command {
        Command::Serve { server, directory } => serve(contender::parse(&server)?, &directory),
        Command::FanOut { teahouse, servers, streams, rates, seconds } => {
            machine::raise_file_limit()?;
            let cores = Cores::divide()?;
            let stage = Stage::prepare(cores, teahouse, streams)?;
            for word in servers {
                let contender = contender::parse(&word)?;
                match stage.start(contender)? {
                    Ok(running) => {
                        let plan = |rate: &f64| fan_out::Plan {
                            streams,
                            rate: *rate,
                            warm_up: Duration::from_secs(1),
                            time: Duration::from_secs_f64(seconds),
                        };
                        let plans: Vec<_> = rates.iter().map(plan).collect();
                        for result in fan_out::measure(&running, &plans)? {
                            println!("{word}: {result:?}");
                        }
                    }
                    Err(reason) => println!("{word}: {reason}"),
                }
            }
            Ok(())
        }
    }
}

fn serve(contender: Contender, directory: &std::path::Path) -> Result<()> {
    let runtime = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match contender {
        Contender::BareSend => bare_send::serve(bare_send::listen()?),
        Contender::AxumSse => runtime()?.block_on(axum_sse::serve()),
        Contender::GroupCommit => runtime()?.block_on(group_commit::serve(directory)),
        Contender::Teahouse | Contender::Node | Contender::Nchan => bail!("that one is a program of its own"),
    }
}
