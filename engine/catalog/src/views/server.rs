//! What belongs to the whole server: databases, logins, server roles, configuration.

use std::sync::Arc;

use values::{Collation, SqlType as T, Value};

use super::{
    SYSNAME, SystemColumn, SystemView, ViewContext, bit, col, datetime, int, null, nvarchar,
    or_null, text, tiny, varbinary,
};
use crate::errors::Errors;
use crate::ids::LoginId;
use crate::instance::CONFIGURATION;
use crate::login::{ServerPrincipal, ServerPrincipalKind};
use crate::permission::Permission;

type Rows = Result<Vec<Vec<Value>>, Errors>;

const PRINCIPAL_COLUMNS: [SystemColumn; 12] = [
    col("name", SYSNAME),
    col("principal_id", T::Int),
    null("sid", varbinary(85)),
    col("type", T::Char(1)),
    null("type_desc", nvarchar(60)),
    null("is_disabled", T::Bit),
    col("create_date", T::DateTime),
    col("modify_date", T::DateTime),
    null("default_database_name", SYSNAME),
    null("default_language_name", SYSNAME),
    null("owning_principal_id", T::Int),
    col("is_fixed_role", T::Bit),
];

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "databases",
        columns: &[
            col("name", SYSNAME),
            col("database_id", T::Int),
            null("source_database_id", T::Int),
            null("owner_sid", varbinary(85)),
            col("create_date", T::DateTime),
            col("compatibility_level", T::TinyInt),
            null("collation_name", SYSNAME),
            null("user_access", T::TinyInt),
            null("user_access_desc", nvarchar(60)),
            null("is_read_only", T::Bit),
            col("is_auto_close_on", T::Bit),
            null("state", T::TinyInt),
            null("state_desc", nvarchar(60)),
            null("is_in_standby", T::Bit),
            null("snapshot_isolation_state", T::TinyInt),
            null("snapshot_isolation_state_desc", nvarchar(60)),
            null("is_read_committed_snapshot_on", T::Bit),
            null("recovery_model", T::TinyInt),
            null("recovery_model_desc", nvarchar(60)),
            null("is_recursive_triggers_on", T::Bit),
            null("is_trustworthy_on", T::Bit),
            null("is_db_chaining_on", T::Bit),
            null("is_broker_enabled", T::Bit),
            null("is_encrypted", T::Bit),
            null("containment", T::TinyInt),
            null("containment_desc", nvarchar(60)),
            null("is_ledger_on", T::Bit),
        ],
        rows: databases,
    },
    SystemView {
        schema: "sys",
        name: "server_principals",
        columns: &PRINCIPAL_COLUMNS,
        rows: server_principals,
    },
    SystemView {
        schema: "sys",
        name: "sql_logins",
        columns: &{
            let mut all = [PRINCIPAL_COLUMNS[0]; 15];
            let mut i = 0;
            while i < 12 {
                all[i] = PRINCIPAL_COLUMNS[i];
                i += 1;
            }
            all[12] = null("is_policy_checked", T::Bit);
            all[13] = null("is_expiration_checked", T::Bit);
            all[14] = null("password_hash", varbinary(256));
            all
        },
        rows: sql_logins,
    },
    SystemView {
        schema: "sys",
        name: "server_role_members",
        columns: &[
            col("role_principal_id", T::Int),
            col("member_principal_id", T::Int),
        ],
        rows: server_role_members,
    },
    SystemView {
        schema: "sys",
        name: "configurations",
        columns: &[
            col("configuration_id", T::Int),
            col("name", nvarchar(35)),
            null("value", T::Variant),
            null("minimum", T::Variant),
            null("maximum", T::Variant),
            null("value_in_use", T::Variant),
            col("description", nvarchar(255)),
            col("is_dynamic", T::Bit),
            col("is_advanced", T::Bit),
        ],
        rows: configurations,
    },
    SystemView {
        schema: "sys",
        name: "servers",
        columns: &[
            col("server_id", T::Int),
            col("name", SYSNAME),
            col("product", SYSNAME),
            col("provider", SYSNAME),
            null("data_source", nvarchar(4000)),
            col("is_linked", T::Bit),
            col("is_remote_login_enabled", T::Bit),
            col("is_rpc_out_enabled", T::Bit),
            col("is_data_access_enabled", T::Bit),
        ],
        rows: servers,
    },
    SystemView {
        schema: "sys",
        name: "backup_devices",
        columns: &[
            col("name", SYSNAME),
            col("type", T::TinyInt),
            null("type_desc", nvarchar(60)),
            null("physical_name", nvarchar(260)),
        ],
        rows: backup_devices,
    },
    SystemView {
        schema: "sys",
        name: "linked_logins",
        columns: &[
            col("server_id", T::Int),
            null("local_principal_id", T::Int),
            col("uses_self_credential", T::Bit),
            null("remote_name", SYSNAME),
        ],
        rows: |_| Ok(Vec::new()),
    },
    SystemView {
        schema: "sys",
        name: "syslanguages",
        columns: &[
            col("langid", T::SmallInt),
            col("dateformat", T::NChar(3)),
            col("datefirst", T::TinyInt),
            col("name", SYSNAME),
            col("alias", SYSNAME),
        ],
        rows: |_| {
            Ok(vec![vec![
                Value::SmallInt(0),
                text("mdy"),
                tiny(7),
                text("us_english"),
                text("English"),
            ]])
        },
    },
];

