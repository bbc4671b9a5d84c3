//! Teahouse's published measurements, and what they need: a load client, reference servers, and the report.
//!
//! `cargo xtask bench` builds everything and calls this program. It measures servers as processes from outside: [`load`]
//! is their clients, [`process`] counts what they use, [`reference`](mod@reference) are those that Teahouse is compared
//! with, [`scenario`] is what is measured, [`report`] writes docs/BENCHMARKS.md. Nothing of it is part of the shipped executable.

pub mod contender;
pub mod load;
pub mod machine;
pub mod process;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod seed;
