-- A procedure of dbo's deletes audit rows; the ownership chain skips the application's DENY.
CREATE PROCEDURE dbo.TidyUp AS DELETE FROM dbo.AuditEvents;
GO
GRANT EXECUTE ON dbo.TidyUp TO app_rw;
