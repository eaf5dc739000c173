//! Whose rows changed? In a database of one tenant all of them are its own; where the rows of all
//! tenants lie together, a change is taken apart row by row.

use domain::history::{Change, Changed};
use domain::surface::{Cell, Table};
use domain::system::Tenancy;
use domain::world::TenantIndex;

use crate::judge::{Judge, Principal};
use crate::matrix::Relation;

/// The part of a change that concerns one owner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Portion {
    /// Seen from who made it.
    pub(crate) relation: Relation,
    /// Whose rows they are, where that is known.
    pub(crate) owner: Option<TenantIndex>,
    /// What changed of theirs.
    pub(crate) change: Change,
}

/// A change by `principal`, owner by owner.
pub(crate) fn portions(
    judge: &Judge<'_>,
    principal: Principal<'_>,
    change: &Change,
) -> Vec<Portion> {
    if !judge.world.is_common(&change.database) {
        let owner = judge.world.tenant_of_database(&change.database);
        return vec![Portion {
            relation: Relation::of(principal.tenant, owner),
            owner,
            change: change.clone(),
        }];
    }
    let whole = || {
        vec![Portion {
            relation: Relation::Own,
            owner: Some(principal.tenant),
            change: change.clone(),
        }]
    };
    let Changed::Rows {
        table: object,
        added,
        removed,
    } = &change.what
    else {
        return whole();
    };
    let table = judge
        .surface
        .databases
        .iter()
        .find(|own| own.name.eq_ignore_ascii_case(&change.database))
        .and_then(|own| own.tables.get(object));
    let (Some(table), Some(tenancy)) = (table, &judge.system.tenancy) else {
        return whole();
    };
    if !tenancy.owns(table) {
        return whole();
    }
    let mut portions: Vec<Portion> = Vec::new();
    for (row, is_new) in added
        .iter()
        .map(|row| (row, true))
        .chain(removed.iter().map(|row| (row, false)))
    {
        let (relation, owner) = owner_of(judge, principal, tenancy, table, row);
        let known = portions
            .iter()
            .position(|portion| (portion.relation, portion.owner) == (relation, owner));
        let index = known.unwrap_or_else(|| {
            portions.push(Portion {
                relation,
                owner,
                change: Change {
                    what: Changed::Rows {
                        table: object.clone(),
                        added: Vec::new(),
                        removed: Vec::new(),
                    },
                    ..change.clone()
                },
            });
            portions.len() - 1
        });
        if let Changed::Rows { added, removed, .. } = &mut portions[index].change.what {
            let side = if is_new { added } else { removed };
            side.push(row.clone());
        }
    }
    portions
}

fn owner_of(
    judge: &Judge<'_>,
    principal: Principal<'_>,
    tenancy: &Tenancy,
    table: &Table,
    row: &[Cell],
) -> (Relation, Option<TenantIndex>) {
    let holder = tenancy.holder(judge.world, table, row);
    let relation = Relation::of(principal.tenant, holder);
    let own_department = principal.department.and_then(|position| {
        let departments = &judge.world.tenant(principal.tenant).departments;
        departments.get(position)
    });
    let department = tenancy.department_of(table, row);
    match (relation, own_department, department) {
        (Relation::Own, Some(own), Some(department)) if *own != department => {
            (Relation::Department, holder)
        }
        _ => (relation, holder),
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::history::{Change, Changed};
    use domain::seed::Seed;
    use domain::surface::Cell;
    use domain::world::TenantIndex;

    use super::portions;
    use crate::judge::{Judge, Principal};
    use crate::matrix::Relation;

    #[test]
    fn rows_of_all_tenants_in_one_table_are_told_apart_by_their_column() {
        let system = example::common::system(2);
        let world = example::common::world(2, Seed(7));
        let surface = example::common::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let row = |tenant: usize, department: i64, name: &str| {
            let number = world.tenants[tenant].mark.number;
            vec![
                Cell::Integer(number),
                Cell::Integer(number + 1),
                Cell::Integer(number + department),
                Cell::Text(name.into()),
            ]
        };
        let rows = |added: Vec<Vec<Cell>>, removed: Vec<Vec<Cell>>| Change {
            step: Some(0),
            database: "wt_erp".into(),
            what: Changed::Rows {
                table: "dbo.Customers".into(),
                added,
                removed,
            },
        };
        let (own, other) = (Some(TenantIndex(0)), Some(TenantIndex(1)));
        let nobodys = vec![
            Cell::Integer(5),
            Cell::Integer(5),
            Cell::Null,
            Cell::Text("x".into()),
        ];
        for (department, change, expected) in [
            (
                None,
                rows(vec![row(0, 11, "new")], vec![row(0, 11, "old")]),
                vec![(Relation::Own, own)],
            ),
            // A row that is given away leaves one owner and comes to the other.
            (
                None,
                rows(vec![row(1, 11, "a")], vec![row(0, 11, "a")]),
                vec![(Relation::Other, other), (Relation::Own, own)],
            ),
            (
                Some(0),
                rows(vec![], vec![row(0, 11, "a"), row(0, 12, "b")]),
                vec![(Relation::Own, own), (Relation::Department, own)],
            ),
            (
                None,
                rows(vec![nobodys], vec![]),
                vec![(Relation::Shared, None)],
            ),
        ] {
            let principal = Principal {
                tenant: TenantIndex(0),
                name: "service",
                department,
            };
            let found: Vec<_> = portions(&judge, principal, &change)
                .into_iter()
                .map(|portion| (portion.relation, portion.owner))
                .collect();
            assert_eq!(found, expected, "{change:?}");
        }
    }
}
