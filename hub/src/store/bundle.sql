-- What the hub keeps for bundles: what a gateway last said in one, and whom a bundle enrolled.

-- Where a gateway said in its last bundle to stand in the hub's log: what the hub's answer goes on from.
CREATE TABLE told (
    device     INTEGER PRIMARY KEY REFERENCES device (number),
    position   INTEGER NOT NULL,
    chain      BLOB NOT NULL CHECK (length(chain) = 8),
    -- Whether it wants everything from the start.
    anew       INTEGER NOT NULL,
    dictionary INTEGER NOT NULL,
    -- The attachments that it lacks, as the wire lists them.
    wants      BLOB NOT NULL,
    -- The bundle by which its log was last begun anew: taken once more, it does not do so again.
    begun_by   BLOB CHECK (length(begun_by) = 16)
) STRICT;

-- The answer to a gateway that joined by a bundle, until that gateway is heard of.
CREATE TABLE enrol_answer (
    device INTEGER PRIMARY KEY REFERENCES device (number),
    body   BLOB NOT NULL
) STRICT;

-- Whatever moves the place up to which a gateway's log is held leaves a trace of it.
INSERT INTO reached (peer, position, chain) SELECT number, acked, acked_chain FROM device WHERE acked > 0;
CREATE TRIGGER device_reached AFTER UPDATE OF acked, acked_chain ON device
WHEN NEW.acked > 0 AND (NEW.acked <> OLD.acked OR NEW.acked_chain <> OLD.acked_chain)
BEGIN
    INSERT INTO reached (peer, position, chain) VALUES (NEW.number, NEW.acked, NEW.acked_chain) ON CONFLICT DO NOTHING;
    -- The newest 512 are kept: older bundles are still taken, and the gateway sends again what they alone would prove.
    DELETE FROM reached WHERE peer = NEW.number AND position <
        (SELECT position FROM reached WHERE peer = NEW.number ORDER BY position DESC LIMIT 1 OFFSET 511);
END;
-- A repair begins that log anew: what was believed of it is not believed any more.
CREATE TRIGGER device_restarted AFTER UPDATE OF acked ON device WHEN NEW.acked = 0 AND OLD.acked > 0
BEGIN
    DELETE FROM reached WHERE peer = NEW.number;
    DELETE FROM ahead WHERE peer = NEW.number;
END;
