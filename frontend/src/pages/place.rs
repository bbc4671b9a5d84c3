//! The addresses of the place: which page beside the rail, which room, what is beside the room on a phone.

use shared::policy::WorkspaceAction;

use crate::components::room_header::Side;

/// What an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// No room in particular; on a phone the rooms themselves.
    Rooms,
    /// All rooms.
    Browse,
    /// The people of the place.
    People,
    /// The audit log.
    Audit,
    /// A room.
    Room {
        /// Its slug, or its id in an old link; percent-encoded, as in the address.
        named: String,
        /// What is beside it, where that is a page of its own: on a phone.
        side: Option<Side>,
        /// The place of a message in it that is to be shown.
        at: Option<u64>,
    },
}

impl Place {
    /// The place that a path names.
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/people" => return Self::People,
            "/audit" => return Self::Audit,
            _ => {}
        }
        let Some(rest) = path.strip_prefix("/rooms") else { return Self::Rooms };
        let Some(rest) = rest.strip_prefix('/') else {
            return if rest.is_empty() { Self::Browse } else { Self::Rooms };
        };
        let (named, further) = rest.split_once('/').unwrap_or((rest, ""));
        if named.is_empty() {
            return Self::Browse;
        }
        let side = match further {
            "details" => Some(Side::Details),
            "members" => Some(Side::Members),
            _ => None,
        };
        Self::Room { named: named.to_owned(), side, at: further.parse().ok() }
    }

    /// The place of the message that is to be shown.
    pub(super) fn at(&self) -> Option<u64> {
        if let Self::Room { at, .. } = self { *at } else { None }
    }

    /// What is beside the room, where that is a page of its own.
    pub(super) fn side(&self) -> Option<Side> {
        if let Self::Room { side, .. } = self { *side } else { None }
    }

    /// What one must be allowed to do to see it; to others the page does not exist. `None`: it is everybody's.
    pub(super) fn needs(&self) -> Option<WorkspaceAction> {
        match self {
            Self::People => Some(WorkspaceAction::Browse),
            Self::Audit => Some(WorkspaceAction::Audit),
            Self::Rooms | Self::Browse | Self::Room { .. } => None,
        }
    }

    /// The room that is named.
    pub(super) fn room(&self) -> Option<&str> {
        if let Self::Room { named, .. } = self { Some(named) } else { None }
    }
}

/// The address of what is beside a room, on a phone.
pub(super) fn side_path(room: &str, side: Side) -> String {
    [
        room,
        match side {
            Side::Details => "/details",
            Side::Members => "/members",
        },
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_rooms_and_pages() {
        let room = |named: &str, side| Place::Room { named: named.to_owned(), side, at: None };
        let message = |named: &str, at| Place::Room { named: named.to_owned(), side: None, at: Some(at) };
        for (path, place) in [
            ("/", Place::Rooms),
            ("/signin", Place::Rooms),
            ("/roomservice", Place::Rooms),
            ("/people", Place::People),
            ("/audit", Place::Audit),
            ("/rooms/people", room("people", None)),
            ("/rooms", Place::Browse),
            ("/rooms/general", room("general", None)),
            ("/rooms/general/details", room("general", Some(Side::Details))),
            ("/rooms/general/members", room("general", Some(Side::Members))),
            ("/rooms/general/1234", message("general", 1_234)),
            ("/rooms/general/else", room("general", None)),
        ] {
            assert_eq!(Place::of(path), place, "{path}");
        }
        assert_eq!(side_path("/rooms/general", Side::Members), "/rooms/general/members");
    }
}
