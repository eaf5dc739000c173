//! How do INSERT, UPDATE, DELETE and MERGE change rows? Everything is computed first and written
//! afterwards, so that no statement sees its own changes.

mod delete;
mod duplicates;
mod history;
mod insert;
mod merge;
mod output;
mod references;
mod rules;
mod store;
mod triggers;
mod update;

use std::collections::BTreeMap;

use catalog::{Errors, Permission, TableData};
use tsql::{Name, Target, sql};
use values::SqlError;

use crate::binder::{Binder, BoundTarget, Layer};
use crate::permissions::{Breadth, Requirement};
use crate::plan::Source;
use crate::state::{Execution, ModuleRef, Variable};

pub use delete::delete;
pub use insert::{insert, insert_rows};
pub use merge::merge;
pub use update::update;

/// TRUNCATE TABLE: needs ALTER, fires no trigger.
///
/// # Errors
/// 4701, 1088, 4712.
pub fn truncate(ex: &mut Execution<'_>, table: &Name) -> Result<(), Errors> {
    crate::definitions::with_ddl(ex, |ddl| ddl.truncate(table))
}

/// SET IDENTITY_INSERT.
///
/// # Errors
/// 1088 without ALTER on the table, 8106 without an identity column, 8107 when it is on for
/// another table.
pub fn set_identity_insert(ex: &mut Execution<'_>, table: &Name, on: bool) -> Result<(), Errors> {
    let missing = |name: &str| {
        Errors::from(SqlError::new(
            1088,
            16,
            11,
            format!("Cannot find the object \"{name}\" because it does not exist or you do not have permissions."),
        ))
        .ending_batch()
    };
    let display = catalog::display(table);
    let binder = Binder::new(ex);
    let (resolved, object) = match binder.object(table) {
        Ok(found) => found,
        Err(error) if error.number == 208 => return Err(missing(&display)),
        Err(error) => return Err(error.into()),
    };
    let allowed = object.temporary.is_some()
        || ex.instance.has_permission(
            &resolved.token,
            catalog::Securable::Object(object.id),
            Permission::ALTER,
        );
    if !allowed {
        return Err(missing(&display));
    }
    if object
        .as_table()
        .is_none_or(|table| table.identity().is_none())
    {
        return Err(SqlError::new(
            8106,
            16,
            1,
            format!("Table '{display}' does not have the identity property. Cannot perform SET operation."),
        )
        .into());
    }
    let this = ModuleRef {
        database: resolved.token.database,
        object: object.id,
    };
    let current = ex.session.options.identity_insert;
    if on {
        if let Some(other) = current.filter(|other| *other != this) {
            let name = full_name(ex, other);
            return Err(SqlError::new(
                8107,
                16,
                1,
                format!("IDENTITY_INSERT is already ON for table '{name}'. Cannot perform SET operation for table '{display}'."),
            )
            .into());
        }
        ex.session.options.identity_insert = Some(this);
    } else if current == Some(this) {
        ex.session.options.identity_insert = None;
    }
    Ok(())
}

/// `database.schema.name`, as several messages show a table.
pub(crate) fn full_name(ex: &Execution<'_>, of: ModuleRef) -> String {
    let Some(database) = ex.instance.database(of.database) else {
        return String::new();
    };
    let Some(object) = database.object(of.object) else {
        return String::new();
    };
    format!(
        "{}.{}.{}",
        database.name(),
        database.schema_name(object.schema),
        shown_name(object)
    )
}

/// Temporary tables are shown without their suffix.
pub(crate) fn shown_name(object: &catalog::Object) -> &str {
    match object.name.find("____") {
        Some(end) if object.temporary.is_some() => &object.name[..end],
        _ => &object.name,
    }
}

