-- Views and procedures. All are owned by dbo, as the tables are: who may use one needs no right
-- on the tables beneath.
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
-- Retention. The purge leaves a row of its own.
CREATE PROCEDURE dbo.PurgeAuditEvents
    @Before datetime2(7)
AS
BEGIN
    DECLARE @Purged int;

    DELETE FROM dbo.AuditEvents
    WHERE OccurredAt < @Before;
    SET @Purged = @@ROWCOUNT;

    INSERT INTO dbo.AuditEvents (EventName, Entity, EntityId, Detail)
    VALUES ('AuditPurged', 'AuditEvents', CONVERT(nvarchar(60), @Before, 126),
            CONCAT(N'rows: ', @Purged));
END;
GO
