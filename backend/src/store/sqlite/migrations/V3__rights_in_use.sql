-- What the calls about people, rooms and rights turned out to need.

-- What the maker was: an invite of somebody who is less now does not work.
ALTER TABLE invites ADD COLUMN made_as TEXT NOT NULL DEFAULT 'member';

-- expires_at_ms is when a session ends as things are: at ends_at_ms at the latest, and idle_ms after its last use if that
-- comes first. A token has no idle_ms. address is where it was last used from.
ALTER TABLE sessions ADD COLUMN ends_at_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN idle_ms    INTEGER;
ALTER TABLE sessions ADD COLUMN address    TEXT;
UPDATE sessions SET ends_at_ms = expires_at_ms;

-- Messages of a banned person that are still to be deleted, batch by batch: those up to an offset, posted since a moment
-- ('' for all), whose client ids lie before done.
CREATE TABLE purges (
    member   TEXT PRIMARY KEY REFERENCES members (id),
    since    TEXT NOT NULL,
    "offset" INTEGER NOT NULL,
    done     BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Which message of a room is the newest is known from messages_by_room: a post need not change its room.
ALTER TABLE rooms DROP COLUMN last_offset;