/// Does the work; after an error everything it changed is back as it was. Table variables are
/// not transactional, but a failed statement leaves them alone too.
pub(crate) fn atomic<T>(
    ex: &mut Execution<'_>,
    work: impl FnOnce(&mut Execution<'_>) -> Result<T, Errors>,
) -> Result<T, Errors> {
    let mark = ex.session.undo.mark();
    let variables: BTreeMap<String, TableData> = ex
        .session
        .variables
        .iter()
        .filter_map(|(name, variable)| match variable {
            Variable::Table(table) => Some((name.clone(), table.data.clone())),
            Variable::Scalar { .. } => None,
        })
        .collect();
    let result = work(ex);
    if result.is_err() {
        ex.session.undo.rollback_to(mark, ex.instance);
        for (name, data) in variables {
            if let Some(Variable::Table(table)) = ex.session.variables.get_mut(&name) {
                let identity = table.data.identity;
                table.data = data;
                table.data.identity = identity;
            }
        }
    }
    result
}

/// The FROM items of UPDATE and DELETE with the target among them; the target is bound as what
/// it is in FROM when it is there, and joins as one more relation when it is not.
pub(crate) fn bind_from(
    binder: &mut Binder<'_, '_>,
    target: &Target,
    from: &[sql::TableWithJoins],
) -> Result<(Source, BoundTarget), SqlError> {
    let name = match target {
        Target::Object(name) => name.clone(),
        Target::TableVariable(name) => Name(vec![name.clone()]),
    };
    let factor = find_target(binder, &name, from)?;
    binder.target_factor = factor.map(|factor| std::ptr::from_ref(factor).addr());
    let source = binder.from(from)?;
    binder.target_factor = None;
    let source = if factor.is_some() {
        source
    } else {
        let own = binder.target_relation(|binder| binder.named(&name, None))?;
        Some(match source {
            None => own,
            Some(others) => crate::binder::cross(own, others),
        })
    };
    binder.frame().visible = true;
    match (source, binder.target.take()) {
        (Some(source), Some(mut bound)) => {
            // What is behind the target is asked for after all other sources.
            if let Some(requirement) = bound.requirement {
                let group = binder.requirements[requirement].group;
                for other in &mut binder.requirements {
                    if other.group == group {
                        other.group = 0;
                    }
                }
            }
            if factor.is_none() {
                bound.name = std::sync::Arc::from(catalog::last(&name));
            }
            Ok((source, bound))
        }
        _ => Err(crate::messages::invalid_object(catalog::display(&name))),
    }
}

/// The FROM item that the target's name means: by alias, or by the name of the same object.
fn find_target<'q>(
    binder: &Binder<'_, '_>,
    name: &Name,
    from: &'q [sql::TableWithJoins],
) -> Result<Option<&'q sql::TableFactor>, SqlError> {
    let mut factors = Vec::new();
    for item in from {
        collect(item, &mut factors);
    }
    if let [only] = &name.0[..] {
        let by_alias = factors
            .iter()
            .find(|factor| alias(factor).is_some_and(|alias| catalog::same_name(alias, only)));
        if let Some(found) = by_alias {
            return Ok(Some(found));
        }
    }
    let wanted = binder.resolve(name).ok();
    let same = |factor: &&sql::TableFactor| {
        let sql::TableFactor::Table {
            name: written,
            args: None,
            ..
        } = factor
        else {
            return false;
        };
        let Ok(written) = crate::binder::name_of(written) else {
            return false;
        };
        if let ([written], [name]) = (&written.0[..], &name.0[..])
            && (binder.cte(written).is_some() || written.starts_with('@'))
        {
            return catalog::same_name(written, name);
        }
        match (&wanted, binder.resolve(&written)) {
            (Some(a), Ok(b)) => match (&a.target, &b.target) {
                (catalog::Target::Object(x), catalog::Target::Object(y)) => {
                    a.token.database == b.token.database && x.id == y.id
                }
                _ => false,
            },
            _ => false,
        }
    };
    let matching: Vec<&'q sql::TableFactor> = factors
        .iter()
        .copied()
        .filter(|factor| same(factor))
        .collect();
    // One without an alias is it; several aliased ones leave it open which is meant.
    let bare: Vec<&'q sql::TableFactor> = matching
        .iter()
        .copied()
        .filter(|factor| alias(factor).is_none())
        .collect();
    match (&bare[..], &matching[..]) {
        ([only], _) | ([], [only]) => Ok(Some(only)),
        ([], []) => Ok(None),
        _ => Err(crate::messages::ambiguous_target(catalog::last(name))),
    }
}

fn collect<'q>(item: &'q sql::TableWithJoins, factors: &mut Vec<&'q sql::TableFactor>) {
    for factor in
        std::iter::once(&item.relation).chain(item.joins.iter().map(|join| &join.relation))
    {
        match factor {
            sql::TableFactor::NestedJoin {
                table_with_joins, ..
            } => {
                collect(table_with_joins, factors);
            }
            other => factors.push(other),
        }
    }
}

fn alias(factor: &sql::TableFactor) -> Option<&str> {
    match factor {
        sql::TableFactor::Table { alias, .. } | sql::TableFactor::Derived { alias, .. } => {
            alias.as_ref().map(|alias| alias.name.value.as_str())
        }
        _ => None,
    }
}

/// The permissions of a change, asked after everything that is read.
pub(crate) fn write_requirements(
    layers: &[Layer],
    base: usize,
    permission: Permission,
    columns: Option<&[usize]>,
    view_changed_itself: bool,
) -> Vec<Requirement> {
    layers
        .iter()
        .filter(|layer| layer.base.is_none() || (layer.base == Some(base) && !view_changed_itself))
        .map(|layer| {
            let ids = columns.map(|columns| {
                columns
                    .iter()
                    .filter_map(|column| layer.ids.get(*column).copied().flatten())
            });
            Requirement {
                token: layer.token.clone(),
                link: layer.link,
                object: layer.object.clone(),
                permission,
                columns: ids.into_iter().flatten().collect(),
                scope: match columns {
                    Some(_) if layer.ids.iter().any(Option::is_some) => Breadth::Read,
                    _ => Breadth::Object,
                },
                history: None,
                group: 0,
            }
        })
        .collect()
}

/// The one base that columns of a target belong to.
pub(crate) fn one_base(
    target: &BoundTarget,
    columns: impl IntoIterator<Item = usize>,
) -> Result<usize, SqlError> {
    refuse_unless_updatable(target)?;
    let mut base = None;
    for column in columns {
        match target.updatable.columns.get(column).copied().flatten() {
            None => return Err(crate::messages::view_derived_field(&target.name)),
            Some((of, _)) => match base {
                None => base = Some(of),
                Some(known) if known == of => {}
                Some(_) => return Err(crate::messages::view_several_tables(&target.name)),
            },
        }
    }
    Ok(base.unwrap_or(0))
}

/// 4403, 4426 and their like.
pub(crate) fn refuse_unless_updatable(target: &BoundTarget) -> Result<(), SqlError> {
    match target.updatable.refused {
        Some("derived") => Err(crate::messages::not_a_table(&target.name)),
        Some(why) => Err(crate::messages::view_not_updatable(&target.name, why)),
        None if target.updatable.bases.is_empty() => {
            Err(crate::messages::view_derived_field(&target.name))
        }
        None => Ok(()),
    }
}

/// The place of a column of the target.
pub(crate) fn target_column(target: &BoundTarget, name: &str) -> Result<usize, SqlError> {
    target
        .columns
        .iter()
        .position(|column| catalog::same_name(&column.name, name))
        .ok_or_else(|| crate::messages::invalid_column(name))
}
