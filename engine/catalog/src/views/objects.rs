//! `sys.objects` and its kin: tables, views, procedures, triggers, synonyms, sequences, modules.

use std::sync::Arc;

use tsql::{ModuleBody, TriggerEvent};
use values::{SqlType as T, Value};

use super::{
    MAX_TEXT, SYSNAME, SystemColumn, SystemView, ViewContext, all_views, bit, col, datetime, int,
    null, nvarchar, or_null, system_object_id, text, tiny,
};
use crate::errors::Errors;
use crate::ids::SchemaId;
use crate::names::display;
use crate::object::{BlockOperation, FiringOrder, ModuleExecuteAs, Object, ObjectKind};
use crate::permission::Securable;
use crate::table::Temporal;

type Rows = Result<Vec<Vec<Value>>, Errors>;

const OBJECT_COLUMNS: [SystemColumn; 12] = [
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

/// The object columns followed by more.
const fn with<const N: usize, const M: usize>(more: [SystemColumn; M]) -> [SystemColumn; N] {
    let mut all = [OBJECT_COLUMNS[0]; N];
    let mut i = 0;
    while i < N {
        all[i] = if i < 12 {
            OBJECT_COLUMNS[i]
        } else {
            more[i - 12]
        };
        i += 1;
    }
    all
}

const TABLE_COLUMNS: [SystemColumn; 35] = with([
    col("lob_data_space_id", T::Int),
    null("filestream_data_space_id", T::Int),
    col("max_column_id_used", T::Int),
    col("lock_on_bulk_load", T::Bit),
    null("uses_ansi_nulls", T::Bit),
    null("is_replicated", T::Bit),
    null("is_tracked_by_cdc", T::Bit),
    null("lock_escalation", T::TinyInt),
    null("lock_escalation_desc", nvarchar(60)),
    col("is_filetable", T::Bit),
    null("is_memory_optimized", T::Bit),
    null("durability", T::TinyInt),
    null("durability_desc", nvarchar(60)),
    null("temporal_type", T::TinyInt),
    null("temporal_type_desc", nvarchar(60)),
    null("history_table_id", T::Int),
    col("is_external", T::Bit),
    col("is_node", T::Bit),
    col("is_edge", T::Bit),
    null("history_retention_period", T::Int),
    null("history_retention_period_unit", T::Int),
    null("history_retention_period_unit_desc", nvarchar(10)),
    null("ledger_type", T::TinyInt),
]);

const VIEW_COLUMNS: [SystemColumn; 15] = with([
    null("has_opaque_metadata", T::Bit),
    col("with_check_option", T::Bit),
    col("is_date_correlation_view", T::Bit),
]);

const PROCEDURE_COLUMNS: [SystemColumn; 14] = with([
    col("is_auto_executed", T::Bit),
    null("is_execution_replicated", T::Bit),
]);

const SYNONYM_COLUMNS: [SystemColumn; 13] = with([null("base_object_name", nvarchar(1035))]);

const SEQUENCE_COLUMNS: [SystemColumn; 24] = with([
    col("start_value", T::Variant),
    col("increment", T::Variant),
    col("minimum_value", T::Variant),
    col("maximum_value", T::Variant),
    null("is_cycling", T::Bit),
    null("is_cached", T::Bit),
    null("cache_size", T::Int),
    col("system_type_id", T::TinyInt),
    col("user_type_id", T::Int),
    col("current_value", T::Variant),
    col("is_exhausted", T::Bit),
    null("last_used_value", T::Variant),
]);

pub(super) const VIEWS: &[SystemView] = &[
    SystemView {
        schema: "sys",
        name: "objects",
        columns: &OBJECT_COLUMNS,
        rows: objects,
    },
    SystemView {
        schema: "sys",
        name: "all_objects",
        columns: &OBJECT_COLUMNS,
        rows: all_objects,
    },
    SystemView {
        schema: "sys",
        name: "system_objects",
        columns: &OBJECT_COLUMNS,
        rows: system_objects,
    },
    SystemView {
        schema: "sys",
        name: "tables",
        columns: &TABLE_COLUMNS,
        rows: tables,
    },
    SystemView {
        schema: "sys",
        name: "views",
        columns: &VIEW_COLUMNS,
        rows: views,
    },
    SystemView {
        schema: "sys",
        name: "all_views",
        columns: &VIEW_COLUMNS,
        rows: all_view_rows,
    },
    SystemView {
        schema: "sys",
        name: "procedures",
        columns: &PROCEDURE_COLUMNS,
        rows: procedures,
    },
    SystemView {
        schema: "sys",
        name: "synonyms",
        columns: &SYNONYM_COLUMNS,
        rows: synonyms,
    },
    SystemView {
        schema: "sys",
        name: "sequences",
        columns: &SEQUENCE_COLUMNS,
        rows: sequences,
    },
    SystemView {
        schema: "sys",
        name: "sql_modules",
        columns: &[
            col("object_id", T::Int),
            null("definition", MAX_TEXT),
            null("uses_ansi_nulls", T::Bit),
            null("uses_quoted_identifier", T::Bit),
            null("is_schema_bound", T::Bit),
            null("uses_database_collation", T::Bit),
            null("is_recompiled", T::Bit),
            null("null_on_null_input", T::Bit),
            null("execute_as_principal_id", T::Int),
            null("uses_native_compilation", T::Bit),
        ],
        rows: sql_modules,
    },
    SystemView {
        schema: "sys",
        name: "triggers",
        columns: &[
            col("name", SYSNAME),
            col("object_id", T::Int),
            col("parent_class", T::TinyInt),
            null("parent_class_desc", nvarchar(60)),
            col("parent_id", T::Int),
            col("type", T::Char(2)),
            null("type_desc", nvarchar(60)),
            col("create_date", T::DateTime),
            col("modify_date", T::DateTime),
            col("is_ms_shipped", T::Bit),
            col("is_disabled", T::Bit),
            col("is_not_for_replication", T::Bit),
            col("is_instead_of_trigger", T::Bit),
        ],
        rows: triggers,
    },
    SystemView {
        schema: "sys",
        name: "trigger_events",
        columns: &[
            col("object_id", T::Int),
            col("type", T::Int),
            col("type_desc", nvarchar(60)),
            null("is_first", T::Bit),
            null("is_last", T::Bit),
            null("event_group_type", T::Int),
            null("event_group_type_desc", nvarchar(60)),
            null("is_trigger_event", T::Bit),
        ],
        rows: trigger_events,
    },
    SystemView {
        schema: "sys",
        name: "parameters",
        columns: &[
            col("object_id", T::Int),
            null("name", SYSNAME),
            col("parameter_id", T::Int),
            col("system_type_id", T::TinyInt),
            col("user_type_id", T::Int),
            col("max_length", T::SmallInt),
            col("precision", T::TinyInt),
            col("scale", T::TinyInt),
            col("is_output", T::Bit),
            col("is_cursor_ref", T::Bit),
            col("has_default_value", T::Bit),
            col("is_xml_document", T::Bit),
            null("default_value", T::Variant),
            col("is_readonly", T::Bit),
            null("is_nullable", T::Bit),
        ],
        rows: parameters,
    },
    SystemView {
        schema: "sys",
        name: "security_policies",
        columns: &with::<15, 3>([
            col("is_enabled", T::Bit),
            col("is_not_for_replication", T::Bit),
            col("is_schema_bound", T::Bit),
        ]),
        rows: security_policies,
    },
    SystemView {
        schema: "sys",
        name: "security_predicates",
        columns: &[
            col("object_id", T::Int),
            col("security_predicate_id", T::Int),
            col("target_object_id", T::Int),
            col("predicate_definition", MAX_TEXT),
            null("predicate_type", T::Int),
            null("predicate_type_desc", nvarchar(60)),
            null("operation", T::Int),
            null("operation_desc", nvarchar(60)),
        ],
        rows: security_predicates,
    },
    SystemView {
        schema: "sys",
        name: "schemas",
        columns: &[
            col("name", SYSNAME),
            col("schema_id", T::Int),
            null("principal_id", T::Int),
        ],
        rows: schemas,
    },
    SystemView {
        schema: "sys",
        name: "periods",
        columns: &[
            col("name", SYSNAME),
            col("period_type", T::TinyInt),
            null("period_type_desc", nvarchar(60)),
            col("object_id", T::Int),
            col("start_column_id", T::Int),
            col("end_column_id", T::Int),
        ],
        rows: periods,
    },
    SystemView {
        schema: "sys",
        name: "extended_properties",
        columns: &[
            col("class", T::TinyInt),
            null("class_desc", nvarchar(60)),
            col("major_id", T::Int),
            col("minor_id", T::Int),
            col("name", SYSNAME),
            null("value", T::Variant),
        ],
        rows: |_| Ok(Vec::new()),
    },
    SystemView {
        schema: "sys",
        name: "sql_expression_dependencies",
        columns: &[
            col("referencing_id", T::Int),
            null("referenced_id", T::Int),
            null("referenced_schema_name", SYSNAME),
            null("referenced_entity_name", SYSNAME),
            col("is_schema_bound_reference", T::Bit),
        ],
        rows: dependencies,
    },
];

fn row(object: &Object) -> Vec<Value> {
    vec![
        Value::Text(Arc::clone(&object.name)),
        int(object.id.0),
        or_null(object.owner, |owner| int(owner.0)),
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

fn system_row(view: &SystemView, now: i64) -> Vec<Value> {
    let schema = if view.schema == "sys" {
        SchemaId::SYS
    } else {
        SchemaId::INFORMATION_SCHEMA
    };
    vec![
        text(view.name),
        int(system_object_id(view).0),
        Value::Null,
        int(schema.0),
        int(0),
        text("V "),
        text("VIEW"),
        datetime(now),
        datetime(now),
        bit(true),
        bit(false),
        bit(false),
    ]
}

fn objects(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter(|object| object.schema != SchemaId::NONE)
        .map(|object| row(object))
        .collect())
}

fn system_objects(context: &ViewContext<'_>) -> Rows {
    let created = context.database().created;
    Ok(all_views().map(|view| system_row(view, created)).collect())
}

fn all_objects(context: &ViewContext<'_>) -> Rows {
    let mut rows = objects(context)?;
    rows.extend(system_objects(context)?);
    Ok(rows)
}

fn tables(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let table = object.as_table()?;
            let (temporal, description, history) = match &table.temporal {
                Temporal::None => (0, "NON_TEMPORAL_TABLE", None),
                Temporal::History { .. } => (1, "HISTORY_TABLE", None),
                Temporal::Versioned { history, .. } => {
                    (2, "SYSTEM_VERSIONED_TEMPORAL_TABLE", Some(*history))
                }
            };
            // -1 is INFINITE; a table without versions has no retention.
            let retention = match &table.temporal {
                Temporal::Versioned {
                    retention: Some(retention),
                    ..
                } => {
                    let (unit, name) = retention.unit.code();
                    [int(retention.count), int(unit), text(name)]
                }
                Temporal::Versioned {
                    retention: None, ..
                } => [int(-1), int(-1), text("INFINITE")],
                Temporal::None | Temporal::History { .. } => {
                    [Value::Null, Value::Null, Value::Null]
                }
            };
            let mut row = row(object);
            row.extend([
                int(0),
                Value::Null,
                int(table.next_column - 1),
                bit(false),
                bit(true),
                bit(false),
                bit(false),
                tiny(0),
                text("TABLE"),
                bit(false),
                bit(false),
                tiny(0),
                text("SCHEMA_AND_DATA"),
                tiny(temporal),
                text(description),
                or_null(history, |history| int(history.0)),
                bit(false),
                bit(false),
                bit(false),
            ]);
            row.extend(retention);
            row.push(tiny(0));
            Some(row)
        })
        .collect())
}

