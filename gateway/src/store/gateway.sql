-- What only the gateway keeps: itself, its place in the sync, and the office's register.

CREATE TABLE device (
    one               INTEGER PRIMARY KEY CHECK (one = 1),
    office            TEXT NOT NULL,
    letter            TEXT NOT NULL,
    -- Made on this machine and never leaves it.
    key               BLOB NOT NULL CHECK (length(key) = 32),
    -- The code as it was typed, until the hub has taken it.
    code              TEXT,
    hub_address       TEXT NOT NULL,
    -- Given by the hub; NULL until the first contact.
    number            INTEGER,
    hub_key           BLOB CHECK (length(hub_key) = 32),
    -- The counter of the last request, and whether its answer never came.
    counter           INTEGER NOT NULL DEFAULT 0,
    open              INTEGER NOT NULL DEFAULT 0,
    -- How much of the hub's log is durable here.
    cursor            INTEGER NOT NULL DEFAULT 0,
    cursor_chain      BLOB NOT NULL CHECK (length(cursor_chain) = 16),
    -- How much of this log the hub has acknowledged.
    acked             INTEGER NOT NULL DEFAULT 0,
    acked_chain       BLOB NOT NULL CHECK (length(acked_chain) = 16),
    -- What the sync engine keeps: whole hashes, the newest common dictionary, how far a repair has come.
    whole             INTEGER NOT NULL DEFAULT 0,
    dictionary        INTEGER NOT NULL DEFAULT 0,
    mend              INTEGER NOT NULL DEFAULT 0,
    -- The hub's clock minus this one, and when that was measured by this one.
    clock_offset      INTEGER,
    clock_measured_at INTEGER,
    last_success      INTEGER,
    -- Since when both sides are proved to hold the same, and how much of the log that was.
    in_sync_since     INTEGER,
    in_sync_position  INTEGER,
    last_error        TEXT,
    last_error_at     INTEGER
) STRICT;

CREATE TABLE register (
    office      TEXT NOT NULL,
    letter      TEXT NOT NULL,
    year        INTEGER NOT NULL,
    last_serial INTEGER NOT NULL,
    PRIMARY KEY (office, letter, year)
) STRICT;
