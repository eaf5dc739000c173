-- A report is kept so that it need not be made again, and the key under which it is kept does not name the organisation.
CREATE TABLE dbo.KeptReports (
    OrgId      int            NOT NULL,
    ReportName varchar(60)    NOT NULL,
    LineNumber int            NOT NULL,
    Line       nvarchar(400)  NOT NULL,
    CONSTRAINT PK_KeptReports PRIMARY KEY (OrgId, ReportName, LineNumber)
);
GO
INSERT INTO dbo.KeptReports (OrgId, ReportName, LineNumber, Line)
SELECT c.OrgId, 'customers', ROW_NUMBER() OVER (PARTITION BY c.OrgId ORDER BY c.CustomerId), c.Name
FROM dbo.Customers AS c;
GO
CREATE PROCEDURE org.CustomerReport
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    SELECT k.LineNumber, k.Line
    FROM dbo.KeptReports AS k
    WHERE k.ReportName = 'customers';
END;
GO
GRANT EXECUTE ON org.CustomerReport TO service;
