//! Bodies of the requests that change something. A body that parses cannot be malformed; fields nobody asked for are
//! ignored, so that none of them (an author, a role, an offset) can be forged.

use serde::{Deserialize, Serialize};

use crate::{
    cursor::{Cursor, Offset},
    id::ClientId,
    message::Message,
    room::ReadPosition,
    text::{MessageBody, Password, SignInName, WorkspaceName},
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

/// `POST /api/join/{code}`: makes an account behind an invite link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Join {
    /// The new sign-in name.
    pub name: SignInName,
    /// The new password.
    pub password: Password,
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
