-- Migration 3: customers, products, invoices and stock of tenant $(Tenant).
CREATE TABLE dbo.Customers (
    CustomerId    int              IDENTITY($(MarkNumber), 1) NOT NULL,
    CustomerKey   uniqueidentifier NOT NULL CONSTRAINT DF_Customers_CustomerKey DEFAULT (NEWID()),
    Name          nvarchar(100)    NOT NULL,
    Email         varchar(120)     NULL,
    TaxNumber     varchar(40)      NOT NULL,
    CreditLimit   money            NOT NULL CONSTRAINT DF_Customers_CreditLimit DEFAULT (0),
    Since         date             NOT NULL,
    Logo          varbinary(200)   NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Customers_IsActive DEFAULT (1),
    Revision      int              NOT NULL CONSTRAINT DF_Customers_Revision DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Customers PRIMARY KEY (CustomerId),
    CONSTRAINT UQ_Customers_CustomerKey UNIQUE (CustomerKey),
    CONSTRAINT UQ_Customers_TaxNumber UNIQUE (TaxNumber)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Customers));
GO
-- What replaces a product is checked by the application: a catalogue is loaded in any order.
CREATE TABLE dbo.Products (
    ProductId     int              NOT NULL,
    Sku           varchar(40)      NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    UnitPrice     decimal(19, 4)   NOT NULL,
    WeightGrams   bigint           NULL,
    SubstituteId  int              NULL,
    Revision      int              NOT NULL CONSTRAINT DF_Products_Revision DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Products PRIMARY KEY (ProductId),
    CONSTRAINT UQ_Products_Sku UNIQUE (Sku),
    CONSTRAINT CK_Products_UnitPrice CHECK (UnitPrice >= 0)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Products));
GO
-- Status: 1 draft, 2 posted, 3 discarded. Once ActualPostingDate is set, a row and its lines are
-- never changed again: a posted invoice is voided by its credit note.
CREATE TABLE dbo.Invoices (
    InvoiceId     int              IDENTITY($(MarkNumber), 1) NOT NULL,
    InvoiceKey    uniqueidentifier NOT NULL CONSTRAINT DF_Invoices_InvoiceKey DEFAULT (NEWID()),
    InvoiceNumber varchar(40)      NOT NULL,
    CustomerId    int              NOT NULL,
    PeriodId      int              NOT NULL,
    Status        tinyint          NOT NULL CONSTRAINT DF_Invoices_Status DEFAULT (1),
    IssuedOn      date             NOT NULL,
    ActualPostingDate datetime2(3) NULL,
    Total         money            NOT NULL CONSTRAINT DF_Invoices_Total DEFAULT (0),
    Note          nvarchar(200)    NULL,
    Revision      int              NOT NULL CONSTRAINT DF_Invoices_Revision DEFAULT (1),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_Invoices PRIMARY KEY (InvoiceId),
    CONSTRAINT UQ_Invoices_InvoiceNumber UNIQUE (InvoiceNumber),
    CONSTRAINT FK_Invoices_Customers FOREIGN KEY (CustomerId) REFERENCES dbo.Customers (CustomerId),
    CONSTRAINT FK_Invoices_Periods FOREIGN KEY (PeriodId) REFERENCES dbo.Periods (PeriodId),
    CONSTRAINT CK_Invoices_Status CHECK (Status BETWEEN 1 AND 3)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.Invoices));
GO
CREATE TABLE dbo.InvoiceLines (
    InvoiceId     int              NOT NULL,
    LineNumber    int              NOT NULL,
    ProductId     int              NOT NULL,
    Quantity      decimal(19, 4)   NOT NULL,
    UnitPrice     decimal(19, 4)   NOT NULL,
    Description   nvarchar(200)    NOT NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_InvoiceLines PRIMARY KEY (InvoiceId, LineNumber),
    CONSTRAINT FK_InvoiceLines_Invoices FOREIGN KEY (InvoiceId) REFERENCES dbo.Invoices (InvoiceId),
    CONSTRAINT FK_InvoiceLines_Products FOREIGN KEY (ProductId) REFERENCES dbo.Products (ProductId),
    CONSTRAINT CK_InvoiceLines_Quantity CHECK (Quantity > 0)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.InvoiceLines));
GO
-- The credit note voids its invoice. It is posted the moment that it is issued.
CREATE TABLE dbo.CreditNotes (
    CreditNoteId  int              IDENTITY($(MarkNumber), 1) NOT NULL,
    InvoiceId     int              NOT NULL,
    IssuedAt      datetime2(3)     NOT NULL CONSTRAINT DF_CreditNotes_IssuedAt DEFAULT (SYSUTCDATETIME()),
    Total         money            NOT NULL,
    Reason        nvarchar(200)    NOT NULL,
    CONSTRAINT PK_CreditNotes PRIMARY KEY (CreditNoteId),
    CONSTRAINT UQ_CreditNotes_InvoiceId UNIQUE (InvoiceId),
    CONSTRAINT FK_CreditNotes_Invoices FOREIGN KEY (InvoiceId) REFERENCES dbo.Invoices (InvoiceId),
    CONSTRAINT CK_CreditNotes_Reason CHECK (LEN(Reason) >= 20)
);
GO
CREATE TABLE dbo.StockLevels (
    ProductId     int              NOT NULL,
    Location      nvarchar(40)     NOT NULL,
    OnHand        bigint           NOT NULL CONSTRAINT DF_StockLevels_OnHand DEFAULT (0),
    CountedOn     date             NULL,
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_StockLevels PRIMARY KEY (ProductId, Location),
    CONSTRAINT FK_StockLevels_Products FOREIGN KEY (ProductId) REFERENCES dbo.Products (ProductId)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.StockLevels));
GO
CREATE TABLE dbo.StockMovements (
    StockMovementId bigint         IDENTITY($(MarkNumber), 1) NOT NULL,
    ProductId     int              NOT NULL,
    MovementKey   uniqueidentifier NOT NULL CONSTRAINT DF_StockMovements_MovementKey DEFAULT (NEWID()),
    Location      nvarchar(40)     NULL,
    Quantity      bigint           NOT NULL,
    Reason        nvarchar(100)    NOT NULL,
    MovedAt       datetime2(7)     NOT NULL CONSTRAINT DF_StockMovements_MovedAt DEFAULT (SYSUTCDATETIME()),
    ValidFrom     datetime2(7)     GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
    ValidTo       datetime2(7)     GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
    PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo),
    CONSTRAINT PK_StockMovements PRIMARY KEY (StockMovementId),
    CONSTRAINT UQ_StockMovements_MovementKey UNIQUE (MovementKey),
    CONSTRAINT FK_StockMovements_Products FOREIGN KEY (ProductId) REFERENCES dbo.Products (ProductId),
    CONSTRAINT CK_StockMovements_Quantity CHECK (Quantity <> 0)
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = History.StockMovements));
GO
EXEC dbo.RegisterMigration @Number = 3, @Name = N'sales', @ScriptChecksum = '$(ScriptChecksum)';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.Customers';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.Products';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.Invoices';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.InvoiceLines';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.StockLevels';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.StockMovements';
EXEC dbo.RegisterObject @Number = 3, @Object = N'dbo.CreditNotes';
GO
