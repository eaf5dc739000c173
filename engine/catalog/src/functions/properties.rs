//! OBJECTPROPERTY, COLUMNPROPERTY, INDEXPROPERTY, DATABASEPROPERTYEX, SERVERPROPERTY.

use std::sync::Arc;

use tsql::{ModuleBody, TriggerEvent};
use values::{SqlError, SqlType as T, Value};

use super::{
    MetadataFunction, argument_text, function, numbered_object, or_null, unquoted, variant_int,
    variant_text,
};
use crate::ids::same_name;
use crate::object::{ConstraintClass, Object, ObjectKind};
use crate::table::{Rule, Temporal};
use crate::views::ViewContext;

pub(super) const FUNCTIONS: &[MetadataFunction] = &[
    function("OBJECTPROPERTY", 2, 2, T::Int, |context, arguments| {
        or_null(object_property(context, arguments), Value::Int)
    }),
    function("OBJECTPROPERTYEX", 2, 2, T::Variant, object_property_ex),
    function("COLUMNPROPERTY", 3, 3, T::Int, column_property),
    function("INDEXPROPERTY", 3, 3, T::Int, index_property),
    function("DATABASEPROPERTYEX", 2, 2, T::Variant, database_property),
    function("SERVERPROPERTY", 1, 1, T::Variant, server_property),
];

fn object_property(context: &ViewContext<'_>, arguments: &[Value]) -> Option<i32> {
    let (token, object) = numbered_object(context, &arguments[..1])?;
    let property = argument_text(arguments.get(1))?.to_lowercase();
    let database = context.instance.entered(token.database);
    let code = object.type_code();
    let table = object.as_table();
    let of_table =
        |flag: &dyn Fn(&crate::table::Table) -> bool| table.map(|table| i32::from(flag(table)));
    let is = |flag: bool| Some(i32::from(flag));
    let constraint = match object.kind {
        ObjectKind::Constraint(class) => Some(class),
        _ => None,
    };
    let own_rule = || {
        let table = database.table(object.parent?)?;
        table.constraint(object.id).cloned()
    };
    match property.as_str() {
        "istable" | "isusertable" => is(table.is_some()),
        "issystemtable" | "ismsshipped" | "isqueue" | "isreplprocedure" | "isextendedproc" => {
            is(false)
        }
        "isview" => is(code == "V "),
        "isprocedure" => is(code == "P "),
        "istrigger" => is(code == "TR"),
        "isscalarfunction" => is(code == "FN"),
        "isinlinefunction" => is(code == "IF"),
        "istablefunction" => is(matches!(code, "IF" | "TF")),
        "isexecuted" => is(matches!(code, "P " | "FN" | "IF" | "TF" | "TR" | "V ")),
        "isconstraint" => is(constraint.is_some()),
        "isprimarykey" => is(constraint == Some(ConstraintClass::PrimaryKey)),
        "isuniquecnst" => is(constraint == Some(ConstraintClass::Unique)),
        "isforeignkey" => is(constraint == Some(ConstraintClass::ForeignKey)),
        "ischeckcnst" => is(constraint == Some(ConstraintClass::Check)),
        "isdefaultcnst" | "isdefault" => is(constraint == Some(ConstraintClass::Default)),
        "cnstisdisabled" => own_rule().map(|constraint| i32::from(constraint.disabled)),
        "cnstisnottrusted" => own_rule().map(|constraint| i32::from(constraint.not_trusted)),
        "ownerid" => Some(database.owner_of(object).0),
        "schemaid" => Some(object.schema.0),
        "isschemabound" => is(object
            .as_module()
            .is_some_and(|it| !it.schema_bound_to.is_empty())),
        "isencrypted" => is(object.as_module().is_some_and(|module| {
            module
                .definition
                .options
                .iter()
                .any(|option| option == "ENCRYPTION")
        })),
        "execistriggerdisabled" => object.as_module().map(|module| i32::from(module.disabled)),
        "execisinsteadoftrigger" => trigger(object, |instead_of, _| instead_of),
        "execisaftertrigger" => trigger(object, |instead_of, _| !instead_of),
        "execisinserttrigger" => {
            trigger(object, |_, events| events.contains(&TriggerEvent::Insert))
        }
        "execisupdatetrigger" => {
            trigger(object, |_, events| events.contains(&TriggerEvent::Update))
        }
        "execisdeletetrigger" => {
            trigger(object, |_, events| events.contains(&TriggerEvent::Delete))
        }
        "tablehasidentity" => of_table(&|table| table.identity().is_some()),
        "tablehasprimarykey" => of_table(&|table| table.primary_key().is_some()),
        "tablehasforeignkey" => of_table(&|table| table.foreign_keys().next().is_some()),
        "tablehasforeignref" => of_table(&|_| database.referencing(object.id).next().is_some()),
        "tablehascheckcnst" => of_table(&|table| table.checks().next().is_some()),
        "tablehasdefaultcnst" => of_table(&|table| {
            table
                .constraints
                .iter()
                .any(|it| matches!(it.rule, Rule::Default { .. }))
        }),
        "tablehasuniquecnst" => of_table(&|table| {
            table
                .constraints
                .iter()
                .any(|it| matches!(it.rule, Rule::Unique(_)))
        }),
        "tablehasindex" => of_table(&|table| !table.indexes.is_empty()),
        "tablehasclustindex" => of_table(&|table| table.indexes.iter().any(|it| it.clustered)),
        "tablehasnonclustindex" => of_table(&|table| table.indexes.iter().any(|it| !it.clustered)),
        "tablehasinserttrigger" | "tablehasupdatetrigger" | "tablehasdeletetrigger" => {
            let event = match property.as_str() {
                "tablehasinserttrigger" => TriggerEvent::Insert,
                "tablehasupdatetrigger" => TriggerEvent::Update,
                _ => TriggerEvent::Delete,
            };
            of_table(&|_| {
                database
                    .children_of(object.id)
                    .any(|child| trigger(child, |_, events| events.contains(&event)) == Some(1))
            })
        }
        "tabletemporaltype" => table.map(|table| match table.temporal {
            Temporal::None => 0,
            Temporal::History { .. } => 1,
            Temporal::Versioned { .. } => 2,
        }),
        _ => None,
    }
}

