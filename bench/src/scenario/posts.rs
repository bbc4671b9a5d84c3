//! Durable posts: 64 connections that each post again as soon as they have their answer.

use std::time::Duration;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Meter, fan_out::SETTLE_WITHIN, float};
use crate::{
    contender::Running,
    load::{Fleet, posting::Pace},
};

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Posts {
    /// Connections that post.
    pub clients: usize,
    /// Posts answered each second.
    pub posts_per_s: f64,
    /// The server's CPU for one post, in microseconds.
    pub cpu_us: f64,
    /// The server's share of one core.
    pub server_share: f64,
    /// The load client's share of its core.
    pub load_share: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
    /// From request to answer: median, in milliseconds.
    pub p50_ms: f64,
    /// The same that 99 % do not exceed.
    pub p99_ms: f64,
}

/// Measures a server for `time`, after `warm_up`.
///
/// # Errors
/// A post was not answered with success.
pub fn measure(running: &Running, clients: usize, warm_up: Duration, time: Duration) -> Result<Posts> {
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    fleet.add_posters(clients)?;
    fleet.set_pace(Pace::AsAnswered);
    fleet.run_for(warm_up)?;
    fleet.ledger.forget_times();
    let meter = Meter::start(&running.server)?;
    fleet.run_for(time)?;
    let (used, answers) = (meter.stop(&running.server)?, fleet.ledger.answer.clone());
    fleet.settle(SETTLE_WITHIN)?;
    Ok(Posts {
        clients,
        posts_per_s: float(answers.count()) / used.time.as_secs_f64(),
        cpu_us: used.server.as_secs_f64() * 1e6 / float(answers.count().max(1)),
        server_share: used.server_share(),
        load_share: used.load_share(),
        others_share: used.others,
        p50_ms: float(answers.quantile_us(0.5)) / 1e3,
        p99_ms: float(answers.quantile_us(0.99)) / 1e3,
    })
}
