-- Items of this log that the hub keeps aside. They stay here, whole; they only do not count when both sides compare
-- what they hold. Empty at the hub, which keeps what it puts aside out of the log.

CREATE TABLE refused (
    item   INTEGER PRIMARY KEY REFERENCES item (sequence) ON DELETE CASCADE,
    -- The first bytes of its fingerprint, by which the hub names it.
    front  BLOB NOT NULL CHECK (length(front) = 8),
    -- The number of a titian_domain::airlock::Reason.
    reason INTEGER NOT NULL,
    since  INTEGER NOT NULL
) STRICT;
