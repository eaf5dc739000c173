-- Migration 5: views and procedures. All are owned by dbo, as the tables are: who may use one needs
-- no right on the tables beneath.
CREATE VIEW dbo.InvoiceTotals
AS
SELECT i.InvoiceId, i.InvoiceNumber, c.Name AS CustomerName, i.Status,
       SUM(l.Quantity * l.UnitPrice) AS LineTotal
FROM dbo.Invoices AS i
JOIN dbo.Customers AS c ON c.CustomerId = i.CustomerId
JOIN dbo.InvoiceLines AS l ON l.InvoiceId = i.InvoiceId
GROUP BY i.InvoiceId, i.InvoiceNumber, c.Name, i.Status;
GO
CREATE VIEW dbo.OpenInvoices
AS
SELECT InvoiceId, InvoiceNumber, CustomerId, IssuedOn, Total
FROM dbo.Invoices
WHERE Status = 1;
GO
-- What an invoice is now: its credit note, and not a change of the posted row, makes it void.
CREATE VIEW dbo.InvoiceStates
AS
SELECT i.InvoiceId, i.InvoiceNumber,
       CASE WHEN n.CreditNoteId IS NOT NULL THEN 'void'
            WHEN i.ActualPostingDate IS NOT NULL THEN 'posted'
            WHEN i.Status = 3 THEN 'discarded'
            ELSE 'draft' END AS State
FROM dbo.Invoices AS i
LEFT JOIN dbo.CreditNotes AS n ON n.InvoiceId = i.InvoiceId;
GO
-- Posting is a business event: the invoice changes and the audit log gains one row.
CREATE PROCEDURE dbo.PostInvoice
    @InvoiceId int
AS
BEGIN
    UPDATE dbo.Invoices
    SET Status = 2, ActualPostingDate = SYSUTCDATETIME()
    WHERE InvoiceId = @InvoiceId AND Status = 1;

    IF @@ROWCOUNT = 1
        INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId)
        VALUES ('InvoicePosted', 'Invoice', CAST(@InvoiceId AS nvarchar(60)));
END;
GO
-- Voiding is a reverse transition: it takes a reason, issues the credit note, and leaves the posted
-- row as it is. Only a posted invoice that is not void yet can be voided.
CREATE PROCEDURE dbo.VoidInvoice
    @InvoiceId int,
    @Reason nvarchar(200)
AS
BEGIN
    IF @Reason IS NULL OR LEN(LTRIM(@Reason)) < 20
        THROW 50407, N'A reason of at least 20 characters is needed.', 1;

    INSERT INTO dbo.CreditNotes (InvoiceId, Total, Reason)
    SELECT i.InvoiceId, i.Total, @Reason
    FROM dbo.Invoices AS i
    WHERE i.InvoiceId = @InvoiceId AND i.ActualPostingDate IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM dbo.CreditNotes AS n WHERE n.InvoiceId = i.InvoiceId);

    IF @@ROWCOUNT = 1
        INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Reason)
        VALUES ('InvoiceVoided', 'Invoice', CAST(@InvoiceId AS nvarchar(60)), @Reason);
END;
GO
-- Retention. What it deletes, the trigger on the audit log records; a purge that found nothing
-- leaves its row, too.
CREATE PROCEDURE dbo.PurgeAuditEvents
    @Before datetime2(7)
AS
BEGIN
    DELETE FROM dbo.AuditEvents
    WHERE OccurredAt < @Before;

    IF @@ROWCOUNT = 0
        INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Detail)
        VALUES ('AuditPurged', 'AuditEvents', CONVERT(nvarchar(60), @Before, 126), N'rows: 0');
END;
GO
EXEC dbo.RegisterMigration @Number = 5, @Name = N'modules', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.InvoiceTotals';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.OpenInvoices';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.InvoiceStates';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.PostInvoice';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.VoidInvoice';
EXEC dbo.RegisterObject @Number = 5, @Object = N'dbo.PurgeAuditEvents';
GO
