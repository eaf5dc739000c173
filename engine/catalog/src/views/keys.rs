//! Indexes, keys, foreign keys, and how many rows stand behind them.

use std::sync::Arc;

use tsql::ReferentialAction;
use values::{SqlError, SqlType as T, Value};

use super::columns::{constraint_and, constraint_row, constraints};
use super::{
    MAX_TEXT, SYSNAME, SystemView, ViewContext, bit, col, int, null, nvarchar, or_null, text, tiny,
};
use crate::errors::Errors;
use crate::object::ConstraintClass;
use crate::permission::{Permission, Securable};
use crate::table::Rule;

type Rows = Result<Vec<Vec<Value>>, Errors>;

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "indexes",
        columns: &[
            col("object_id", T::Int),
            null("name", SYSNAME),
            col("index_id", T::Int),
            col("type", T::TinyInt),
            null("type_desc", nvarchar(60)),
            null("is_unique", T::Bit),
            col("data_space_id", T::Int),
            null("ignore_dup_key", T::Bit),
            null("is_primary_key", T::Bit),
            null("is_unique_constraint", T::Bit),
            col("fill_factor", T::TinyInt),
            null("is_padded", T::Bit),
            null("is_disabled", T::Bit),
            null("is_hypothetical", T::Bit),
            null("allow_row_locks", T::Bit),
            null("allow_page_locks", T::Bit),
            null("has_filter", T::Bit),
            null("filter_definition", MAX_TEXT),
        ],
        rows: indexes,
    },
    SystemView {
        schema: "sys",
        name: "index_columns",
        columns: &[
            col("object_id", T::Int),
            col("index_id", T::Int),
            col("index_column_id", T::Int),
            col("column_id", T::Int),
            col("key_ordinal", T::TinyInt),
            col("partition_ordinal", T::TinyInt),
            null("is_descending_key", T::Bit),
            null("is_included_column", T::Bit),
        ],
        rows: index_columns,
    },
    SystemView {
        schema: "sys",
        name: "key_constraints",
        columns: &constraint_and::<15, 3>([
            null("unique_index_id", T::Int),
            col("is_system_named", T::Bit),
            col("is_enforced", T::Bit),
        ]),
        rows: key_constraints,
    },
    SystemView {
        schema: "sys",
        name: "foreign_keys",
        columns: &constraint_and::<22, 10>([
            null("referenced_object_id", T::Int),
            null("key_index_id", T::Int),
            col("is_disabled", T::Bit),
            col("is_not_for_replication", T::Bit),
            col("is_not_trusted", T::Bit),
            null("delete_referential_action", T::TinyInt),
            null("delete_referential_action_desc", nvarchar(60)),
            null("update_referential_action", T::TinyInt),
            null("update_referential_action_desc", nvarchar(60)),
            col("is_system_named", T::Bit),
        ]),
        rows: foreign_keys,
    },
    SystemView {
        schema: "sys",
        name: "foreign_key_columns",
        columns: &[
            col("constraint_object_id", T::Int),
            col("constraint_column_id", T::Int),
            col("parent_object_id", T::Int),
            col("parent_column_id", T::Int),
            col("referenced_object_id", T::Int),
            col("referenced_column_id", T::Int),
        ],
        rows: foreign_key_columns,
    },
    SystemView {
        schema: "sys",
        name: "partitions",
        columns: &[
            col("partition_id", T::BigInt),
            col("object_id", T::Int),
            col("index_id", T::Int),
            col("partition_number", T::Int),
            col("hobt_id", T::BigInt),
            null("rows", T::BigInt),
            col("filestream_filegroup_id", T::SmallInt),
            col("data_compression", T::TinyInt),
            null("data_compression_desc", nvarchar(60)),
        ],
        rows: partitions,
    },
    SystemView {
        schema: "sys",
        name: "dm_db_partition_stats",
        columns: &[
            col("partition_id", T::BigInt),
            col("object_id", T::Int),
            col("index_id", T::Int),
            col("partition_number", T::Int),
            col("row_count", T::BigInt),
        ],
        rows: partition_stats,
    },
];

fn indexes(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(table) = object.as_table() else {
            continue;
        };
        let heap = !table.indexes.iter().any(|index| index.clustered);
        if heap {
            let mut row = vec![int(object.id.0), Value::Null, int(0), tiny(0), text("HEAP")];
            row.extend([
                bit(false),
                int(1),
                bit(false),
                bit(false),
                bit(false),
                tiny(0),
            ]);
            row.extend([
                bit(false),
                bit(false),
                bit(false),
                bit(true),
                bit(true),
                bit(false),
            ]);
            row.push(Value::Null);
            rows.push(row);
        }
        let mut sorted: Vec<_> = table.indexes.iter().collect();
        sorted.sort_by_key(|index| index.id);
        for index in sorted {
            let rule = index
                .constraint
                .and_then(|id| table.constraint(id))
                .map(|constraint| &constraint.rule);
            rows.push(vec![
                int(object.id.0),
                Value::Text(Arc::clone(&index.name)),
                int(index.id.0),
                tiny(if index.clustered { 1 } else { 2 }),
                text(if index.clustered {
                    "CLUSTERED"
                } else {
                    "NONCLUSTERED"
                }),
                bit(index.unique),
                int(1),
                bit(index.ignores_duplicates),
                bit(matches!(rule, Some(Rule::PrimaryKey(_)))),
                bit(matches!(rule, Some(Rule::Unique(_)))),
                tiny(0),
                bit(false),
                bit(index.disabled),
                bit(false),
                bit(true),
                bit(true),
                bit(index.filter.is_some()),
                or_null(index.filter.as_ref(), |(_, source)| {
                    Value::Text(Arc::clone(source))
                }),
            ]);
        }
    }
    Ok(rows)
}

