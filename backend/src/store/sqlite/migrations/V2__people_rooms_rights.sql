-- People, rooms and rights: roles and profiles, kinds of rooms, what sessions and invites may do, deletion, audit.

-- People. A guest has no password: an empty hash, which none fits. display_key is the folded name shown, for order and
-- search; a settings column that is NULL follows the browser.
ALTER TABLE members ADD COLUMN bio            TEXT    NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN active         INTEGER NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN display_key    TEXT    NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN invited_by     TEXT;
ALTER TABLE members ADD COLUMN last_seen_ms   INTEGER;
ALTER TABLE members ADD COLUMN language       TEXT;
ALTER TABLE members ADD COLUMN time_zone      TEXT;
ALTER TABLE members ADD COLUMN hours          TEXT    NOT NULL DEFAULT 'auto';
ALTER TABLE members ADD COLUMN shows_presence INTEGER NOT NULL DEFAULT 1;
ALTER TABLE members ADD COLUMN shows_typing   INTEGER NOT NULL DEFAULT 1;
UPDATE members SET display_key = name_key;
CREATE INDEX members_by_display ON members (display_key, id);

ALTER TABLE workspace ADD COLUMN rooms_by   TEXT    NOT NULL DEFAULT 'everyone';
ALTER TABLE workspace ADD COLUMN invites_by TEXT    NOT NULL DEFAULT 'everyone';
ALTER TABLE workspace ADD COLUMN guests     INTEGER NOT NULL DEFAULT 0;

-- Rooms. people is set for direct rooms: the ids of their members, sorted, with a space between; one room for each set.
ALTER TABLE rooms ADD COLUMN topic         TEXT    NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN archived      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN posting       TEXT    NOT NULL DEFAULT 'everyone';
ALTER TABLE rooms ADD COLUMN moderator     TEXT;
ALTER TABLE rooms ADD COLUMN people        TEXT;
ALTER TABLE rooms ADD COLUMN name_key      TEXT    NOT NULL DEFAULT '';  -- folded, for search
ALTER TABLE rooms ADD COLUMN topic_key     TEXT    NOT NULL DEFAULT '';
ALTER TABLE rooms ADD COLUMN last_deletion INTEGER NOT NULL DEFAULT 0;  -- offset of the newest message_deleted
UPDATE rooms SET name_key = lower(name);
CREATE UNIQUE INDEX rooms_by_people ON rooms (people) WHERE people IS NOT NULL;

-- Every address a room has or had: it finds the room, and no other room is ever given it.
CREATE TABLE room_slugs (
    slug TEXT PRIMARY KEY,
    room TEXT NOT NULL REFERENCES rooms (id)
) STRICT, WITHOUT ROWID;
INSERT INTO room_slugs (slug, room) SELECT slug, id FROM rooms;

ALTER TABLE memberships ADD COLUMN level TEXT;  -- what the person wants to hear; NULL is the default of the room's kind

-- Messages. A deleted one stays as a tombstone without text, in its place.
ALTER TABLE messages ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
DROP INDEX messages_by_room;
-- With author and deletion, so that counting what is unread never touches a message.
CREATE INDEX messages_by_room ON messages (room, "offset", author, deleted);

-- Sessions are of browsers, tokens are for programs: both open the same door.
ALTER TABLE sessions ADD COLUMN kind         TEXT    NOT NULL DEFAULT 'session';
ALTER TABLE sessions ADD COLUMN access       TEXT    NOT NULL DEFAULT 'all';
ALTER TABLE sessions ADD COLUMN label        TEXT;
ALTER TABLE sessions ADD COLUMN device       TEXT;
ALTER TABLE sessions ADD COLUMN last_used_ms INTEGER;  -- to about a minute; NULL for never
CREATE INDEX sessions_by_member ON sessions (member, kind);

ALTER TABLE invites ADD COLUMN role TEXT    NOT NULL DEFAULT 'member';
ALTER TABLE invites ADD COLUMN uses INTEGER;                            -- NULL for no limit
ALTER TABLE invites ADD COLUMN used INTEGER NOT NULL DEFAULT 0;
CREATE INDEX invites_by_maker ON invites (made_by);

-- Links that work once: to sign in on another device, or to set a new password.
CREATE TABLE links (
    secret        BLOB PRIMARY KEY,  -- SHA-256 of the code in the link
    kind          TEXT NOT NULL,     -- device or reset
    member        TEXT NOT NULL REFERENCES members (id),
    made_by       TEXT NOT NULL REFERENCES members (id),
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_member ON links (member, kind);
CREATE INDEX links_by_expiry ON links (expires_at_ms);

-- Where people came from, to about a minute, kept for 30 days: what a ban may block.
CREATE TABLE addresses (
    member       TEXT NOT NULL REFERENCES members (id),
    address      TEXT NOT NULL,  -- an IPv4 address, or the /64 of an IPv6 one
    last_used_ms INTEGER NOT NULL,
    PRIMARY KEY (member, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_use ON addresses (last_used_ms);

CREATE TABLE bans (
    member TEXT PRIMARY KEY REFERENCES members (id),
    made_by TEXT NOT NULL REFERENCES members (id),
    at      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE banned_addresses (
    address TEXT NOT NULL,
    member  TEXT NOT NULL REFERENCES bans (member) ON DELETE CASCADE,
    PRIMARY KEY (address, member)
) STRICT, WITHOUT ROWID;

-- What was done with a right that not everyone has. Rows are added and never changed.
CREATE TABLE audit (
    "offset" INTEGER PRIMARY KEY,  -- of its audit_logged
    at       TEXT NOT NULL,
    made_by  TEXT NOT NULL REFERENCES members (id),
    act      TEXT NOT NULL,
    member   TEXT,
    room     TEXT,
    detail   TEXT,
    reason   TEXT,
    count    INTEGER,
    address  TEXT
) STRICT;
