-- What citizens are told about their data here: every text that was in force when a complaint was put on record, by its version.
CREATE TABLE notice (
    version TEXT PRIMARY KEY,
    text    TEXT NOT NULL
) STRICT;
-- Which text the office chose, the last row being in force; without a version it is the program's own. No row: nobody ever chose.
CREATE TABLE notice_chosen (
    place   INTEGER PRIMARY KEY,
    version TEXT REFERENCES notice (version),
    at      INTEGER NOT NULL,
    staff   TEXT NOT NULL
) STRICT;
