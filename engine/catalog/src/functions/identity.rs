//! Who am I, and to what do I belong? USER_NAME, SUSER_SNAME, IS_MEMBER and their like.

use std::sync::Arc;

use values::{SqlError, SqlType as T, Value};

use super::{
    MetadataFunction, NAME, argument_number, argument_text, function, name_value, or_null, unquoted,
};
use crate::ids::{LoginId, PrincipalId, Sid};
use crate::security::ActingAs;
use crate::views::ViewContext;

const SID: T = T::VarBinary(values::Length::Limited(85));

pub(super) const FUNCTIONS: &[MetadataFunction] = &[
    function("USER_ID", 0, 1, T::Int, user_id),
    function("DATABASE_PRINCIPAL_ID", 0, 1, T::Int, user_id),
    function("USER_NAME", 0, 1, NAME, user_name),
    function("USER", 0, 0, NAME, user_name),
    function("CURRENT_USER", 0, 0, NAME, user_name),
    function("SESSION_USER", 0, 0, NAME, user_name),
    function("SYSTEM_USER", 0, 0, NAME, suser_sname),
    function("SUSER_SNAME", 0, 1, NAME, suser_sname),
    function("SUSER_NAME", 0, 1, NAME, suser_name),
    function("SUSER_ID", 0, 1, T::Int, suser_id),
    function("SUSER_SID", 0, 2, SID, suser_sid),
    function("ORIGINAL_LOGIN", 0, 0, NAME, |context, _| {
        Ok(Value::text(
            context.context.original_login_name(context.instance),
        ))
    }),
    function("IS_MEMBER", 1, 1, T::Int, is_member),
    function("IS_ROLEMEMBER", 1, 2, T::Int, is_role_member),
    function("IS_SRVROLEMEMBER", 1, 2, T::Int, is_server_role_member),
];

fn user_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = context.instance.entered(context.token.database);
    let id = if arguments.is_empty() {
        context.token.user
    } else {
        argument_text(arguments.first())
            .and_then(|name| database.principal_named(&name))
            .map(|principal| principal.id)
    };
    or_null(id, |id| Value::Int(id.0))
}

fn user_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = context.instance.entered(context.token.database);
    let id = if arguments.is_empty() {
        context.token.user
    } else {
        argument_number(arguments.first()).map(PrincipalId)
    };
    or_null(id.and_then(|id| database.principal(id)), |principal| {
        name_value(&principal.name)
    })
}

fn suser_sname(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    match arguments.first() {
        None => Ok(Value::text(context.context.login_name(context.instance))),
        Some(Value::Binary(sid)) => or_null(
            context.instance.login_with_sid(&Sid(Arc::clone(sid))),
            |login| name_value(&login.name),
        ),
        Some(_) => Ok(Value::Null),
    }
}

/// The login of the current frame, when it has one.
fn own_login(context: &ViewContext<'_>) -> Option<LoginId> {
    match context.context.frame().identity {
        ActingAs::Login(login) => Some(login),
        ActingAs::User { database, user } => {
            let sid = context.instance.database(database)?.sid_of(user)?;
            context.instance.login_with_sid(&sid).map(|login| login.id)
        }
        ActingAs::ApplicationRole { login, .. } => login,
        ActingAs::Contained { .. } => None,
    }
}

fn suser_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    if arguments.is_empty() {
        return Ok(Value::text(context.context.login_name(context.instance)));
    }
    // Numbers answer for logins that the catalog hides: so they do on the server.
    or_null(
        argument_number(arguments.first()).and_then(|id| context.instance.login(LoginId(id))),
        |login| name_value(&login.name),
    )
}

fn suser_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let id = if arguments.is_empty() {
        own_login(context)
    } else {
        argument_text(arguments.first())
            .and_then(|name| context.instance.login_named(&name))
            .map(|login| login.id)
    };
    or_null(id, |id| Value::Int(id.0))
}

fn suser_sid(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    if arguments.is_empty() {
        let own = own_login(context).and_then(|id| context.instance.login(id));
        let sid =
            own.map(|login| login.sid.clone())
                .or_else(|| match context.context.frame().identity {
                    ActingAs::User { database, user } | ActingAs::Contained { database, user } => {
                        context.instance.database(database)?.sid_of(user)
                    }
                    _ => None,
                });
        return or_null(sid, |sid| Value::Binary(sid.0));
    }
    or_null(
        argument_text(arguments.first()).and_then(|name| context.instance.login_named(&name)),
        |login| Value::Binary(Arc::clone(&login.sid.0)),
    )
}

fn is_member(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = context.instance.entered(context.token.database);
    let role = argument_text(arguments.first())
        .and_then(|name| database.principal_named(&unquoted(&name)))
        .filter(|role| role.is_role());
    or_null(role, |role| {
        Value::Int(i32::from(context.token.is(role.id)))
    })
}

fn is_role_member(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    if arguments.len() == 1 {
        return is_member(context, arguments);
    }
    let database = context.instance.entered(context.token.database);
    let visible = |name: Option<String>| {
        name.and_then(|name| database.principal_named(&unquoted(&name)).cloned())
            .filter(|it| context.instance.is_principal_visible(context.token, it))
    };
    let role = visible(argument_text(arguments.first())).filter(|role| role.is_role());
    let member = visible(argument_text(arguments.get(1)));
    let (Some(role), Some(member)) = (role, member) else {
        return Ok(Value::Null);
    };
    Ok(Value::Int(i32::from(
        database.closure_of(member.id).contains(&role.id),
    )))
}

fn is_server_role_member(
    context: &ViewContext<'_>,
    arguments: &[Value],
) -> Result<Value, SqlError> {
    let role = argument_text(arguments.first())
        .and_then(|name| context.instance.login_named(&unquoted(&name)))
        .filter(|role| !role.is_login());
    let Some(role) = role else {
        return Ok(Value::Null);
    };
    let own = context.context.login(context.instance);
    let member = match arguments.get(1) {
        None => own,
        Some(name) => {
            let login = argument_text(Some(name))
                .and_then(|name| context.instance.login_named(&unquoted(&name)))
                .filter(|login| context.instance.is_login_visible(own.as_ref(), login));
            match login {
                None => return Ok(Value::Null),
                Some(login) => Some(context.instance.login_token(login.id)),
            }
        }
    };
    let is_member = match member {
        None => role.id == LoginId::PUBLIC,
        // sysadmin passes for a member of every fixed role.
        Some(token) => {
            token.principals.contains(&role.id) || (token.is_sysadmin && role.id.is_fixed_role())
        }
    };
    Ok(Value::Int(i32::from(is_member)))
}
