-- A procedure corrects a movement by a movement back.
CREATE PROCEDURE org.ReverseMovement
    @OrgId int,
    @LedgerId int,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;
    DECLARE @Back int;

    BEGIN TRANSACTION;
    EXEC dbo.NextNumber @OrgId, 'StockLedger', @Back OUTPUT;
    INSERT INTO dbo.StockLedger
        (OrgId, LedgerId, SubOrgId, IdempotencyKey, ProductId, Location, Quantity, Reason, RecordedBy)
    SELECT m.OrgId, @Back, m.SubOrgId, CONCAT('back-', m.LedgerId), m.ProductId, m.Location,
           -m.Quantity, m.Reason, ORIGINAL_LOGIN()
    FROM dbo.StockLedger AS m
    WHERE m.OrgId = @OrgId
      AND m.LedgerId = @LedgerId
      AND (@SubOrgId IS NULL OR m.SubOrgId = @SubOrgId);
    IF @@ROWCOUNT = 0
        THROW 50404, N'There is no such movement.', 1;
    COMMIT;
END;
