-- What tells copies of a gateway apart, and what each gateway holds.

-- Leases: how many were used up, the last one that was, and the one that the next request has to show.
ALTER TABLE device ADD COLUMN lease_generation INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN lease_previous BLOB NOT NULL DEFAULT x'0000000000000000' CHECK (length(lease_previous) = 8);
ALTER TABLE device ADD COLUMN lease_current BLOB NOT NULL DEFAULT x'0000000000000000' CHECK (length(lease_current) = 8);
-- When a second living copy of it was last refused.
ALTER TABLE device ADD COLUMN copied_at INTEGER;
-- How much of the office's log it showed that it holds, and when; NULL while that is not clear.
ALTER TABLE device ADD COLUMN holds INTEGER;
ALTER TABLE device ADD COLUMN holds_at INTEGER;
