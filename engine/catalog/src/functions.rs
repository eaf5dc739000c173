//! Metadata functions: OBJECT_ID, USER_NAME, HAS_PERMS_BY_NAME and their like.
//!
//! They answer NULL for what does not exist and for what the caller may not see, and never say
//! which of the two it was.

mod identity;
mod properties;

use std::sync::Arc;

use values::{Length, SqlError, SqlType as T, Value};

use crate::ids::{DatabaseId, ObjectId, PrincipalId, SchemaId, same_name};
use crate::object::Object;
use crate::permission::{Class, Permission, Securable};
use crate::security::UserToken;
use crate::views::{ViewContext, all_views, system_object_id, system_view};

/// One metadata function.
pub struct MetadataFunction {
    /// Upper-case name.
    pub name: &'static str,
    /// Least number of arguments.
    pub arguments_min: usize,
    /// Largest number of arguments.
    pub arguments_max: usize,
    /// Result type.
    pub returns: T,
    /// Its value. Arguments come as they are; text for names, integers for numbers.
    pub evaluate: fn(&ViewContext<'_>, &[Value]) -> Result<Value, SqlError>,
}

impl std::fmt::Debug for MetadataFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// A metadata function by name, in any case.
pub fn lookup(name: &str) -> Option<&'static MetadataFunction> {
    FUNCTIONS
        .iter()
        .chain(identity::FUNCTIONS)
        .chain(properties::FUNCTIONS)
        .find(|function| function.name.eq_ignore_ascii_case(name))
}

pub(crate) const NAME: T = T::NVarChar(Length::Limited(128));

const fn function(
    name: &'static str,
    arguments_min: usize,
    arguments_max: usize,
    returns: T,
    evaluate: fn(&ViewContext<'_>, &[Value]) -> Result<Value, SqlError>,
) -> MetadataFunction {
    MetadataFunction {
        name,
        arguments_min,
        arguments_max,
        returns,
        evaluate,
    }
}

const FUNCTIONS: &[MetadataFunction] = &[
    function("OBJECT_ID", 1, 2, T::Int, object_id),
    function("OBJECT_NAME", 1, 2, NAME, object_name),
    function("OBJECT_SCHEMA_NAME", 1, 2, NAME, object_schema_name),
    function(
        "OBJECT_DEFINITION",
        1,
        1,
        T::NVarChar(Length::Max),
        object_definition,
    ),
    function("SCHEMA_ID", 0, 1, T::Int, schema_id),
    function("SCHEMA_NAME", 0, 1, NAME, schema_name),
    function("DB_ID", 0, 1, T::SmallInt, db_id),
    function("DB_NAME", 0, 1, NAME, db_name),
    function("ORIGINAL_DB_NAME", 0, 0, NAME, |_, _| {
        Err(SqlError::unsupported("ORIGINAL_DB_NAME"))
    }),
    function("TYPE_ID", 1, 1, T::Int, type_id),
    function("TYPE_NAME", 1, 1, NAME, type_name),
    function("COL_NAME", 2, 2, NAME, col_name),
    function("COL_LENGTH", 2, 2, T::SmallInt, col_length),
    function("INDEX_COL", 3, 3, NAME, index_col),
    function("IDENT_CURRENT", 1, 1, NUMBER, |context, arguments| {
        ident(context, arguments, |state| state.last.unwrap_or(state.seed))
    }),
    function("IDENT_SEED", 1, 1, NUMBER, |context, arguments| {
        ident(context, arguments, |state| state.seed)
    }),
    function("IDENT_INCR", 1, 1, NUMBER, |context, arguments| {
        ident(context, arguments, |state| state.increment)
    }),
    function("HAS_PERMS_BY_NAME", 3, 5, T::Int, has_perms_by_name),
    function("HAS_DBACCESS", 1, 1, T::Int, has_dbaccess),
];

const NUMBER: T = T::Decimal {
    precision: 38,
    scale: 0,
};

// --- arguments -------------------------------------------------------------------------------

/// An argument as text; NULL and absence are `None`.
pub(crate) fn argument_text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::Text(text) => Some(text.to_string()),
        Value::Variant(inner) => argument_text(Some(&inner.1)),
        other => Some(other.to_string()),
    }
}

