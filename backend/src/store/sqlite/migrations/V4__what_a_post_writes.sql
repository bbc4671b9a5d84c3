-- What a post writes: a fact, and one row for the message and its key, in indexes that grow at their ends.

-- A message is a tombstone when it is deleted and never goes: so its row is its key's too, and a key is never free again.
-- room and author are no references: the right to post was judged in the same transaction, and no room or member goes.
CREATE TABLE new_messages (
    "offset"  INTEGER PRIMARY KEY,  -- of its message_posted
    id        TEXT NOT NULL,
    room      TEXT NOT NULL,
    author    TEXT NOT NULL,
    client_id BLOB NOT NULL,
    request   BLOB NOT NULL,     -- keyed hash of what was asked
    rev       INTEGER NOT NULL,
    body      TEXT NOT NULL,
    html      TEXT,
    renderer  INTEGER NOT NULL,  -- version of the renderer that made html
    posted_at TEXT NOT NULL,
    deleted   INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO new_messages
    SELECT m."offset", m.id, m.room, m.author, m.client_id, q.request, m.rev, m.body, m.html, m.renderer, m.posted_at,
           m.deleted
    FROM messages AS m JOIN posts AS q ON q.author = m.author AND q.client_id = m.client_id
    ORDER BY m."offset";
DROP TABLE posts;
DROP TABLE messages;
ALTER TABLE new_messages RENAME TO messages;
CREATE UNIQUE INDEX messages_by_id ON messages (id);
-- Who posted what under which key. The key first: clients draw them by the time, so the newest of all people lie together.
CREATE UNIQUE INDEX messages_by_key ON messages (client_id, author);
-- With author and deletion, so that counting what is unread never touches a message.
CREATE INDEX messages_by_room ON messages (room, "offset", author, deleted);

-- Messages of a banned person that are still to be deleted, batch by batch: those up to an offset, posted since a moment
-- ('' for all), that come after a place in messages_by_room.
CREATE TABLE new_purges (
    member     TEXT PRIMARY KEY REFERENCES members (id),
    since      TEXT NOT NULL,
    "offset"   INTEGER NOT NULL,
    after_room TEXT NOT NULL,
    after      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_purges SELECT member, since, "offset", '', 0 FROM purges;
DROP TABLE purges;
ALTER TABLE new_purges RENAME TO purges;