fn views(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let ModuleBody::View { check_option, .. } = &object.as_module()?.definition.body else {
                return None;
            };
            let mut row = row(object);
            row.extend([bit(false), bit(*check_option), bit(false)]);
            Some(row)
        })
        .collect())
}

fn all_view_rows(context: &ViewContext<'_>) -> Rows {
    let mut rows = views(context)?;
    for mut row in system_objects(context)? {
        row.extend([bit(false), bit(false), bit(false)]);
        rows.push(row);
    }
    Ok(rows)
}

fn procedures(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter(|object| object.type_code() == "P ")
        .map(|object| {
            let mut row = row(object);
            row.extend([bit(false), bit(false)]);
            row
        })
        .collect())
}

fn synonyms(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let ObjectKind::Synonym(base) = &object.kind else {
                return None;
            };
            let parts: Vec<String> = base
                .0
                .iter()
                .map(|part| format!("[{}]", part.replace(']', "]]")))
                .collect();
            let mut row = row(object);
            row.push(text(&parts.join(".")));
            Some(row)
        })
        .collect())
}

fn sequences(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    Ok(context
        .objects()
        .filter_map(|object| {
            let sequence = object.as_sequence()?;
            let variant = |number: i128| sequence_value(number, &sequence.data_type);
            let facts = sequence.data_type.facts();
            let last = database.sequence_value(object.id);
            let at_end = last.is_some_and(|last| {
                !(sequence.minimum..=sequence.maximum)
                    .contains(&last.saturating_add(sequence.increment))
            });
            let mut row = row(object);
            row.extend([
                variant(sequence.start),
                variant(sequence.increment),
                variant(sequence.minimum),
                variant(sequence.maximum),
                bit(sequence.cycle),
                bit(true),
                or_null(sequence.cache, |cache| {
                    int(i32::try_from(cache).unwrap_or(i32::MAX))
                }),
                tiny(facts.system_type_id),
                int(facts.user_type_id),
                variant(last.unwrap_or(sequence.start)),
                bit(at_end && !sequence.cycle),
                or_null(last, variant),
            ]);
            Some(row)
        })
        .collect())
}

