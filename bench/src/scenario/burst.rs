//! Everybody comes at the same moment, as after a restart.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Meter, float};
use crate::{contender::Running, load::Fleet};

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Burst {
    /// Streams asked for at once.
    pub streams: usize,
    /// Until each had its first event, in seconds.
    pub seconds: f64,
    /// The server's CPU for one of them, in microseconds.
    pub cpu_us: f64,
    /// The load client's share of its core.
    pub load_share: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
}

/// How long it may take at all: connections that a full backlog turned away come back after up to 32 s.
const WITHIN: Duration = Duration::from_secs(70);

/// Asks for `streams` at once.
///
/// # Errors
/// One was refused, or they were not all open in time.
pub fn measure(running: &Running, streams: usize) -> Result<Burst> {
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    let meter = Meter::start(&running.server)?;
    let time = fleet.open_streams(streams, streams, None, WITHIN)?;
    let used = meter.stop(&running.server)?;
    Ok(Burst {
        streams,
        seconds: time.as_secs_f64(),
        cpu_us: used.server.as_secs_f64() * 1e6 / float(streams as u64),
        load_share: used.load_share(),
        others_share: used.others,
    })
}
