-- BeginTransaction
BEGIN TRANSACTION
====
-- BeginTransaction
BEGIN TRAN t1 WITH MARK
====
-- Commit
COMMIT
====
-- Commit
COMMIT TRAN t1
====
-- Rollback
ROLLBACK TRANSACTION
====
-- Save
SAVE TRANSACTION sp1
====
-- Rollback
ROLLBACK TRAN sp1
====
-- SetOption Switches
SET NOCOUNT ON
====
-- SetOption Switches
SET XACT_ABORT ON
====
-- SetOption IsolationLevel
SET TRANSACTION ISOLATION LEVEL SNAPSHOT
====
-- SetOption IsolationLevel
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
====
-- SetOption IdentityInsert
SET IDENTITY_INSERT dbo.t1 ON
====
-- SetOption Switches
SET ANSI_NULLS, QUOTED_IDENTIFIER ON
====
-- SetOption Value
SET LOCK_TIMEOUT 1000
====
-- SetOption Value
SET CONTEXT_INFO 0x01
====
-- SetOption Value
SET TEXTSIZE 2147483647
====
-- SetOption Value
SET LANGUAGE us_english
====
-- SetOption Value
SET DATEFORMAT mdy
====
-- SetOption Switches
SET IMPLICIT_TRANSACTIONS OFF
====
