//! Pure rules: what may happen, and what then happened. No IO, no clock, no randomness; everything is a value in and a
//! value out, so a rule is tested by calling it.
//!
//! The store calls them inside its transaction, with what it has just read; so a rule holds under any concurrency
//! without a lock of its own. [`markdown`] is here too: a text in, its HTML out.

pub mod audience;
pub mod markdown;
pub mod member;
pub mod message;
pub mod reading;
pub mod room;
pub mod token_bucket;

/// A rule said no. Nothing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    /// The workspace is open already; it is opened once.
    #[error("the workspace is already open")]
    SetupDone,
    /// Another member's name folds to the same key.
    #[error("the name is taken")]
    NameTaken,
    /// Unknown, expired, withdrawn or mistyped: one answer for all, so that nothing can be found out by guessing.
    #[error("the invite does not work")]
    InviteInvalid,
    /// The person may not do this.
    #[error("not allowed")]
    Forbidden,
    /// The same author sent another request under the same client id.
    #[error("the client id was used for another request")]
    ClientIdReused,
}
