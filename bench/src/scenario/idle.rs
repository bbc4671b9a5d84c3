//! Streams on which nothing is said: what holding them costs.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    Meter,
    fan_out::{OPEN_AT_ONCE, OPEN_WITHIN},
    float,
};
use crate::{contender::Running, load::Fleet};

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Idle {
    /// Streams open.
    pub streams: usize,
    /// Memory of one stream: the growth since before the first, over their number.
    pub bytes_per_stream: f64,
    /// The server's memory at the end, in bytes.
    pub rss_bytes: u64,
    /// The server's share of one core while they were idle.
    pub server_share: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
    /// How long that was looked at, in seconds.
    pub seconds: f64,
}

/// Allocations of the beginning are over by then.
const CALM_DOWN: Duration = Duration::from_secs(2);

/// Opens `streams` and watches them for `time`.
///
/// # Errors
/// A stream broke.
pub fn measure(running: &Running, streams: usize, time: Duration) -> Result<Idle> {
    let before = running.server.usage()?.rss_bytes;
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    fleet.open_streams(streams, OPEN_AT_ONCE, None, OPEN_WITHIN)?;
    fleet.run_for(CALM_DOWN)?;
    let meter = Meter::start(&running.server)?;
    fleet.run_for(time)?;
    let used = meter.stop(&running.server)?;
    Ok(Idle {
        streams,
        bytes_per_stream: float(used.rss_bytes.saturating_sub(before)) / float(streams as u64),
        rss_bytes: used.rss_bytes,
        server_share: used.server_share(),
        others_share: used.others,
        seconds: used.time.as_secs_f64(),
    })
}
