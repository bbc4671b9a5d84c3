//! x
pub mod live;
pub mod state;
