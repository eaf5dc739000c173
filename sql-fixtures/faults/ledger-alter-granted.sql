-- The application may alter the ledger: TRUNCATE needs no DELETE and fires no trigger.
REVOKE ALTER, CONTROL ON dbo.StockLedger FROM service;
GRANT ALTER ON dbo.StockLedger TO service;
