//! `teahouse say ROOM TEXT|-`: posts one message, once.
//!
//! The message gets its idempotency key before the first attempt, so every repetition, by this process or by a script
//! with `--client-id`, is the same message (design: "the same again"). What may pass (no answer, 5xx, 429) is tried
//! again for about a minute; a definite refusal is not.

use std::{io::Read, time::Duration};

use shared::{
    id::ClientId,
    limits::BODY_MAX_BYTES,
    request::{MessagePosted, PostMessage},
    text::{MessageBody, TextError},
};
use tokio::time::{Instant, sleep};

use super::{
    CliError, Environment, SayArgs,
    backoff::{Backoff, chance},
    credentials::CredentialsFile,
    failure::CallError,
    output,
    server::Server,
    visible::Visible,
};

/// First wait between two attempts.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// After this long no further attempt begins: a person at a terminal wants to know.
const GIVE_UP_AFTER: Duration = Duration::from_secs(60);

/// Posts the message.
///
/// # Errors
/// [`CliError::Refused`], [`CliError::Unreachable`] when it is unknown whether the message was stored,
/// [`CliError::NoToken`], [`CliError::TokenRefused`], [`CliError::Usage`] for a text that cannot be a message.
pub(crate) async fn run(args: SayArgs, environment: &Environment) -> Result<(), CliError> {
    let credentials = CredentialsFile::find(&args.credentials, environment)?.load()?;
    let server = Server::signed_in(credentials)?;
    let text = if args.text == ["-"] { read_stdin(std::io::stdin().lock())? } else { args.text.join(" ") };
    let body = MessageBody::parse(text).map_err(|error| CliError::Usage(unsendable(error)))?;
    let client_id = args.client_id.unwrap_or_else(|| ClientId::from(uuid::Uuid::now_v7().into_bytes()));

    let posted = post(&server, args.room.as_str(), &PostMessage { client_id, body }).await?;
    if !args.json {
        return Ok(());
    }
    let line = serde_json::json!({ "cursor": posted.cursor, "id": posted.message.id, "client_id": client_id });
    output::print(&format!("{line}\n"))
}

/// Posts with the same key until there is a definite answer or the time is up.
async fn post(server: &Server, room: &str, message: &PostMessage) -> Result<MessagePosted, CliError> {
    let began = Instant::now();
    let mut backoff = Backoff::new(FIRST_WAIT);
    let mut may_be_stored = false;
    loop {
        let error = match server.post_message(room, message).await {
            Ok(posted) => return Ok(posted),
            Err(error) => error,
        };
        if !error.is_temporary() {
            return Err(error.into_cli(server.origin()));
        }
        may_be_stored |= !error.is_definite();
        let wait = backoff.after_failure(chance(), error.retry_after());
        if began.elapsed() + wait > GIVE_UP_AFTER {
            return Err(gave_up(&error, server, may_be_stored.then_some(message.client_id)));
        }
        output::notice(&format_args!("{}; trying again in {:.1} s", Visible(&error.to_string()), wait.as_secs_f64()));
        sleep(wait).await;
    }
}

/// The failure of a post that ran out of time. When its fate is unknown, the error says how to find out.
fn gave_up(error: &CallError, server: &Server, unknown: Option<ClientId>) -> CliError {
    let cause = match unknown {
        Some(client_id) => format!(
            "{error}; it is not known whether the message was stored. The same command with --client-id {client_id} \
             cannot post it twice"
        ),
        None => format!("{error}; the message was not stored"),
    };
    CliError::Unreachable { server: server.origin().clone(), cause }
}

/// Most of standard input that is read: a full body in which every line end is CR LF, which counts as one byte later.
const STDIN_MAX_BYTES: usize = 2 * BODY_MAX_BYTES;

/// Reads a message from a pipe. The end of its last line is the pipe's, not the author's.
fn read_stdin(input: impl Read) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let bound = u64::try_from(STDIN_MAX_BYTES + 1).unwrap_or(u64::MAX);
    input
        .take(bound)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::Local(format!("cannot read standard input: {error}")))?;
    // Before the UTF-8 check: a character that was cut at the bound is no fault of the author's.
    if bytes.len() > STDIN_MAX_BYTES {
        return Err(CliError::Usage(unsendable(TextError::TooLong)));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| CliError::Usage("standard input is not UTF-8".to_owned()))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

fn unsendable(error: TextError) -> String {
    match error {
        TextError::TooLong => format!("the message is too long: at most {} KiB", BODY_MAX_BYTES / 1024),
        other => format!("the message cannot be sent: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipes_last_line_end_is_not_the_authors() {
        let long = "x".repeat(BODY_MAX_BYTES);
        for (input, expected) in [
            ("hello\n", Some("hello")),
            ("hello\r\n", Some("hello")),
            ("hello", Some("hello")),
            ("a\n\nb\n\n", Some("a\n\nb\n")),
            ("", Some("")),
            (&format!("{long}\n"), Some(long.as_str())),
            (&format!("{long}{long}\n"), None),
        ] {
            assert_eq!(read_stdin(input.as_bytes()).ok().as_deref(), expected, "{} bytes", input.len());
        }
        assert!(read_stdin([0xff].as_slice()).is_err());
        let han = "茶".repeat(BODY_MAX_BYTES);
        let error = read_stdin(han.as_bytes()).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("the message is too long: at most 16 KiB"));
    }
}
