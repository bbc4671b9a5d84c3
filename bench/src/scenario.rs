//! What is measured, one module each. A scenario measures one server; who is measured, and in which order, is `run`'s.

pub mod burst;
pub mod fan_out;
pub mod idle;
pub mod posts;
pub mod resume;
pub mod saturation;
pub mod snapshot;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    machine::Busy,
    process::{Server, Usage, of_process},
};

/// What a server, and everybody else, used over a stretch of time.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// How long it was.
    pub time: Duration,
    /// The server's time on any core.
    pub server: Duration,
    /// The load client's.
    pub load: Duration,
    /// The share of one core that neither of them used: other processes, and the kernel's own threads.
    pub others: f64,
    /// The server's memory at the end.
    pub rss_bytes: u64,
}

/// A beginning, to be compared with the end.
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    server: Usage,
    load: Usage,
    busy: Busy,
}

impl Meter {
    /// Begins.
    ///
    /// # Errors
    /// The server has ended.
    pub fn start(server: &Server) -> Result<Self> {
        let load = of_process(std::process::id())?;
        Ok(Self { began: Instant::now(), server: server.usage()?, load, busy: Busy::now()? })
    }

    /// What was used since.
    ///
    /// # Errors
    /// The server has ended.
    pub fn stop(&self, server: &Server) -> Result<Used> {
        let (end, load, time) =
            (server.usage()?, of_process(std::process::id())?.cpu - self.load.cpu, self.began.elapsed());
        let used = end.cpu.saturating_sub(self.server.cpu);
        let others = Busy::now()?.time_since(self.busy).saturating_sub(used + load);
        Ok(Used {
            time,
            server: used,
            load,
            others: others.as_secs_f64() / time.as_secs_f64(),
            rss_bytes: end.rss_bytes,
        })
    }
}

impl Used {
    /// Share of one core that the server used.
    #[must_use]
    pub fn server_share(&self) -> f64 {
        self.server.as_secs_f64() / self.time.as_secs_f64()
    }

    /// Share of its core that the load client used. Near 1 it, not the server, is the limit.
    #[must_use]
    pub fn load_share(&self) -> f64 {
        self.load.as_secs_f64() / self.time.as_secs_f64()
    }
}

/// A whole number for arithmetic; counts here stay far below 2^53.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "as it says")]
pub const fn float(count: u64) -> f64 {
    count as f64
}
