//! Bodies of the requests that change something. A body that parses cannot be malformed; fields nobody asked for are
//! ignored, so that none of them (an author, a role, an offset) can be forged.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::{Cursor, Offset},
    id::{ClientId, MemberId, RoomId},
    member::{Circle, HourCycle, Member, Role, Settings, Workspace},
    message::Message,
    presence::PresenceLevel,
    room::{Involvement, Level, ReadPosition, RoomKind},
    session::Access,
    text::{Bio, DisplayName, Label, MessageBody, Password, Reason, RoomName, RoomTopic, SignInName, WorkspaceName},
};

/// `POST /api/setup`: opens the workspace, once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// What the place is called.
    pub workspace: WorkspaceName,
    /// The owner's sign-in name.
    pub name: SignInName,
    /// The owner's password.
    pub password: Password,
    /// The code that the server printed; needed unless the caller sits at the machine itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// How a session is handed out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionKind {
    /// As a cookie, for a browser.
    #[default]
    Cookie,
    /// As a token in the answer, for a program; no cookie is set.
    Token,
}

/// `POST /api/session`: signs in.
///
/// Name and password are plain strings: one that could not be an account's gets the answer of one that is not.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// The sign-in name, in any spelling that folds to it.
    pub name: String,
    /// The password.
    pub password: String,
    /// How the session is handed out.
    #[serde(rename = "as", default)]
    pub kind: SessionKind,
}

/// `POST /api/join/{code}`: makes an account behind an invite link, or brings who is signed in into its room.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Join {
    /// The new sign-in name. Without one no account is made: whoever is signed in joins the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SignInName>,
    /// The new password; none for a guest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// `POST /api/rooms/{room}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMessage {
    /// The idempotency key, made by the sender; a retry sends the same one.
    pub client_id: ClientId,
    /// The text.
    pub body: MessageBody,
}

/// The answer to [`PostMessage`]: 201 the first time, 200 for every repetition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePosted {
    /// The message as it is now.
    pub message: Message,
    /// The place of its posting.
    pub cursor: Cursor,
}

/// `PUT /api/rooms/{room}/read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveRead {
    /// The newest message read.
    pub offset: Offset,
    /// The `rev` of the position this builds on; an older one than the server's is ignored.
    pub rev: u64,
    /// Moves to `offset` wherever it lies (mark unread) and raises `rev`. Without it the position only advances.
    #[serde(default)]
    pub set: bool,
}

/// The answer to [`MoveRead`]: the position as it now is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadMoved {
    /// The position.
    pub read: ReadPosition,
}

/// `POST /api/rooms`: makes a room. Its maker is a member of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// Its name. A direct room has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RoomName>,
    /// Who may find and join it.
    pub kind: RoomKind,
    /// Its name in addresses; made from the name when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub topic: RoomTopic,
    /// Who is in it from the start, besides the maker.
    #[serde(default)]
    pub members: Vec<MemberId>,
}

/// `PATCH /api/rooms/{room}`: what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRoom {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RoomName>,
    /// The new address; the old one keeps working.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// The new topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<RoomTopic>,
    /// Opens or closes the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RoomKind>,
    /// Who may post.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub posting: Option<Circle>,
    /// Archives the room, or takes it out of the archive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
}

/// `PUT /api/rooms/{room}/involvement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetInvolvement {
    /// What to hear of the room.
    pub level: Level,
}

/// The answer to [`SetInvolvement`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvolvementSet {
    /// The choice.
    pub involvement: Involvement,
    /// Where the change is in the log; the head when nothing had to change.
    pub cursor: Cursor,
}

/// `PATCH /api/workspace`: what is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeWorkspace {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<WorkspaceName>,
    /// Who may make rooms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rooms_by: Option<Circle>,
    /// Who may invite people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invites_by: Option<Circle>,
    /// Whether guests may come in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests: Option<bool>,
}

