//! Whose a row is in a database that all tenants have in common, and what a speaker calls his own.

use crate::case::Actor;
use crate::intent::matches;
use crate::surface::{Cell, Surface, Table};
use crate::system::Tenancy;
use crate::world::{TenantIndex, World};

impl Tenancy {
    /// Whether the rows of `table` belong to tenants.
    pub fn owns(&self, table: &Table) -> bool {
        table.position(&self.column).is_some() && self.declares(&table.object())
    }

    /// Whether `schema.table` is among the tables that may hold rows of tenants.
    pub fn declares(&self, object: &str) -> bool {
        let mut patterns = self.tables.iter();
        self.tables.is_empty() || patterns.any(|pattern| matches(pattern, object))
    }

    /// Whose a row of `table` is; `None` when it is nobody's.
    pub fn holder(&self, world: &World, table: &Table, row: &[Cell]) -> Option<TenantIndex> {
        if !self.owns(table) {
            return None;
        }
        let value = row.get(table.position(&self.column)?)?;
        self.tenant_of(world, value)
    }

    /// The tenant that `value` stands for in the column that says whose a row is.
    pub fn tenant_of(&self, world: &World, value: &Cell) -> Option<TenantIndex> {
        let value = plain(&value.literal());
        world.indexes().find(|&index| {
            let organisation = world.tenant(index).organisation.as_deref();
            organisation.is_some_and(|organisation| plain(organisation) == value)
        })
    }

    /// The department that a row of `table` belongs to, as a literal; `None` when it belongs to its
    /// tenant as a whole.
    pub fn department_of(&self, table: &Table, row: &[Cell]) -> Option<String> {
        let column = &self.department.as_ref()?.column;
        let cell = row.get(table.position(column)?)?;
        (*cell != Cell::Null).then(|| cell.literal())
    }
}

/// Literals of one value look alike: `N'a'` and `'A'`.
fn plain(literal: &str) -> String {
    let text = literal.trim();
    let text = match text.strip_prefix(['N', 'n']) {
        Some(rest) if rest.starts_with('\'') => rest,
        _ => text,
    };
    text.to_lowercase()
}

/// The departments of every tenant, found among the rows of `surface`, in order of their values.
pub fn departments(tenancy: &Tenancy, world: &World, surface: &Surface) -> Vec<Vec<String>> {
    let mut found: Vec<Vec<Cell>> = vec![Vec::new(); world.tenants.len()];
    let Some(department) = &tenancy.department else {
        return vec![Vec::new(); world.tenants.len()];
    };
    let common = |name: &str| world.is_common(name);
    for database in surface.databases.iter().filter(|own| common(&own.name)) {
        for table in database.tables.values() {
            let Some(position) = table.position(&department.column) else {
                continue;
            };
            for row in &table.rows {
                if let (Some(holder), Some(cell)) =
                    (tenancy.holder(world, table, row), row.get(position))
                    && *cell != Cell::Null
                    && !found[holder.0].contains(cell)
                {
                    found[holder.0].push(cell.clone());
                }
            }
        }
    }
    for values in &mut found {
        values.sort();
    }
    found
        .into_iter()
        .map(|values| values.iter().map(Cell::literal).collect())
        .collect()
}

/// The rows of `table` that belong to a tenant and are seen by one of its departments, or by the
/// tenant as a whole: the last comes first, for it is the least referred to.
pub fn rows<'a>(
    tenancy: &Tenancy,
    world: &World,
    table: &'a Table,
    tenant: TenantIndex,
    department: Option<usize>,
) -> Vec<&'a [Cell]> {
    let wanted = department.and_then(|position| world.tenant(tenant).departments.get(position));
    table
        .rows
        .iter()
        .rev()
        .map(Vec::as_slice)
        .filter(|row| tenancy.holder(world, table, row) == Some(tenant))
        .filter(|row| {
            let own = tenancy.department_of(table, row);
            wanted.is_none() || own.is_none() || own.as_ref() == wanted
        })
        .collect()
}

/// What `{{own …}}` means for a speaker; `default` is the tenant that an administrator speaks for.
/// `None` when there is no such thing.
pub fn resolve(
    reference: &str,
    speaker: &Actor,
    default: Option<TenantIndex>,
    (tenancy, world, surface): (&Tenancy, &World, &Surface),
) -> Option<String> {
    let tenant = speaker.tenant().or(default)?;
    let own = world.tenant(tenant);
    if reference == "organisation" {
        return own.organisation.clone();
    }
    // Who acts for the whole tenant may name any department; the first is one.
    let department = speaker.department().unwrap_or(0);
    if reference == "department" {
        return own.departments.get(department).cloned();
    }
    let variables = own.variables();
    if let Some((_, value)) = variables.into_iter().find(|(name, _)| *name == reference) {
        return Some(value);
    }
    let (position, rest) = reference.strip_prefix("row ")?.split_once(" of ")?;
    let (object, column) = rest.split_once(" column ")?;
    let table = surface
        .databases
        .iter()
        .filter(|database| world.is_common(&database.name))
        .find_map(|database| database.tables.get(object))?;
    let department = (!own.departments.is_empty()).then_some(department);
    let rows = rows(tenancy, world, table, tenant, department);
    let position: usize = position.parse().ok()?;
    let row = rows.get(position % rows.len().max(1))?;
    Some(row.get(table.position(column)?)?.literal())
}
