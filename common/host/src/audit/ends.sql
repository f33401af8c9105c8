-- Where audit logs of others ended each time that they told it: at a gateway the hub's, at the hub those of its devices.
CREATE TABLE audit_end (
    number INTEGER PRIMARY KEY,
    whose  INTEGER NOT NULL,
    rows   INTEGER NOT NULL,
    chain  BLOB NOT NULL CHECK (length(chain) = 32),
    at     INTEGER NOT NULL,
    -- Whether it ended further before, or elsewhere.
    set_back INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_end_by_whose ON audit_end (whose, number);

-- Which end of the own audit log others have heard.
CREATE TABLE audit_heard (
    whom  INTEGER PRIMARY KEY,
    rows  INTEGER NOT NULL,
    chain BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
