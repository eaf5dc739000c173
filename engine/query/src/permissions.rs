//! May the statement do what it says? What binding noted is demanded of the catalog here, in the
//! order in which the server shows refusals.

use std::collections::BTreeSet;
use std::sync::Arc;

use catalog::{
    ChainLink, ColumnId, DemandColumns, Errors, Instance, Object, Permission, UserToken,
};

/// One permission that a statement needs.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    /// The caller's identities in the object's database.
    pub(crate) token: UserToken,
    /// The module in whose text the reference stands.
    pub(crate) link: Option<ChainLink>,
    pub(crate) object: Arc<Object>,
    pub(crate) permission: Permission,
    pub(crate) columns: BTreeSet<ColumnId>,
    pub(crate) scope: Breadth,
    /// The history table that FOR SYSTEM_TIME reads as well: the same permission on the same
    /// columns of it.
    pub(crate) history: Option<Arc<Object>>,
    /// Which object of the statement's own text it belongs to: a view and what is behind it.
    pub(crate) group: usize,
}

/// What a requirement covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// The object as a whole.
    Object,
    /// The columns; all of them when none was named, as for `COUNT(*)`.
    Read,
    /// The columns; nothing when none was named: the target of an UPDATE that reads nothing.
    ReadIfNamed,
}

/// Demands everything.
///
/// Of several refused objects the server names the last one that it bound, so groups are checked
/// from the last to the first; inside of a group a view comes before what is behind it. Group 0
/// is what the statement changes: it comes last, and reading and writing are both reported.
pub(crate) fn check(instance: &Instance, requirements: &[Requirement]) -> Result<(), Errors> {
    let mut groups: Vec<usize> = requirements.iter().map(|it| it.group).collect();
    groups.dedup();
    groups.sort_unstable();
    groups.dedup();
    for group in groups.into_iter().rev() {
        let mut refusals = Vec::new();
        let mut refused = false;
        for requirement in requirements.iter().filter(|it| it.group == group) {
            // Behind a refused view nothing more is asked, except what the statement would write.
            if refused && requirement.permission == Permission::SELECT {
                continue;
            }
            if let Err(errors) = demand(instance, requirement) {
                refused = true;
                refusals.extend(errors.into_vec());
                if group > 0 {
                    break;
                }
            }
        }
        if !refusals.is_empty() {
            return Err(Errors::new(refusals));
        }
    }
    Ok(())
}

fn demand(instance: &Instance, requirement: &Requirement) -> Result<(), Errors> {
    let columns: Vec<ColumnId>;
    let which = match requirement.scope {
        Breadth::Object => DemandColumns::Object,
        Breadth::ReadIfNamed if requirement.columns.is_empty() => return Ok(()),
        Breadth::Read | Breadth::ReadIfNamed => {
            if requirement.columns.is_empty() {
                DemandColumns::All
            } else {
                columns = requirement.columns.iter().copied().collect();
                DemandColumns::Some(&columns)
            }
        }
    };
    let ask = |object: &Arc<Object>, which| {
        instance.demand(
            &requirement.token,
            requirement.link.as_ref(),
            object,
            requirement.permission,
            which,
        )
    };
    ask(&requirement.object, which)?;
    let Some(history) = &requirement.history else {
        return Ok(());
    };
    // A history table has its columns in the same order, under numbers of its own.
    let mut theirs = Vec::new();
    if let (DemandColumns::Some(columns), Some(own), Some(other)) =
        (which, requirement.object.as_table(), history.as_table())
    {
        theirs.extend(
            columns
                .iter()
                .filter_map(|id| own.position(*id))
                .map(|place| other.columns[place].id),
        );
    }
    match which {
        DemandColumns::Some(_) => ask(history, DemandColumns::Some(&theirs)),
        other => ask(history, other),
    }
}
