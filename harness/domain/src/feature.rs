//! What one target offers and another may lack: the needs that a scenario can name.
//!
//! Whether a target has a feature is never assumed from its name or version: `executors` asks
//! every target, the embedded server included, with a statement that only succeeds where it is.

use serde::{Deserialize, Serialize};

macro_rules! features {
    ($($(#[$doc:meta])* $variant:ident $name:literal $noun:literal;)*) => {
        /// Something that a server has or has not.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Feature {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Feature {
            /// Every feature, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in scenario files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// What it is, to be read after "the target has no".
            pub fn noun(self) -> &'static str {
                match self {
                    $(Self::$variant => $noun,)*
                }
            }
        }
    };
}

features! {
    /// `CREATE PARTITION FUNCTION`, `CREATE PARTITION SCHEME`, tables on a scheme.
    PartitionedTables "partitioned-tables" "partitioned tables";
    /// `ALTER TABLE … SWITCH TO`.
    TableSwitch "table-switch" "ALTER TABLE … SWITCH";
    /// System-versioned temporal tables.
    TemporalTables "temporal-tables" "system-versioned temporal tables";
    /// `HISTORY_RETENTION_PERIOD`.
    HistoryRetention "history-retention" "retention period of temporal history";
    /// `CREATE SECURITY POLICY`.
    SecurityPolicies "security-policies" "row-level security";
    /// `ALTER COLUMN … ADD MASKED`.
    DataMasking "data-masking" "dynamic data masking";
    /// `ALTER INDEX … DISABLE`.
    DisabledIndexes "disabled-indexes" "ALTER INDEX … DISABLE";
    /// `DBCC CHECKIDENT`.
    IdentityReseed "identity-reseed" "DBCC CHECKIDENT";
    /// `DBCC SHOW_STATISTICS`.
    StatisticsHistograms "statistics-histograms" "DBCC SHOW_STATISTICS";
    /// `DBCC INPUTBUFFER`.
    InputBuffers "input-buffers" "DBCC INPUTBUFFER";
    /// `WRITETEXT` and `UPDATETEXT` on text columns.
    LegacyText "legacy-text" "WRITETEXT and text columns";
    /// `OPENROWSET(BULK …)` over a file of the server.
    BulkFiles "bulk-files" "OPENROWSET(BULK) over the files of a Linux host";
    /// A linked server that the administrator may use.
    LinkedServers "linked-servers" "linked server";
    /// Jobs of SQL Server Agent in `msdb`.
    Agent "agent" "SQL Server Agent in msdb";
    /// Ledger tables.
    Ledger "ledger" "ledger tables";
    /// `xp_cmdshell` is switched on.
    CommandShell "command-shell" "enabled xp_cmdshell";
    /// `xp_readerrorlog`.
    ErrorLog "error-log" "error log that T-SQL can read";
    /// Queues and services.
    ServiceBroker "service-broker" "Service Broker";
    /// Query Store.
    QueryStore "query-store" "Query Store";
    /// Plan cache and its texts.
    PlanCache "plan-cache" "plan cache views";
    /// `sys.dm_exec_sessions`.
    SessionViews "session-views" "sys.dm_exec_sessions";
    /// `sys.sysprocesses`.
    LegacyProcessView "legacy-process-view" "sys.sysprocesses";
    /// `sys.partitions`.
    PartitionView "partition-view" "sys.partitions";
    /// `sp_spaceused`.
    SpaceUsed "space-used" "sp_spaceused";
    /// `sp_who`.
    WhoProcedure "who-procedure" "sp_who";
    /// Plan guides.
    PlanGuides "plan-guides" "plan guides";
    /// `BACKUP DATABASE … TO DISK`.
    Backup "backup" "BACKUP DATABASE to the null device";
    /// `RESTORE DATABASE`: a backup can be taken and put back.
    Restore "restore" "RESTORE DATABASE";
    /// `ALTER DATABASE … SET` options that decide what survives.
    DatabaseOptions "database-options" "ALTER DATABASE … SET DELAYED_DURABILITY";
    /// `sp_getapplock`.
    ApplicationLocks "application-locks" "sp_getapplock";
    /// `##` tables.
    GlobalTemporaryTables "global-temporary-tables" "global temporary tables";
    /// Ordinary tables in `tempdb`.
    TempdbObjects "tempdb-objects" "ordinary tables in tempdb";
    /// `sp_addmessage` and `sys.messages`.
    UserMessages "user-messages" "sp_addmessage";
    /// DDL and logon triggers.
    ServerTriggers "server-triggers" "triggers on the server";
    /// `EXECUTE AS … WITH COOKIE`.
    ContextCookies "context-cookies" "EXECUTE AS … WITH COOKIE";
    /// `sp_setapprole`.
    ApplicationRoles "application-roles" "application roles";
    /// `SET CONTEXT_INFO`.
    ContextInfo "context-info" "SET CONTEXT_INFO";
    /// `sp_set_session_context`.
    SessionContext "session-context" "session context";
    /// `CREATE SEQUENCE`.
    Sequences "sequences" "sequences";
    /// `sp_sequence_get_range`.
    SequenceRanges "sequence-ranges" "sp_sequence_get_range";
    /// `rowversion` and `@@DBTS`.
    DatabaseTimestamp "database-timestamp" "@@DBTS";
    /// `IDENT_CURRENT`.
    CurrentIdentity "current-identity" "IDENT_CURRENT";
    /// `CREATE SYNONYM`.
    Synonyms "synonyms" "synonyms";
    /// `INSTEAD OF` triggers.
    InsteadOfTriggers "instead-of-triggers" "INSTEAD OF triggers";
    /// `IGNORE_DUP_KEY`.
    IgnoreDuplicateKeys "ignore-duplicate-keys" "IGNORE_DUP_KEY";
    /// `DB_CHAINING` and `TRUSTWORTHY` can be switched.
    DatabaseChaining "database-chaining" "ALTER DATABASE … SET DB_CHAINING";
    /// `ALTER DATABASE … SET TRUSTWORTHY`.
    Trustworthy "trustworthy" "ALTER DATABASE … SET TRUSTWORTHY";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Feature;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let names: BTreeSet<_> = Feature::ALL.iter().map(|feature| feature.name()).collect();
        assert_eq!(names.len(), Feature::ALL.len());
        assert!(names.iter().all(|name| {
            name.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '-')
        }));
    }
}