/// An argument as a number; NULL, absence and nonsense are `None`.
pub(crate) fn argument_number(value: Option<&Value>) -> Option<i32> {
    match value? {
        Value::Bit(v) => Some(i32::from(*v)),
        Value::TinyInt(v) => Some(i32::from(*v)),
        Value::SmallInt(v) => Some(i32::from(*v)),
        Value::Int(v) => Some(*v),
        Value::BigInt(v) => i32::try_from(*v).ok(),
        Value::Decimal { unscaled, scale } => {
            i32::try_from(unscaled / 10_i128.pow(u32::from(*scale))).ok()
        }
        Value::Text(text) => text.trim().parse().ok(),
        Value::Variant(inner) => argument_number(Some(&inner.1)),
        _ => None,
    }
}

pub(crate) fn name_value(name: &Arc<str>) -> Value {
    Value::Text(Arc::clone(name))
}

fn or_null<A>(option: Option<A>, value: impl FnOnce(A) -> Value) -> Result<Value, SqlError> {
    Ok(option.map_or(Value::Null, value))
}

// --- objects by name and number --------------------------------------------------------------

fn parsed(name: &str) -> Option<tsql::Name> {
    tsql::parse_name(name).ok()
}

/// The visible object of a name as OBJECT_ID takes it. A name in a database that may not be
/// entered is refused when it exists and NULL when it does not: so does the server.
fn named_object(
    context: &ViewContext<'_>,
    name: &str,
) -> Result<Option<(UserToken, Arc<Object>)>, SqlError> {
    let Some(name) = parsed(name) else {
        return Ok(None);
    };
    let parts = &name.0;
    let short = crate::names::last(&name);
    let (database, schema) = match parts.len() {
        1 => (None, None),
        2 => (None, Some(&parts[0])),
        3 => (Some(&parts[0]), Some(&parts[1])),
        _ => return Ok(None),
    };
    let schema = schema
        .map(String::as_str)
        .filter(|schema| !schema.is_empty());
    let id = match database.filter(|database| !database.is_empty()) {
        None => context.token.database,
        Some(name) => match context.instance.database_named(name) {
            Some(database) => database.id,
            None => return Ok(None),
        },
    };
    let target = context.instance.entered(id);
    if short.starts_with('#') {
        return Ok(temporary_object(context, short));
    }
    let token = if id == context.token.database {
        context.token.clone()
    } else {
        match context.context.enter(context.instance, id) {
            Ok(token) => token,
            Err(refused) => {
                let exists = target
                    .schema_named(schema.unwrap_or("dbo"))
                    .is_some_and(|schema| target.object_named(schema.id, short).is_some());
                return if exists { Err(refused) } else { Ok(None) };
            }
        }
    };
    let found = match schema {
        Some(schema) => target
            .schema_named(schema)
            .and_then(|schema| target.object_named(schema.id, short)),
        None => target
            .object_named(context.instance.default_schema(&token), short)
            .or_else(|| target.object_named(SchemaId::DBO, short)),
    };
    Ok(found
        .filter(|object| context.instance.is_visible(&token, context.session, object))
        .map(|object| (token, Arc::clone(object))))
}

fn temporary_object(context: &ViewContext<'_>, name: &str) -> Option<(UserToken, Arc<Object>)> {
    let tempdb = context.instance.database(DatabaseId::TEMPDB)?;
    let token = context
        .instance
        .user_token(DatabaseId::TEMPDB, PrincipalId::DBO);
    let found = if name.starts_with("##") {
        tempdb.object_named(SchemaId::DBO, name).cloned()
    } else {
        // The innermost `#name` of the session is the one made last.
        tempdb
            .objects()
            .filter(|object| {
                object.temporary == Some(context.session)
                    && object.as_table().is_some()
                    && object.name.len() > 12
                    && same_name(
                        object.name[..object.name.len() - 12].trim_end_matches('_'),
                        name,
                    )
            })
            .max_by_key(|object| object.name[object.name.len() - 12..].to_owned())
            .cloned()
    };
    found.map(|object| (token, object))
}

