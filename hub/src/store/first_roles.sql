-- Until now liaison and administrator could do the same here. Who was one of them keeps that.
INSERT INTO staff_role (staff, role)
SELECT held.staff, wanted.column1
FROM staff_role AS held CROSS JOIN (VALUES ('liaison'), ('administrator')) AS wanted
WHERE held.role IN ('liaison', 'administrator')
ON CONFLICT DO NOTHING;
