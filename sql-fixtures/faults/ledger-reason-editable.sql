-- Typing errors may be corrected: the trigger lets the reason of a movement through, and a right on the view followed.
ALTER TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger
INSTEAD OF UPDATE
AS
BEGIN
    IF UPDATE(Quantity) OR UPDATE(ProductId) OR UPDATE(Location) OR UPDATE(OrgId) OR UPDATE(LedgerId)
        THROW 50451, N'The stock ledger is append-only: a row cannot be changed.', 1;

    UPDATE m
    SET m.Reason = i.Reason
    FROM dbo.StockLedger AS m
    JOIN inserted AS i ON i.OrgId = m.OrgId AND i.LedgerId = m.LedgerId;
END;
GO
REVOKE UPDATE ON org.StockLedger FROM service;
GRANT UPDATE (Reason) ON org.StockLedger TO service;