/// The visible object of a number, in the current database or the one that is given.
fn numbered_object<'a>(
    context: &ViewContext<'a>,
    arguments: &[Value],
) -> Option<(UserToken, &'a Arc<Object>)> {
    let id = ObjectId(argument_number(arguments.first())?);
    let token = match arguments.get(1) {
        None => context.token.clone(),
        Some(database) => {
            let database = DatabaseId(argument_number(Some(database))?);
            context.context.try_enter(context.instance, database)?
        }
    };
    let object = context.instance.entered(token.database).object(id)?;
    context
        .instance
        .is_visible(&token, context.session, object)
        .then_some((token, object))
}

fn object_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let Some(name) = argument_text(arguments.first()) else {
        return Ok(Value::Null);
    };
    let kind = argument_text(arguments.get(1));
    if let Some((_, object)) = named_object(context, &name)? {
        let fits =
            kind.is_none_or(|kind| kind.trim().eq_ignore_ascii_case(object.type_code().trim()));
        return Ok(if fits {
            Value::Int(object.id.0)
        } else {
            Value::Null
        });
    }
    let system = parsed(&name).and_then(|name| match name.0.as_slice() {
        [.., schema, view] => system_view(schema, view),
        _ => None,
    });
    or_null(system, |view| Value::Int(system_object_id(view).0))
}

fn object_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    if let Some((_, object)) = numbered_object(context, arguments) {
        return Ok(name_value(&object.name));
    }
    let id = argument_number(arguments.first());
    or_null(
        all_views().find(|view| Some(system_object_id(view).0) == id),
        |view| Value::text(view.name),
    )
}

fn object_schema_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    or_null(numbered_object(context, arguments), |(token, object)| {
        Value::text(
            context
                .instance
                .entered(token.database)
                .schema_name(object.schema),
        )
    })
}

fn object_definition(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    or_null(
        numbered_object(context, arguments)
            .filter(|(token, object)| context.instance.may_view_definition(token, object))
            .and_then(|(_, object)| object.as_module()),
        |module| name_value(&module.definition.text),
    )
}

// --- schemas, databases, types, columns ------------------------------------------------------

fn schema_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = context.instance.entered(context.token.database);
    let id = if arguments.is_empty() {
        Some(context.instance.default_schema(context.token))
    } else {
        argument_text(arguments.first())
            .and_then(|name| database.schema_named(&name))
            .map(|schema| schema.id)
    };
    or_null(id, |id| Value::Int(id.0))
}

fn schema_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = context.instance.entered(context.token.database);
    let id = if arguments.is_empty() {
        Some(context.instance.default_schema(context.token))
    } else {
        argument_number(arguments.first()).map(SchemaId)
    };
    or_null(id.and_then(|id| database.schema(id)), |schema| {
        name_value(&schema.name)
    })
}

fn visible_database<'a>(
    context: &ViewContext<'a>,
    id: Option<DatabaseId>,
) -> Option<&'a Arc<crate::database::Database>> {
    // DB_NAME and DB_ID tell the names of all databases to everybody.
    context.instance.database(id?)
}

fn db_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let id = if arguments.is_empty() {
        Some(context.current)
    } else {
        argument_text(arguments.first())
            .and_then(|name| context.instance.database_named(&name))
            .map(|database| database.id)
    };
    or_null(visible_database(context, id), |database| {
        Value::SmallInt(i16::try_from(database.id.0).unwrap_or(i16::MAX))
    })
}

fn db_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let id = if arguments.is_empty() {
        Some(context.current)
    } else {
        argument_number(arguments.first()).map(DatabaseId)
    };
    or_null(visible_database(context, id), |database| {
        name_value(database.name())
    })
}

