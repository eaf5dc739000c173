-- The application may see how the ledger is built.
REVOKE CONTROL ON dbo.StockLedger FROM service;
GRANT VIEW DEFINITION ON dbo.StockLedger TO service;
