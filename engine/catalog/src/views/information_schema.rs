//! INFORMATION_SCHEMA: the standard's view of what `sys.*` tells.

use std::sync::Arc;

use tsql::{ModuleBody, ReferentialAction};
use values::{SqlType as T, Value};

use super::columns::is_text;
use super::{
    MAX_TEXT, SYSNAME, SystemView, ViewContext, col, datetime, int, null, nvarchar, or_null, text,
    tiny,
};
use crate::errors::Errors;
use crate::ids::{ColumnId, PrincipalId};
use crate::object::{Object, ObjectKind};
use crate::permission::{Permission, PermissionState, Securable};
use crate::table::{Column, Rule, Table};

type Rows = Result<Vec<Vec<Value>>, Errors>;

const IS: &str = "INFORMATION_SCHEMA";

const fn varchar(n: u16) -> T {
    T::VarChar(values::Length::Limited(n))
}

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: IS,
        name: "TABLES",
        columns: &[
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("TABLE_TYPE", varchar(10)),
        ],
        rows: tables,
    },
    SystemView {
        schema: IS,
        name: "VIEWS",
        columns: &[
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("VIEW_DEFINITION", nvarchar(4000)),
            null("CHECK_OPTION", varchar(7)),
            col("IS_UPDATABLE", varchar(2)),
        ],
        rows: views,
    },
    SystemView {
        schema: IS,
        name: "COLUMNS",
        columns: &[
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("COLUMN_NAME", SYSNAME),
            null("ORDINAL_POSITION", T::Int),
            null("COLUMN_DEFAULT", nvarchar(4000)),
            null("IS_NULLABLE", varchar(3)),
            null("DATA_TYPE", SYSNAME),
            null("CHARACTER_MAXIMUM_LENGTH", T::Int),
            null("CHARACTER_OCTET_LENGTH", T::Int),
            null("NUMERIC_PRECISION", T::TinyInt),
            null("NUMERIC_PRECISION_RADIX", T::SmallInt),
            null("NUMERIC_SCALE", T::Int),
            null("DATETIME_PRECISION", T::SmallInt),
            null("CHARACTER_SET_CATALOG", SYSNAME),
            null("CHARACTER_SET_SCHEMA", SYSNAME),
            null("CHARACTER_SET_NAME", SYSNAME),
            null("COLLATION_CATALOG", SYSNAME),
            null("COLLATION_SCHEMA", SYSNAME),
            null("COLLATION_NAME", SYSNAME),
            null("DOMAIN_CATALOG", SYSNAME),
            null("DOMAIN_SCHEMA", SYSNAME),
            null("DOMAIN_NAME", SYSNAME),
        ],
        rows: columns,
    },
    SystemView {
        schema: IS,
        name: "ROUTINES",
        columns: &[
            null("SPECIFIC_CATALOG", SYSNAME),
            null("SPECIFIC_SCHEMA", SYSNAME),
            col("SPECIFIC_NAME", SYSNAME),
            null("ROUTINE_CATALOG", SYSNAME),
            null("ROUTINE_SCHEMA", SYSNAME),
            col("ROUTINE_NAME", SYSNAME),
            null("ROUTINE_TYPE", nvarchar(20)),
            null("DATA_TYPE", SYSNAME),
            null("ROUTINE_BODY", nvarchar(30)),
            null("ROUTINE_DEFINITION", nvarchar(4000)),
            null("SQL_DATA_ACCESS", nvarchar(30)),
            col("CREATED", T::DateTime),
            col("LAST_ALTERED", T::DateTime),
        ],
        rows: routines,
    },
    SystemView {
        schema: IS,
        name: "PARAMETERS",
        columns: &[
            null("SPECIFIC_CATALOG", SYSNAME),
            null("SPECIFIC_SCHEMA", SYSNAME),
            col("SPECIFIC_NAME", SYSNAME),
            col("ORDINAL_POSITION", T::Int),
            null("PARAMETER_MODE", nvarchar(10)),
            null("IS_RESULT", nvarchar(10)),
            null("PARAMETER_NAME", SYSNAME),
            null("DATA_TYPE", SYSNAME),
        ],
        rows: parameters,
    },
    SystemView {
        schema: IS,
        name: "TABLE_CONSTRAINTS",
        columns: &[
            null("CONSTRAINT_CATALOG", SYSNAME),
            null("CONSTRAINT_SCHEMA", SYSNAME),
            col("CONSTRAINT_NAME", SYSNAME),
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("CONSTRAINT_TYPE", varchar(11)),
            col("IS_DEFERRABLE", varchar(2)),
            col("INITIALLY_DEFERRED", varchar(2)),
        ],
        rows: table_constraints,
    },
    SystemView {
        schema: IS,
        name: "KEY_COLUMN_USAGE",
        columns: &[
            null("CONSTRAINT_CATALOG", SYSNAME),
            null("CONSTRAINT_SCHEMA", SYSNAME),
            col("CONSTRAINT_NAME", SYSNAME),
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("COLUMN_NAME", SYSNAME),
            col("ORDINAL_POSITION", T::Int),
        ],
        rows: key_column_usage,
    },
    SystemView {
        schema: IS,
        name: "CONSTRAINT_COLUMN_USAGE",
        columns: &[
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("COLUMN_NAME", SYSNAME),
            null("CONSTRAINT_CATALOG", SYSNAME),
            null("CONSTRAINT_SCHEMA", SYSNAME),
            col("CONSTRAINT_NAME", SYSNAME),
        ],
        rows: constraint_column_usage,
    },
    SystemView {
        schema: IS,
        name: "REFERENTIAL_CONSTRAINTS",
        columns: &[
            null("CONSTRAINT_CATALOG", SYSNAME),
            null("CONSTRAINT_SCHEMA", SYSNAME),
            col("CONSTRAINT_NAME", SYSNAME),
            null("UNIQUE_CONSTRAINT_CATALOG", SYSNAME),
            null("UNIQUE_CONSTRAINT_SCHEMA", SYSNAME),
            null("UNIQUE_CONSTRAINT_NAME", SYSNAME),
            null("MATCH_OPTION", varchar(7)),
            null("UPDATE_RULE", varchar(11)),
            null("DELETE_RULE", varchar(11)),
        ],
        rows: referential_constraints,
    },
    SystemView {
        schema: IS,
        name: "CHECK_CONSTRAINTS",
        columns: &[
            null("CONSTRAINT_CATALOG", SYSNAME),
            null("CONSTRAINT_SCHEMA", SYSNAME),
            col("CONSTRAINT_NAME", SYSNAME),
            null("CHECK_CLAUSE", MAX_TEXT),
        ],
        rows: check_constraints,
    },
    SystemView {
        schema: IS,
        name: "SCHEMATA",
        columns: &[
            null("CATALOG_NAME", SYSNAME),
            col("SCHEMA_NAME", SYSNAME),
            null("SCHEMA_OWNER", SYSNAME),
            null("DEFAULT_CHARACTER_SET_CATALOG", SYSNAME),
            null("DEFAULT_CHARACTER_SET_SCHEMA", SYSNAME),
            null("DEFAULT_CHARACTER_SET_NAME", SYSNAME),
        ],
        rows: schemata,
    },
    SystemView {
        schema: IS,
        name: "TABLE_PRIVILEGES",
        columns: &[
            null("GRANTOR", SYSNAME),
            null("GRANTEE", SYSNAME),
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("PRIVILEGE_TYPE", varchar(10)),
            null("IS_GRANTABLE", varchar(3)),
        ],
        rows: table_privileges,
    },
    SystemView {
        schema: IS,
        name: "COLUMN_PRIVILEGES",
        columns: &[
            null("GRANTOR", SYSNAME),
            null("GRANTEE", SYSNAME),
            null("TABLE_CATALOG", SYSNAME),
            null("TABLE_SCHEMA", SYSNAME),
            col("TABLE_NAME", SYSNAME),
            null("COLUMN_NAME", SYSNAME),
            null("PRIVILEGE_TYPE", varchar(10)),
            null("IS_GRANTABLE", varchar(3)),
        ],
        rows: column_privileges,
    },
];

