-- What the gateway keeps for bundles.

-- The hub's clock when it made the newest answer that came in a bundle.
ALTER TABLE device ADD COLUMN answered_by_bundle INTEGER;

-- Whatever moves the place up to which the hub's log is held leaves a trace of it. The hub is peer 1.
INSERT INTO reached (peer, position, chain) SELECT 1, cursor, cursor_chain FROM device WHERE cursor > 0;
CREATE TRIGGER hub_reached AFTER UPDATE OF cursor, cursor_chain ON device
WHEN NEW.cursor > 0 AND (NEW.cursor <> OLD.cursor OR NEW.cursor_chain <> OLD.cursor_chain)
BEGIN
    INSERT INTO reached (peer, position, chain) VALUES (1, NEW.cursor, NEW.cursor_chain) ON CONFLICT DO NOTHING;
    -- The newest 512 are kept: older bundles are still taken, and the hub sends again what they alone would prove.
    DELETE FROM reached WHERE peer = 1 AND position <
        (SELECT position FROM reached WHERE peer = 1 ORDER BY position DESC LIMIT 1 OFFSET 511);
END;
-- A repair, or another hub, begins that log anew.
CREATE TRIGGER hub_restarted AFTER UPDATE OF cursor ON device WHEN NEW.cursor = 0 AND OLD.cursor > 0
BEGIN
    DELETE FROM reached WHERE peer = 1;
    DELETE FROM ahead WHERE peer = 1;
END;