fn index_columns(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(table) = object.as_table() else {
            continue;
        };
        for index in &table.indexes {
            let key = index
                .key
                .iter()
                .map(|(id, descending)| (*id, *descending, false));
            let included = index.include.iter().map(|id| (*id, false, true));
            for (at, (column, descending, included)) in key.chain(included).enumerate() {
                let ordinal = i32::try_from(at + 1).unwrap_or(i32::MAX);
                let key_ordinal = if included {
                    0
                } else {
                    u8::try_from(at + 1).unwrap_or(0)
                };
                rows.push(vec![
                    int(object.id.0),
                    int(index.id.0),
                    int(ordinal),
                    int(column.0),
                    tiny(key_ordinal),
                    tiny(0),
                    bit(descending),
                    bit(included),
                ]);
            }
        }
    }
    Ok(rows)
}

fn key_constraints(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for class in [ConstraintClass::PrimaryKey, ConstraintClass::Unique] {
        for (object, constraint, _) in constraints(context, class) {
            let (Rule::PrimaryKey(index) | Rule::Unique(index)) = constraint.rule else {
                continue;
            };
            let mut row = constraint_row(object);
            row.extend([int(index.0), bit(constraint.system_named), bit(true)]);
            rows.push(row);
        }
    }
    Ok(rows)
}

fn action(action: ReferentialAction) -> (u8, &'static str) {
    match action {
        ReferentialAction::NoAction => (0, "NO_ACTION"),
        ReferentialAction::Cascade => (1, "CASCADE"),
        ReferentialAction::SetNull => (2, "SET_NULL"),
        ReferentialAction::SetDefault => (3, "SET_DEFAULT"),
    }
}

fn foreign_keys(context: &ViewContext<'_>) -> Rows {
    Ok(constraints(context, ConstraintClass::ForeignKey)
        .filter_map(|(object, constraint, _)| {
            let Rule::ForeignKey(key) = &constraint.rule else {
                return None;
            };
            let (on_delete, delete_description) = action(key.on_delete);
            let (on_update, update_description) = action(key.on_update);
            let mut row = constraint_row(object);
            row.extend([
                int(key.table.0),
                int(key.index.0),
                bit(constraint.disabled),
                bit(false),
                bit(constraint.not_trusted),
                tiny(on_delete),
                text(delete_description),
                tiny(on_update),
                text(update_description),
                bit(constraint.system_named),
            ]);
            Some(row)
        })
        .collect())
}

fn foreign_key_columns(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for (object, constraint, _) in constraints(context, ConstraintClass::ForeignKey) {
        let Rule::ForeignKey(key) = &constraint.rule else {
            continue;
        };
        for (at, (column, referenced)) in key.columns.iter().zip(&key.referenced).enumerate() {
            rows.push(vec![
                int(object.id.0),
                int(i32::try_from(at + 1).unwrap_or(i32::MAX)),
                int(object.parent.map_or(0, |parent| parent.0)),
                int(column.0),
                int(key.table.0),
                int(referenced.0),
            ]);
        }
    }
    Ok(rows)
}

/// Every index of every visible table with its number of rows; a heap is index 0.
fn counted(context: &ViewContext<'_>) -> Vec<(i32, i32, i64)> {
    let database = context.database();
    let mut counted = Vec::new();
    for object in context.objects() {
        let Some(table) = object.as_table() else {
            continue;
        };
        let rows = database.data(object.id).map_or(0, |data| data.len());
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        if !table.indexes.iter().any(|index| index.clustered) {
            counted.push((object.id.0, 0, rows));
        }
        counted.extend(
            table
                .indexes
                .iter()
                .map(|index| (object.id.0, index.id.0, rows)),
        );
    }
    counted
}

fn partition_id(object: i32, index: i32) -> i64 {
    72_057_594_037_927_936 + i64::from(object) * 64 + i64::from(index)
}

fn partitions(context: &ViewContext<'_>) -> Rows {
    // Row counts are public with the table's row: row-level security does not hide them.
    Ok(counted(context)
        .into_iter()
        .map(|(object, index, rows)| {
            let id = partition_id(object, index);
            vec![
                Value::BigInt(id),
                int(object),
                int(index),
                int(1),
                Value::BigInt(id),
                Value::BigInt(rows),
                Value::SmallInt(0),
                tiny(0),
                text("NONE"),
            ]
        })
        .collect())
}

fn partition_stats(context: &ViewContext<'_>) -> Rows {
    let permission = Permission::VIEW_DATABASE_PERFORMANCE_STATE;
    if !context
        .instance
        .has_permission(context.token, Securable::Database, permission)
    {
        return Err(Errors::from(context.instance.database_denied(
            context.token.database,
            permission,
            1,
        ))
        .then(SqlError::new(
            297,
            16,
            1,
            "The user does not have permission to perform this action.",
        )));
    }
    Ok(counted(context)
        .into_iter()
        .map(|(object, index, rows)| {
            vec![
                Value::BigInt(partition_id(object, index)),
                int(object),
                int(index),
                int(1),
                Value::BigInt(rows),
            ]
        })
        .collect())
}