/// A number of a sequence as sql_variant of the sequence's type.
fn sequence_value(number: i128, data_type: &T) -> Value {
    let value = match data_type {
        T::TinyInt => Value::TinyInt(u8::try_from(number).unwrap_or_default()),
        T::SmallInt => Value::SmallInt(i16::try_from(number).unwrap_or_default()),
        T::Int => Value::Int(i32::try_from(number).unwrap_or_default()),
        T::BigInt => Value::BigInt(i64::try_from(number).unwrap_or_default()),
        _ => Value::Decimal {
            unscaled: number,
            scale: 0,
        },
    };
    Value::Variant(Box::new((*data_type, value)))
}

fn sql_modules(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let module = object.as_module()?;
            let has = |option: &str| module.definition.options.iter().any(|it| it == option);
            let readable =
                context.instance.may_view_definition(context.token, object) && !has("ENCRYPTION");
            let definition = if readable {
                Value::Text(Arc::clone(&module.definition.text))
            } else {
                Value::Null
            };
            let execute_as = match module.execute_as {
                ModuleExecuteAs::Caller => Value::Null,
                ModuleExecuteAs::Owner => int(-2),
                ModuleExecuteAs::User(user) => int(user.0),
            };
            Some(vec![
                int(object.id.0),
                definition,
                bit(true),
                bit(true),
                bit(has("SCHEMABINDING")),
                bit(false),
                bit(has("RECOMPILE")),
                bit(has("RETURNS NULL ON NULL INPUT")),
                execute_as,
                bit(false),
            ])
        })
        .collect())
}

