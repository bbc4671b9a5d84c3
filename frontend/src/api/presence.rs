//! Who is here, and what this device says of its person.

use shared::{
    id::MemberId,
    presence::{PresenceLevel, PresenceList},
    request::{SetPresence, SetTyping},
    route,
};

use super::{ApiError, call};
use crate::state::signs::Sign;

/// Whether these people are here, at most a hundred.
///
/// # Errors
/// [`ApiError`], as for every call.
pub async fn presence(members: &[MemberId]) -> Result<PresenceList, ApiError> {
    let ids: Vec<_> = members.iter().map(MemberId::to_string).collect();
    call::get(&[route::PRESENCE, "?members=", &ids.join(",")].concat()).await
}

/// Says that the person does something with this device, or types in a room.
///
/// # Errors
/// `rate_limited`; `not_found`, `forbidden`: the reader may not post there.
pub async fn give_sign(sign: Sign) -> Result<(), ApiError> {
    match sign {
        Sign::Active => call::change("POST", route::PRESENCE, &SetPresence { level: PresenceLevel::Active }).await,
        Sign::Typing(room, typing) => call::change("POST", &route::typing(room), &SetTyping { typing }).await,
    }
}
