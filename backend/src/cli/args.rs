//! The command line of the terminal client, as clap reads it: the only place that words its `--help`.
//!
//! `main` mounts [`Command`] beside `serve` with `#[command(flatten)]`. A value that parsed here cannot be malformed
//! later; what is wrong ends with exit code 2 before anything is sent.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Subcommand};
use reqwest::Url;
use shared::{cursor::Cursor, id::ClientId};

/// Explains the exit codes under each command's `--help`; see [`crate::cli::Exit`].
const EXIT_CODES: &str = "\
Exit codes:
  0    done; also when the reader of the output went away (`| head -1`)
  1    the server refused: no such room, wrong password, …
  2    the command line or the message is wrong; nothing was sent
  3    the server cannot be reached, or did not answer in time
  4    not signed in, or not any more: run `teahouse login URL`
  5    something on this machine failed: a file, the terminal, standard output
  130  interrupted with Ctrl-C (the shell's word for an end by SIGINT)";

/// Where name and password come from; shown under `login --help`.
const LOGIN_HELP: &str = "\
Name and password are each taken from the first of these that there is:
  1. TEAHOUSE_NAME and TEAHOUSE_PASSWORD in the environment (the name also from --name)
  2. a question on the terminal, the password without echo, when standard input is a terminal
  3. the next line of standard input: first the name, then the password

The token is kept in TEAHOUSE_CONFIG_HOME/credentials.toml, else in
XDG_CONFIG_HOME/teahouse/credentials.toml, else in ~/.config/teahouse/credentials.toml,
readable by you alone. It replaces the one that was there.";

/// What the terminal client can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sign in to a Teahouse and keep a token for `tail` and `say`
    #[command(after_help = format!("{LOGIN_HELP}\n\n{EXIT_CODES}"))]
    Login(LoginArgs),
    /// Print messages as they are posted, for ever; a broken connection resumes with nothing lost
    #[command(after_help = EXIT_CODES)]
    Tail(TailArgs),
    /// Post one message
    #[command(after_help = EXIT_CODES)]
    Say(SayArgs),
}

/// `teahouse login URL`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// Address of the Teahouse, such as `https://chat.example.org`
    #[arg(value_name = "URL", value_parser = parse_origin)]
    pub url: Url,
    /// Sign-in name
    #[arg(long)]
    pub name: Option<String>,
    /// Where the token is kept.
    #[command(flatten)]
    pub credentials: CredentialsArgs,
}

/// `teahouse tail [ROOM]`.
#[derive(Debug, Args)]
pub struct TailArgs {
    /// Only this room, by its name in addresses or its id; a leading # is allowed
    #[arg(value_name = "ROOM")]
    pub room: Option<RoomArg>,
    /// One JSON object per line for every event: {"event":…,"id":…,"data":…}
    #[arg(long)]
    pub json: bool,
    /// Begin after this cursor, an `id` that `--json` printed before, instead of now
    #[arg(long, value_name = "CURSOR")]
    pub after: Option<Cursor>,
    /// Where the token is kept.
    #[command(flatten)]
    pub credentials: CredentialsArgs,
}

/// `teahouse say ROOM TEXT|-`.
#[derive(Debug, Args)]
pub struct SayArgs {
    /// The room, by its name in addresses or its id; a leading # is allowed
    #[arg(value_name = "ROOM")]
    pub room: RoomArg,
    /// The message, Markdown; several words are joined by spaces. A single - reads it from standard input
    #[arg(value_name = "TEXT", required = true)]
    pub text: Vec<String>,
    /// Print the message's cursor and ids as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Idempotency key; sending the same one again never makes a second message
    #[arg(long, value_name = "UUID")]
    pub client_id: Option<ClientId>,
    /// Where the token is kept.
    #[command(flatten)]
    pub credentials: CredentialsArgs,
}

/// Which file holds the token.
#[derive(Debug, Args)]
pub struct CredentialsArgs {
    /// Keep the token in this file instead of the usual one
    #[arg(long = "credentials", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// A room as it was typed, without its leading `#`: an id or a slug, which the server tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomArg(String);

impl RoomArg {
    /// The id or slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RoomArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.strip_prefix('#').unwrap_or(text);
        // These would be another path, not a room's name (WHATWG URL §4.4).
        if matches!(name, "" | "." | "..") { Err("not a room's name") } else { Ok(Self(name.to_owned())) }
    }
}

/// Reads the address of a server; whatever page of it was copied, its origin is kept.
///
/// # Errors
/// A hint for the person who typed it.
pub(crate) fn parse_origin(text: &str) -> Result<Url, String> {
    let hint = "give the whole address, such as https://chat.example.org or http://127.0.0.1:8080";
    let url = Url::parse(text).map_err(|_| hint.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(hint.to_owned());
    }
    Url::parse(&url.origin().ascii_serialization()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct TestCli {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn clap_accepts_the_definition() {
        <TestCli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_page_lists_the_exit_codes_of_the_help() {
        let page = include_str!("../../../docs/TERMINAL.md").replace(r"\|", "|");
        for line in EXIT_CODES.lines().skip(1) {
            let (code, meaning) = line.trim().split_once(' ').expect("a code and its meaning");
            assert!(page.contains(&format!("| {code} | {} |", meaning.trim())), "{line}");
        }
    }

    #[test]
    fn a_rooms_hash_sign_is_optional() {
        for (text, expected) in [
            ("general", Ok("general")),
            ("#general", Ok("general")),
            ("#茶", Ok("茶")),
            ("r_8fj2k1000000", Ok("r_8fj2k1000000")),
            ("", Err(())),
            ("#", Err(())),
            ("..", Err(())),
        ] {
            let parsed = text.parse::<RoomArg>();
            assert_eq!(parsed.as_ref().map(RoomArg::as_str).map_err(|_| ()), expected, "{text:?}");
        }
    }

    #[test]
    fn an_address_is_reduced_to_its_origin() {
        for (text, expected) in [
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/")),
            ("https://chat.example.org/rooms/r_8fj2k1000000?x#y", Some("https://chat.example.org/")),
            ("https://ana:secret@chat.example.org", Some("https://chat.example.org/")),
            ("http://[::1]:8080/", Some("http://[::1]:8080/")),
            ("chat.example.org", None),
            ("localhost:8080", None),
            ("ftp://chat.example.org", None),
            ("file:///etc/passwd", None),
            ("http://", None),
            ("", None),
        ] {
            assert_eq!(parse_origin(text).ok().as_ref().map(Url::as_str), expected, "{text:?}");
        }
    }

    #[test]
    fn the_command_line_is_checked_before_anything_is_sent() {
        let accepts = |line: &str| TestCli::try_parse_from(line.split(' ')).is_ok();
        for line in [
            "teahouse login http://127.0.0.1:8080",
            "teahouse login http://127.0.0.1:8080 --name ana --credentials f",
            "teahouse tail",
            "teahouse tail #general --json --after 7kq2m9xa.1041",
            "teahouse say general hello there",
            "teahouse say general -",
            "teahouse say general --json -- -1",
            "teahouse say general x --client-id 0192f0c1-7a10-7cc0-8d6b-0a1b2c3d4e5f",
        ] {
            assert!(accepts(line), "{line}");
        }
        for line in [
            "teahouse login",
            "teahouse login chat",
            "teahouse tail --after yesterday",
            "teahouse tail #",
            "teahouse say general",
            "teahouse say general x --client-id 1",
        ] {
            assert!(!accepts(line), "{line}");
        }
    }
}
