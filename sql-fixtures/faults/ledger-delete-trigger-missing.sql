-- Only UPDATE of the ledger is guarded.
DROP TRIGGER dbo.StockLedgerNoDelete;
