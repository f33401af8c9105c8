-- Until now there was one role here, and it could do everything. Who had it keeps that.
INSERT INTO staff_role (staff, role)
SELECT staff.name, wanted.column1
FROM staff CROSS JOIN (VALUES ('operator'), ('verifier'), ('head')) AS wanted
WHERE true
ON CONFLICT DO NOTHING;
