//! The terminal client inside the server's own executable: `teahouse login`, `tail` and `say`.
//!
//! It is a client like any other: it speaks the public protocol (docs/PROTOCOL.md §8), keeps a token, and shares
//! nothing with the server but the wire types of `shared`. It runs in pipes: what it reads is standard input, what it
//! says is standard output, everything else (notices, errors) is standard error, and the exit code tells the kind of
//! failure ([`Exit`]).
//!
//! Reading order: [`args`] (the command line), [`say`] (one request, retried), [`tail`] (the stream, for ever).

pub mod args;
mod ask;
mod backoff;
mod credentials;
mod environment;
mod failure;
mod login;
mod output;
mod say;
mod server;
mod tail;
mod visible;

use std::process::ExitCode;

pub use args::{Command, LoginArgs, SayArgs, TailArgs};
pub use environment::Environment;
pub use failure::{CliError, Exit};

use visible::Visible;

/// Runs one command of the terminal client to its end and says on standard error why it failed.
///
/// Expects a tokio runtime. Dropping the future is safe at any time: nothing but the credentials file is kept, and that
/// is replaced in one step.
pub async fn run(command: Command, environment: Environment) -> ExitCode {
    // An error only means that somebody was first, with the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let done = match command {
        Command::Login(args) => login::run(args, &environment).await,
        Command::Tail(args) => tail::run(args, &environment).await,
        Command::Say(args) => say::run(args, &environment).await,
    };
    match done {
        // The reader of our output has what it wanted (`| head -1`): success, and nobody is left to tell.
        Ok(()) | Err(CliError::OutputClosed) => ExitCode::SUCCESS,
        Err(error) => {
            output::notice(&Visible(&error.to_string()));
            ExitCode::from(error.exit() as u8)
        }
    }
}
