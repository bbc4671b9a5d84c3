//! The executable: reads the command line and runs what it asks for. Everything else is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use teahouse::{
    bind, cli,
    config::{Command, CommandLine, Config},
    run, shutdown,
    state::StartError,
    telemetry,
};

/// It keeps objects of one size together and gives empty pages back. With the C library's, what ten thousand requests
/// needed for a moment stayed for ever between what their streams keep: 30 KB for each idle stream instead of 3.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let command = CommandLine::read(std::env::args_os()).unwrap_or_else(|error| error.exit()).command;
    match command {
        Command::Serve(config) => serve(*config),
        Command::Terminal(command) => terminal(command),
    }
}

/// Exit codes as `teahouse tail --help` lists them. One thread is enough for one stream.
#[tokio::main(flavor = "current_thread")]
async fn terminal(command: cli::Command) -> ExitCode {
    cli::run(command, cli::Environment::of_process()).await
}

/// Exit code 1 when the server could not start, or lost its disk; standard error says what to do.
#[tokio::main]
async fn serve(config: Config) -> ExitCode {
    if let Err(error) = telemetry::init(config.log_format, &config.log) {
        eprintln!("teahouse: --log cannot be read: {error}");
        return ExitCode::from(2);
    }
    let served: Result<(), StartError> = async {
        let listener = bind(config.listen, "--listen")?;
        run(config, listener, shutdown::on_signals()?).await
    }
    .await;
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("teahouse: {error}");
            ExitCode::FAILURE
        }
    }
}
