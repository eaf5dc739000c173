-- They were disabled for a correction, and enabled again.
DISABLE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger;
DISABLE TRIGGER dbo.StockLedgerNoDelete ON dbo.StockLedger;
ENABLE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger;
ENABLE TRIGGER dbo.StockLedgerNoDelete ON dbo.StockLedger;