fn trigger(object: &Object, flag: impl Fn(bool, &[TriggerEvent]) -> bool) -> Option<i32> {
    match &object.as_module()?.definition.body {
        ModuleBody::Trigger {
            instead_of, events, ..
        } => Some(i32::from(flag(*instead_of, events))),
        _ => None,
    }
}

fn object_property_ex(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let property = argument_text(arguments.get(1))
        .unwrap_or_default()
        .to_lowercase();
    let object = numbered_object(context, &arguments[..1]);
    match (property.as_str(), object) {
        ("basetype", Some((_, object))) => Ok(variant_text(object.type_code())),
        ("cardinality", Some((token, object))) => {
            let rows = context
                .instance
                .entered(token.database)
                .data(object.id)
                .map(|it| it.len());
            or_null(rows, |rows| {
                let rows = i64::try_from(rows).unwrap_or(i64::MAX);
                Value::Variant(Box::new((T::BigInt, Value::BigInt(rows))))
            })
        }
        _ => or_null(object_property(context, arguments), variant_int),
    }
}

fn column_property(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let found = || {
        let (_, object) = numbered_object(context, &arguments[..1])?;
        let name = argument_text(arguments.get(1))?;
        let (at, column) = object
            .columns()?
            .iter()
            .enumerate()
            .find(|(_, column)| same_name(&column.name, &name))?;
        let facts = column.data_type.facts();
        let wide = matches!(column.data_type, T::NChar(_) | T::NVarChar(_));
        let flag = |on: bool| Some(i32::from(on));
        match argument_text(arguments.get(2))?.to_lowercase().as_str() {
            "allowsnull" => flag(column.nullable),
            "columnid" => Some(column.id.0),
            "ordinal" => i32::try_from(at + 1).ok(),
            "iscomputed" => flag(column.computed.is_some()),
            "isidentity" => flag(column.identity.is_some()),
            "isrowguidcol" => flag(column.row_guid),
            "issparse" => flag(column.sparse),
            "ishidden" => flag(column.hidden),
            "precision" => {
                let sized = crate::views::is_text(&column.data_type);
                let length = i32::from(facts.max_length) / if wide { 2 } else { 1 };
                Some(if sized {
                    length
                } else {
                    i32::from(facts.precision)
                })
            }
            "scale" => Some(i32::from(facts.scale)),
            "charmaxlen" => crate::views::is_text(&column.data_type).then(|| {
                let length = i32::from(facts.max_length);
                if wide && length > 0 {
                    length / 2
                } else {
                    length
                }
            }),
            "generatedalwaystype" => Some(match column.generated {
                None => 0,
                Some(tsql::Generated::RowStart) => 1,
                Some(tsql::Generated::RowEnd) => 2,
            }),
            _ => None,
        }
    };
    or_null(found(), Value::Int)
}

