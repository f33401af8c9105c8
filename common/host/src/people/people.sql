-- Who works here. Names are never given to a second person: a disabled account stays.
CREATE TABLE staff (
    name          TEXT PRIMARY KEY,
    full_name     TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only the hash of a token is kept: whoever reads this table cannot take over a session.
CREATE TABLE session (
    token_hash   BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
    staff        TEXT NOT NULL REFERENCES staff (name),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Failed attempts by the hash of the name as typed, whether there is such an account or not: people type passwords
-- into the wrong field, and the answer must not tell which names exist.
CREATE TABLE login_failure (
    name_hash     BLOB PRIMARY KEY CHECK (length(name_hash) = 32),
    count         INTEGER NOT NULL,
    failed_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
