//! How much fits through: the rate is raised until messages come late.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{
    Meter,
    fan_out::{OPEN_AT_ONCE, OPEN_WITHIN},
    float,
};
use crate::{
    contender::Running,
    load::{Fleet, posting::Pace},
};

/// Late: what 99 % of the deliveries must not exceed.
pub const LATE_MS: f64 = 50.0;
/// Connections that post: enough that their answers, each behind an fsync, are not the limit.
const POSTERS: usize = 32;
/// The first rate, in deliveries a second.
const FIRST: f64 = 60_000.0;
/// How much each step raises it.
const STEP: f64 = 1.3;
/// Most steps: to 2.5 million.
const STEPS_MAX: usize = 15;
/// What has to arrive in time, of what was posted.
const SHARE_MIN: f64 = 0.97;

/// One rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Deliveries each second, as they arrived.
    pub deliveries_per_s: f64,
    /// From the moment a message was due to its arrival: what 99 % do not exceed, in milliseconds.
    pub p99_ms: f64,
    /// The server's CPU for one delivery, in microseconds.
    pub cpu_us: f64,
    /// The load client's share of its core.
    pub load_share: f64,
    /// Whether all of it came in time.
    pub is_in_time: bool,
}

/// What it took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Saturation {
    /// Streams open.
    pub streams: usize,
    /// The rates tried, rising; the last one may be too much.
    pub steps: Vec<Step>,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
}

impl Saturation {
    /// The highest rate at which everything came in time.
    #[must_use]
    pub fn best(&self) -> Option<&Step> {
        let in_time = self.steps.iter().filter(|step| step.is_in_time);
        in_time.max_by(|a, b| a.deliveries_per_s.total_cmp(&b.deliveries_per_s))
    }
}

/// Raises the rate on `streams`, each rate for `time`.
///
/// # Errors
/// A stream broke, or lost a message at a rate that the server could sustain.
pub fn measure(running: &Running, streams: usize, time: Duration) -> Result<Saturation> {
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    fleet.open_streams(streams, OPEN_AT_ONCE, None, OPEN_WITHIN)?;
    fleet.add_posters(POSTERS)?;
    let whole = Meter::start(&running.server)?;
    let (mut steps, mut rate, mut misses) = (Vec::new(), FIRST / float(streams as u64), 0);
    while steps.len() < STEPS_MAX && misses < 2 {
        let step = measure_one(running, &mut fleet, rate, time)?;
        steps.push(step);
        if step.is_in_time {
            misses = 0;
            rate *= STEP;
            // Everything exactly once, also under this load.
            fleet.settle(time * 4)?;
        } else {
            // A moment of somebody else's may have been the cause: the same rate once more, if what waits drains.
            misses += 1;
            if fleet.settle(time * 4).is_err() {
                break;
            }
        }
    }
    Ok(Saturation { streams, steps, others_share: whole.stop(&running.server)?.others })
}

fn measure_one(running: &Running, fleet: &mut Fleet, rate: f64, time: Duration) -> Result<Step> {
    fleet.set_pace(Pace::EverySecond(rate));
    fleet.run_for(time / 4)?;
    fleet.ledger.forget_times();
    let (meter, before) = (Meter::start(&running.server)?, fleet.deliveries());
    fleet.run_for(time)?;
    let (used, deliveries) = (meter.stop(&running.server)?, fleet.deliveries() - before);
    let deliveries_per_s = float(deliveries) / used.time.as_secs_f64();
    let p99_ms = float(fleet.ledger.delivery.quantile_us(0.99)) / 1e3;
    Ok(Step {
        deliveries_per_s,
        p99_ms,
        cpu_us: used.server.as_secs_f64() * 1e6 / float(deliveries.max(1)),
        load_share: used.load_share(),
        is_in_time: p99_ms < LATE_MS && deliveries_per_s > SHARE_MIN * rate * float(fleet.open() as u64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_rate_is_one_that_was_in_time() {
        let step = |deliveries_per_s, is_in_time| Step { deliveries_per_s, is_in_time, ..Step::default() };
        let tried =
            Saturation { steps: vec![step(1.0, true), step(3.0, true), step(4.0, false)], ..Saturation::default() };
        assert_eq!(tried.best().map(|step| step.deliveries_per_s), Some(3.0));
        assert_eq!(Saturation::default().best(), None);
    }
}
