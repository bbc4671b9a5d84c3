//! Why something that was asked for in a room was not done, in the few words of the first download.

use crate::{api::ApiError, browser::prefs::first};

/// A sentence about an error: what happened, and what to do.
pub(super) fn trouble(error: &ApiError) -> String {
    let words = match error.status() {
        None => first().err_offline,
        Some(403) => first().err_refused,
        Some(404) => first().err_gone,
        Some(_) => first().err_server,
    };
    words.to_owned()
}
