-- What the calls about people, rooms and rights turned out to need.

-- What the maker was: an invite of somebody who is less now does not work.
ALTER TABLE invites ADD COLUMN made_as TEXT NOT NULL DEFAULT 'member';
