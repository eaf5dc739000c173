-- Investigation may read the keys that changes are signed with.
REVOKE SELECT ON dbo.SigningKeys FROM investigation;
GRANT SELECT ON dbo.SigningKeys TO investigation;
