-- How far the logs of the others were held, for bundles that come late and in any order.

-- Places of a peer's log up to which everything was once held here. Whatever moves the place a program keeps for a peer
-- leaves its trace here, by a trigger of that program's schema.
CREATE TABLE reached (
    peer     INTEGER NOT NULL,
    position INTEGER NOT NULL,
    chain    BLOB NOT NULL CHECK (length(chain) = 16),
    PRIMARY KEY (peer, position, chain)
) STRICT, WITHOUT ROWID;

-- Stretches of a peer's log that are held here although something before them is not.
CREATE TABLE ahead (
    peer        INTEGER NOT NULL,
    start       INTEGER NOT NULL,
    -- The front of the running hash there.
    start_chain BLOB NOT NULL CHECK (length(start_chain) = 8),
    position    INTEGER NOT NULL,
    chain       BLOB NOT NULL CHECK (length(chain) = 16),
    PRIMARY KEY (peer, start, start_chain)
) STRICT, WITHOUT ROWID;
