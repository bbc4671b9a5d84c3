//! The snapshot, rooms, messages, read positions, people.

use shared::{
    cursor::Offset,
    id::{MemberId, MessageId, RoomId},
    member::Member,
    message::MessagePage,
    replica::window::PageAt,
    request::{
        ChangeRoom, CreateRoom, InvolvementSet, MessagePosted, MoveRead, PostMessage, ReadMoved, SetInvolvement,
    },
    room::{Directory, Level, ReadPosition, RoomAnswer, RoomMembers},
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

/// One room by its name in addresses, also an old one.
///
/// # Errors
/// `not_found`: there is none, or it is not the reader's.
pub async fn room_by_slug(slug: &str) -> Result<RoomView, ApiError> {
    call::get(&route::room(String::from(js_sys::encode_uri_component(slug)))).await
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

/// Moves how far the person has read to wherever they want it.
///
/// # Errors
/// `not_found`: the room is not the reader's.
pub async fn set_read(read: ReadPosition) -> Result<ReadPosition, ApiError> {
    let request = MoveRead { offset: read.offset, rev: read.rev, set: true };
    call::put::<ReadMoved>(&route::read(read.room), &request).await.map(|moved| moved.read)
}

/// Turns a message into a tombstone.
///
/// # Errors
/// `forbidden`, `not_found`, `room_archived`.
pub async fn delete_message(message: MessageId) -> Result<(), ApiError> {
    call::delete(&route::message(message)).await
}

/// A page of the rooms that the person is in or could join; `show` is `joined`, `open`, `archived` or empty.
///
/// # Errors
/// `forbidden`: a guest has no directory.
pub async fn directory(show: &str, query: &str, after: Option<u32>) -> Result<Directory, ApiError> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let parts = [("show", show), ("query", query), ("after", &after)];
    call::get(&[route::DIRECTORY, &query_of(&parts)].concat()).await
}

/// Makes a room, or finds the direct one of these people.
///
/// # Errors
/// `slug_taken`, what is wrong with a field, `limit_reached`, `forbidden`.
pub async fn make_room(request: &CreateRoom) -> Result<RoomAnswer, ApiError> {
    call::post(route::ROOMS, request).await
}

/// Changes a room.
///
/// # Errors
/// `slug_taken`, what is wrong with a field, `forbidden`, `not_found`.
pub async fn change_room(room: RoomId, request: &ChangeRoom) -> Result<RoomAnswer, ApiError> {
    call::patch(&route::room(room), request).await
}

/// A page of the people in a room, by the name shown; `query` is how a name begins.
///
/// # Errors
/// `not_found`: the room is not the reader's.
pub async fn members(room: RoomId, query: &str, after: Option<MemberId>) -> Result<RoomMembers, ApiError> {
    let after = after.map(|after| after.to_string()).unwrap_or_default();
    let parts = [("query", query), ("after", &after), ("limit", "100")];
    call::get(&[&route::members(room), &*query_of(&parts)].concat()).await
}

/// Comes into an open room.
///
/// # Errors
/// `not_found`, `room_archived`, `limit_reached`.
pub async fn join_room(room: RoomId) -> Result<RoomAnswer, ApiError> {
    call::put_bare(&route::room_member(room, "me")).await
}

/// Brings somebody into a room.
///
/// # Errors
/// `forbidden`, `not_found`, `limit_reached`.
pub async fn add_member(room: RoomId, member: MemberId) -> Result<RoomAnswer, ApiError> {
    call::put_bare(&route::room_member(room, member)).await
}

/// Takes somebody out of a room.
///
/// # Errors
/// `forbidden`, `not_found`.
pub async fn remove_member(room: RoomId, member: MemberId) -> Result<(), ApiError> {
    call::delete(&route::room_member(room, member)).await
}

/// Goes out of a room.
///
/// # Errors
/// `not_found`: the person is not in it.
pub async fn leave_room(room: RoomId) -> Result<(), ApiError> {
    call::delete(&route::room_member(room, "me")).await
}

/// Chooses what to hear of a room.
///
/// # Errors
/// `not_found`: the room is not the reader's.
pub async fn set_involvement(room: RoomId, level: Level) -> Result<(), ApiError> {
    call::put::<InvolvementSet>(&route::involvement(room), &SetInvolvement { level }).await.map(drop)
}

/// The card of a person.
///
/// # Errors
/// `not_found`: there is none, or the reader has nothing in common with them.
pub async fn card(member: MemberId) -> Result<MemberView, ApiError> {
    call::get(&route::person(member)).await
}

/// A person by id.
///
/// # Errors
/// `not_found`: there is none, or the reader has nothing in common with them.
pub async fn person(member: MemberId) -> Result<Member, ApiError> {
    call::get::<MemberView>(&route::person(member)).await.map(|view| view.member)
}

/// The query of an address: the parts that say something.
fn query_of(parts: &[(&str, &str)]) -> String {
    let mut query = String::new();
    for (name, value) in parts.iter().filter(|(_, value)| !value.is_empty()) {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(name);
        query.push('=');
        query.push_str(&String::from(js_sys::encode_uri_component(value)));
    }
    query
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
