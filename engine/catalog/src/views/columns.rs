//! `sys.columns`, `sys.types`, and the constraints that belong to columns.

use std::sync::Arc;

use values::{Length, SYSTEM_TYPES, SqlType as T, Value};

use super::{
    MAX_TEXT, SYSNAME, SystemColumn, SystemView, ViewContext, all_views, bit, col, datetime, int,
    null, nvarchar, or_null, system_object_id, text, tiny,
};
use crate::errors::Errors;
use crate::object::{ConstraintClass, Object, ObjectKind};
use crate::schema::UserTypeKind;
use crate::table::{Column, Rule, Table};

type Rows = Result<Vec<Vec<Value>>, Errors>;

const COLUMN_COLUMNS: [SystemColumn; 27] = [
    col("object_id", T::Int),
    null("name", SYSNAME),
    col("column_id", T::Int),
    col("system_type_id", T::TinyInt),
    col("user_type_id", T::Int),
    col("max_length", T::SmallInt),
    col("precision", T::TinyInt),
    col("scale", T::TinyInt),
    null("collation_name", SYSNAME),
    null("is_nullable", T::Bit),
    col("is_ansi_padded", T::Bit),
    col("is_rowguidcol", T::Bit),
    col("is_identity", T::Bit),
    col("is_computed", T::Bit),
    col("is_filestream", T::Bit),
    null("is_replicated", T::Bit),
    col("is_xml_document", T::Bit),
    col("xml_collection_id", T::Int),
    col("default_object_id", T::Int),
    col("rule_object_id", T::Int),
    null("is_sparse", T::Bit),
    null("is_column_set", T::Bit),
    null("generated_always_type", T::TinyInt),
    null("generated_always_type_desc", nvarchar(60)),
    null("encryption_type", T::Int),
    col("is_hidden", T::Bit),
    col("is_masked", T::Bit),
];

const fn column_and<const N: usize, const M: usize>(more: [SystemColumn; M]) -> [SystemColumn; N] {
    let mut all = [COLUMN_COLUMNS[0]; N];
    let mut i = 0;
    while i < N {
        all[i] = if i < 27 {
            COLUMN_COLUMNS[i]
        } else {
            more[i - 27]
        };
        i += 1;
    }
    all
}

const TYPE_COLUMNS: [SystemColumn; 15] = [
    col("name", SYSNAME),
    col("system_type_id", T::TinyInt),
    col("user_type_id", T::Int),
    col("schema_id", T::Int),
    null("principal_id", T::Int),
    col("max_length", T::SmallInt),
    col("precision", T::TinyInt),
    col("scale", T::TinyInt),
    null("collation_name", SYSNAME),
    null("is_nullable", T::Bit),
    col("is_user_defined", T::Bit),
    col("is_assembly_type", T::Bit),
    col("default_object_id", T::Int),
    col("rule_object_id", T::Int),
    col("is_table_type", T::Bit),
];

/// The columns that all constraint views begin with.
const CONSTRAINT_COLUMNS: [SystemColumn; 12] = [
    col("name", SYSNAME),
    col("object_id", T::Int),
    null("principal_id", T::Int),
    col("schema_id", T::Int),
    col("parent_object_id", T::Int),
    null("type", T::Char(2)),
    null("type_desc", nvarchar(60)),
    col("create_date", T::DateTime),
    col("modify_date", T::DateTime),
    col("is_ms_shipped", T::Bit),
    col("is_published", T::Bit),
    col("is_schema_published", T::Bit),
];

/// The constraint columns followed by more.
pub(super) const fn constraint_and<const N: usize, const M: usize>(
    more: [SystemColumn; M],
) -> [SystemColumn; N] {
    let mut all = [CONSTRAINT_COLUMNS[0]; N];
    let mut i = 0;
    while i < N {
        all[i] = if i < 12 {
            CONSTRAINT_COLUMNS[i]
        } else {
            more[i - 12]
        };
        i += 1;
    }
    all
}

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "columns",
        columns: &COLUMN_COLUMNS,
        rows: columns,
    },
    SystemView {
        schema: "sys",
        name: "all_columns",
        columns: &COLUMN_COLUMNS,
        rows: all_columns,
    },
    SystemView {
        schema: "sys",
        name: "computed_columns",
        columns: &column_and::<30, 3>([
            null("definition", MAX_TEXT),
            col("uses_database_collation", T::Bit),
            col("is_persisted", T::Bit),
        ]),
        rows: computed_columns,
    },
    SystemView {
        schema: "sys",
        name: "identity_columns",
        columns: &column_and::<31, 4>([
            null("seed_value", T::Variant),
            null("increment_value", T::Variant),
            null("last_value", T::Variant),
            null("is_not_for_replication", T::Bit),
        ]),
        rows: identity_columns,
    },
    SystemView {
        schema: "sys",
        name: "masked_columns",
        columns: &column_and::<28, 1>([null("masking_function", nvarchar(4000))]),
        rows: masked_columns,
    },
    SystemView {
        schema: "sys",
        name: "types",
        columns: &TYPE_COLUMNS,
        rows: types,
    },
    SystemView {
        schema: "sys",
        name: "table_types",
        columns: &[
            col("name", SYSNAME),
            col("system_type_id", T::TinyInt),
            col("user_type_id", T::Int),
            col("schema_id", T::Int),
            null("principal_id", T::Int),
            col("is_user_defined", T::Bit),
            col("is_table_type", T::Bit),
            col("type_table_object_id", T::Int),
        ],
        rows: table_types,
    },
    SystemView {
        schema: "sys",
        name: "check_constraints",
        columns: &constraint_and::<19, 7>([
            col("is_disabled", T::Bit),
            col("is_not_for_replication", T::Bit),
            col("is_not_trusted", T::Bit),
            col("parent_column_id", T::Int),
            null("definition", MAX_TEXT),
            null("uses_database_collation", T::Bit),
            col("is_system_named", T::Bit),
        ]),
        rows: check_constraints,
    },
    SystemView {
        schema: "sys",
        name: "default_constraints",
        columns: &constraint_and::<15, 3>([
            col("parent_column_id", T::Int),
            null("definition", MAX_TEXT),
            col("is_system_named", T::Bit),
        ]),
        rows: default_constraints,
    },
];

