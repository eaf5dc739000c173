-- Migration 6: what the database itself forbids, whoever asks and by whichever statement. The
-- triggers see a MERGE and a statement over many rows as they see one UPDATE.
--
-- A posted invoice is never changed or removed, its posting date included. THROW in a trigger ends
-- the batch and rolls its transaction back.
CREATE TRIGGER dbo.PostedInvoiceGuard ON dbo.Invoices AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted WHERE ActualPostingDate IS NOT NULL)
        THROW 50901, N'A posted invoice is never changed: void it, which issues a credit note.', 1;
END;
GO
-- Nor are its lines, and none is added.
CREATE TRIGGER dbo.PostedInvoiceLineGuard ON dbo.InvoiceLines AFTER INSERT, UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1
               FROM dbo.Invoices AS i
               WHERE i.ActualPostingDate IS NOT NULL
                 AND (i.InvoiceId IN (SELECT d.InvoiceId FROM deleted AS d)
                      OR i.InvoiceId IN (SELECT n.InvoiceId FROM inserted AS n)))
        THROW 50902, N'The lines of a posted invoice are never changed.', 1;
END;
GO
-- A credit note is posted when it is issued.
CREATE TRIGGER dbo.CreditNoteGuard ON dbo.CreditNotes AFTER UPDATE, DELETE
AS
BEGIN
    SET NOCOUNT ON;
    IF EXISTS (SELECT 1 FROM deleted)
        THROW 50903, N'A credit note is never changed.', 1;
END;
GO
-- Whoever removes audit rows, and by whichever statement, leaves an audit row.
CREATE TRIGGER dbo.AuditPurgeTrail ON dbo.AuditEvents AFTER DELETE
AS
BEGIN
    SET NOCOUNT ON;
    DECLARE @Purged int = (SELECT COUNT(*) FROM deleted);

    IF @Purged > 0
        INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Detail)
        VALUES ('AuditPurged', 'AuditEvents', CONVERT(nvarchar(60), SYSUTCDATETIME(), 126),
                CONCAT(N'rows: ', @Purged));
END;
GO
EXEC dbo.RegisterMigration @Number = 6, @Name = N'guards', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 6, @Object = N'dbo.PostedInvoiceGuard';
EXEC dbo.RegisterObject @Number = 6, @Object = N'dbo.PostedInvoiceLineGuard';
EXEC dbo.RegisterObject @Number = 6, @Object = N'dbo.CreditNoteGuard';
EXEC dbo.RegisterObject @Number = 6, @Object = N'dbo.AuditPurgeTrail';
GO
