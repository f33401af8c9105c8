-- Failed sign-ins are counted per account as typed and per address: by a hash of either.
ALTER TABLE login_failure RENAME COLUMN name_hash TO whose;
