-- What tells copies, backups and other databases apart, and how far the repair of a difference has come.

-- How far, as the sync engine keeps it, and since when.
ALTER TABLE device ADD COLUMN repair BLOB NOT NULL DEFAULT x'00';
ALTER TABLE device ADD COLUMN repair_since INTEGER;
UPDATE device SET repair = x'01' WHERE mend <> 0;
ALTER TABLE device DROP COLUMN mend;
-- The lease: how many were used up, the one that the next request shows, the one after that once it is drawn.
ALTER TABLE device ADD COLUMN lease_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN lease_shown BLOB NOT NULL DEFAULT x'0000000000000000' CHECK (length(lease_shown) = 8);
ALTER TABLE device ADD COLUMN lease_next BLOB CHECK (length(lease_next) = 8);
-- When the hub first said that another living copy of this device was there.
ALTER TABLE device ADD COLUMN copied_at INTEGER;
-- What the sidecar showed at the last start that found something, and when that was.
ALTER TABLE device ADD COLUMN found TEXT;
ALTER TABLE device ADD COLUMN found_at INTEGER;
