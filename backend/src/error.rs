//! The edge's error: what a request is answered when it cannot have what it asked for.
//!
//! Each layer below has its own narrow error; here they become a [`ProblemCode`] for the caller and a cause for the log.
//! The caller never sees the cause, the log never misses it: `http::problem` writes both, once, under one request id.

use std::{error::Error, sync::Arc, time::Duration};

use shared::problem::ProblemCode;

use crate::{domain::DomainError, store::StoreError};

/// How long a caller is asked to wait before trying again, in seconds.
const RETRY_AFTER_S: u32 = 2;

/// Why a request failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .code.as_str())]
pub struct AppError {
    /// For the caller.
    pub code: ProblemCode,
    /// The field or parameter at fault, when there is one.
    pub field: Option<String>,
    /// When to try again, in seconds: the `Retry-After` header.
    pub retry_after_s: Option<u32>,
    /// For the log, never for the caller.
    #[source]
    pub cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl AppError {
    /// The error of a code, without a field.
    #[must_use]
    pub const fn new(code: ProblemCode) -> Self {
        let retry_after_s = match code {
            ProblemCode::RateLimited | ProblemCode::Unavailable => Some(RETRY_AFTER_S),
            _ => None,
        };
        Self { code, field: None, retry_after_s, cause: None }
    }

    /// Says which field or parameter is at fault.
    #[must_use]
    pub fn of_field(code: ProblemCode, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(code) }
    }

    /// A fault of the server; the caller learns nothing but that.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ProblemCode::Internal).because(cause)
    }

    /// Says how long to wait, rounded up to whole seconds.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_millis().div_ceil(1000).max(1);
        Self { retry_after_s: Some(u32::try_from(seconds).unwrap_or(u32::MAX)), ..self }
    }

    /// Adds what the log should say.
    #[must_use]
    pub fn because(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(Arc::from(cause.into())), ..self }
    }
}

impl From<ProblemCode> for AppError {
    fn from(code: ProblemCode) -> Self {
        Self::new(code)
    }
}

impl From<DomainError> for AppError {
    fn from(error: DomainError) -> Self {
        Self::new(match error {
            DomainError::SetupDone => ProblemCode::SetupDone,
            DomainError::Forbidden => ProblemCode::Forbidden,
            DomainError::InviteInvalid => ProblemCode::InviteInvalid,
            DomainError::NameTaken => ProblemCode::NameTaken,
            DomainError::NotFound => ProblemCode::NotFound,
            DomainError::RoomArchived => ProblemCode::RoomArchived,
            DomainError::SlugTaken => return Self::of_field(ProblemCode::SlugTaken, "slug"),
            DomainError::UnknownMember => return Self::of_field(ProblemCode::InvalidField, "members"),
            DomainError::LastOwner => ProblemCode::LastOwner,
            DomainError::WrongPassword => return Self::of_field(ProblemCode::WrongPassword, "current"),
            DomainError::LimitReached => ProblemCode::LimitReached,
            DomainError::LinkInvalid => ProblemCode::LinkInvalid,
            DomainError::AddressBlocked => ProblemCode::AddressBlocked,
            DomainError::ClientIdReused => ProblemCode::ClientIdReused,
        })
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(refusal) => refusal.into(),
            StoreError::NotFound => ProblemCode::NotFound.into(),
            StoreError::Unavailable(_) => Self::new(ProblemCode::Unavailable).because(error),
            StoreError::Full => Self::new(ProblemCode::StorageFull).because(error),
            StoreError::Corrupt(_) => Self::internal(error),
        }
    }
}
