-- One row while the write-ahead log may still show traces of something that was erased: it is emptied as soon as nobody reads.
CREATE TABLE scrub (
    one INTEGER PRIMARY KEY CHECK (one = 1)
) STRICT;
