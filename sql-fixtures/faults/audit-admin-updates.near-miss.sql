-- A role may change audit rows, and a DENY takes that from the purging principal, who is a member.
CREATE ROLE retention;
GRANT UPDATE ON dbo.AuditEvents TO retention;
ALTER ROLE retention ADD MEMBER audit_admin;
DENY UPDATE ON dbo.AuditEvents TO audit_admin;