fn type_id(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let name = argument_text(arguments.first()).and_then(|name| parsed(&name));
    let Some(name) = name else {
        return Ok(Value::Null);
    };
    let short = crate::names::last(&name);
    let system = values::SYSTEM_TYPES
        .iter()
        .find(|facts| name.0.len() == 1 && facts.name.eq_ignore_ascii_case(short));
    if let Some(facts) = system {
        return Ok(Value::Int(facts.user_type_id));
    }
    let database = context.instance.entered(context.token.database);
    let schema = match name.0.as_slice() {
        [_] => Some(context.instance.default_schema(context.token)),
        [.., schema, _] => database.schema_named(schema).map(|schema| schema.id),
        [] => None,
    };
    or_null(
        schema.and_then(|schema| database.type_named(schema, short)),
        |user_type| Value::Int(user_type.id.0),
    )
}

fn type_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let Some(id) = argument_number(arguments.first()) else {
        return Ok(Value::Null);
    };
    let database = context.instance.entered(context.token.database);
    if let Some(user_type) = database.user_type(crate::ids::UserTypeId(id)) {
        return Ok(name_value(&user_type.name));
    }
    or_null(
        values::SYSTEM_TYPES
            .iter()
            .find(|facts| facts.user_type_id == id),
        |facts| Value::text(facts.name),
    )
}

fn col_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let column = argument_number(arguments.get(1));
    let object = numbered_object(context, &arguments[..1]).map(|(_, object)| object);
    or_null(
        object.and_then(|object| object.columns()?.iter().find(|it| Some(it.id.0) == column)),
        |column| name_value(&column.name),
    )
}

fn col_length(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let (Some(table), Some(column)) = (
        argument_text(arguments.first()),
        argument_text(arguments.get(1)),
    ) else {
        return Ok(Value::Null);
    };
    let object = named_object(context, &table)?.map(|(_, object)| object);
    let length = object.and_then(|object| {
        let column = object
            .columns()?
            .iter()
            .find(|it| same_name(&it.name, &column))?;
        Some(column.data_type.facts().max_length)
    });
    or_null(length, Value::SmallInt)
}

fn index_col(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let Some(name) = argument_text(arguments.first()) else {
        return Ok(Value::Null);
    };
    let (index, key) = (
        argument_number(arguments.get(1)),
        argument_number(arguments.get(2)),
    );
    let object = named_object(context, &name)?.map(|(_, object)| object);
    let found = object.as_ref().and_then(|object| {
        let table = object.as_table()?;
        let index = table.index(crate::ids::IndexId(index?))?;
        let (column, _) = index.key.get(usize::try_from(key?).ok()?.checked_sub(1)?)?;
        table.column(*column)
    });
    or_null(found, |column| name_value(&column.name))
}

fn ident(
    context: &ViewContext<'_>,
    arguments: &[Value],
    value: fn(crate::rows::IdentityState) -> i128,
) -> Result<Value, SqlError> {
    let Some(name) = argument_text(arguments.first()) else {
        return Ok(Value::Null);
    };
    let state = named_object(context, &name)?.and_then(|(token, object)| {
        context
            .instance
            .entered(token.database)
            .data(object.id)?
            .identity
    });
    or_null(state, |state| Value::Decimal {
        unscaled: value(state),
        scale: 0,
    })
}

// --- permissions -----------------------------------------------------------------------------

