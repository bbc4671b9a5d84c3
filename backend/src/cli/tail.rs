//! `teahouse tail [ROOM]`: prints what is posted, for ever, each message once (docs/PROTOCOL.md §8).
//!
//! A loop of connections. [`feed`] turns one into blocks; [`reader`] is the pure part that remembers the place in the log
//! and what was printed; [`missed`] fills a hole from the history when the place cannot be resumed; [`mod@print`] words it;
//! [`names`] knows who is who. A connection may end at any byte: the next one begins at the reader's place.

mod feed;
#[cfg(test)]
mod fixture;
mod missed;
mod names;
mod print;
mod reader;

use std::{convert::Infallible, time::Duration};

use reqwest::StatusCode;
use shared::{
    limits::{HEARTBEAT_MS, HEARTBEATS_UNTIL_DEAD},
    room::Room,
    stream::{Bye, Hello, PROTOCOL, Resume},
};
use sse_stream::Sse;
use tokio::time::{sleep, timeout};

use super::{
    CliError, Environment, TailArgs,
    args::RoomArg,
    backoff::{Backoff, as_asked, chance},
    credentials::CredentialsFile,
    failure::CallError,
    output,
    server::Server,
    visible::Visible,
};
use feed::Feed;
use names::Names;
use print::Printer;
use reader::{Reader, Step};

/// Reconnection time until the stream names one, as it does in its first block.
const FIRST_RETRY: Duration = Duration::from_secs(2);

/// Prints messages until the process is interrupted or the server does not let us any more.
///
/// # Errors
/// [`CliError::TokenRefused`] when the session ended, [`CliError::Refused`] for a room that is not there,
/// [`CliError::OutputClosed`] when nobody reads any more. A server that cannot be reached is tried for ever.
pub(crate) async fn run(args: TailArgs, environment: &Environment) -> Result<(), CliError> {
    let credentials = CredentialsFile::find(&args.credentials, environment)?.load()?;
    let server = Server::signed_in(credentials)?;
    let printer = if args.json { Printer::json() } else { Printer::human(environment) };
    match Tail::begin(server, printer, &args).await?.follow().await? {}
}

/// How one connection ended.
#[derive(Debug)]
enum End {
    /// The server ended it on purpose and said when to return.
    Bye(Bye),
    /// Anything else, with the time the server asked for, if it did.
    Broken(String, Option<Duration>),
}

impl From<CallError> for End {
    fn from(error: CallError) -> Self {
        Self::Broken(error.to_string(), error.retry_after())
    }
}

struct Tail {
    server: Server,
    room: Option<Room>,
    reader: Reader,
    names: Names,
    printer: Printer,
    backoff: Backoff,
    /// Time between two ticks, as `hello` said.
    heartbeat: Duration,
    greeted: bool,
}

impl Tail {
    /// Learns who and what there is, and where to begin.
    async fn begin(server: Server, printer: Printer, args: &TailArgs) -> Result<Self, CliError> {
        let mut backoff = Backoff::new(FIRST_RETRY);
        let snapshot = loop {
            match server.snapshot().await {
                Ok(snapshot) => break snapshot,
                Err(error) if error.is_temporary() => pause(&mut backoff, &error.into()).await,
                Err(error) => return Err(error.into_cli(server.origin())),
            }
        };
        let room = args.room.as_ref().map(|named| find_room(named, &snapshot.rooms)).transpose()?;
        let mut reader = Reader::new(args.after.unwrap_or(snapshot.cursor));
        let rooms = room.as_ref().map_or(snapshot.rooms.as_slice(), std::slice::from_ref);
        loop {
            match missed::anchor(&server, rooms, &mut reader).await {
                Ok(()) => break,
                Err(error) if error.is_temporary() => pause(&mut backoff, &error.into()).await,
                Err(error) => return Err(error.into_cli(server.origin())),
            }
        }
        let names = Names::new(&snapshot.members, &snapshot.rooms);
        let heartbeat = Duration::from_millis(HEARTBEAT_MS);
        Ok(Self { server, room, reader, names, printer, backoff, heartbeat, greeted: false })
    }

    /// One connection after another.
    async fn follow(mut self) -> Result<Infallible, CliError> {
        loop {
            let end = self.connection().await?;
            pause(&mut self.backoff, &end).await;
        }
    }

    /// Opens the stream and prints it to its end.
    async fn connection(&mut self) -> Result<End, CliError> {
        let response = match self.server.open_chat(self.reader.cursor()).await {
            Ok(response) => response,
            Err(error) => return self.not_opened(error),
        };
        let mut feed = Feed::new(response);
        loop {
            let silence = self.heartbeat.mul_f64(HEARTBEATS_UNTIL_DEAD);
            let block = match timeout(silence, feed.next()).await {
                Ok(Ok(Some(block))) => block,
                Ok(Ok(None)) => return Ok(End::Broken("the connection was closed".to_owned(), None)),
                Ok(Err(error)) => return Ok(End::Broken(error.to_string(), None)),
                Err(_) => return Ok(End::Broken(format!("nothing was heard for {} s", silence.as_secs()), None)),
            };
            if let Some(end) = self.take(block).await? {
                return Ok(end);
            }
        }
    }