/// Catalog, schema and name: how every view here begins.
fn full_name(context: &ViewContext<'_>, object: &Object) -> [Value; 3] {
    let database = context.database();
    [
        Value::Text(Arc::clone(database.name())),
        text(database.schema_name(object.schema)),
        Value::Text(Arc::clone(&object.name)),
    ]
}

fn tables(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter(|object| object.as_table().is_some() || object.is_view())
        .map(|object| {
            let mut row = full_name(context, object).to_vec();
            row.push(text(if object.is_view() {
                "VIEW"
            } else {
                "BASE TABLE"
            }));
            row
        })
        .collect())
}

fn definition(context: &ViewContext<'_>, object: &Object) -> Value {
    let readable = context.instance.may_view_definition(context.token, object);
    match object.as_module() {
        Some(module) if readable => {
            let source: String = module.definition.text.chars().take(4000).collect();
            Value::text(source)
        }
        _ => Value::Null,
    }
}

fn views(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let ModuleBody::View { check_option, .. } = &object.as_module()?.definition.body else {
                return None;
            };
            let mut row = full_name(context, object).to_vec();
            row.push(definition(context, object));
            row.push(text(if *check_option { "CASCADE" } else { "NONE" }));
            row.push(text("NO"));
            Some(row)
        })
        .collect())
}

