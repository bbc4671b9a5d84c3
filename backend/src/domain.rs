//! Pure rules: what may happen, and what then happened. No IO, no clock, no randomness; everything is a value in and a
//! value out, so a rule is tested by calling it.
//!
//! The store calls them inside its transaction, with what it has just read; so a rule holds under any concurrency
//! without a lock of its own. [`markdown`] and [`qr`] are here too: a text in, its HTML or its picture out.

pub mod address;
pub mod audience;
pub mod markdown;
pub mod member;
pub mod message;
pub mod policy;
pub mod qr;
pub mod reading;
pub mod room;
pub mod settings;
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
    /// There is nothing, or nothing that the person may know of: one answer for both.
    #[error("not found")]
    NotFound,
    /// The room is kept for reading only.
    #[error("the room is archived")]
    RoomArchived,
    /// Another room that the person can see has, or had, this address.
    #[error("the address is taken")]
    SlugTaken,
    /// One of the people named is nobody, or nobody who could be there.
    #[error("no such member")]
    UnknownMember,
    /// Nobody would be left who answers for the workspace.
    #[error("the last owner")]
    LastOwner,
    /// The current password is not the one that was shown to be known.
    #[error("the password is another by now")]
    WrongPassword,
    /// There are as many as there may be.
    #[error("there are as many as there may be")]
    LimitReached,
    /// The link is used, expired or mistyped.
    #[error("the link does not work")]
    LinkInvalid,
    /// New accounts are not made from this network address.
    #[error("the address is blocked")]
    AddressBlocked,
    /// The same author sent another request under the same client id.
    #[error("the client id was used for another request")]
    ClientIdReused,
}
