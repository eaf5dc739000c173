-- The denial of the keys to operations is gone, and nothing grants them.
REVOKE SELECT ON dbo.SigningKeys FROM investigation;
