//! What of a message on its way is kept on the device, and under whose name.

use shared::{
    id::{ClientId, MemberId, RoomId},
    wire_read, wire_words, wire_write,
};

use crate::state::view::Failure;

/// Whose things are kept on this device. Nothing kept under one account is ever read under another. The id alone tells
/// accounts apart, also those of another workspace at the same address: it is random, and a name can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub member: MemberId,
}

impl Account {
    /// The account as part of a storage key; it has no slash in it.
    #[must_use]
    pub fn key(self) -> String {
        self.member.to_string()
    }
}

/// A message on its way, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The idempotency key: the same after every reload.
    pub client_id: ClientId,
    /// Where to.
    pub room: RoomId,
    /// The text.
    pub body: String,
    /// When it was written, in Unix milliseconds.
    pub written_ms: i64,
    /// Its place among the others: greater was written later.
    pub order: u64,
    /// Why it was given up, if it was.
    pub failed: Option<Failure>,
}

wire_read! { Kept { client_id, room, body, written_ms, order, failed }; }
wire_write! { Kept { client_id, room, body, written_ms, order, failed }; }
wire_words! {
    // A word of a later version reads as the most general.
    Failure { Refused = "refused", NoRoom = "no_room", Stale = "stale" } else NoAnswer = "no_answer";
}

#[cfg(test)]
mod tests {
    use shared::wire::to_json;

    use super::*;

    #[test]
    fn a_message_is_kept_as_earlier_versions_kept_it() {
        let kept = Kept {
            client_id: ClientId::from_entropy([5; 16]),
            room: RoomId::from_entropy([7; 12]),
            body: "tea".to_owned(),
            written_ms: 1_795_348_800_000,
            order: 2,
            failed: Some(Failure::NoRoom),
        };
        let text = r#"{"client_id":"05050505-0505-4505-8505-050505050505","room":"r_777777777777","body":"tea","written_ms":1795348800000,"order":2,"failed":"no_room"}"#;
        assert_eq!(to_json(&kept), text);
        assert_eq!(to_json(&Kept { failed: None, ..kept }), text.replace(r#","failed":"no_room""#, ""));
    }
}
