//! Asking for a name and a password, on a terminal or in a pipe.
//!
//! The rule is under `login --help`: the environment first; then a question when standard input is a terminal; else the
//! next line of standard input. Questions go to the terminal itself, so that standard output stays clean.

use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};

use super::CliError;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// The sign-in name.
    Name,
    /// The password; what is typed is not shown.
    Password,
}

impl Question {
    const fn prompt(self) -> &'static str {
        match self {
            Self::Name => "Name: ",
            Self::Password => "Password: ",
        }
    }
}

/// Gets the answer: `given` if there is one, else from the person or the pipe. Blocks until it is there.
///
/// # Errors
/// [`CliError::Usage`] when standard input ends before the answer, [`CliError::Local`] when it cannot be read.
pub(crate) fn ask(question: Question, given: Option<String>) -> Result<String, CliError> {
    if let Some(given) = given {
        return Ok(given);
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return next_line(&mut stdin.lock(), question);
    }
    match question {
        Question::Name => {
            let mut stderr = io::stderr();
            write!(stderr, "{}", question.prompt()).and_then(|()| stderr.flush()).map_err(|error| failed(&error))?;
            next_line(&mut stdin.lock(), question)
        }
        Question::Password => rpassword::prompt_password(question.prompt()).map_err(|error| failed(&error)),
    }
}

/// The next line without its end. Spaces stay: a password may begin with one.
fn next_line(input: &mut impl BufRead, question: Question) -> Result<String, CliError> {
    let mut line = String::new();
    let read = input.read_line(&mut line).map_err(|error| failed(&error))?;
    if read == 0 {
        let what = if question == Question::Name { "TEAHOUSE_NAME" } else { "TEAHOUSE_PASSWORD" };
        return Err(CliError::Usage(format!("standard input ended; it must hold the answer, or {what} be set")));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

fn failed(error: &io::Error) -> CliError {
    match error.kind() {
        ErrorKind::InvalidData => CliError::Local("standard input is not UTF-8".to_owned()),
        _ => CliError::Local(format!("cannot read the answer: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_one_by_one_and_kept_as_they_are() {
        let mut input = "ana\r\n  two words \nlast".as_bytes();
        let mut next = || next_line(&mut input, Question::Password).map_err(|error| error.exit());
        assert_eq!(next(), Ok("ana".to_owned()));
        assert_eq!(next(), Ok("  two words ".to_owned()));
        assert_eq!(next(), Ok("last".to_owned()));
        assert_eq!(next(), Err(crate::cli::Exit::Usage));
    }
}