/// The twelve columns of a constraint's row.
pub(super) fn constraint_row(object: &Object) -> Vec<Value> {
    vec![
        Value::Text(Arc::clone(&object.name)),
        int(object.id.0),
        Value::Null,
        int(object.schema.0),
        int(object.parent.map_or(0, |parent| parent.0)),
        text(object.type_code()),
        text(object.type_description()),
        datetime(object.created),
        datetime(object.modified),
        bit(false),
        bit(false),
        bit(false),
    ]
}

fn column_row(object_id: i32, column: &Column, table: Option<&Table>) -> Vec<Value> {
    let facts = column.data_type.facts();
    let default = table
        .and_then(|table| {
            table.constraints.iter().find(|constraint| {
                matches!(constraint.rule, Rule::Default { column: of, .. } if of == column.id)
            })
        })
        .map_or(0, |constraint| constraint.id.0);
    let (generated, description) = match column.generated {
        None => (0, "NOT_APPLICABLE"),
        Some(tsql::Generated::RowStart) => (1, "AS_ROW_START"),
        Some(tsql::Generated::RowEnd) => (2, "AS_ROW_END"),
    };
    vec![
        int(object_id),
        Value::Text(Arc::clone(&column.name)),
        int(column.id.0),
        tiny(facts.system_type_id),
        int(column.user_type.map_or(facts.user_type_id, |id| id.0)),
        Value::SmallInt(facts.max_length),
        tiny(facts.precision),
        tiny(facts.scale),
        if is_text(&column.data_type) {
            text(column.collation.name())
        } else {
            Value::Null
        },
        bit(column.nullable),
        bit(is_text(&column.data_type)
            || matches!(column.data_type, T::Binary(_) | T::VarBinary(_))),
        bit(column.row_guid),
        bit(column.identity.is_some()),
        bit(column.computed.is_some()),
        bit(false),
        bit(false),
        bit(false),
        int(0),
        int(default),
        int(0),
        bit(column.sparse),
        bit(false),
        tiny(generated),
        text(description),
        Value::Null,
        bit(column.hidden),
        bit(column.masked.is_some()),
    ]
}

/// Text types have a collation.
pub(crate) fn is_text(data_type: &T) -> bool {
    matches!(
        data_type,
        T::Char(_) | T::VarChar(_) | T::NChar(_) | T::NVarChar(_) | T::LegacyText | T::LegacyNText
    )
}

/// The columns of the visible tables and views that pass a test.
fn columns_where(
    context: &ViewContext<'_>,
    mut keep: impl FnMut(&Object, &Column, Vec<Value>) -> Option<Vec<Value>>,
) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for object in context.objects() {
        let table = object.as_table();
        for column in object.columns().unwrap_or_default() {
            rows.extend(keep(object, column, column_row(object.id.0, column, table)));
        }
    }
    rows
}

fn columns(context: &ViewContext<'_>) -> Rows {
    let mut rows = columns_where(context, |_, _, row| Some(row));
    for user_type in context.database().types() {
        if let UserTypeKind::Table(table) = &user_type.kind {
            for column in &table.columns {
                rows.push(column_row(-user_type.id.0, column, Some(table)));
            }
        }
    }
    Ok(rows)
}

fn all_columns(context: &ViewContext<'_>) -> Rows {
    let mut rows = columns(context)?;
    for view in all_views() {
        for (at, column) in view.columns.iter().enumerate() {
            let id = crate::ids::ColumnId(i32::try_from(at + 1).unwrap_or(i32::MAX));
            let column = Column::plain(id, column.name, column.data_type, column.nullable);
            rows.push(column_row(system_object_id(view).0, &column, None));
        }
    }
    Ok(rows)
}

