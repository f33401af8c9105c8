-- The key that the hub has announced beside `hub_key`, which it is to take the place of.
ALTER TABLE device ADD COLUMN hub_key_newer BLOB CHECK (length(hub_key_newer) = 32);
