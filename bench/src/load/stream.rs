//! One stream as the client sees it: the request out, the head in, and then only messages.

use std::io::{self, Read, Write};

use anyhow::{Result, bail, ensure};
use mio::net::TcpStream;

use super::{
    ledger::Tally,
    scan::{CARRY_MAX, Carry},
};

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The request is not yet on its way.
    Connecting,
    /// The answer has not come, or not all of its head.
    Waiting,
    /// The head was right and something of the body has come.
    Open,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Stream {
    socket: TcpStream,
    request: Vec<u8>,
    head: Vec<u8>,
    pub(super) phase: Phase,
    pub(super) carry: Carry,
    pub(super) tally: Tally,
}

/// What a read gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Got {
    /// So many bytes of the body, in the buffer from [`CARRY_MAX`] on.
    Body(usize),
    /// Nothing for now.
    Nothing,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, request: Vec<u8>) -> Self {
        let (phase, carry, tally) = (Phase::Connecting, Carry::default(), Tally::default());
        Self { socket, request, head: Vec::new(), phase, carry, tally }
    }

    pub(super) fn socket(&mut self) -> &mut TcpStream {
        &mut self.socket
    }

    /// Sends the request once the connection stands.
    pub(super) fn send(&mut self) -> Result<()> {
        match self.socket.write(&self.request) {
            Ok(sent) => {
                ensure!(sent == self.request.len(), "half of a request was taken");
                self.request = Vec::new();
                self.phase = Phase::Waiting;
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => {}
            Err(error) => bail!("connecting: {error}"),
        }
        Ok(())
    }

    /// Reads once. `true` beside it when there may be more: a read that does not fill the buffer has emptied the socket.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> Result<(Got, bool)> {
        let room = buffer.len() - CARRY_MAX;
        let length = match self.socket.read(&mut buffer[CARRY_MAX..]) {
            Ok(0) => bail!("the server closed a stream"),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok((Got::Nothing, false)),
            Err(error) => bail!("reading: {error}"),
        };
        let more = length == room;
        if self.phase == Phase::Open {
            return Ok((Got::Body(length), more));
        }
        self.head.extend_from_slice(&buffer[CARRY_MAX..CARRY_MAX + length]);
        let Some(end) = self.head.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok((Got::Nothing, more));
        };
        ensure!(self.head.starts_with(b"HTTP/1.1 200"), "a stream was refused: {}", first_line(&self.head));
        let body = self.head.len() - (end + 4);
        if body == 0 {
            return Ok((Got::Nothing, more));
        }
        buffer[CARRY_MAX..CARRY_MAX + body].copy_from_slice(&self.head[end + 4..]);
        self.head = Vec::new();
        self.phase = Phase::Open;
        Ok((Got::Body(body), more))
    }
}

fn first_line(head: &[u8]) -> String {
    String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned()
}
