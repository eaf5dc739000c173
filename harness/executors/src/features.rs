//! What the server offers, found out by asking it: each feature has a statement that succeeds where
//! it is and fails where it is not.
//!
//! The answers tell which scenarios apply. Nothing of a probe stays: a server that can be put back
//! is put back, another one rolls back; what cannot be rolled back is asked in a way that changes
//! nothing.

use std::collections::BTreeSet;

use domain::feature::Feature;
use domain::history::Response;

use crate::error::ExecutorError;
use crate::target::Target;

/// How a feature is asked for.
struct Probe {
    batch: &'static str,
    /// Whether a row must come back.
    row: bool,
    /// Whether it can stand in a transaction that is rolled back.
    undone: bool,
    /// The error that must come instead of success.
    error: Option<i32>,
}

const fn succeeds(batch: &'static str) -> Probe {
    Probe {
        batch,
        row: false,
        undone: true,
        error: None,
    }
}

/// For what SQL Server refuses within a transaction, and what changes nothing anyway.
const fn alone(batch: &'static str) -> Probe {
    Probe {
        batch,
        row: false,
        undone: false,
        error: None,
    }
}

const fn answers(batch: &'static str) -> Probe {
    Probe {
        batch,
        row: true,
        undone: true,
        error: None,
    }
}

/// For what would leave something behind if it succeeded.
const fn fails_with(error: i32, batch: &'static str) -> Probe {
    Probe {
        batch,
        row: false,
        undone: false,
        error: Some(error),
    }
}

/// Asks, as administrator in `database`, for every feature that scenarios can need.
///
/// # Errors
/// When the server cannot be reached any more.
pub async fn features(target: &Target, database: &str) -> Result<BTreeSet<Feature>, ExecutorError> {
    let mut found = BTreeSet::new();
    for &feature in Feature::ALL {
        if is_there(target, database, &probe(feature)).await? {
            found.insert(feature);
        }
    }
    Ok(found)
}

/// Every probe has a session of its own: some leave it changed, some end it.
async fn is_there(target: &Target, database: &str, probe: &Probe) -> Result<bool, ExecutorError> {
    let before = target.reset.as_ref().map(|reset| (reset, reset.save()));
    let mut session = target
        .administrate(Some(database))
        .await
        .map_err(|source| ExecutorError::NotConnected {
            database: database.to_owned(),
            source,
        })?;
    let in_transaction = before.is_none() && probe.undone;
    if in_transaction {
        session.run("BEGIN TRANSACTION").await;
    }
    let response = session.run(probe.batch).await;
    if in_transaction {
        session.run("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION").await;
    }
    drop(session);
    if let Some((reset, mark)) = before {
        reset.restore(&mark);
    }
    Ok(says_yes(probe, &response))
}

fn says_yes(probe: &Probe, response: &Response) -> bool {
    if let Some(number) = probe.error {
        return response
            .first_error()
            .is_some_and(|error| error.number == number);
    }
    response.lost.is_none()
        && response.errors.is_empty()
        && (!probe.row || response.rows_returned() > 0)
}

