//! The snapshot, rooms, messages, read positions, people.

use shared::{
    cursor::Offset,
    id::{MemberId, RoomId},
    member::Member,
    message::MessagePage,
    replica::window::PageAt,
    request::{MessagePosted, MoveRead, PostMessage, ReadMoved},
    room::ReadPosition,
    route,
    session::{MemberView, RoomList, RoomView, Snapshot},
};

use super::{ApiError, call};

/// Everything the client shows first, and the cursor it is valid at.
///
/// # Errors
/// `not_signed_in` (401).
pub async fn snapshot() -> Result<Snapshot, ApiError> {
    call::get(route::SNAPSHOT).await
}

/// The reader's rooms.
///
/// # Errors
/// `not_signed_in` (401).
pub async fn rooms() -> Result<RoomList, ApiError> {
    call::get(route::ROOMS).await
}

/// One room.
///
/// # Errors
/// `not_found`: there is none, or it is not the reader's.
pub async fn room(room: RoomId) -> Result<RoomView, ApiError> {
    call::get(&route::room(room)).await
}

/// A page of a room's history, at most `limit` messages.
///
/// # Errors
/// `not_found`: the room is not the reader's.
pub async fn message_page(room: RoomId, at: PageAt, limit: u32) -> Result<MessagePage, ApiError> {
    call::get(&page_address(room, at, limit)).await
}

/// Posts a message. Sent again with the same client id it makes no second one.
///
/// # Errors
/// `not_found`: the room is not the reader's. `client_id_reused`: the id belongs to another message.
pub async fn post_message(room: RoomId, request: &PostMessage) -> Result<MessagePosted, ApiError> {
    call::post(&route::messages(room), request).await
}

/// Tells how far the person has read; the answer is the position as it now is. It only advances.
///
/// # Errors
/// `not_found`: the room is not the reader's.
pub async fn move_read(read: ReadPosition) -> Result<ReadPosition, ApiError> {
    let request = MoveRead { offset: read.offset, rev: read.rev, set: false };
    call::put::<ReadMoved>(&route::read(read.room), &request).await.map(|moved| moved.read)
}

/// A person by id.
///
/// # Errors
/// `not_found`: there is none, or the reader has nothing in common with them.
pub async fn person(member: MemberId) -> Result<Member, ApiError> {
    call::get::<MemberView>(&route::person(member)).await.map(|view| view.member)
}

fn page_address(room: RoomId, at: PageAt, limit: u32) -> String {
    let messages = route::messages(room);
    let from = |name: &str, Offset(offset): Offset| format!("{messages}?{name}={offset}&limit={limit}");
    match at {
        PageAt::Latest => format!("{messages}?limit={limit}"),
        PageAt::Before(offset) => from("before", offset),
        PageAt::After(offset) => from("after", offset),
        PageAt::Around(offset) => from("around", offset),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_addresses() {
        let room = RoomId::from_entropy([7; 12]);
        let check = |at, query| {
            assert_eq!(page_address(room, at, 50), format!("/api/rooms/r_777777777777/messages?{query}"));
        };
        check(PageAt::Latest, "limit=50");
        check(PageAt::Before(Offset(12)), "before=12&limit=50");
        check(PageAt::After(Offset(12)), "after=12&limit=50");
        check(PageAt::Around(Offset(12)), "around=12&limit=50");
    }
}
