//! What SQLite says, in the store's words.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        if is_unreadable(&error) {
            return Self::Corrupt(error.to_string());
        }
        match error.sqlite_error_code() {
            _ if is_full(&error) => Self::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(error.to_string()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

/// Whether a value of one row is not what its column promises; other rows can be read all the same.
pub(super) const fn is_unreadable(error: &Error) -> bool {
    matches!(
        error,
        Error::FromSqlConversionFailure(..)
            | Error::InvalidColumnType(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::Utf8Error(..)
    )
}

/// Whether no space is left: for the database, or for growing the shared index of its WAL.
fn is_full(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
        || error.sqlite_error().is_some_and(|error| error.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
}

/// Whether the disk itself failed. After a failed fsync nobody knows what is on it: the kernel may have dropped the
/// pages and report the next fsync as fine (Rebello et al., "Can Applications Recover from fsync Failures?", 2020). So
/// nothing may be acknowledged any more, and the process has to begin again from what is on the disk.
pub(super) fn is_fatal(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) && !is_full(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_disk_itself_is_fatal() {
        let check = |code, fatal, full| {
            let error = || Error::SqliteFailure(ffi::Error::new(code), None);
            assert_eq!(is_fatal(&error()), fatal, "{code}");
            assert_eq!(matches!(StoreError::from(error()), StoreError::Full), full, "{code}");
        };
        check(ffi::SQLITE_IOERR, true, false);
        check(ffi::SQLITE_IOERR_FSYNC, true, false);
        check(ffi::SQLITE_IOERR_WRITE, true, false);
        check(ffi::SQLITE_FULL, false, true);
        check(ffi::SQLITE_IOERR_SHMSIZE, false, true);
        check(ffi::SQLITE_BUSY, false, false);
        check(ffi::SQLITE_CONSTRAINT_COMMITHOOK, false, false);
    }
}