fn columns(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let table = object.as_table();
        if table.is_none() && !object.is_view() {
            continue;
        }
        for (at, column) in object.columns().unwrap_or_default().iter().enumerate() {
            let mut row = full_name(context, object).to_vec();
            row.extend(column_facts(context, column, at, object));
            rows.push(row);
        }
    }
    Ok(rows)
}

fn column_facts(
    context: &ViewContext<'_>,
    column: &Column,
    at: usize,
    object: &Object,
) -> Vec<Value> {
    let facts = column.data_type.facts();
    let default = object.as_table().and_then(|table| {
        table
            .constraints
            .iter()
            .find_map(|constraint| match &constraint.rule {
                Rule::Default {
                    column: of,
                    text: source,
                    ..
                } if *of == column.id => Some(source),
                _ => None,
            })
    });
    let bytes = i32::from(facts.max_length);
    let is_binary = matches!(
        column.data_type,
        T::Binary(_) | T::VarBinary(_) | T::LegacyImage
    );
    let sized = is_text(&column.data_type) || is_binary;
    let wide = matches!(column.data_type, T::NChar(_) | T::NVarChar(_));
    let characters = if wide && bytes > 0 { bytes / 2 } else { bytes };
    let numeric = matches!(
        column.data_type,
        T::TinyInt
            | T::SmallInt
            | T::Int
            | T::BigInt
            | T::Decimal { .. }
            | T::Money
            | T::SmallMoney
            | T::Real
            | T::Float
    );
    let floating = matches!(column.data_type, T::Real | T::Float);
    let when = match column.data_type {
        T::Date | T::SmallDateTime => Some(0),
        T::DateTime => Some(3),
        T::Time(scale) | T::DateTime2(scale) | T::DateTimeOffset(scale) => Some(i16::from(scale)),
        _ => None,
    };
    let user_type = column
        .user_type
        .and_then(|id| context.database().user_type(id));
    let character_set = match column.data_type {
        T::NChar(_) | T::NVarChar(_) | T::LegacyNText => Some("UNICODE"),
        _ if is_text(&column.data_type) => Some("iso_1"),
        _ => None,
    };
    vec![
        Value::Text(Arc::clone(&column.name)),
        int(i32::try_from(at + 1).unwrap_or(i32::MAX)),
        or_null(default, |source| context.definition(object, source)),
        text(if column.nullable { "YES" } else { "NO" }),
        text(facts.name),
        if sized { int(characters) } else { Value::Null },
        if sized { int(bytes) } else { Value::Null },
        if numeric {
            tiny(facts.precision)
        } else {
            Value::Null
        },
        if numeric {
            Value::SmallInt(if floating { 2 } else { 10 })
        } else {
            Value::Null
        },
        if numeric && !floating {
            int(i32::from(facts.scale))
        } else {
            Value::Null
        },
        or_null(when, Value::SmallInt),
        Value::Null,
        Value::Null,
        or_null(character_set, text),
        Value::Null,
        Value::Null,
        if is_text(&column.data_type) {
            text(column.collation.name())
        } else {
            Value::Null
        },
        or_null(user_type, |_| {
            Value::Text(Arc::clone(context.database().name()))
        }),
        or_null(user_type, |it| {
            text(context.database().schema_name(it.schema))
        }),
        or_null(user_type, |it| Value::Text(Arc::clone(&it.name))),
    ]
}

