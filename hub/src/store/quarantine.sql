-- What gateways brought and what may not stand in the log: kept with its reason until it fits or somebody decides.

CREATE TABLE quarantine (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    office      TEXT NOT NULL REFERENCES office (code),
    -- The gateway that brought it.
    device      INTEGER NOT NULL REFERENCES device (number),
    kind        INTEGER NOT NULL,
    complaint   BLOB CHECK (length(complaint) = 16),
    hash        BLOB NOT NULL CHECK (length(hash) = 32),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    -- The number of a titian_domain::airlock::Reason.
    reason      INTEGER NOT NULL,
    -- The hashes of changes that it waits for, one after the other.
    missing     BLOB NOT NULL DEFAULT x'' CHECK (length(missing) % 32 = 0),
    since       INTEGER NOT NULL,
    size        INTEGER NOT NULL,
    -- Gone once it was discarded: its fingerprint stays, so that the gateway's next copy is known.
    body        BLOB,
    UNIQUE (device, fingerprint)
) STRICT;
CREATE INDEX quarantine_by_hash ON quarantine (office, hash);
CREATE INDEX quarantine_by_complaint ON quarantine (complaint) WHERE complaint IS NOT NULL;

-- The list as the gateway was last told it: told again when it differs.
ALTER TABLE device ADD COLUMN quarantine_told BLOB;
