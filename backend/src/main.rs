//! The executable: reads the command line and runs what it asks for. Everything else is in the library.

use std::process::ExitCode;

use teahouse::{
    bind, cli,
    config::{Command, CommandLine, Config},
    run, shutdown,
    state::StartError,
    telemetry,
};

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
