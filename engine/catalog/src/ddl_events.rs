//! Which DDL events are there, and which groups hold them?
//!
//! The events of statements that this server carries out on a database, under their groups:
//! "DDL Events" and "DDL Event Groups" in Microsoft's documentation. A trigger for anything else
//! is refused by name, so that no trigger waits for an event that never comes.

/// An event and the groups around it, innermost first; DDL_DATABASE_LEVEL_EVENTS is around all.
type Events = (&'static [&'static str], &'static [&'static str]);

const ALL: &str = "DDL_DATABASE_LEVEL_EVENTS";

const EVENTS: &[Events] = &[
    (
        &["CREATE_TABLE", "ALTER_TABLE", "DROP_TABLE"],
        &["DDL_TABLE_EVENTS", "DDL_TABLE_VIEW_EVENTS"],
    ),
    (
        &["CREATE_VIEW", "ALTER_VIEW", "DROP_VIEW"],
        &["DDL_VIEW_EVENTS", "DDL_TABLE_VIEW_EVENTS"],
    ),
    (
        &["CREATE_INDEX", "ALTER_INDEX", "DROP_INDEX"],
        &["DDL_INDEX_EVENTS", "DDL_TABLE_VIEW_EVENTS"],
    ),
    (&["CREATE_SYNONYM", "DROP_SYNONYM"], &["DDL_SYNONYM_EVENTS"]),
    (
        &["CREATE_FUNCTION", "ALTER_FUNCTION", "DROP_FUNCTION"],
        &["DDL_FUNCTION_EVENTS"],
    ),
    (
        &["CREATE_PROCEDURE", "ALTER_PROCEDURE", "DROP_PROCEDURE"],
        &["DDL_PROCEDURE_EVENTS"],
    ),
    (
        &["CREATE_TRIGGER", "ALTER_TRIGGER", "DROP_TRIGGER"],
        &["DDL_TRIGGER_EVENTS"],
    ),
    (&["CREATE_TYPE", "DROP_TYPE"], &["DDL_TYPE_EVENTS"]),
    (
        &["CREATE_SEQUENCE", "ALTER_SEQUENCE", "DROP_SEQUENCE"],
        &["DDL_SEQUENCE_EVENTS"],
    ),
    (
        &["CREATE_SCHEMA", "ALTER_SCHEMA", "DROP_SCHEMA"],
        &["DDL_SCHEMA_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &["CREATE_USER", "ALTER_USER", "DROP_USER"],
        &["DDL_USER_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &[
            "CREATE_ROLE",
            "ALTER_ROLE",
            "DROP_ROLE",
            "ADD_ROLE_MEMBER",
            "DROP_ROLE_MEMBER",
        ],
        &["DDL_ROLE_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &[
            "CREATE_APPLICATION_ROLE",
            "ALTER_APPLICATION_ROLE",
            "DROP_APPLICATION_ROLE",
        ],
        &[
            "DDL_APPLICATION_ROLE_EVENTS",
            "DDL_DATABASE_SECURITY_EVENTS",
        ],
    ),
    (
        &["GRANT_DATABASE", "DENY_DATABASE", "REVOKE_DATABASE"],
        &["DDL_GDR_DATABASE_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &["ALTER_AUTHORIZATION_DATABASE"],
        &[
            "DDL_AUTHORIZATION_DATABASE_EVENTS",
            "DDL_DATABASE_SECURITY_EVENTS",
        ],
    ),
    (
        &["CREATE_CERTIFICATE", "DROP_CERTIFICATE"],
        &["DDL_CERTIFICATE_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &["CREATE_ASYMMETRIC_KEY", "DROP_ASYMMETRIC_KEY"],
        &["DDL_ASYMMETRIC_KEY_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &["CREATE_MASTER_KEY"],
        &["DDL_MASTER_KEY_EVENTS", "DDL_DATABASE_SECURITY_EVENTS"],
    ),
    (
        &["ADD_SIGNATURE", "DROP_SIGNATURE"],
        &[
            "DDL_CRYPTO_SIGNATURE_EVENTS",
            "DDL_DATABASE_SECURITY_EVENTS",
        ],
    ),
    (
        &[
            "CREATE_SECURITY_POLICY",
            "ALTER_SECURITY_POLICY",
            "DROP_SECURITY_POLICY",
        ],
        &["DDL_SECURITY_POLICY_EVENTS"],
    ),
    (&["RENAME"], &[]),
];

/// Whether a trigger can be made for an event or group.
pub(crate) fn is_known(name: &str) -> bool {
    name == ALL
        || EVENTS
            .iter()
            .any(|(events, groups)| events.contains(&name) || groups.contains(&name))
}

/// Whether a trigger for `name`, an event or a group, fires for an event.
pub(crate) fn covers(name: &str, event: &str) -> bool {
    name == event
        || EVENTS.iter().any(|(events, groups)| {
            events.contains(&event) && (name == ALL || groups.contains(&name))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_covers_its_events_and_no_others() {
        for (name, event, wanted) in [
            ("DROP_TABLE", "DROP_TABLE", true),
            ("DROP_TABLE", "CREATE_TABLE", false),
            ("DDL_TABLE_EVENTS", "ALTER_TABLE", true),
            ("DDL_TABLE_EVENTS", "CREATE_VIEW", false),
            ("DDL_TABLE_VIEW_EVENTS", "CREATE_INDEX", true),
            ("DDL_DATABASE_SECURITY_EVENTS", "GRANT_DATABASE", true),
            ("DDL_DATABASE_LEVEL_EVENTS", "RENAME", true),
            ("DDL_DATABASE_LEVEL_EVENTS", "TRUNCATE_TABLE", false),
        ] {
            assert_eq!(covers(name, event), wanted, "{name} over {event}");
        }
        assert!(!is_known("CREATE_XML_INDEX"));
    }
}
