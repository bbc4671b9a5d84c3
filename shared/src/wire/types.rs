//! Every type of the wire that the web client reads or writes, one line each.

use super::{Read, Value, Write, write_text};
use crate::{
    cursor::{Cursor, Epoch, Offset},
    event::{MemberJoined, MessagePosted, RoomJoined, RoomMemberJoined},
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::{Member, Role, Timestamp, Workspace},
    message::{Message, MessagePage},
    problem::Problem,
    request::{self, Join, MoveRead, PostMessage, ReadMoved, SessionKind, Setup, SignIn},
    room::{ReadPosition, Room, RoomKind},
    session::{InviteCreated, InvitePreview, MemberView, RoomList, RoomView, SetupState, SignedIn, Snapshot},
    stream::{Bye, ByeReason, Hello, Resume, State, Tick},
    text::{DisplayName, MessageBody, Password, RoomName, SignInName, WorkspaceName},
    wire_read, wire_words, wire_write,
};

/// Types that are one string on the wire, and parse it.
macro_rules! texts {
    ($($type:ident),+) => {$(
        impl Read for $type {
            fn read(value: &impl Value) -> Option<Self> {
                value.text()?.try_into().ok()
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut String) {
                write_text(&String::from(self.clone()), json);
            }
        }
    )+};
}

/// Types that are another type on the wire.
macro_rules! wrapped {
    ($($type:ident),+) => {$(
        impl Read for $type {
            fn read(value: &impl Value) -> Option<Self> {
                Read::read(value).map(Self)
            }
        }

        impl Write for $type {
            fn write(&self, json: &mut String) {
                self.0.write(json);
            }
        }
    )+};
}

texts! { RoomId, MemberId, MessageId, SessionId, InviteId, ClientId, Epoch, Cursor }
texts! { SignInName, DisplayName, RoomName, WorkspaceName, MessageBody, Password }
wrapped! { Offset, Timestamp }

wire_words! {
    Resume { Live = "live", Replay = "replay", Reset = "reset" };
    ByeReason { Shutdown = "shutdown", SessionEnded = "session_ended" } else Overload = "overload";
    RoomKind { Open = "open" } else Closed = "closed";
    Role { Owner = "owner" } else Member = "member";
    SessionKind { Cookie = "cookie", Token = "token" };
}

wire_read! {
    // The facts.
    MemberJoined { member, invited_by };
    MessagePosted { room, message };
    RoomJoined { room };
    RoomMemberJoined { room, member, member_count };

    // What the stream says besides.
    Hello { protocol, version, you, resume, behind, heartbeat_ms, events };
    State { reads };
    Tick { sent, now };
    Bye { reason, retry_ms };

    // What `/api` answers.
    Member { id, name, display_name, role, joined_at };
    Workspace { name };
    Room { id, slug, name, kind, member_count, last_offset, rev };
    ReadPosition { room, offset, rev, unread, as_of };
    Message { id, room, author, client_id, offset, rev, body, html, posted_at };
    MessagePage { messages, as_of, more_before, more_after };
    Snapshot { cursor, me, workspace, rooms, members, reads };
    RoomList { rooms, as_of };
    RoomView { room, as_of };
    MemberView { member };
    SetupState { needed, code_needed };
    SignedIn { me, workspace };
    InviteCreated { code, url, expires_at };
    InvitePreview { workspace, room, inviter, people, people_count, messages, authors, expires_at };
    ReadMoved { read };
    request::MessagePosted { message, cursor };
    Problem { kind as "type", title, status, code, field, request_id };
}

wire_write! {
    Setup { workspace, name, password, code };
    SignIn { name, password, kind as "as" };
    Join { name, password };
    PostMessage { client_id, body };
    MoveRead { offset, rev, set };
}
