//! Standard output and standard error of the terminal client: whole lines, flushed, and quiet when nobody reads them.

use std::{
    fmt::Display,
    io::{self, ErrorKind, Write},
};

use super::CliError;

/// Writes one or more whole lines to standard output and flushes them, so that a pipe's reader has them at once.
///
/// Blocks while the reader does not read: back-pressure reaches the server, which then reads the log for us instead of
/// growing a buffer.
///
/// # Errors
/// [`CliError::OutputClosed`] when the reader went away, [`CliError::Local`] for anything else.
pub(crate) fn print(lines: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(lines.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => CliError::OutputClosed,
        _ => CliError::Local(format!("cannot write to standard output: {error}")),
    })
}

/// Says something about the program itself on standard error. It cannot fail: a closed standard error is no reason to
/// stop printing messages.
pub(crate) fn notice(text: &dyn Display) {
    let _ = writeln!(io::stderr().lock(), "teahouse: {text}");
}