fn index_property(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let found = || {
        let (_, object) = numbered_object(context, &arguments[..1])?;
        let index = object
            .as_table()?
            .index_named(&argument_text(arguments.get(1))?)?;
        match argument_text(arguments.get(2))?.to_lowercase().as_str() {
            "indexid" => Some(index.id.0),
            "isclustered" => Some(i32::from(index.clustered)),
            "isunique" => Some(i32::from(index.unique)),
            "isdisabled" => Some(i32::from(index.disabled)),
            _ => None,
        }
    };
    or_null(found(), Value::Int)
}

fn database_property(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let database = argument_text(arguments.first())
        .and_then(|name| context.instance.database_named(&unquoted(&name)).cloned());
    let property = argument_text(arguments.get(1))
        .unwrap_or_default()
        .to_lowercase();
    let Some(database) = database else {
        return Ok(Value::Null);
    };
    let options = database.options();
    Ok(match property.as_str() {
        "collation" => variant_text(options.collation.name()),
        "status" => variant_text("ONLINE"),
        "recovery" => variant_text(&options.recovery),
        "updateability" => variant_text(if options.read_only {
            "READ_ONLY"
        } else {
            "READ_WRITE"
        }),
        "useraccess" => variant_text(&options.user_access),
        "version" => variant_int(957),
        "isrecursivetriggersenabled" => variant_int(i32::from(options.recursive_triggers)),
        "isautoclose" | "isautoshrink" | "isinstandby" | "isfulltextenabled" | "ispublished" => {
            variant_int(0)
        }
        _ => Value::Null,
    })
}

fn server_property(context: &ViewContext<'_>, arguments: &[Value]) -> Result<Value, SqlError> {
    let property = argument_text(arguments.first())
        .unwrap_or_default()
        .to_lowercase();
    let collation = context
        .instance
        .entered(crate::ids::DatabaseId::MASTER)
        .options()
        .collation;
    Ok(match property.as_str() {
        "servername" | "machinename" | "computernamephysicalnetbios" => {
            variant_text(&Arc::clone(&context.instance.name))
        }
        "productversion" => variant_text("16.0.1000.6"),
        "productmajorversion" => variant_text("16"),
        "productminorversion" => variant_text("0"),
        "productbuild" => variant_text("1000"),
        "productlevel" => variant_text("RTM"),
        // Whoever asks shall know that this is not the product.
        "edition" => variant_text("Embedded stand-in (64-bit)"),
        "engineedition" => variant_int(3),
        "collation" => variant_text(collation.name()),
        "isclustered"
        | "ishadrenabled"
        | "isintegratedsecurityonly"
        | "issingleuser"
        | "isfulltextinstalled"
        | "isxtpsupported"
        | "isadvancedanalyticsinstalled"
        | "ispolybaseinstalled" => variant_int(0),
        _ => Value::Null,
    })
}
