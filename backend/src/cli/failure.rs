//! Why a command of the terminal client failed, in words for the person and as an exit code for the script.

use std::{path::PathBuf, time::Duration};

use reqwest::{StatusCode, Url};
use shared::problem::{Problem, ProblemCode};

/// How the process ends. Listed under every command's `--help`; a script may rely on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The server refused what was asked; asking again will not help.
    Refused = 1,
    /// The command line is wrong. clap uses the same number.
    Usage = 2,
    /// The server cannot be reached, or gave no usable answer.
    Unreachable = 3,
    /// There is no token, or the server does not accept it any more.
    NotSignedIn = 4,
    /// Something on this machine failed.
    Local = 5,
}

/// What the server answered when it did not do what was asked.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The problem document, when the answer was one.
    pub(crate) problem: Option<Problem>,
    /// `Retry-After`, when it was a number of seconds (RFC 9110 §10.2.3).
    pub(crate) retry_after: Option<Duration>,
    /// `Location`, when the answer was a redirection.
    pub(crate) location: Option<String>,
}

impl Refusal {
    /// Whether the same request may succeed later: the server is overloaded, starting, or lost its database.
    #[must_use]
    pub(crate) fn is_temporary(&self) -> bool {
        self.status.is_server_error()
            || matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
    }

    /// The problem's code, if the answer said one.
    #[must_use]
    pub(crate) fn code(&self) -> Option<ProblemCode> {
        self.problem.as_ref().map(|problem| problem.code)
    }

    fn sentence(&self) -> String {
        match (&self.problem, &self.location) {
            (Some(Problem { title, field: Some(field), .. }), _) => format!("{title} ({field})"),
            (Some(problem), _) => problem.title.clone(),
            (None, Some(location)) => format!("this address redirects to {location}: sign in there"),
            (None, None) => format!("{}: is this the address of a Teahouse?", self.status),
        }
    }
}

/// A request that brought no answer to use.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum CallError {
    /// The server answered with another status than success.
    #[error("{}", .0.sentence())]
    Refused(Box<Refusal>),
    /// No answer came, or none that can be read. Whether the request took effect is unknown.
    #[error("{0}")]
    Unreachable(String),
}

impl CallError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_temporary(),
            Self::Unreachable(_) => true,
        }
    }

    /// Whether it is certain that the request had no effect. A server's fault (5xx) may have come after it.
    #[must_use]
    pub(crate) fn is_definite(&self) -> bool {
        matches!(self, Self::Refused(refusal) if !refusal.status.is_server_error())
    }

    /// How long the server asked to wait.
    #[must_use]
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Unreachable(_) => None,
        }
    }

    /// The failure of the command that made the request to `server`.
    #[must_use]
    pub(crate) fn into_cli(self, server: &Url) -> CliError {
        let server = server.clone();
        match self {
            Self::Refused(refusal) if refusal.code() == Some(ProblemCode::WrongCredentials) => {
                CliError::Refused(refusal.sentence())
            }
            Self::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => CliError::TokenRefused { server },
            Self::Refused(refusal) if !refusal.is_temporary() => CliError::Refused(refusal.sentence()),
            temporary => CliError::Unreachable { server, cause: temporary.to_string() },
        }
    }
}

/// Why a command ended without having done what it is for.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The server refused; the text is its reason.
    #[error("{0}")]
    Refused(String),
    /// A value on the command line that clap could not know to be wrong.
    #[error("{0}")]
    Usage(String),
    /// The server cannot be reached.
    #[error("cannot reach {server}: {cause}")]
    Unreachable {
        /// Which server.
        server: Url,
        /// What happened instead.
        cause: String,
    },
    /// Nobody signed in on this machine yet.
    #[error("not signed in: there is no {}; run `teahouse login URL`", .file.display())]
    NoToken {
        /// Where the token would be.
        file: PathBuf,
    },
    /// The server does not accept the token.
    #[error("not signed in any more: {server} does not accept the token; run `teahouse login {server}`")]
    TokenRefused {
        /// Which server.
        server: Url,
    },
    /// A file, the terminal or a stream of this machine failed.
    #[error("{0}")]
    Local(String),
    /// Whoever read standard output closed it. That is no failure.
    #[error("standard output was closed")]
    OutputClosed,
}

impl CliError {
    /// The exit code that tells a script this kind of failure.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::Refused(_) => Exit::Refused,
            Self::Usage(_) => Exit::Usage,
            Self::Unreachable { .. } => Exit::Unreachable,
            Self::NoToken { .. } | Self::TokenRefused { .. } => Exit::NotSignedIn,
            Self::Local(_) | Self::OutputClosed => Exit::Local,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_exit_code() {
        let server = Url::parse("http://127.0.0.1:1/").expect("an address");
        let exit = |status: u16, code: Option<ProblemCode>| {
            let refusal = Refusal {
                status: StatusCode::from_u16(status).expect("a status"),
                problem: code.map(|code| Problem::new(code, "q1")),
                retry_after: None,
                location: None,
            };
            CallError::Refused(Box::new(refusal)).into_cli(&server).exit()
        };
        for (status, code, expected) in [
            (400, Some(ProblemCode::Blank), Exit::Refused),
            (401, Some(ProblemCode::NotSignedIn), Exit::NotSignedIn),
            (401, None, Exit::NotSignedIn),
            (401, Some(ProblemCode::WrongCredentials), Exit::Refused),
            (404, None, Exit::Refused),
            (301, None, Exit::Refused),
            (408, None, Exit::Unreachable),
            (429, Some(ProblemCode::RateLimited), Exit::Unreachable),
            (503, Some(ProblemCode::Unavailable), Exit::Unreachable),
            (507, Some(ProblemCode::StorageFull), Exit::Unreachable),
        ] {
            assert_eq!(exit(status, code), expected, "{status} {code:?}");
        }
        let unreachable = CallError::Unreachable("connection refused".to_owned()).into_cli(&server);
        assert_eq!(unreachable.exit(), Exit::Unreachable);
        assert_eq!(unreachable.to_string(), "cannot reach http://127.0.0.1:1/: connection refused");
    }
}
