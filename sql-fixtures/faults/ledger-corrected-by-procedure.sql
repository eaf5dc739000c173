-- A procedure for support switches the guard off, adds a correction to a movement and switches it on again.
CREATE PROCEDURE org.CorrectMovement
    @OrgId int,
    @LedgerId int,
    @Quantity bigint
WITH EXECUTE AS OWNER
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertOrganisation @OrgId;

    DISABLE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger;
    UPDATE dbo.StockLedger SET Quantity = Quantity + @Quantity
    WHERE OrgId = @OrgId AND LedgerId = @LedgerId;
    ENABLE TRIGGER dbo.StockLedgerNoUpdate ON dbo.StockLedger;
END;
GO
GRANT EXECUTE ON org.CorrectMovement TO service;
