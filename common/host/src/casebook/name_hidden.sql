-- Whether the search by name passes a complaint over: its reporter is anonymous or restricted. Until it is projected anew, it does.
ALTER TABLE complaint ADD COLUMN name_hidden INTEGER NOT NULL DEFAULT 1;
