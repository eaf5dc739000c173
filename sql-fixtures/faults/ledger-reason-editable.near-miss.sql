-- The guard says more about what it refused.
ALTER TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger
INSTEAD OF UPDATE
AS
BEGIN
    DECLARE @Message nvarchar(200) =
        CONCAT(N'The stock ledger is append-only: none of ', (SELECT COUNT(*) FROM inserted), N' rows was changed.');
    THROW 50451, @Message, 1;
END;