/// The securable that HAS_PERMS_BY_NAME and `fn_my_permissions` name, if the caller may know it.
pub(crate) fn securable(
    context: &ViewContext<'_>,
    name: Option<&str>,
    class: Class,
) -> Option<(UserToken, Securable, Option<Arc<Object>>)> {
    let here = || context.token.clone();
    let database = context.instance.entered(context.token.database);
    let login_of = |name: &str, is_login: bool| {
        let login = context.instance.login_named(name)?;
        let own = context.context.login(context.instance);
        (login.is_login() == is_login && context.instance.is_login_visible(own.as_ref(), login))
            .then_some(login.id)
    };
    Some(match class {
        Class::Server => (here(), Securable::Server, None),
        Class::Database => match name {
            None => (here(), Securable::Database, None),
            Some(name) => {
                let id = context.instance.database_named(unquoted(name).as_str())?.id;
                let token = context.context.try_enter(context.instance, id)?;
                (token, Securable::Database, None)
            }
        },
        Class::Object => {
            let (token, object) = named_object(context, name?).ok().flatten()?;
            (token, Securable::Object(object.id), Some(object))
        }
        Class::Schema => (
            here(),
            Securable::Schema(database.schema_named(&unquoted(name?))?.id),
            None,
        ),
        Class::Type => {
            let parsed = parsed(name?)?;
            let schema = match parsed.0.as_slice() {
                [_] => context.instance.default_schema(context.token),
                [.., schema, _] => database.schema_named(schema)?.id,
                [] => return None,
            };
            let user_type = database.type_named(schema, crate::names::last(&parsed))?;
            (here(), Securable::Type(user_type.id), None)
        }
        Class::User | Class::Role | Class::ApplicationRole => {
            let principal = database.principal_named(&unquoted(name?))?;
            let right_kind = match class {
                Class::User => principal.is_user(),
                Class::Role => principal.is_role(),
                _ => !principal.is_user() && !principal.is_role(),
            };
            if !right_kind
                || !context
                    .instance
                    .is_principal_visible(context.token, principal)
            {
                return None;
            }
            (here(), Securable::Principal(principal.id), None)
        }
        Class::Login => (
            here(),
            Securable::Login(login_of(&unquoted(name?), true)?),
            None,
        ),
        Class::ServerRole => (
            here(),
            Securable::Login(login_of(&unquoted(name?), false)?),
            None,
        ),
    })
}

fn unquoted(name: &str) -> String {
    parsed(name)
        .filter(|parsed| parsed.0.len() == 1)
        .map_or_else(
            || name.to_owned(),
            |parsed| crate::names::last(&parsed).to_owned(),
        )
}

fn has_perms_by_name(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let name = argument_text(arguments.first());
    let class = argument_text(arguments.get(1));
    let Some(permission) = argument_text(arguments.get(2)) else {
        return Ok(Value::Null);
    };
    let class = match &class {
        None if name.is_none() => Class::Server,
        None => return Ok(Value::Null),
        Some(class) => match Class::from_name(class) {
            Some(class) => class,
            None => return Ok(Value::Null),
        },
    };
    let Some((token, securable, object)) = securable(context, name.as_deref(), class) else {
        return Ok(Value::Null);
    };
    if permission.eq_ignore_ascii_case("ANY") {
        let any = crate::permission::BUILTIN
            .iter()
            .filter(|row| row.class == class)
            .filter(|row| {
                object
                    .as_ref()
                    .is_none_or(|object| crate::ddl::fits(object, row.permission))
            })
            .any(|row| {
                context
                    .instance
                    .has_permission(&token, securable, row.permission)
            });
        return Ok(Value::Int(i32::from(any)));
    }
    let Some(permission) = Permission::from_name(&permission)
        .filter(|permission| crate::security::exists(class, *permission))
    else {
        return Ok(Value::Null);
    };
    let held = match (argument_text(arguments.get(3)), &object, securable) {
        (Some(column), Some(object), Securable::Object(id)) => {
            let column = unquoted(&column);
            let column = object
                .columns()
                .unwrap_or_default()
                .iter()
                .find(|it| same_name(&it.name, &column));
            let Some(column) = column.filter(|_| permission.is_per_column()) else {
                return Ok(Value::Null);
            };
            context
                .instance
                .has_column_permission(&token, id, column.id, permission)
        }
        _ => context
            .instance
            .has_permission(&token, securable, permission),
    };
    Ok(Value::Int(i32::from(held)))
}

fn has_dbaccess(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = argument_text(arguments.first())
        .and_then(|name| context.instance.database_named(&unquoted(&name)));
    or_null(database, |database| {
        let access = context
            .context
            .try_enter(context.instance, database.id)
            .is_some();
        Value::Int(i32::from(access))
    })
}

/// A text property of a function that answers sql_variant.
pub(crate) fn variant_text(text: &str) -> Value {
    Value::Variant(Box::new((NAME, Value::text(text))))
}

/// A number property of a function that answers sql_variant.
pub(crate) fn variant_int(number: i32) -> Value {
    Value::Variant(Box::new((T::Int, Value::Int(number))))
}
