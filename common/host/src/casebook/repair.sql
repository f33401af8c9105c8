-- What a repair needs of the log.

-- The hub's proof that it wrote a handling change: a hub that lost it takes it back only with this.
ALTER TABLE item ADD COLUMN proof BLOB CHECK (length(proof) = 8);

-- All that a fingerprint is made of, so that comparing two logs reads no body.
CREATE INDEX item_fingerprint ON item (office, position, kind, complaint, hash);