fn computed_columns(context: &ViewContext<'_>) -> Rows {
    Ok(columns_where(context, |object, column, mut row| {
        let computed = column.computed.as_ref()?;
        row.extend([
            context.definition(object, &computed.text),
            bit(false),
            bit(computed.persisted),
        ]);
        Some(row)
    }))
}

fn identity_columns(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(columns_where(context, |object, column, mut row| {
        let identity = column.identity?;
        let variant = |number: i128| {
            Value::Variant(Box::new((
                T::BigInt,
                Value::BigInt(i64::try_from(number).unwrap_or_default()),
            )))
        };
        let last = database
            .data(object.id)
            .and_then(|data| data.identity?.last);
        row.extend([
            variant(identity.seed),
            variant(identity.increment),
            or_null(last, variant),
            bit(false),
        ]);
        Some(row)
    }))
}

fn masked_columns(context: &ViewContext<'_>) -> Rows {
    Ok(columns_where(context, |_, column, mut row| {
        row.push(text(&column.masked.as_ref()?.to_string()));
        Some(row)
    }))
}

fn types(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    let collation = database.options().collation;
    let mut rows: Vec<Vec<Value>> = SYSTEM_TYPES
        .iter()
        .map(|facts| {
            let is_text = matches!(
                facts.name,
                "text" | "varchar" | "char" | "sysname" | "nvarchar" | "nchar" | "ntext"
            );
            vec![
                text(facts.name),
                tiny(facts.system_type_id),
                int(facts.user_type_id),
                int(crate::ids::SchemaId::SYS.0),
                Value::Null,
                Value::SmallInt(facts.max_length),
                tiny(facts.precision),
                tiny(facts.scale),
                if is_text {
                    text(collation.name())
                } else {
                    Value::Null
                },
                bit(!matches!(facts.name, "sysname" | "timestamp")),
                bit(false),
                bit(false),
                int(0),
                int(0),
                bit(false),
            ]
        })
        .collect();
    for user_type in database.types() {
        let (data_type, nullable, is_table) = match &user_type.kind {
            UserTypeKind::Alias { base, nullable } => (*base, *nullable, false),
            UserTypeKind::Table(_) => (T::VarBinary(Length::Max), false, true),
        };
        let facts = data_type.facts();
        rows.push(vec![
            Value::Text(Arc::clone(&user_type.name)),
            // 243 is what the server calls a table.
            tiny(if is_table { 243 } else { facts.system_type_id }),
            int(user_type.id.0),
            int(user_type.schema.0),
            or_null(user_type.owner, |owner| int(owner.0)),
            Value::SmallInt(facts.max_length),
            tiny(facts.precision),
            tiny(facts.scale),
            if is_text(&data_type) {
                text(collation.name())
            } else {
                Value::Null
            },
            bit(nullable),
            bit(true),
            bit(false),
            int(0),
            int(0),
            bit(is_table),
        ]);
    }
    Ok(rows)
}

fn table_types(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .database()
        .types()
        .filter(|user_type| matches!(user_type.kind, UserTypeKind::Table(_)))
        .map(|user_type| {
            vec![
                Value::Text(Arc::clone(&user_type.name)),
                tiny(243),
                int(user_type.id.0),
                int(user_type.schema.0),
                or_null(user_type.owner, |owner| int(owner.0)),
                bit(true),
                bit(true),
                int(-user_type.id.0),
            ]
        })
        .collect())
}

/// The visible constraints of a class with their definitions.
pub(super) fn constraints<'a>(
    context: &ViewContext<'a>,
    class: ConstraintClass,
) -> impl Iterator<Item = (&'a Object, &'a crate::table::Constraint, &'a Table)> {
    let database = context.database();
    context.objects().filter_map(move |object| {
        if object.kind != ObjectKind::Constraint(class) {
            return None;
        }
        let table = database.table(object.parent?)?;
        Some((&**object, table.constraint(object.id)?, table))
    })
}

fn check_constraints(context: &ViewContext<'_>) -> Rows {
    Ok(constraints(context, ConstraintClass::Check)
        .filter_map(|(object, constraint, _)| {
            let Rule::Check {
                column,
                text: source,
                ..
            } = &constraint.rule
            else {
                return None;
            };
            let mut row = constraint_row(object);
            row.extend([
                bit(constraint.disabled),
                bit(false),
                bit(constraint.not_trusted),
                int(column.map_or(0, |column| column.0)),
                context.definition(object, source),
                bit(false),
                bit(constraint.system_named),
            ]);
            Some(row)
        })
        .collect())
}

fn default_constraints(context: &ViewContext<'_>) -> Rows {
    Ok(constraints(context, ConstraintClass::Default)
        .filter_map(|(object, constraint, _)| {
            let Rule::Default {
                column,
                text: source,
                ..
            } = &constraint.rule
            else {
                return None;
            };
            let mut row = constraint_row(object);
            row.extend([
                int(column.0),
                context.definition(object, source),
                bit(constraint.system_named),
            ]);
            Some(row)
        })
        .collect())
}