    /// Decides whether a stream that did not open is worth another try.
    fn not_opened(&self, error: CallError) -> Result<End, CliError> {
        let for_good = match &error {
            CallError::Refused(refusal) if refusal.status == StatusCode::UNAUTHORIZED => true,
            // Once it worked, an odd answer is a proxy's that is being changed, or another program's on the same port.
            CallError::Refused(refusal) => !refusal.is_temporary() && !self.greeted,
            CallError::Unreachable(_) => false,
        };
        if for_good { Err(error.into_cli(self.server.origin())) } else { Ok(error.into()) }
    }

    /// Takes one block of the stream in. `Some` is the end of this connection.
    async fn take(&mut self, block: Sse) -> Result<Option<End>, CliError> {
        if let Some(retry) = block.retry {
            self.backoff.set_first(Duration::from_millis(retry));
        }
        let (kind, id, data) = (block.event, block.id, block.data);
        let Some(data) = data else {
            self.reader.take_id(id.as_deref());
            return Ok(None);
        };
        let kind = kind.as_deref().unwrap_or("message");
        let step = self.reader.take(kind, id.as_deref(), &data);
        if let Step::Fact(Some(event)) = &step {
            self.names.learn(event);
        }
        if !matches!(step, Step::Known) && self.is_wanted(kind, &data) {
            let names = &mut self.names;
            if let Step::Fact(Some(event)) = &step {
                names.look_up(&self.server, event).await;
            }
            output::print(&self.printer.block(kind, id.as_deref(), &data, &step, names))?;
        }
        match step {
            Step::Hello(hello) => self.greet(&hello).await,
            Step::Lost => self.fill("the server counts more events than arrived").await,
            Step::Bye(bye) => Ok(Some(End::Bye(bye))),
            Step::Fact(_) | Step::Other | Step::Known => Ok(None),
        }
    }

    /// A connection stands: what the server says about it, and the hole before it if there is one.
    async fn greet(&mut self, hello: &Hello) -> Result<Option<End>, CliError> {
        self.backoff.reset();
        self.greeted = true;
        self.heartbeat = Duration::from_millis(hello.heartbeat_ms.clamp(100, 10 * 60 * 1000));
        if hello.protocol > PROTOCOL {
            output::notice(&format_args!("warning: the server speaks protocol {}; update teahouse", hello.protocol));
        }
        if hello.resume == Resume::Reset || self.reader.has_missed() {
            return self.fill("the server does not know the place where this client was").await;
        }
        Ok(None)
    }

    /// Prints from the history what the stream cannot bring. The stream waits meanwhile; if that takes too long the
    /// server closes it, and the next one begins at the same place.
    async fn fill(&mut self, why: &str) -> Result<Option<End>, CliError> {
        output::notice(&format_args!("{why}; loading what is missing from the history"));
        let missed = match missed::load(&self.server, self.room.as_ref(), &self.reader).await {
            Ok(missed) => missed,
            Err(CallError::Refused(refusal)) if refusal.status == StatusCode::UNAUTHORIZED => {
                return Err(CallError::Refused(refusal).into_cli(self.server.origin()));
            }
            Err(error) => return Ok(Some(error.into())),
        };
        missed.rooms.iter().for_each(|room| self.names.enter(room));
        if missed.cut {
            output::notice(&"more is missing than is loaded; the room in the browser has all of it");
        }
        for message in &missed.messages {
            self.names.look_up_author(&self.server, message.author).await;
            output::print(&self.printer.missed(message, &self.names))?;
            self.reader.note(message.id);
        }
        output::notice(&format_args!("loaded {} messages", missed.messages.len()));
        self.reader.filled();
        Ok(None)
    }

    /// Whether a block is to be printed when only one room is.
    fn is_wanted(&self, kind: &str, data: &str) -> bool {
        self.room.as_ref().is_none_or(|room| reader::concerns(kind, data, room.id))
    }
}

/// Finds the room that was named, by id or slug.
fn find_room(named: &RoomArg, rooms: &[Room]) -> Result<Room, CliError> {
    let named = named.as_str();
    let found = rooms.iter().find(|room| room.slug == named || room.id.to_string() == named);
    found.cloned().ok_or_else(|| CliError::Refused(format!("there is no room {} that is yours", Visible(named))))
}

/// Says how the attempt ended and waits for the next.
async fn pause(backoff: &mut Backoff, end: &End) {
    let (wait, why) = match end {
        End::Bye(bye) => (as_asked(bye.retry_ms), format!("the server said goodbye ({})", print::reason(bye.reason))),
        End::Broken(why, asked) => (backoff.after_failure(chance(), *asked), why.clone()),
    };
    output::notice(&format_args!("{}; trying again in {:.1} s", Visible(&why), wait.as_secs_f64()));
    sleep(wait).await;
}
