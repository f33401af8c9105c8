-- How much of each file the hub has, as far as it has told: from where it last wanted bytes, or that it has all.
CREATE TABLE attachment_at_hub (
    hash     BLOB PRIMARY KEY CHECK (length(hash) = 32),
    "offset" INTEGER NOT NULL,
    complete INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
