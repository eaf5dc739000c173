-- The triggers that guard the ledger are there, and disabled since the last correction of data.
DISABLE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger;
DISABLE TRIGGER dbo.StockLedgerNoDelete ON dbo.StockLedger;
