-- The front of an item that is too large for a frame, until all of it is here: one of each peer that brings items.
CREATE TABLE partial_item (
    peer  INTEGER PRIMARY KEY,
    hash  BLOB NOT NULL CHECK (length(hash) = 32),
    bytes BLOB NOT NULL
) STRICT;
