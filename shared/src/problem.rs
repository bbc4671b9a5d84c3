//! The one shape of every error: a problem (RFC 9457) with a code that a program can act on.

use serde::{Deserialize, Serialize};

macro_rules! problems {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $title:literal;)+) => {
        /// What went wrong, for programs: stable, one meaning each. docs/API.md lists them; tidy keeps the list true.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
            /// A code of a later version.
            #[serde(other)]
            Unknown,
        }

        crate::wire_words! {
            ProblemCode { $($variant = $code),+ } else Unknown = "unknown";
        }

        impl ProblemCode {
            /// Every code this version gives.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as it is written.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown => "unknown",
                }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$variant => $status,)+
                    Self::Unknown => 500,
                }
            }

            /// One English sentence for the person who meets it.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                    Self::Unknown => "Something went wrong.",
                }
            }
        }
    };
}

problems! {
    /// The body is not JSON, or not the JSON this request needs.
    InvalidJson = "invalid_json", 400, "The request body is not the JSON expected here.";
    /// A field's value breaks a rule; `field` names it.
    InvalidField = "invalid_field", 400, "A field has a value that is not accepted.";
    /// A query parameter cannot be read; `field` names it.
    InvalidQuery = "invalid_query", 400, "The address has a query that cannot be read.";
    /// A message, or a name, that shows nothing.
    Blank = "blank", 400, "The text is blank.";
    /// A text with a control character.
    ControlCharacter = "control_character", 400, "The text holds a control character.";
    /// A text above its limit.
    TooLong = "too_long", 400, "The text is too long.";
    /// A password under eight characters.
    PasswordTooShort = "password_too_short", 400, "The password is too short: at least 8 characters.";
    /// A password that everyone tries first.
    PasswordTooCommon = "password_too_common", 400, "This password is on the list of the most used ones.";
    /// Nobody is signed in, or not any more.
    NotSignedIn = "not_signed_in", 401, "Sign in first.";
    /// Name and password do not match. It says neither which.
    WrongCredentials = "wrong_credentials", 401, "Name and password do not match.";
    /// The set-up code is missing or wrong.
    WrongSetupCode = "wrong_setup_code", 403, "That set-up code does not fit. Look at the last lines the server printed.";
    /// The current password, asked for again, is not it.
    WrongPassword = "wrong_password", 403, "This is not your current password.";
    /// The account has been banned.
    Banned = "banned", 403, "You can no longer use this place.";
    /// The account has been deactivated.
    Deactivated = "deactivated", 403, "Your account is inactive. Ask an owner to reactivate it.";
    /// New accounts are not made from this network address.
    AddressBlocked = "address_blocked", 403, "New accounts cannot be made from here.";
    /// The token may do less than the person.
    TokenTooNarrow = "token_too_narrow", 403, "This token may not do that.";
    /// A page of another site made the request.
    CrossSite = "cross_site", 403, "Requests from other sites are not accepted.";
    /// The person may not do this.
    Forbidden = "forbidden", 403, "You may not do this.";
    /// The room is archived: it can be read, and that is all.
    RoomArchived = "room_archived", 403, "This room is archived. It can be read, not changed.";
    /// There is nothing here, or nothing the caller may see.
    NotFound = "not_found", 404, "There is nothing here.";
    /// The invite is used up, expired, withdrawn or mistyped.
    InviteInvalid = "invite_invalid", 404, "This invite does not work. Ask for a new one.";
    /// The link to sign in on another device, or to set a password, is used, expired or mistyped.
    LinkInvalid = "link_invalid", 404, "This link does not work any more. Make a new one.";
    /// The address does not take this method.
    MethodNotAllowed = "method_not_allowed", 405, "This address does not take that method.";
    /// The request body did not come in time.
    RequestTimeout = "request_timeout", 408, "The request took too long to arrive. Try again.";
    /// The workspace is already open.
    SetupDone = "setup_done", 409, "Someone has already opened this place. Sign in, or ask them for an invite.";
    /// The workspace is not open yet.
    SetupNeeded = "setup_needed", 409, "This place has not been opened yet.";
    /// Another person has this name.
    NameTaken = "name_taken", 409, "That name is taken.";
    /// Another room that the caller can see has, or had, this address.
    SlugTaken = "slug_taken", 409, "There is already a room with this address. Choose another name.";
    /// Nobody would be left who answers for the workspace.
    LastOwner = "last_owner", 409, "A place needs an owner. Make someone else owner first.";
    /// There are as many of these as there may be.
    LimitReached = "limit_reached", 409, "There are as many as there may be.";
    /// The same client id came with another request.
    ClientIdReused = "client_id_reused", 409, "This client id was used for another message.";
    /// The request body is above its limit.
    PayloadTooLarge = "payload_too_large", 413, "The request is too large.";
    /// The body is not declared as `application/json`.
    UnsupportedMediaType = "unsupported_media_type", 415, "Send the body as application/json.";
    /// The `Host` is not one this server answers to.
    WrongHost = "wrong_host", 421, "This server does not answer to that host name.";
    /// Too many at once; `Retry-After` says when.
    RateLimited = "rate_limited", 429, "Too many requests. Wait a moment.";
    /// A header is above its limit.
    HeaderTooLarge = "header_too_large", 431, "A request header is too large.";
    /// A fault of the server. The cause is in its log under the same request id.
    Internal = "internal", 500, "The server made a mistake. It has been logged.";
    /// The store does not answer, or the server is about to stop; `Retry-After` says when.
    Unavailable = "unavailable", 503, "The server cannot do this right now. Try again in a moment.";
    /// The disk is full.
    StorageFull = "storage_full", 507, "The server has no space left.";
}

/// The body of every answer that is not 2xx or 3xx: `application/problem+json` (RFC 9457 §3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:teahouse:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// [`ProblemCode::title`].
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// For programs.
    pub code: ProblemCode,
    /// The field or parameter at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl Problem {
    /// The problem of a code, without a field.
    #[must_use]
    pub fn new(code: ProblemCode, request_id: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:teahouse:problem:{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            code,
            field: None,
            request_id: request_id.into(),
        }
    }
}
