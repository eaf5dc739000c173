//! Principals and permissions of a database, and the tokens of the caller.

use std::sync::Arc;

use values::{SqlType as T, Value};

use super::{
    SYSNAME, SystemView, ViewContext, bit, col, datetime, int, null, nvarchar, or_null, text,
    varbinary,
};
use crate::errors::Errors;
use crate::ids::PrincipalId;
use crate::permission::{Class, PermissionKey, PermissionState, builtin};
use crate::principal::{Authentication, PrincipalKind};
use crate::security::UserToken;

type Rows = Result<Vec<Vec<Value>>, Errors>;

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "database_principals",
        columns: &[
            col("name", SYSNAME),
            col("principal_id", T::Int),
            col("type", T::Char(1)),
            null("type_desc", nvarchar(60)),
            null("default_schema_name", SYSNAME),
            col("create_date", T::DateTime),
            col("modify_date", T::DateTime),
            null("owning_principal_id", T::Int),
            null("sid", varbinary(85)),
            col("is_fixed_role", T::Bit),
            col("authentication_type", T::Int),
            null("authentication_type_desc", nvarchar(60)),
            null("default_language_name", SYSNAME),
            null("default_language_lcid", T::Int),
            col("allow_encrypted_value_modifications", T::Bit),
        ],
        rows: database_principals,
    },
    SystemView {
        schema: "sys",
        name: "database_role_members",
        columns: &[
            col("role_principal_id", T::Int),
            col("member_principal_id", T::Int),
        ],
        rows: database_role_members,
    },
    SystemView {
        schema: "sys",
        name: "database_permissions",
        columns: PERMISSION_COLUMNS,
        rows: database_permissions,
    },
    SystemView {
        schema: "sys",
        name: "server_permissions",
        columns: PERMISSION_COLUMNS,
        rows: server_permissions,
    },
    SystemView {
        schema: "sys",
        name: "user_token",
        columns: &[
            null("principal_id", T::Int),
            null("sid", varbinary(85)),
            null("name", nvarchar(128)),
            null("type", nvarchar(128)),
            null("usage", nvarchar(128)),
        ],
        rows: user_token,
    },
    SystemView {
        schema: "sys",
        name: "login_token",
        columns: &[
            null("principal_id", T::Int),
            null("sid", varbinary(85)),
            null("name", nvarchar(128)),
            null("type", nvarchar(128)),
            null("usage", nvarchar(128)),
        ],
        rows: login_token,
    },
];

const PERMISSION_COLUMNS: &[super::SystemColumn] = &[
    col("class", T::TinyInt),
    null("class_desc", nvarchar(60)),
    col("major_id", T::Int),
    col("minor_id", T::Int),
    col("grantee_principal_id", T::Int),
    col("grantor_principal_id", T::Int),
    col("type", T::Char(4)),
    null("permission_name", nvarchar(128)),
    col("state", T::Char(1)),
    null("state_desc", nvarchar(60)),
];

fn database_principals(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(database
        .principals()
        .filter(|principal| {
            context
                .instance
                .is_principal_visible(context.token, principal)
        })
        .map(|principal| {
            let (description, authentication) = match &principal.kind {
                PrincipalKind::User { authentication, .. } => {
                    let number = match authentication {
                        Authentication::Instance => (1, "INSTANCE"),
                        Authentication::None | Authentication::Key { .. } => (0, "NONE"),
                        Authentication::Database(_) => (2, "DATABASE"),
                    };
                    let description = match authentication {
                        Authentication::Key {
                            asymmetric: true, ..
                        } => "ASYMMETRIC_KEY_MAPPED_USER",
                        Authentication::Key { .. } => "CERTIFICATE_MAPPED_USER",
                        _ => "SQL_USER",
                    };
                    (description, number)
                }
                PrincipalKind::Role => ("DATABASE_ROLE", (0, "NONE")),
                PrincipalKind::ApplicationRole { .. } => ("APPLICATION_ROLE", (0, "NONE")),
            };
            let owner = principal.is_role().then_some(principal.owner);
            vec![
                Value::Text(Arc::clone(&principal.name)),
                int(principal.id.0),
                text(principal.type_code()),
                text(description),
                or_null(principal.default_schema.as_ref(), |name| {
                    Value::Text(Arc::clone(name))
                }),
                datetime(principal.created),
                datetime(principal.modified),
                or_null(owner, |owner| int(owner.0)),
                or_null(database.sid_of(principal.id), |sid| Value::Binary(sid.0)),
                bit(principal.id.is_fixed_role()),
                int(authentication.0),
                text(authentication.1),
                Value::Null,
                Value::Null,
                bit(false),
            ]
        })
        .collect())
}

