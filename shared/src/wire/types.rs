//! Every type of the wire that the web client reads or writes, one line each.

use super::{Read, Value, Write, write_text};
use crate::{
    audit::{AuditAct, AuditEntry, AuditPage},
    cursor::{Cursor, Epoch, Offset},
    event::{
        AuditLogged, InvolvementChanged, MemberChanged, MemberJoined, MessageDeleted, MessagePosted, RoomChanged,
        RoomGone, RoomJoined, RoomMemberJoined, RoomMemberLeft, SettingsChanged, WorkspaceChanged,
    },
    id::{ClientId, InviteId, MemberId, MessageId, RoomId, SessionId},
    member::{Circle, HourCycle, Member, PeoplePage, Person, Role, Settings, Timestamp, Workspace},
    message::{Message, MessagePage, MessageRemoved},
    presence::{Presence, PresenceLevel, PresenceList, Typing},
    problem::Problem,
    request::{
        self, Ban, BanPreview, ChangePassword, ChangePerson, ChangeRoom, ChangeWorkspace, CreateInvite, CreateRoom,
        CreateToken, EnterAsGuest, InvolvementSet, Join, MoveRead, PostMessage, Purge, ReadMoved, ResetPassword,
        SessionKind, SetInvolvement, SetPresence, SetTyping, Setup, SignIn,
    },
    room::{
        Directory, DirectoryEntry, GoneReason, Involvement, Level, ReadPosition, Room, RoomAnswer, RoomKind,
        RoomMembers,
    },
    session::{
        Access, InviteCreated, InviteInfo, InviteList, InvitePreview, LinkMade, LinkPreview, MemberView, RoomList,
        RoomView, SessionInfo, SessionList, SetupState, SignedIn, Snapshot, TokenInfo, TokenList, TokenMade,
    },
    stream::{Bye, ByeReason, Hello, Introduction, Resume, State, Tick},
    text::{Bio, DisplayName, Label, MessageBody, Password, Reason, RoomName, RoomTopic, SignInName, WorkspaceName},
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
texts! { SignInName, DisplayName, RoomName, WorkspaceName, MessageBody, Password, RoomTopic, Bio, Reason, Label }
wrapped! { Offset, Timestamp }

wire_words! {
    Resume { Live = "live", Replay = "replay", Reset = "reset" };
    ByeReason {
        Shutdown = "shutdown",
        SessionEnded = "session_ended",
        RoleChanged = "role_changed",
        Deactivated = "deactivated",
        Banned = "banned",
        Renew = "renew",
    } else Overload = "overload";
    RoomKind { Open = "open", Direct = "direct" } else Closed = "closed";
    GoneReason { Left = "left" } else Removed = "removed";
    Level { Everything = "everything", Nothing = "nothing", Hidden = "hidden" } else Mentions = "mentions";
    Role { Owner = "owner", Admin = "admin", Member = "member", Bot = "bot" } else Guest = "guest";
    Circle { Everyone = "everyone" } else Admins = "admins";
    HourCycle { H24 = "h24", H12 = "h12" } else Auto = "auto";
    PresenceLevel { Active = "active", Away = "away" } else Offline = "offline";
    AuditAct {
        WorkspaceChanged = "workspace_changed",
        RoleChanged = "role_changed",
        Deactivated = "deactivated",
        Reactivated = "reactivated",
        Banned = "banned",
        Unbanned = "unbanned",
        ResetLinkMade = "reset_link_made",
        InviteMade = "invite_made",
        InviteWithdrawn = "invite_withdrawn",
        TokenMade = "token_made",
        TokenRevoked = "token_revoked",
        RoomConverted = "room_converted",
        RoomArchived = "room_archived",
        RoomRestored = "room_restored",
        MemberRemoved = "member_removed",
        MessageDeleted = "message_deleted",
    } else Unknown = "unknown";
    SessionKind { Cookie = "cookie", Token = "token" };
    Access { All = "all", Post = "post" } else Read = "read";
    Purge { Keep = "keep", Day = "day", All = "all" };
}

wire_read! {
    // The facts.
    AuditLogged { entry };
    InvolvementChanged { involvement };
    MemberChanged { member };
    MessageDeleted { room, message, author, offset };
    RoomChanged { room };
    RoomGone { room, reason };
    RoomMemberLeft { room, member, member_count };
    SettingsChanged { settings };
    WorkspaceChanged { workspace };
    AuditEntry { offset, at, by, act, member, room, detail, reason, count, address };
    MemberJoined { member, invited_by };
    MessagePosted { room, message };
    RoomJoined { room };
    RoomMemberJoined { room, member, member_count };

    // What the stream says besides.
    Introduction { protocol, version };
    Hello { protocol, version, you, resume, behind, heartbeat_ms, events };
    State { reads, presence };
    Presence { member, level };
    PresenceList { presence };
    Typing { room, members };
    Tick { sent, now };
    Bye { reason, retry_ms };

    // What `/api` answers.
    Member { id, name, display_name, role, joined_at, bio, active };
    Workspace { name, rooms_by, invites_by, guests };
    Settings { language, time_zone, hours, shows_presence, shows_typing };
    Room {
        id,
        slug,
        name,
        kind,
        topic,
        archived,
        posting,
        moderator,
        member_count,
        people,
        last_offset,
        rev,
    };
    Involvement { room, level };
    ReadPosition { room, offset, rev, unread, as_of };
    Message { id, room, author, client_id, offset, rev, body, html, posted_at, deleted };
    MessageRemoved { message, cursor };
    MessagePage { messages, as_of, more_before, more_after };
    Snapshot { cursor, me, workspace, rooms, members, people_count, reads, involvements, my };
    RoomList { rooms, as_of };
    RoomView { room, joined, as_of };
    RoomAnswer { room, cursor };
    RoomMembers { members, next, as_of };
    Directory { rooms, total, next, as_of };
    DirectoryEntry { room, joined, last_posted_at };
    InvolvementSet { involvement, cursor };
    MemberView { member, time_zone, last_seen_at, shared_rooms, banned };
    SetupState { needed, code_needed, guests };
    SignedIn { me, workspace };
    InviteCreated { id, code, url, qr, expires_at };
    InvitePreview { workspace, role, room, inviter, people, people_count, messages, authors, expires_at };
    InviteInfo { id, role, room, used, uses, by, made_at, expires_at };
    InviteList { invites };
    LinkMade { code, url, qr, expires_at };
    LinkPreview { workspace, member };
    SessionInfo { id, current, device, address, created_at, last_used_at, expires_at };
    SessionList { sessions };
    TokenInfo { id, label, access, created_at, last_used_at, expires_at };
    TokenList { tokens };
    TokenMade { token, info };
    Person { member, invited_by, room_count, last_seen_at, banned };
    PeoplePage { people, next, total };
    BanPreview { banned, addresses, messages_day, messages_all };
    AuditPage { entries, more, total };
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
    CreateRoom { name, kind, slug, topic, members };
    ChangeRoom { name, slug, topic, kind, posting, archived };
    SetInvolvement { level };
    SetPresence { level };
    SetTyping { typing };
    ChangeWorkspace { name, rooms_by, invites_by, guests };
    ChangePerson {
        display_name,
        name,
        bio,
        role,
        active,
        language,
        time_zone,
        hours,
        shows_presence,
        shows_typing,
    };
    Ban { reason, addresses, purge };
    CreateInvite { role, room, expires_in_s, uses };
    EnterAsGuest { name };
    CreateToken { label, access };
    ChangePassword { current, new };
    ResetPassword { password };
}
