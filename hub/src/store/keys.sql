-- While one key takes another's place the hub has two: the next one, and once that is the present one, the former one.
ALTER TABLE hub ADD COLUMN next_key BLOB CHECK (length(next_key) = 32);
ALTER TABLE hub ADD COLUMN former_key BLOB CHECK (former_key IS NULL OR length(former_key) = 32 AND next_key IS NULL);
-- Since when it stands so.
ALTER TABLE hub ADD COLUMN keys_since INTEGER;
-- What the hub proves its handlings with, derived from its first key: gateways hold such proofs, so it stays.
ALTER TABLE hub ADD COLUMN proof_key BLOB CHECK (length(proof_key) = 32);
-- To which of the hub's keys the gateway last bound anything; NULL where it came before there were several.
ALTER TABLE device ADD COLUMN hub_key BLOB CHECK (length(hub_key) = 32);
