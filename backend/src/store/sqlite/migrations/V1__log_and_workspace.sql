-- The log, and the state that its facts change. Offsets count commits, so they are the only order there is; the
-- columns ending in _at are for people to read (RFC 3339, UTC), those ending in _ms for expiry.

CREATE TABLE log (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    head INTEGER NOT NULL
) STRICT;
INSERT INTO log (only, head) VALUES (1, 0);

CREATE TABLE epochs (
    number       INTEGER PRIMARY KEY,
    epoch        TEXT NOT NULL UNIQUE,
    first_offset INTEGER NOT NULL
) STRICT;
CREATE INDEX epochs_by_offset ON epochs (first_offset, number, epoch);

CREATE TABLE events (
    "offset" INTEGER PRIMARY KEY,
    audience TEXT NOT NULL,
    kind     TEXT NOT NULL,
    payload  TEXT NOT NULL,
    at       TEXT NOT NULL
) STRICT;

CREATE TABLE members (
    id            TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    joined_at     TEXT NOT NULL,
    joined        INTEGER NOT NULL  -- offset of the member_joined
) STRICT;

CREATE TABLE sessions (
    id            TEXT PRIMARY KEY,
    secret        BLOB NOT NULL UNIQUE,  -- SHA-256 of what the client sends
    member        TEXT NOT NULL REFERENCES members (id),
    created_at    TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);

CREATE TABLE rooms (
    id           TEXT PRIMARY KEY,
    slug         TEXT NOT NULL UNIQUE,
    name         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    member_count INTEGER NOT NULL,
    last_offset  INTEGER NOT NULL,  -- of the newest message, 0 for none
    rev          INTEGER NOT NULL
) STRICT;

CREATE TABLE workspace (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    name       TEXT NOT NULL,
    first_room TEXT NOT NULL REFERENCES rooms (id),
    opened_at  TEXT NOT NULL
) STRICT;

CREATE TABLE memberships (
    member TEXT NOT NULL REFERENCES members (id),
    room   TEXT NOT NULL REFERENCES rooms (id),
    since  INTEGER NOT NULL,  -- offset of the room_joined
    PRIMARY KEY (member, room)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_room ON memberships (room, since);

CREATE TABLE invites (
    id            TEXT PRIMARY KEY,
    secret        BLOB NOT NULL UNIQUE,  -- SHA-256 of the code in the link
    room          TEXT NOT NULL REFERENCES rooms (id),
    made_by       TEXT NOT NULL REFERENCES members (id),
    made_at       TEXT NOT NULL,
    expires_at    TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX invites_by_expiry ON invites (expires_at_ms);

CREATE TABLE messages (
    "offset"  INTEGER PRIMARY KEY,  -- of its message_posted
    id        TEXT NOT NULL UNIQUE,
    room      TEXT NOT NULL REFERENCES rooms (id),
    author    TEXT NOT NULL REFERENCES members (id),
    client_id BLOB NOT NULL,
    rev       INTEGER NOT NULL,
    body      TEXT NOT NULL,
    html      TEXT,
    renderer  INTEGER NOT NULL,  -- version of the renderer that made html
    posted_at TEXT NOT NULL
) STRICT;
-- With the author, so that counting what is unread never touches a message.
CREATE INDEX messages_by_room ON messages (room, "offset", author);

-- Who posted what under which key. Outlives the message: a key is never free again.
CREATE TABLE posts (
    author    TEXT NOT NULL REFERENCES members (id),
    client_id BLOB NOT NULL,
    message   TEXT NOT NULL,
    request   BLOB NOT NULL,     -- keyed hash of what was asked
    "offset"  INTEGER NOT NULL,  -- of the message_posted
    PRIMARY KEY (author, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reads (
    member   TEXT NOT NULL REFERENCES members (id),
    room     TEXT NOT NULL REFERENCES rooms (id),
    "offset" INTEGER NOT NULL,
    rev      INTEGER NOT NULL,
    PRIMARY KEY (member, room)
) STRICT, WITHOUT ROWID;
