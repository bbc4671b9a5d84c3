//! Everybody comes back at the same moment, each the same number of messages behind, while others go on posting.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use super::{
    Meter,
    fan_out::{POSTERS, SETTLE_WITHIN},
    float,
};
use crate::{
    contender::Running,
    load::{
        Fleet,
        posting::{Pace, post_apart},
    },
};

/// How much of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// Streams that come back.
    pub streams: usize,
    /// Messages that each has missed.
    pub behind: usize,
    /// Messages each second meanwhile.
    pub rate: f64,
}

/// What it took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Resume {
    /// Streams that came back.
    pub streams: usize,
    /// Messages that each had missed.
    pub behind: usize,
    /// Until each had all that it had missed, in seconds.
    pub seconds: f64,
    /// The server's CPU for one of them, in microseconds.
    pub cpu_us: f64,
    /// Posts meanwhile, from request to answer: what 99 % do not exceed, in milliseconds.
    pub post_p99_ms: f64,
    /// The load client's share of its core.
    pub load_share: f64,
    /// What others used meanwhile, as a share of one core.
    pub others_share: f64,
}

/// How long it may take at all.
const WITHIN: Duration = Duration::from_secs(60);

/// Measures it.
///
/// # Errors
/// A stream was refused or broke, or did not get every message exactly once.
pub fn measure(running: &Running, plan: &Plan) -> Result<Resume> {
    let mut fleet = Fleet::new(running.server.address, running.api.clone())?;
    fleet.add_posters(POSTERS)?;
    let answer = post_apart(running.server.address, &running.api)?;
    let cursor = cursor_of(&answer).context("a post is answered with its cursor")?;
    fleet.post_at_once(plan.behind);
    fleet.settle(SETTLE_WITHIN)?;
    fleet.ledger.forget_times();

    let (meter, began) = (Meter::start(&running.server)?, Instant::now());
    fleet.set_pace(Pace::EverySecond(plan.rate));
    fleet.open_streams(plan.streams, plan.streams, Some(&cursor), WITHIN)?;
    while !fleet.have_all(plan.behind) {
        ensure!(began.elapsed() < WITHIN, "not all had caught up after {WITHIN:?}");
        fleet.run_for(Duration::from_millis(20))?;
    }
    let (seconds, used) = (began.elapsed().as_secs_f64(), meter.stop(&running.server)?);
    fleet.settle(SETTLE_WITHIN)?;
    Ok(Resume {
        streams: plan.streams,
        behind: plan.behind,
        seconds,
        cpu_us: used.server.as_secs_f64() * 1e6 / float(plan.streams as u64),
        post_p99_ms: float(fleet.ledger.answer.quantile_us(0.99)) / 1e3,
        load_share: used.load_share(),
        others_share: used.others,
    })
}

/// The cursor in the answer to a post.
fn cursor_of(answer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(answer).ok()?;
    let body: serde_json::Value = serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()?;
    body.get("cursor")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::cursor_of;

    #[test]
    fn the_cursor_is_in_the_answer() {
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 22\r\n\r\n{\"cursor\":\"abc.7\",\"x\":1}";
        assert_eq!(cursor_of(answer).as_deref(), Some("abc.7"));
        assert_eq!(cursor_of(b"HTTP/1.1 201 Created\r\n\r\n{}"), None);
    }
}
