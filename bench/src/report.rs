//! What was measured, kept between runs, and how it is shown: tables in Markdown and plots in SVG.

pub mod goals;
pub mod markdown;
pub mod plot;
pub mod results;
mod tables;

pub use results::{Results, Row, Section};