fn databases(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    Ok(context
        .instance
        .databases()
        .filter(|database| {
            context
                .instance
                .is_database_visible(token.as_ref(), context.current, database)
        })
        .map(|database| {
            let options = database.options();
            let access = match &*options.user_access {
                "SINGLE_USER" => 1,
                "RESTRICTED_USER" => 2,
                _ => 0,
            };
            let recovery = match &*options.recovery {
                "FULL" => 1,
                "BULK_LOGGED" => 2,
                _ => 3,
            };
            let restoring = context.instance.is_restoring(database.id);
            let switch = |name: &str| options.switches.get(name).copied().unwrap_or_default();
            vec![
                Value::Text(Arc::clone(&options.name)),
                int(database.id.0),
                Value::Null,
                Value::Binary(Arc::clone(&options.owner.0)),
                datetime(database.created),
                tiny(options.compatibility),
                text(options.collation.name()),
                tiny(access),
                Value::Text(Arc::clone(&options.user_access)),
                bit(options.read_only),
                bit(switch("AUTO_CLOSE")),
                tiny(u8::from(restoring)),
                text(if restoring { "RESTORING" } else { "ONLINE" }),
                bit(false),
                tiny(u8::from(options.snapshot_isolation)),
                text(if options.snapshot_isolation {
                    "ON"
                } else {
                    "OFF"
                }),
                bit(options.read_committed_snapshot),
                tiny(recovery),
                Value::Text(Arc::clone(&options.recovery)),
                bit(options.recursive_triggers),
                bit(options.trustworthy),
                bit(options.chaining),
                bit(switch("ENABLE_BROKER")),
                bit(false),
                tiny(u8::from(options.partially_contained)),
                text(if options.partially_contained {
                    "PARTIAL"
                } else {
                    "NONE"
                }),
                bit(false),
            ]
        })
        .collect())
}

/// The logical devices, for members of sysadmin, diskadmin and dbcreator and who holds VIEW ANY
/// DEFINITION.
fn backup_devices(context: &ViewContext<'_>) -> Rows {
    let visible = context
        .context
        .login(context.instance)
        .is_some_and(|login| {
            login.is_sysadmin
                || [LoginId::DISKADMIN, LoginId::DBCREATOR]
                    .iter()
                    .any(|role| login.principals.contains(role))
                || context
                    .instance
                    .has_server_permission(&login, Permission::VIEW_ANY_DEFINITION)
        });
    if !visible {
        return Ok(Vec::new());
    }
    Ok(context
        .instance
        .logical_devices()
        .map(|device| {
            vec![
                Value::Text(Arc::clone(&device.name)),
                tiny(2),
                text("DISK"),
                Value::Text(Arc::clone(&device.path)),
            ]
        })
        .collect())
}

