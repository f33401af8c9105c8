-- What a phone and this program share. It counts from when a code of it was right; until then it is only offered.
CREATE TABLE second_factor (
    staff      TEXT PRIMARY KEY REFERENCES staff (name),
    secret     BLOB NOT NULL CHECK (length(secret) = 20),
    is_on      INTEGER NOT NULL DEFAULT 0 CHECK (is_on IN (0, 1)),
    offered_at INTEGER NOT NULL,
    -- Each code is good once: nothing up to this step is taken any more.
    last_step  INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Only hashes, and a used one is gone.
CREATE TABLE recovery_code (
    staff     TEXT NOT NULL REFERENCES staff (name),
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (staff, code_hash)
) STRICT, WITHOUT ROWID;

-- Who gave the right password and no code yet. It opens nothing but the question for the code.
CREATE TABLE halfway (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    staff      TEXT NOT NULL REFERENCES staff (name),
    begun_at   INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX halfway_of ON halfway (staff, begun_at);
