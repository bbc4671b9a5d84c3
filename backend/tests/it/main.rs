//! One binary for all integration tests: each area has a module.

mod terminal;