fn routines(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let kind = match object.type_code() {
                "P " => "PROCEDURE",
                "FN" | "IF" | "TF" => "FUNCTION",
                _ => return None,
            };
            let module = object.as_module()?;
            let returns = match object.type_code() {
                "IF" | "TF" => Some("TABLE"),
                _ => module.returns.as_ref().map(|returns| returns.base_name()),
            };
            let mut row = full_name(context, object).to_vec();
            row.extend(full_name(context, object));
            row.extend([
                text(kind),
                or_null(returns, text),
                text("SQL"),
                definition(context, object),
                text(if kind == "PROCEDURE" {
                    "MODIFIES"
                } else {
                    "READS"
                }),
                datetime(object.created),
                datetime(object.modified),
            ]);
            Some(row)
        })
        .collect())
}

fn parameters(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(module) = object.as_module() else {
            continue;
        };
        if let Some(returns) = &module.returns {
            let mut row = full_name(context, object).to_vec();
            row.extend([
                int(0),
                text("OUT"),
                text("YES"),
                text(""),
                text(returns.base_name()),
            ]);
            rows.push(row);
        }
        for (at, parameter) in module.parameters.iter().enumerate() {
            let mut row = full_name(context, object).to_vec();
            row.extend([
                int(i32::try_from(at + 1).unwrap_or(i32::MAX)),
                text(if parameter.output { "INOUT" } else { "IN" }),
                text("NO"),
                Value::Text(Arc::clone(&parameter.name)),
                text(parameter.data_type.base_name()),
            ]);
            rows.push(row);
        }
    }
    Ok(rows)
}

/// The visible constraints with their tables.
fn constraints<'a>(
    context: &ViewContext<'a>,
) -> impl Iterator<
    Item = (
        &'a Object,
        &'a crate::table::Constraint,
        &'a Object,
        &'a Table,
    ),
> {
    let database = context.database();
    context.objects().filter_map(move |object| {
        if !matches!(object.kind, ObjectKind::Constraint(_)) {
            return None;
        }
        let parent = database.object(object.parent?)?;
        let table = parent.as_table()?;
        Some((&**object, table.constraint(object.id)?, &**parent, table))
    })
}

fn table_constraints(context: &ViewContext<'_>) -> Rows {
    Ok(constraints(context)
        .filter_map(|(object, constraint, parent, _)| {
            let kind = match constraint.rule {
                Rule::PrimaryKey(_) => "PRIMARY KEY",
                Rule::Unique(_) => "UNIQUE",
                Rule::ForeignKey(_) => "FOREIGN KEY",
                Rule::Check { .. } => "CHECK",
                Rule::Default { .. } => return None,
            };
            let mut row = full_name(context, object).to_vec();
            row.extend(full_name(context, parent));
            row.extend([text(kind), text("NO"), text("NO")]);
            Some(row)
        })
        .collect())
}

fn key_columns(table: &Table, rule: &Rule) -> Vec<ColumnId> {
    match rule {
        Rule::PrimaryKey(index) | Rule::Unique(index) => table
            .index(*index)
            .map(|index| index.key.iter().map(|(id, _)| *id).collect())
            .unwrap_or_default(),
        Rule::ForeignKey(key) => key.columns.clone(),
        Rule::Check { .. } | Rule::Default { .. } => Vec::new(),
    }
}

fn key_column_usage(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for (object, constraint, parent, table) in constraints(context) {
        for (at, id) in key_columns(table, &constraint.rule).into_iter().enumerate() {
            let mut row = full_name(context, object).to_vec();
            row.extend(full_name(context, parent));
            row.push(or_null(table.column(id), |column| {
                Value::Text(Arc::clone(&column.name))
            }));
            row.push(int(i32::try_from(at + 1).unwrap_or(i32::MAX)));
            rows.push(row);
        }
    }
    Ok(rows)
}

