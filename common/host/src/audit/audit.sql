-- What was done at this machine. Rows are only added; each is bound to all before it.
CREATE TABLE audit (
    number    INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    who       TEXT NOT NULL,
    deed      TEXT NOT NULL,
    complaint BLOB CHECK (length(complaint) = 16),
    detail    TEXT NOT NULL,
    -- A hash of this row and of the chain of the one before.
    chain     BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
CREATE INDEX audit_by_complaint ON audit (complaint) WHERE complaint IS NOT NULL;

-- No statement of ours changes or removes a row, whatever goes wrong in it.
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit log are never changed');
END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit BEGIN
    SELECT raise(ABORT, 'rows of the audit log are never removed');
END;

-- Where the log ends: rows that are missing at its end would leave a chain that holds.
CREATE TABLE audit_head (
    number INTEGER NOT NULL,
    chain  BLOB NOT NULL CHECK (length(chain) = 32)
) STRICT;
INSERT INTO audit_head VALUES (0, zeroblob(32));