/// `PATCH /api/people/{member}`: what is left out stays as it is. Profile and settings are the person's own; role and
/// `active` are for those above them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePerson {
    /// The new name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<DisplayName>,
    /// The new sign-in name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<SignInName>,
    /// The new text about oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<Bio>,
    /// The new role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Deactivates or reactivates the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// The language of the interface; an empty text follows the browser.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The time zone; an empty text shows none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// How the hours are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<HourCycle>,
    /// Whether others see when the person is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows_presence: Option<bool>,
    /// Whether others see when the person is typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows_typing: Option<bool>,
}

impl ChangePerson {
    /// Whether anything of it is the person's own to change: the profile, or a setting.
    #[must_use]
    pub const fn is_about_profile(&self) -> bool {
        self.display_name.is_some()
            || self.name.is_some()
            || self.bio.is_some()
            || self.language.is_some()
            || self.time_zone.is_some()
            || self.hours.is_some()
            || self.shows_presence.is_some()
            || self.shows_typing.is_some()
    }
}

/// The answer to [`ChangePerson`], and to the lifting of a ban.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonChanged {
    /// The person as they are now.
    pub member: Member,
    /// What the caller has set for themself, if it is about them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// The place up to which this is true; the head when nothing had to change.
    pub cursor: Cursor,
}

/// The answer to [`ChangeWorkspace`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceAnswer {
    /// The workspace as it is now.
    pub workspace: Workspace,
    /// The place up to which this is true; the head when nothing had to change.
    pub cursor: Cursor,
}

/// Which of a banned person's messages are deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purge {
    /// None.
    #[default]
    Keep,
    /// Those of the last 24 hours.
    Day,
    /// All.
    All,
}

/// `PUT /api/people/{member}/ban`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Why; only admins see it, in the audit log.
    #[serde(default)]
    pub reason: Reason,
    /// Whether new accounts are refused from the addresses the person used in the last 30 days.
    #[serde(default)]
    pub addresses: bool,
    /// Which messages are deleted.
    #[serde(default)]
    pub purge: Purge,
}

/// The answer to [`Ban`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanMade {
    /// The person as they are now.
    pub member: Member,
    /// How many messages are deleted; that goes on after this answer, and each is told by its `message_deleted`.
    pub count: u64,
    /// The place up to which this is true.
    pub cursor: Cursor,
}

/// `GET /api/people/{member}/ban`: what a ban would touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanPreview {
    /// Whether the person is banned now.
    pub banned: bool,
    /// The addresses the person used in the last 30 days, the last used first; of an IPv6 one its /64.
    pub addresses: Vec<String>,
    /// How many messages the person posted in the last 24 hours.
    pub messages_day: u64,
    /// How many messages the person has posted.
    pub messages_all: u64,
}

/// `POST /api/invites`: everything may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateInvite {
    /// As what people come in: a member when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The room they come into: the first room when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// How long it works, in seconds: [`INVITE_DAYS`](crate::limits::INVITE_DAYS) when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<i64>,
    /// How often it works; no limit when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses: Option<u32>,
}

/// `POST /api/guests`: comes in by a name alone, where the workspace allows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterAsGuest {
    /// The name.
    pub name: SignInName,
}

/// `POST /api/tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateToken {
    /// What it is for.
    pub label: Label,
    /// What it may do.
    #[serde(default)]
    pub access: Access,
}

/// `PUT /api/password`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangePassword {
    /// The current password. A plain string: whatever it is, it is compared.
    pub current: String,
    /// The new one.
    pub new: Password,
}

/// `POST /api/reset/{code}`: sets a new password by link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetPassword {
    /// The new password.
    pub password: Password,
}

/// `POST /api/rooms/{room}/typing`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTyping {
    /// Whether the caller is typing.
    pub typing: bool,
}

/// `POST /api/presence`: what the person does with the device whose session this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPresence {
    /// `active` or `away`. Who is not here has no stream, and says nothing.
    pub level: PresenceLevel,
}