fn constraint_column_usage(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for (object, constraint, parent, table) in constraints(context) {
        let mut columns = key_columns(table, &constraint.rule);
        if let Rule::Check {
            column: Some(column),
            ..
        } = constraint.rule
        {
            columns.push(column);
        }
        for id in columns {
            let mut row = full_name(context, parent).to_vec();
            row.push(or_null(table.column(id), |column| {
                Value::Text(Arc::clone(&column.name))
            }));
            row.extend(full_name(context, object));
            rows.push(row);
        }
    }
    Ok(rows)
}

fn rule_name(action: ReferentialAction) -> Value {
    text(match action {
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    })
}

fn referential_constraints(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(constraints(context)
        .filter_map(|(object, constraint, _, _)| {
            let Rule::ForeignKey(key) = &constraint.rule else {
                return None;
            };
            let target = database.object(key.table)?;
            let table = target.as_table()?;
            let index = table.index(key.index)?;
            let mut row = full_name(context, object).to_vec();
            row.extend([
                Value::Text(Arc::clone(database.name())),
                text(database.schema_name(target.schema)),
                Value::Text(Arc::clone(&index.name)),
                text("SIMPLE"),
                rule_name(key.on_update),
                rule_name(key.on_delete),
            ]);
            Some(row)
        })
        .collect())
}

fn check_constraints(context: &ViewContext<'_>) -> Rows {
    Ok(constraints(context)
        .filter_map(|(object, constraint, _, _)| {
            let Rule::Check { text: source, .. } = &constraint.rule else {
                return None;
            };
            let mut row = full_name(context, object).to_vec();
            row.push(context.definition(object, source));
            Some(row)
        })
        .collect())
}

fn schemata(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(database
        .schemas()
        .map(|schema| {
            vec![
                Value::Text(Arc::clone(database.name())),
                Value::Text(Arc::clone(&schema.name)),
                or_null(database.principal(schema.owner), |it| {
                    Value::Text(Arc::clone(&it.name))
                }),
                Value::Null,
                Value::Null,
                text("iso_1"),
            ]
        })
        .collect())
}

/// The grants on tables and views that the caller made or got.
fn privileges(context: &ViewContext<'_>, of_columns: bool) -> Vec<Vec<Value>> {
    let database = context.database();
    let name = |id: i32| {
        or_null(database.principal(PrincipalId(id)), |it| {
            Value::Text(Arc::clone(&it.name))
        })
    };
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(columns) = object.columns() else {
            continue;
        };
        for (key, state) in database.permissions_of(Securable::Object(object.id)) {
            let listed = matches!(
                key.permission,
                Permission::SELECT
                    | Permission::INSERT
                    | Permission::UPDATE
                    | Permission::DELETE
                    | Permission::REFERENCES
            );
            let mine = context.token.is_dbo
                || context.token.is(PrincipalId(key.grantee))
                || context.token.is(PrincipalId(key.grantor));
            if !listed || !mine || state == PermissionState::Deny {
                continue;
            }
            let grantable = state == PermissionState::GrantWithGrantOption;
            let grantable = text(if grantable { "YES" } else { "NO" });
            let mut row = vec![name(key.grantor), name(key.grantee)];
            row.extend(full_name(context, object));
            if of_columns {
                if !key.permission.is_per_column() {
                    continue;
                }
                for column in columns
                    .iter()
                    .filter(|column| key.column == 0 || key.column == column.id.0)
                {
                    let mut row = row.clone();
                    row.push(Value::Text(Arc::clone(&column.name)));
                    row.extend([text(key.permission.name()), grantable.clone()]);
                    rows.push(row);
                }
            } else if key.column == 0 {
                row.extend([text(key.permission.name()), grantable]);
                rows.push(row);
            }
        }
    }
    rows
}

fn table_privileges(context: &ViewContext<'_>) -> Rows {
    Ok(privileges(context, false))
}

fn column_privileges(context: &ViewContext<'_>) -> Rows {
    Ok(privileges(context, true))
}
