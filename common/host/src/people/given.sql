-- A password that somebody else chose is good for one thing: to choose another.
ALTER TABLE staff ADD COLUMN given INTEGER NOT NULL DEFAULT 0;
