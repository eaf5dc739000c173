-- Customers, products, price lists, periods and invoices.
--
-- A foreign key begins with OrgId, so that no row can refer to another organisation's; where a
-- department owns both rows it holds SubOrgId, too.
CREATE TABLE dbo.Periods (
    OrgId         int              NOT NULL,
    PeriodId      int              NOT NULL,
    Name          nvarchar(50)     NOT NULL,
    StartsOn      date             NOT NULL,
    EndsOn        date             NOT NULL,
    IsClosed      bit              NOT NULL CONSTRAINT DF_Periods_IsClosed DEFAULT (0),
    CONSTRAINT PK_Periods PRIMARY KEY (OrgId, PeriodId),
    CONSTRAINT UQ_Periods_StartsOn UNIQUE (OrgId, StartsOn),
    CONSTRAINT FK_Periods_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId),
    CONSTRAINT CK_Periods_Order CHECK (EndsOn >= StartsOn)
);
GO
CREATE TABLE dbo.Customers (
    OrgId         int              NOT NULL,
    CustomerId    int              NOT NULL,
    SubOrgId      int              NOT NULL,
    CustomerKey   uniqueidentifier NOT NULL CONSTRAINT DF_Customers_CustomerKey DEFAULT (NEWID()),
    Name          nvarchar(100)    NOT NULL,
    Email         varchar(120)     NULL,
    TaxNumber     varchar(40)      NOT NULL,
    CreditLimit   money            NOT NULL CONSTRAINT DF_Customers_CreditLimit DEFAULT (0),
    Since         date             NOT NULL,
    IsActive      bit              NOT NULL CONSTRAINT DF_Customers_IsActive DEFAULT (1),
    Revision      int              NOT NULL CONSTRAINT DF_Customers_Revision DEFAULT (1),
    CONSTRAINT PK_Customers PRIMARY KEY (OrgId, CustomerId),
    CONSTRAINT UQ_Customers_Department UNIQUE (OrgId, SubOrgId, CustomerId),
    CONSTRAINT UQ_Customers_CustomerKey UNIQUE (OrgId, CustomerKey),
    CONSTRAINT UQ_Customers_TaxNumber UNIQUE (OrgId, TaxNumber),
    CONSTRAINT FK_Customers_SubOrganisations FOREIGN KEY (OrgId, SubOrgId)
        REFERENCES dbo.SubOrganisations (OrgId, SubOrgId)
);
GO
CREATE INDEX IX_Customers_Name ON dbo.Customers (OrgId, Name) INCLUDE (SubOrgId, Email);
GO
-- What replaces a product is checked by the application: a catalogue is loaded in any order.
CREATE TABLE dbo.Products (
    OrgId         int              NOT NULL,
    ProductId     int              NOT NULL,
    Sku           varchar(40)      NOT NULL,
    Name          nvarchar(100)    NOT NULL,
    UnitPrice     decimal(19, 4)   NOT NULL,
    WeightGrams   bigint           NULL,
    SubstituteId  int              NULL,
    Revision      int              NOT NULL CONSTRAINT DF_Products_Revision DEFAULT (1),
    CONSTRAINT PK_Products PRIMARY KEY (OrgId, ProductId),
    CONSTRAINT UQ_Products_Sku UNIQUE (OrgId, Sku),
    CONSTRAINT FK_Products_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId),
    CONSTRAINT CK_Products_UnitPrice CHECK (UnitPrice >= 0)
);
GO
CREATE TABLE dbo.PriceLists (
    OrgId         int              NOT NULL,
    PriceListId   int              NOT NULL,
    Name          nvarchar(60)     NOT NULL,
    Currency      char(3)          NOT NULL,
    StartsOn      date             NOT NULL,
    CONSTRAINT PK_PriceLists PRIMARY KEY (OrgId, PriceListId),
    CONSTRAINT UQ_PriceLists_Name UNIQUE (OrgId, Name),
    CONSTRAINT FK_PriceLists_Organisations FOREIGN KEY (OrgId) REFERENCES dbo.Organisations (OrgId)
);
GO
CREATE TABLE dbo.PriceListItems (
    OrgId         int              NOT NULL,
    PriceListId   int              NOT NULL,
    ProductId     int              NOT NULL,
    UnitPrice     decimal(19, 4)   NOT NULL,
    CONSTRAINT PK_PriceListItems PRIMARY KEY (OrgId, PriceListId, ProductId),
    CONSTRAINT FK_PriceListItems_PriceLists FOREIGN KEY (OrgId, PriceListId)
        REFERENCES dbo.PriceLists (OrgId, PriceListId),
    CONSTRAINT FK_PriceListItems_Products FOREIGN KEY (OrgId, ProductId)
        REFERENCES dbo.Products (OrgId, ProductId),
    CONSTRAINT CK_PriceListItems_UnitPrice CHECK (UnitPrice >= 0)
);
GO
CREATE INDEX IX_PriceListItems_Product ON dbo.PriceListItems (OrgId, ProductId);
GO
-- Status: 1 draft, 2 posted, 3 void. A credit note is an invoice that names what it credits.
CREATE TABLE dbo.Invoices (
    OrgId         int              NOT NULL,
    InvoiceId     int              NOT NULL,
    SubOrgId      int              NOT NULL,
    InvoiceKey    uniqueidentifier NOT NULL CONSTRAINT DF_Invoices_InvoiceKey DEFAULT (NEWID()),
    InvoiceNumber varchar(40)      NOT NULL,
    CustomerId    int              NOT NULL,
    PeriodId      int              NOT NULL,
    Status        tinyint          NOT NULL CONSTRAINT DF_Invoices_Status DEFAULT (1),
    IssuedOn      date             NOT NULL,
    PostedAt      datetime2(3)     NULL,
    VoidedAt      datetime2(3)     NULL,
    VoidReason    nvarchar(200)    NULL,
    CreditsInvoiceId int           NULL,
    Total         money            NOT NULL CONSTRAINT DF_Invoices_Total DEFAULT (0),
    Note          nvarchar(200)    NULL,
    Revision      int              NOT NULL CONSTRAINT DF_Invoices_Revision DEFAULT (1),
    CONSTRAINT PK_Invoices PRIMARY KEY (OrgId, InvoiceId),
    CONSTRAINT UQ_Invoices_Department UNIQUE (OrgId, SubOrgId, InvoiceId),
    CONSTRAINT UQ_Invoices_InvoiceNumber UNIQUE (OrgId, InvoiceNumber),
    CONSTRAINT FK_Invoices_Customers FOREIGN KEY (OrgId, SubOrgId, CustomerId)
        REFERENCES dbo.Customers (OrgId, SubOrgId, CustomerId),
    CONSTRAINT FK_Invoices_Periods FOREIGN KEY (OrgId, PeriodId)
        REFERENCES dbo.Periods (OrgId, PeriodId),
    CONSTRAINT FK_Invoices_Credits FOREIGN KEY (OrgId, CreditsInvoiceId)
        REFERENCES dbo.Invoices (OrgId, InvoiceId),
    CONSTRAINT CK_Invoices_Status CHECK (Status BETWEEN 1 AND 3)
);
GO
CREATE INDEX IX_Invoices_Customer ON dbo.Invoices (OrgId, SubOrgId, CustomerId);
CREATE INDEX IX_Invoices_Period ON dbo.Invoices (OrgId, PeriodId, Status);
GO
CREATE TABLE dbo.InvoiceLines (
    OrgId         int              NOT NULL,
    InvoiceId     int              NOT NULL,
    LineNumber    int              NOT NULL,
    SubOrgId      int              NOT NULL,
    ProductId     int              NOT NULL,
    Quantity      decimal(19, 4)   NOT NULL,
    UnitPrice     decimal(19, 4)   NOT NULL,
    Description   nvarchar(200)    NOT NULL,
    CONSTRAINT PK_InvoiceLines PRIMARY KEY (OrgId, InvoiceId, LineNumber),
    CONSTRAINT FK_InvoiceLines_Invoices FOREIGN KEY (OrgId, SubOrgId, InvoiceId)
        REFERENCES dbo.Invoices (OrgId, SubOrgId, InvoiceId),
    CONSTRAINT FK_InvoiceLines_Products FOREIGN KEY (OrgId, ProductId)
        REFERENCES dbo.Products (OrgId, ProductId),
    CONSTRAINT CK_InvoiceLines_Quantity CHECK (Quantity <> 0)
);
GO
CREATE INDEX IX_InvoiceLines_Product ON dbo.InvoiceLines (OrgId, ProductId);
GO
