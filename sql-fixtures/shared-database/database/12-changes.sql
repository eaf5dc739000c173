-- The signed history of changes: reading it, and checking that it is whole.
CREATE PROCEDURE org.ListChanges
    @OrgId int,
    @Entity varchar(60) = NULL,
    @EntityId int = NULL,
    @SubOrgId int = NULL
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, @SubOrgId;

    SELECT h.ChangeNumber, h.Action, h.Entity, h.EntityId, h.Detail, h.Actor, h.OccurredAt
    FROM dbo.ChangeHistory AS h
    WHERE h.OrgId = @OrgId
      AND (@SubOrgId IS NULL OR h.SubOrgId = @SubOrgId)
      AND (@Entity IS NULL OR h.Entity = @Entity)
      AND (@EntityId IS NULL OR h.EntityId = @EntityId)
    ORDER BY h.ChangeNumber;
END;
GO
-- One row for each change that does not fit: its hash is not that of its content, its predecessor is
-- another than it says, a number is missing before it, or it is older than the one before. No rows:
-- the chain is whole.
CREATE PROCEDURE org.VerifyChanges
    @OrgId int
AS
BEGIN
    SET NOCOUNT ON;
    EXEC dbo.AssertDepartment @OrgId, NULL;
    DECLARE @Secret varbinary(32);

    SELECT @Secret = Secret FROM dbo.SigningKeys WHERE OrgId = @OrgId;

    WITH Chain AS (
        SELECT h.OrgId, h.ChangeNumber, h.SubOrgId, h.Action, h.Entity, h.EntityId, h.Detail,
               h.Actor, h.OccurredAt, h.PreviousHash, h.RowHash,
               LAG(h.RowHash) OVER (ORDER BY h.ChangeNumber) AS HashBefore,
               LAG(h.ChangeNumber) OVER (ORDER BY h.ChangeNumber) AS NumberBefore,
               LAG(h.OccurredAt) OVER (ORDER BY h.ChangeNumber) AS TimeBefore
        FROM dbo.ChangeHistory AS h
        WHERE h.OrgId = @OrgId
    )
    SELECT ChangeNumber,
           CASE
               WHEN RowHash <> dbo.ChangeHash(@Secret, PreviousHash, OrgId, ChangeNumber, SubOrgId,
                                              Action, Entity, EntityId, Detail, Actor, OccurredAt)
                   THEN 'content'
               WHEN PreviousHash <> ISNULL(HashBefore, CONVERT(binary(32), 0x00)) THEN 'order'
               WHEN ChangeNumber <> NumberBefore + 1 THEN 'gap'
               ELSE 'time'
           END AS Broken
    FROM Chain
    WHERE RowHash <> dbo.ChangeHash(@Secret, PreviousHash, OrgId, ChangeNumber, SubOrgId, Action,
                                    Entity, EntityId, Detail, Actor, OccurredAt)
       OR PreviousHash <> ISNULL(HashBefore, CONVERT(binary(32), 0x00))
       OR ChangeNumber <> NumberBefore + 1
       OR OccurredAt < TimeBefore
    ORDER BY ChangeNumber;
END;
GO