fn triggers(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let module = object.as_module()?;
            let (class, description, instead_of) = match &module.definition.body {
                ModuleBody::Trigger { instead_of, .. } => (1, "OBJECT_OR_COLUMN", *instead_of),
                ModuleBody::DdlTrigger { .. } => (0, "DATABASE", false),
                _ => return None,
            };
            Some(vec![
                Value::Text(Arc::clone(&object.name)),
                int(object.id.0),
                tiny(class),
                text(description),
                int(object.parent.map_or(0, |parent| parent.0)),
                text("TR"),
                text("SQL_TRIGGER"),
                datetime(object.created),
                datetime(object.modified),
                bit(false),
                bit(module.disabled),
                bit(false),
                bit(instead_of),
            ])
        })
        .collect())
}

fn trigger_events(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(module) = object.as_module() else {
            continue;
        };
        let ModuleBody::Trigger { events, .. } = &module.definition.body else {
            continue;
        };
        for event in events {
            let order = module.firing_order.get(event);
            let (number, name) = match event {
                TriggerEvent::Insert => (1, "INSERT"),
                TriggerEvent::Update => (2, "UPDATE"),
                TriggerEvent::Delete => (3, "DELETE"),
            };
            rows.push(vec![
                int(object.id.0),
                int(number),
                text(name),
                bit(order == Some(&FiringOrder::First)),
                bit(order == Some(&FiringOrder::Last)),
                Value::Null,
                Value::Null,
                bit(true),
            ]);
        }
    }
    Ok(rows)
}

fn parameters(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let Some(module) = object.as_module() else {
            continue;
        };
        let mut push =
            |name: &str, id: i32, data_type: &T, user_type: Option<i32>, flags: [bool; 3]| {
                let facts = data_type.facts();
                rows.push(vec![
                    int(object.id.0),
                    text(name),
                    int(id),
                    tiny(facts.system_type_id),
                    int(user_type.unwrap_or(facts.user_type_id)),
                    Value::SmallInt(facts.max_length),
                    tiny(facts.precision),
                    tiny(facts.scale),
                    bit(flags[0]),
                    bit(false),
                    bit(flags[1]),
                    bit(false),
                    Value::Null,
                    bit(flags[2]),
                    bit(true),
                ]);
            };
        if let Some(returns) = &module.returns {
            push("", 0, returns, None, [true, false, false]);
        }
        for (at, parameter) in module.parameters.iter().enumerate() {
            push(
                &parameter.name,
                i32::try_from(at + 1).unwrap_or(i32::MAX),
                &parameter.data_type,
                parameter.user_type.map(|id| id.0),
                [parameter.output, false, parameter.read_only],
            );
        }
    }
    Ok(rows)
}

