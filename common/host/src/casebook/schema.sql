-- What both programs keep of complaints: the log, from which everything else can be rebuilt, and the projections.

-- One log per office: the gateway has one, the hub has many.
CREATE TABLE scope (
    office   TEXT PRIMARY KEY,
    -- Drawn when the log is made: its running hash starts from here.
    epoch    BLOB NOT NULL CHECK (length(epoch) = 16),
    position INTEGER NOT NULL DEFAULT 0,
    chain    BLOB NOT NULL CHECK (length(chain) = 16),
    digest   BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

-- Everything that was learned, in the order in which it was learned. Never updated; rows leave only by erasure.
CREATE TABLE item (
    sequence  INTEGER PRIMARY KEY,
    office    TEXT NOT NULL REFERENCES scope (office),
    position  INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    complaint BLOB CHECK (length(complaint) = 16),
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    -- 0: written here; otherwise who brought it.
    origin    INTEGER NOT NULL,
    -- The running hash of the log up to and including this item.
    chain     BLOB NOT NULL CHECK (length(chain) = 16),
    body      BLOB NOT NULL,
    UNIQUE (office, position)
) STRICT;
CREATE UNIQUE INDEX item_by_hash ON item (office, hash, kind, ifnull(complaint, x''));
CREATE INDEX item_by_complaint ON item (complaint, kind, position);

-- One row per complaint, for lists, counts and deadlines. Derived.
CREATE TABLE complaint (
    row            INTEGER PRIMARY KEY,
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    office         TEXT NOT NULL,
    register       TEXT NOT NULL,
    stage          TEXT NOT NULL,
    round          INTEGER NOT NULL,
    received       INTEGER NOT NULL,
    title          TEXT NOT NULL,
    channel        TEXT NOT NULL,
    classification TEXT,
    category       TEXT NOT NULL,
    institution    TEXT NOT NULL,
    region         TEXT NOT NULL,
    received_at    INTEGER NOT NULL,
    stage_since    INTEGER NOT NULL,
    step           TEXT,
    due_at         INTEGER,
    paused         INTEGER NOT NULL,
    reverify       INTEGER NOT NULL,
    conflicts      INTEGER NOT NULL,
    unmerged       INTEGER NOT NULL,
    anonymous      INTEGER NOT NULL,
    confidential   INTEGER NOT NULL,
    out_of_scope   TEXT,
    reporter       BLOB,
    tracking_id    TEXT,
    disposed_to    TEXT,
    lapor_status   TEXT
) STRICT;
CREATE INDEX complaint_by_office ON complaint (office, id);
CREATE INDEX complaint_by_stage ON complaint (stage, id);
CREATE INDEX complaint_by_register ON complaint (register);
CREATE INDEX complaint_by_due ON complaint (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX complaint_by_tracking_id ON complaint (tracking_id) WHERE tracking_id IS NOT NULL;
CREATE INDEX complaint_by_reporter ON complaint (reporter) WHERE reporter IS NOT NULL;

-- Full text over what a complaint says. Contentless: the texts stand in the documents. Derived.
CREATE VIRTUAL TABLE complaint_text USING fts5 (
    title, narrative, place, institution, answer, number,
    content = '', contentless_delete = 1,
    tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);
-- Deleted words leave the index at once, not at the next merge.
INSERT INTO complaint_text (complaint_text, rank) VALUES ('secure-delete', 1);

-- Who brings complaints, as plain columns for the search by name. Derived from the log's reporter records.
CREATE TABLE reporter (
    hash    BLOB PRIMARY KEY CHECK (length(hash) = 32),
    name    TEXT NOT NULL,
    nik     TEXT NOT NULL,
    phone   TEXT NOT NULL,
    email   TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX reporter_by_name ON reporter (name COLLATE NOCASE);
CREATE INDEX reporter_by_nik ON reporter (nik) WHERE nik <> '';
CREATE INDEX reporter_by_phone ON reporter (phone) WHERE phone <> '';

-- By which rules the derived tables were made.
CREATE TABLE projected (
    one     INTEGER PRIMARY KEY CHECK (one = 1),
    rules   BLOB NOT NULL,
    version INTEGER NOT NULL
) STRICT;
