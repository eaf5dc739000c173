-- Stock: what is where, and the ledger of all movements.
CREATE TABLE dbo.StockLevels (
    OrgId         int              NOT NULL,
    SubOrgId      int              NOT NULL,
    ProductId     int              NOT NULL,
    Location      nvarchar(40)     NOT NULL,
    OnHand        bigint           NOT NULL CONSTRAINT DF_StockLevels_OnHand DEFAULT (0),
    CountedOn     date             NULL,
    CONSTRAINT PK_StockLevels PRIMARY KEY (OrgId, SubOrgId, ProductId, Location),
    CONSTRAINT FK_StockLevels_SubOrganisations FOREIGN KEY (OrgId, SubOrgId)
        REFERENCES dbo.SubOrganisations (OrgId, SubOrgId),
    CONSTRAINT FK_StockLevels_Products FOREIGN KEY (OrgId, ProductId)
        REFERENCES dbo.Products (OrgId, ProductId)
);
GO
CREATE INDEX IX_StockLevels_Product ON dbo.StockLevels (OrgId, ProductId);
GO
-- Append-only: a wrong movement is answered by a movement back. The key makes a repeated request
-- harmless, and belongs to one organisation: two may use the same one.
CREATE TABLE dbo.StockLedger (
    OrgId         int              NOT NULL,
    LedgerId      int              NOT NULL,
    SubOrgId      int              NOT NULL,
    IdempotencyKey varchar(80)     NOT NULL,
    ProductId     int              NOT NULL,
    Location      nvarchar(40)     NOT NULL,
    Quantity      bigint           NOT NULL,
    Reason        nvarchar(100)    NOT NULL,
    RecordedBy    nvarchar(128)    NOT NULL,
    RecordedAt    datetime2(7)     NOT NULL CONSTRAINT DF_StockLedger_RecordedAt DEFAULT (SYSUTCDATETIME()),
    CONSTRAINT PK_StockLedger PRIMARY KEY (OrgId, LedgerId),
    CONSTRAINT UQ_StockLedger_IdempotencyKey UNIQUE (OrgId, IdempotencyKey),
    CONSTRAINT FK_StockLedger_SubOrganisations FOREIGN KEY (OrgId, SubOrgId)
        REFERENCES dbo.SubOrganisations (OrgId, SubOrgId),
    CONSTRAINT FK_StockLedger_Products FOREIGN KEY (OrgId, ProductId)
        REFERENCES dbo.Products (OrgId, ProductId),
    CONSTRAINT CK_StockLedger_Quantity CHECK (Quantity <> 0)
);
GO
CREATE INDEX IX_StockLedger_Product ON dbo.StockLedger (OrgId, SubOrgId, ProductId, Location);
GO
-- Below all rights: whoever gets as far as this table, by whatever chain of owners, is refused.
-- No condition and no early exit, so that there is nothing to arrange beforehand.
CREATE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger
INSTEAD OF UPDATE
AS
BEGIN
    THROW 50451, N'The stock ledger is append-only: a row cannot be changed.', 1;
END;
GO
CREATE TRIGGER dbo.StockLedgerNoDelete ON dbo.StockLedger
INSTEAD OF DELETE
AS
BEGIN
    THROW 50451, N'The stock ledger is append-only: a row cannot be removed.', 2;
END;
GO