#[expect(clippy::too_many_lines, reason = "one row for each feature")]
fn probe(feature: Feature) -> Probe {
    match feature {
        Feature::PartitionedTables => succeeds(
            "CREATE PARTITION FUNCTION wt_probe_function (int) AS RANGE LEFT FOR VALUES (1);
             CREATE PARTITION SCHEME wt_probe_scheme AS PARTITION wt_probe_function ALL TO ([PRIMARY]);
             CREATE TABLE dbo.wt_probe (Id int NOT NULL) ON wt_probe_scheme (Id);
             TRUNCATE TABLE dbo.wt_probe WITH (PARTITIONS (1));",
        ),
        Feature::TableSwitch => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL);
             CREATE TABLE dbo.wt_probe_sink (Id int NOT NULL);
             ALTER TABLE dbo.wt_probe SWITCH TO dbo.wt_probe_sink;",
        ),
        Feature::TemporalTables => succeeds(
            "CREATE TABLE dbo.wt_probe (
               Id int NOT NULL PRIMARY KEY,
               ValidFrom datetime2 GENERATED ALWAYS AS ROW START NOT NULL,
               ValidTo datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
               PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo)
             ) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.wt_probe_history));
             ALTER TABLE dbo.wt_probe SET (SYSTEM_VERSIONING = OFF);
             ALTER TABLE dbo.wt_probe DROP PERIOD FOR SYSTEM_TIME;",
        ),
        Feature::HistoryRetention => succeeds(
            "CREATE TABLE dbo.wt_probe (
               Id int NOT NULL PRIMARY KEY,
               ValidFrom datetime2 GENERATED ALWAYS AS ROW START NOT NULL,
               ValidTo datetime2 GENERATED ALWAYS AS ROW END NOT NULL,
               PERIOD FOR SYSTEM_TIME (ValidFrom, ValidTo)
             ) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.wt_probe_history));
             ALTER TABLE dbo.wt_probe
               SET (SYSTEM_VERSIONING = ON (HISTORY_RETENTION_PERIOD = 1 DAY));",
        ),
        Feature::SecurityPolicies => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL);
             EXEC (N'CREATE FUNCTION dbo.wt_probe_filter (@Id int) RETURNS TABLE WITH SCHEMABINDING
                     AS RETURN SELECT 1 AS Seen WHERE @Id = 1;');
             EXEC (N'CREATE SECURITY POLICY dbo.wt_probe_policy
                     ADD FILTER PREDICATE dbo.wt_probe_filter(Id) ON dbo.wt_probe;');",
        ),
        Feature::DataMasking => succeeds(
            "CREATE TABLE dbo.wt_probe (Name nvarchar(20) NULL);
             ALTER TABLE dbo.wt_probe ALTER COLUMN Name ADD MASKED WITH (FUNCTION = 'default()');",
        ),
        Feature::DisabledIndexes => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL CONSTRAINT PK_wt_probe PRIMARY KEY);
             ALTER INDEX PK_wt_probe ON dbo.wt_probe DISABLE;",
        ),
        Feature::IdentityReseed => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int IDENTITY(1, 1) NOT NULL);
             DBCC CHECKIDENT (N'dbo.wt_probe', RESEED, 5);",
        ),
        Feature::StatisticsHistograms => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL);
             CREATE INDEX IX_wt_probe ON dbo.wt_probe (Id);
             DBCC SHOW_STATISTICS (N'dbo.wt_probe', N'IX_wt_probe');",
        ),
        Feature::InputBuffers => answers("DBCC INPUTBUFFER (@@SPID);"),
        Feature::LegacyText => succeeds(
            "CREATE TABLE dbo.wt_probe (Note text NULL);
             INSERT INTO dbo.wt_probe (Note) VALUES ('x');
             DECLARE @pointer varbinary(16) = (SELECT TEXTPTR(Note) FROM dbo.wt_probe);
             WRITETEXT dbo.wt_probe.Note @pointer 'y';",
        ),
        Feature::BulkFiles => answers(
            "SELECT f.BulkColumn FROM OPENROWSET(BULK N'/etc/hosts', SINGLE_BLOB) AS f;",
        ),
        Feature::LinkedServers => answers(
            "SELECT name FROM sys.servers WHERE is_linked = 1 AND is_data_access_enabled = 1;",
        ),
        Feature::Agent => answers("SELECT COUNT(*) AS Jobs FROM msdb.dbo.sysjobsteps;"),
        Feature::Ledger => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL) WITH (LEDGER = ON (APPEND_ONLY = ON));",
        ),
        Feature::CommandShell => answers(
            "SELECT name FROM sys.configurations
             WHERE name = N'xp_cmdshell' AND CONVERT(int, value_in_use) = 1;",
        ),
        Feature::ErrorLog => alone("EXEC master.dbo.xp_readerrorlog 0, 1, N'nothing of this name';"),
        Feature::ServiceBroker => succeeds("CREATE QUEUE dbo.wt_probe_queue;"),
        Feature::QueryStore => {
            answers("SELECT COUNT(*) AS Texts FROM sys.query_store_query_text;")
        }
        Feature::PlanCache => answers(
            "SELECT TOP (1) t.text FROM sys.dm_exec_query_stats AS s
             CROSS APPLY sys.dm_exec_sql_text(s.sql_handle) AS t;",
        ),
        Feature::SessionViews => answers("SELECT session_id FROM sys.dm_exec_sessions;"),
        Feature::LegacyProcessView => answers("SELECT spid FROM sys.sysprocesses;"),
        Feature::PartitionView => answers("SELECT COUNT(rows) AS Parts FROM sys.partitions;"),
        Feature::SpaceUsed => answers("EXEC sp_spaceused;"),
        Feature::WhoProcedure => answers("EXEC sp_who;"),
        Feature::PlanGuides => answers("SELECT COUNT(*) AS Guides FROM sys.plan_guides;"),
        Feature::Backup => alone(
            "DECLARE @name sysname = DB_NAME();
             BACKUP DATABASE @name TO DISK = N'NUL' WITH COPY_ONLY;",
        ),
        // That there is no such file is the answer of who would have read it.
        Feature::Restore => fails_with(
            3201,
            "RESTORE VERIFYONLY FROM DISK = N'wt_no_such_file.bak';",
        ),
        // What is there already is set again.
        Feature::DatabaseOptions => alone(
            "IF (SELECT delayed_durability_desc FROM sys.databases WHERE name = DB_NAME()) = N'DISABLED'
               ALTER DATABASE CURRENT SET DELAYED_DURABILITY = DISABLED;",
        ),
        Feature::ApplicationLocks => succeeds(
            "BEGIN TRANSACTION;
             EXEC sp_getapplock @Resource = N'wt_probe', @LockMode = N'Exclusive', @LockTimeout = 0;
             COMMIT TRANSACTION;",
        ),
        Feature::GlobalTemporaryTables => succeeds(
            "CREATE TABLE ##wt_probe (Id int NOT NULL);
             SELECT Id FROM ##wt_probe;
             DROP TABLE ##wt_probe;",
        ),
        Feature::TempdbObjects => succeeds(
            "CREATE TABLE tempdb.dbo.wt_probe (Id int NOT NULL);
             DROP TABLE tempdb.dbo.wt_probe;",
        ),
        Feature::UserMessages => succeeds("EXEC sp_addmessage @msgnum = 60099, @severity = 16, @msgtext = N'wt';"),
        Feature::ServerTriggers => {
            succeeds("EXEC (N'CREATE TRIGGER wt_probe ON ALL SERVER FOR LOGON AS RETURN;');")
        }
        Feature::ContextCookies => succeeds(
            "CREATE USER wt_probe WITHOUT LOGIN;
             DECLARE @cookie varbinary(8000);
             EXECUTE AS USER = N'wt_probe' WITH COOKIE INTO @cookie;
             REVERT WITH COOKIE = @cookie;",
        ),
        Feature::ApplicationRoles => {
            succeeds("CREATE APPLICATION ROLE wt_probe WITH PASSWORD = N'Wt-probe-1-Wt';")
        }
        Feature::ContextInfo => succeeds("SET CONTEXT_INFO 0x00; SELECT CONTEXT_INFO() AS Info;"),
        Feature::SessionContext => succeeds(
            "EXEC sys.sp_set_session_context N'wt_probe', N'1';
             SELECT SESSION_CONTEXT(N'wt_probe') AS Value;",
        ),
        Feature::Sequences => succeeds(
            "CREATE SEQUENCE dbo.wt_probe AS bigint START WITH 1;
             SELECT NEXT VALUE FOR dbo.wt_probe AS N;
             ALTER SEQUENCE dbo.wt_probe RESTART WITH 1;",
        ),
        Feature::SequenceRanges => succeeds(
            "CREATE SEQUENCE dbo.wt_probe AS bigint START WITH 1;
             DECLARE @first sql_variant;
             EXEC sys.sp_sequence_get_range @sequence_name = N'dbo.wt_probe', @range_size = 5,
               @range_first_value = @first OUTPUT;",
        ),
        Feature::DatabaseTimestamp => answers("SELECT @@DBTS AS Stamp;"),
        Feature::CurrentIdentity => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int IDENTITY(1, 1) NOT NULL);
             SELECT IDENT_CURRENT(N'dbo.wt_probe') AS Id;",
        ),
        Feature::Synonyms => succeeds(
            "CREATE SYNONYM dbo.wt_probe FOR sys.objects;
             SELECT TOP (1) name FROM dbo.wt_probe;",
        ),
        Feature::InsteadOfTriggers => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL);
             EXEC (N'CREATE TRIGGER dbo.wt_probe_guard ON dbo.wt_probe INSTEAD OF DELETE AS RETURN;');
             DISABLE TRIGGER dbo.wt_probe_guard ON dbo.wt_probe;",
        ),
        Feature::IgnoreDuplicateKeys => succeeds(
            "CREATE TABLE dbo.wt_probe (Id int NOT NULL);
             CREATE UNIQUE INDEX UX_wt_probe ON dbo.wt_probe (Id) WITH (IGNORE_DUP_KEY = ON);
             INSERT INTO dbo.wt_probe (Id) VALUES (1), (1);",
        ),
        Feature::DatabaseChaining => alone(
            "IF (SELECT is_db_chaining_on FROM sys.databases WHERE name = DB_NAME()) = 1
               ALTER DATABASE CURRENT SET DB_CHAINING ON;
             ELSE
               ALTER DATABASE CURRENT SET DB_CHAINING OFF;",
        ),
        Feature::Trustworthy => alone(
            "IF (SELECT is_trustworthy_on FROM sys.databases WHERE name = DB_NAME()) = 1
               ALTER DATABASE CURRENT SET TRUSTWORTHY ON;
             ELSE
               ALTER DATABASE CURRENT SET TRUSTWORTHY OFF;",
        ),
    }
}
