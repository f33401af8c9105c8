-- One row while the file may still show traces of something that was erased: it is written anew as soon as there is time.
CREATE TABLE scrub (
    one INTEGER PRIMARY KEY CHECK (one = 1)
) STRICT;
