-- What the sync engine keeps about the link: how large frames are, whether some were on their way when last heard of, and
-- what the hub said last that it wants in pieces; and from where on this log is a history that the hub has too.
ALTER TABLE device ADD COLUMN frame_bytes INTEGER NOT NULL DEFAULT 16384;
ALTER TABLE device ADD COLUMN in_flight INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wanted BLOB NOT NULL DEFAULT x'';
ALTER TABLE device ADD COLUMN history_from INTEGER NOT NULL DEFAULT 0;
