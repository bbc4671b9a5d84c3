//! Pure rules: what may happen, and what then happened. No IO, no clock, no randomness; everything is a value in and a
//! value out, so a rule is tested by calling it.

pub mod audience;