fn database_role_members(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    let visible = |id: PrincipalId| {
        database
            .principal(id)
            .is_some_and(|it| context.instance.is_principal_visible(context.token, it))
    };
    let mut rows: Vec<(PrincipalId, PrincipalId)> = database
        .memberships()
        .filter(|(member, role)| visible(*member) && visible(*role))
        .map(|(member, role)| (role, member))
        .collect();
    rows.sort_unstable();
    Ok(rows
        .into_iter()
        .map(|(role, member)| vec![int(role.0), int(member.0)])
        .collect())
}

fn permission_row(class: Class, key: &PermissionKey, state: PermissionState) -> Vec<Value> {
    let code = builtin(class, key.permission).map_or("", |builtin| builtin.code);
    vec![
        Value::TinyInt(key.securable.class_number()),
        text(key.securable.class_description()),
        int(key.securable.major_id()),
        int(key.column),
        int(key.grantee),
        int(key.grantor),
        text(&format!("{code:4}")),
        text(key.permission.name()),
        text(state.code()),
        text(state.description()),
    ]
}

fn database_permissions(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(database
        .permissions()
        .filter(|(key, _)| context.instance.is_permission_visible(context.token, key))
        .map(|(key, state)| {
            let class = crate::security::class_of(database, key.securable).unwrap_or(Class::Object);
            permission_row(class, key, state)
        })
        .collect())
}

fn server_permissions(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    let all = token.as_ref().is_some_and(|token| {
        context.instance.has_server_permission(
            token,
            crate::permission::Permission::VIEW_ANY_SECURITY_DEFINITION,
        )
    });
    Ok(context
        .instance
        .server_permissions()
        .filter(|(key, _)| {
            all || key.grantee == crate::ids::LoginId::PUBLIC.0
                || token.as_ref().is_some_and(|token| {
                    token
                        .principals
                        .iter()
                        .any(|principal| principal.0 == key.grantee)
                })
        })
        .map(|(key, state)| {
            let class = match key.securable {
                crate::permission::Securable::Login(id) => {
                    if context
                        .instance
                        .login(id)
                        .is_some_and(|login| login.is_login())
                    {
                        Class::Login
                    } else {
                        Class::ServerRole
                    }
                }
                _ => Class::Server,
            };
            permission_row(class, key, state)
        })
        .collect())
}

fn user_token(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    let UserToken { principals, .. } = context.token;
    Ok(principals
        .iter()
        .filter_map(|id| database.principal(*id))
        .map(|principal| {
            let kind = match principal.kind {
                PrincipalKind::User { .. } => "SQL USER",
                PrincipalKind::Role => "ROLE",
                PrincipalKind::ApplicationRole { .. } => "APPLICATION ROLE",
            };
            vec![
                int(principal.id.0),
                or_null(database.sid_of(principal.id), |sid| Value::Binary(sid.0)),
                Value::Text(Arc::clone(&principal.name)),
                text(kind),
                text("GRANT OR DENY"),
            ]
        })
        .collect())
}

fn login_token(context: &ViewContext<'_>) -> Rows {
    let token = context.context.login(context.instance);
    Ok(token
        .iter()
        .flat_map(|token| &token.principals)
        .filter_map(|id| context.instance.login(*id))
        .map(|login| {
            vec![
                int(login.id.0),
                Value::Binary(Arc::clone(&login.sid.0)),
                Value::Text(Arc::clone(&login.name)),
                text(if login.is_login() {
                    "SQL LOGIN"
                } else {
                    "SERVER ROLE"
                }),
                text("GRANT OR DENY"),
            ]
        })
        .collect())
}
