-- What was proposed to be destroyed because its time is over, and what somebody decided. Kept for good: it is the record of
-- what was destroyed. No identity stands in it.
CREATE TABLE retention_proposal (
    number     INTEGER PRIMARY KEY,
    made_at    INTEGER NOT NULL,
    made_by    TEXT NOT NULL,
    decided_at INTEGER,
    decided_by TEXT,
    -- Why: the decree or letter that orders it, or what speaks against it.
    reason     TEXT,
    CHECK ((decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (reason IS NULL))
) STRICT;

CREATE TABLE retention_row (
    proposal    INTEGER NOT NULL REFERENCES retention_proposal (number),
    complaint   BLOB NOT NULL CHECK (length(complaint) = 16),
    register    TEXT NOT NULL,
    class       TEXT NOT NULL,
    years       INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    -- NULL: not decided; 0: kept; 1: the identity was destroyed.
    destroyed   INTEGER,
    PRIMARY KEY (proposal, complaint)
) STRICT, WITHOUT ROWID;