fn security_policies(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let ObjectKind::SecurityPolicy(policy) = &object.kind else {
                return None;
            };
            let mut row = row(object);
            row.extend([
                bit(policy.enabled),
                bit(policy.not_for_replication),
                bit(policy.schema_binding),
            ]);
            Some(row)
        })
        .collect())
}

fn security_predicates(context: &ViewContext<'_>) -> Rows {
    let mut rows = Vec::new();
    for object in context.objects() {
        let ObjectKind::SecurityPolicy(policy) = &object.kind else {
            continue;
        };
        for predicate in &policy.predicates {
            let arguments: Vec<String> =
                predicate.arguments.iter().map(canonical_argument).collect();
            let name: Vec<String> = predicate
                .function
                .0
                .iter()
                .map(|part| format!("[{part}]"))
                .collect();
            let operation = predicate.operation.and_then(|operation| {
                let place = BlockOperation::ALL.iter().position(|it| *it == operation)?;
                Some((i32::try_from(place + 1).unwrap_or(0), operation.words()))
            });
            rows.push(vec![
                int(object.id.0),
                int(predicate.id),
                int(predicate.table.0),
                text(&format!("({}({}))", name.join("."), arguments.join(","))),
                int(i32::from(predicate.block)),
                text(if predicate.block { "BLOCK" } else { "FILTER" }),
                or_null(operation, |(number, _)| int(number)),
                or_null(operation, |(_, name)| text(name)),
            ]);
        }
    }
    Ok(rows)
}

/// A column in brackets; other expressions as they were written.
fn canonical_argument(argument: &tsql::sql::Expr) -> String {
    match argument {
        tsql::sql::Expr::Identifier(name) => format!("[{}]", name.value),
        other => other.to_string(),
    }
}

fn schemas(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .database()
        .schemas()
        .map(|schema| {
            vec![
                Value::Text(Arc::clone(&schema.name)),
                int(schema.id.0),
                int(schema.owner.0),
            ]
        })
        .collect())
}

fn periods(context: &ViewContext<'_>) -> Rows {
    Ok(context
        .objects()
        .filter_map(|object| {
            let (start, end) = object.as_table()?.period?;
            Some(vec![
                text("SYSTEM_TIME"),
                tiny(1),
                text("SYSTEM_TIME_PERIOD"),
                int(object.id.0),
                int(start.0),
                int(end.0),
            ])
        })
        .collect())
}

/// Schema-bound references and synonyms; names in procedure bodies are not resolved ahead.
fn dependencies(context: &ViewContext<'_>) -> Rows {
    let database = context.database();
    let mut rows = Vec::new();
    for object in context.objects() {
        match &object.kind {
            ObjectKind::Module(module) => {
                for id in &module.schema_bound_to {
                    let Some(referenced) = database.object(*id) else {
                        continue;
                    };
                    rows.push(vec![
                        int(object.id.0),
                        int(id.0),
                        text(database.schema_name(referenced.schema)),
                        Value::Text(Arc::clone(&referenced.name)),
                        bit(true),
                    ]);
                }
            }
            ObjectKind::SecurityPolicy(policy) if policy.schema_binding => {
                for predicate in &policy.predicates {
                    for id in [predicate.table, predicate.function_id] {
                        let Some(referenced) = database.object(id) else {
                            continue;
                        };
                        rows.push(vec![
                            int(object.id.0),
                            int(id.0),
                            text(database.schema_name(referenced.schema)),
                            Value::Text(Arc::clone(&referenced.name)),
                            bit(true),
                        ]);
                    }
                }
            }
            ObjectKind::Synonym(base) => rows.push(vec![
                int(object.id.0),
                Value::Null,
                Value::Null,
                text(&display(base)),
                bit(false),
            ]),
            _ => {}
        }
    }
    let may = context.instance.has_permission(
        context.token,
        Securable::Database,
        crate::permission::Permission::VIEW_DEFINITION,
    );
    Ok(if may { rows } else { Vec::new() })
}
