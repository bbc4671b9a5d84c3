//! Messages: when a second request is the first one again.

use super::DomainError;

/// Decides what a post is whose author has used its client id before: the same request sent again, or another one.
/// Both are given as keyed hashes; neither says anything about a text that may have been deleted since.
///
/// # Errors
/// [`DomainError::ClientIdReused`] when they differ.
pub fn accept_retry(earlier: &[u8; 32], request: &[u8; 32]) -> Result<(), DomainError> {
    if earlier == request { Ok(()) } else { Err(DomainError::ClientIdReused) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_request_is_a_retry() {
        assert_eq!(accept_retry(&[1; 32], &[1; 32]), Ok(()));
        assert_eq!(accept_retry(&[1; 32], &[2; 32]), Err(DomainError::ClientIdReused));
    }
}
