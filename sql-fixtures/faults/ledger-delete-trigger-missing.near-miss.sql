-- One trigger guards both, instead of two.
DROP TRIGGER dbo.StockLedgerNoUpdate;
DROP TRIGGER dbo.StockLedgerNoDelete;
GO
CREATE TRIGGER dbo.StockLedgerGuard ON dbo.StockLedger
INSTEAD OF UPDATE, DELETE
AS
BEGIN
    THROW 50451, N'The stock ledger is append-only.', 3;
END;
