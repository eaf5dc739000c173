-- The investigator may run a procedure that writes.
CREATE PROCEDURE dbo.CorrectCustomer AS UPDATE dbo.Customers SET Name = Name + N'.';
GO
GRANT EXECUTE ON dbo.CorrectCustomer TO readonly_investigator;
