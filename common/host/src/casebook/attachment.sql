-- The files that complaints have. Derived from the documents; only `state` is taken over from `attachment_file`.
CREATE TABLE attachment (
    complaint  BLOB NOT NULL CHECK (length(complaint) = 16),
    -- The office whose log brought the complaint.
    office     TEXT NOT NULL,
    hash       BLOB NOT NULL CHECK (length(hash) = 32),
    bytes      INTEGER NOT NULL,
    name       TEXT NOT NULL,
    media_type TEXT NOT NULL,
    -- 0 nothing of it is here, 1 a part, 2 all of it.
    state      INTEGER NOT NULL,
    PRIMARY KEY (complaint, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_wanted ON attachment (office, state, hash) WHERE state < 2;
CREATE INDEX attachment_by_hash ON attachment (hash);

-- Which files lie in the folder beside the database: 1 a part, 2 all of it. Compared with the folder at start.
CREATE TABLE attachment_file (
    hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
    state INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
