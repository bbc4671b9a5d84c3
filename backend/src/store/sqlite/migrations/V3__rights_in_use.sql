-- What the calls about people, rooms and rights turned out to need.

-- What the maker was: an invite of somebody who is less now does not work.
ALTER TABLE invites ADD COLUMN made_as TEXT NOT NULL DEFAULT 'member';

-- Less to write for each message: what a post changes lies together, and nothing is kept twice.

-- The key of a post, the sender's UUID first. Our clients draw UUIDs that grow with time (RFC 9562 §5.7), so the newest keys
-- of all authors lie on one page, not on one page for each author.
CREATE TABLE keys_of_posts (
    client_id BLOB NOT NULL,
    author    TEXT NOT NULL,
    message   TEXT NOT NULL,
    request   BLOB NOT NULL,     -- keyed hash of what was asked
    "offset"  INTEGER NOT NULL,  -- of the message_posted
    PRIMARY KEY (client_id, author)
) STRICT, WITHOUT ROWID;
INSERT INTO keys_of_posts (client_id, author, message, request, "offset")
    SELECT client_id, author, message, request, "offset" FROM posts;
DROP TABLE posts;
ALTER TABLE keys_of_posts RENAME TO posts;

-- Which message of a room is the newest is known from messages_by_room.
ALTER TABLE rooms DROP COLUMN last_offset;
