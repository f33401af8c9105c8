-- Somebody may be several things at once: at a small office one person records and verifies.
CREATE TABLE staff_role (
    staff TEXT NOT NULL REFERENCES staff (name),
    role  TEXT NOT NULL,
    PRIMARY KEY (staff, role)
) STRICT, WITHOUT ROWID;

INSERT INTO staff_role (staff, role) SELECT name, role FROM staff;

ALTER TABLE staff DROP COLUMN role;