fn principal_row(login: &ServerPrincipal) -> Vec<Value> {
    let (code, description, disabled, database, language) = match &login.kind {
        ServerPrincipalKind::Login {
            disabled,
            default_database,
            default_language,
            ..
        } => (
            "S",
            "SQL_LOGIN",
            *disabled,
            Some(default_database),
            Some(default_language),
        ),
        ServerPrincipalKind::Role => ("R", "SERVER_ROLE", false, None, None),
    };
    let owner = (!login.is_login()).then_some(login.owner);
    vec![
        Value::Text(Arc::clone(&login.name)),
        int(login.id.0),
        Value::Binary(Arc::clone(&login.sid.0)),
        text(code),
        text(description),
        bit(disabled),
        datetime(login.created),
        datetime(login.modified),
        or_null(database, |name| Value::Text(Arc::clone(name))),
        or_null(language, |name| Value::Text(Arc::clone(name))),
        or_null(owner, |owner| int(owner.0)),
        bit(login.id.is_fixed_role() && login.id != LoginId::PUBLIC),
    ]
}

fn server_principals(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    Ok(context
        .instance
        .logins()
        .filter(|login| context.instance.is_login_visible(token.as_ref(), login))
        .map(|login| principal_row(login))
        .collect())
}

fn sql_logins(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    let may_see_hashes = token.as_ref().is_some_and(|token| {
        context
            .instance
            .has_server_permission(token, Permission::CONTROL_SERVER)
    });
    Ok(context
        .instance
        .logins()
        .filter(|login| context.instance.is_login_visible(token.as_ref(), login))
        .filter_map(|login| {
            let ServerPrincipalKind::Login {
                password,
                check_policy,
                check_expiration,
                ..
            } = &login.kind
            else {
                return None;
            };
            let mut row = principal_row(login);
            row.extend([
                bit(*check_policy),
                bit(*check_expiration),
                if may_see_hashes {
                    Value::binary(password.as_bytes().to_vec())
                } else {
                    Value::Null
                },
            ]);
            Some(row)
        })
        .collect())
}

fn server_role_members(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    let visible = |id: LoginId| {
        context
            .instance
            .login(id)
            .is_some_and(|login| context.instance.is_login_visible(token.as_ref(), login))
    };
    let mut rows: Vec<(LoginId, LoginId)> = context
        .instance
        .server_memberships()
        .filter(|(member, role)| visible(*member) && visible(*role))
        .map(|(member, role)| (role, member))
        .collect();
    rows.sort_unstable();
    Ok(rows
        .into_iter()
        .map(|(role, member)| vec![int(role.0), int(member.0)])
        .collect())
}

fn configurations(context: &ViewContext<'_>) -> Rows {
    let number = |number: i64| {
        Value::Variant(Box::new((
            T::Int,
            Value::Int(i32::try_from(number).unwrap_or(i32::MAX)),
        )))
    };
    Ok(CONFIGURATION
        .iter()
        .map(
            |(name, default, minimum, maximum, description, dynamic, advanced, id)| {
                let value = context.instance.configuration(name).unwrap_or(*default);
                vec![
                    int(*id),
                    text(name),
                    number(value),
                    number(*minimum),
                    number(*maximum),
                    number(value),
                    text(description),
                    bit(*dynamic),
                    bit(*advanced),
                ]
            },
        )
        .collect())
}

fn servers(context: &ViewContext<'_>) -> Rows {
    Ok(vec![vec![
        int(0),
        Value::Text(Arc::clone(&context.instance.name)),
        text("SQL Server"),
        text("SQLNCLI"),
        Value::Text(Arc::clone(&context.instance.name)),
        bit(false),
        bit(true),
        bit(true),
        bit(false),
    ]])
}

/// `fn_helpcollations`: name and description.
pub(super) fn collations() -> Vec<Vec<Value>> {
    Collation::ALL
        .iter()
        .map(|collation| vec![text(collation.name()), text(collation.name())])
        .collect()
}
