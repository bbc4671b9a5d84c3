//! What a client begins with, in a large place: 5,000 people and 500 rooms, of which the reader is in 100.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{Meter, float};
use crate::{contender::Running, load::Histogram};

/// An answer that takes longer is a failure.
const WITHIN: Duration = Duration::from_secs(10);

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The answer's body as it is sent, in bytes.
    pub bytes: usize,
    /// The server's CPU for one, in microseconds.
    pub cpu_us: f64,
    /// From request to the answer's last byte: median, in milliseconds.
    pub p50_ms: f64,
    /// The same that 99 % do not exceed.
    pub p99_ms: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
}

/// Measures a server that was asked `times` times.
///
/// # Errors
/// See [`ask`].
pub fn measure(running: &Running, times: u32) -> Result<Snapshot> {
    let request = running.api.snapshot_request(running.server.address).context("this server has no snapshot")?;
    // The first one opens the database's pages.
    ask(running.server.address, &request, 1)?;
    let meter = Meter::start(&running.server)?;
    let (bytes, taken) = ask(running.server.address, &request, times)?;
    let used = meter.stop(&running.server)?;
    Ok(Snapshot {
        bytes,
        cpu_us: used.server.as_secs_f64() * 1e6 / f64::from(times.max(1)),
        p50_ms: float(taken.quantile_us(0.5)) / 1e3,
        p99_ms: float(taken.quantile_us(0.99)) / 1e3,
        others_share: used.others,
    })
}

/// Asks `times` times, one after the other, over one connection: how long the last body was, and how long each took.
///
/// # Errors
/// An answer is not a 200 with a length, or does not come.
pub fn ask(server: SocketAddr, request: &[u8], times: u32) -> Result<(usize, Histogram)> {
    let socket = TcpStream::connect(server)?;
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(WITHIN))?;
    let mut answers = BufReader::new(&socket);
    let (mut bytes, mut taken) = (0, Histogram::default());
    for _ in 0..times {
        let began = Instant::now();
        (&socket).write_all(request)?;
        bytes = read_answer(&mut answers)?;
        taken.record(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok((bytes, taken))
}

/// Reads one answer and returns how long its body was.
fn read_answer(answers: &mut BufReader<&TcpStream>) -> Result<usize> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    ensure!(line.starts_with("HTTP/1.1 200 "), "answered with {line:?}");
    let mut length = None;
    loop {
        line.clear();
        ensure!(answers.read_line(&mut line)? > 0, "the answer ends in its head");
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = Some(value.trim().parse()?),
            Some(_) => {}
            None => break,
        }
    }
    let length = length.context("the answer does not say how long it is")?;
    let mut body = vec![0; length];
    answers.read_exact(&mut body)?;
    Ok(length)
}
