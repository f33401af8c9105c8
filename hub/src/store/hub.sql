-- What only the hub keeps: itself, the offices, their gateways, and what each exchange told.

CREATE TABLE hub (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- The key that signs every reply; its fingerprint stands in each enrolment code.
    key BLOB NOT NULL CHECK (length(key) = 32),
    -- Where it was last served: enrolment codes name it unless another address is given.
    address TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE office (
    code     TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- One-time codes: only the hash of the secret is kept, and it stays after use so that a second use can be told apart.
CREATE TABLE enrolment_code (
    code_id     BLOB PRIMARY KEY CHECK (length(code_id) = 8),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    office      TEXT NOT NULL REFERENCES office (code),
    letter      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    device      INTEGER,
    UNIQUE (office, letter)
) STRICT;

CREATE TABLE device (
    number        INTEGER PRIMARY KEY,
    office        TEXT NOT NULL REFERENCES office (code),
    letter        TEXT NOT NULL,
    key           BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    machine       TEXT NOT NULL,
    enrolled_at   INTEGER NOT NULL,
    revoked_at    INTEGER,
    -- The last counter that was used: a request with this one or a lower one is a replay.
    counter       INTEGER NOT NULL DEFAULT 0,
    -- How much of the gateway's own log is durable here.
    acked         INTEGER NOT NULL DEFAULT 0,
    acked_chain   BLOB NOT NULL CHECK (length(acked_chain) = 16),
    last_seen     INTEGER,
    -- Since when both sides are proved to hold the same, and how much of the office's log that was.
    in_sync_since    INTEGER,
    in_sync_position INTEGER
) STRICT;
