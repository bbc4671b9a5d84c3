//! Everybody in one room, messages at a steady rate: what one delivery costs the server, and how long it takes.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Meter, float};
use crate::{
    contender::Running,
    load::{Fleet, posting::Pace},
};

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Streams, each its own person's.
    pub streams: usize,
    /// Messages each second.
    pub rate: f64,
    /// Not measured: caches fill, the first ticks go by.
    pub warm_up: Duration,
    /// Measured.
    pub time: Duration,
}

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct FanOut {
    /// Streams open.
    pub streams: usize,
    /// Messages each second.
    pub rate: f64,
    /// Deliveries each second, as they arrived.
    pub deliveries_per_s: f64,
    /// The server's CPU for one delivery, in microseconds.
    pub cpu_us: f64,
    /// The server's share of one core.
    pub server_share: f64,
    /// The load client's share of its core.
    pub load_share: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
    /// From the moment a message was due to its arrival: median, in milliseconds.
    pub p50_ms: f64,
    /// The same that 99 % do not exceed.
    pub p99_ms: f64,
    /// The server's memory at the end, in bytes.
    pub rss_bytes: u64,
}

/// How many streams are asked for at once while they are opened: less than any server's backlog.
pub const OPEN_AT_ONCE: usize = 100;
/// How long that may take.
pub const OPEN_WITHIN: Duration = Duration::from_secs(60);
/// How long the last messages may take to arrive.
pub const SETTLE_WITHIN: Duration = Duration::from_secs(20);
/// Connections that post.
pub const POSTERS: usize = 8;

/// Measures a server at several rates, with the same streams.
///
/// # Errors
/// A stream broke, or did not get every message exactly once.
pub fn measure(running: &Running, plans: &[Plan]) -> Result<Vec<FanOut>> {
    let Some(first) = plans.first() else { return Ok(Vec::new()) };
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    fleet.open_streams(first.streams, OPEN_AT_ONCE, None, OPEN_WITHIN)?;
    fleet.add_posters(POSTERS)?;
    plans.iter().map(|plan| measure_one(running, &mut fleet, plan)).collect()
}

fn measure_one(running: &Running, fleet: &mut Fleet, plan: &Plan) -> Result<FanOut> {
    fleet.set_pace(Pace::EverySecond(plan.rate));
    fleet.run_for(plan.warm_up)?;
    fleet.ledger.forget_times();
    let (meter, before) = (Meter::start(&running.server)?, fleet.deliveries());
    fleet.run_for(plan.time)?;
    let (used, deliveries) = (meter.stop(&running.server)?, fleet.deliveries() - before);
    let (p50, p99) = (fleet.ledger.delivery.quantile_us(0.5), fleet.ledger.delivery.quantile_us(0.99));
    fleet.settle(SETTLE_WITHIN)?;
    Ok(FanOut {
        streams: plan.streams,
        rate: plan.rate,
        deliveries_per_s: float(deliveries) / used.time.as_secs_f64(),
        cpu_us: used.server.as_secs_f64() * 1e6 / float(deliveries.max(1)),
        server_share: used.server_share(),
        load_share: used.load_share(),
        others_share: used.others,
        p50_ms: float(p50) / 1e3,
        p99_ms: float(p99) / 1e3,
        rss_bytes: used.rss_bytes,
    })
}
