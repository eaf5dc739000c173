//! Does a row pass the predicates of a security policy?

use catalog::Row;
use values::SqlError;

use crate::execution::{Run, Scope, Slot, query};
use crate::plan::Guard;

/// Whether a stored row passes, noted for the texts of errors.
pub(crate) fn admit_stored(
    guards: &[Guard],
    run: &mut Run<'_, '_>,
    row: &Row,
) -> Result<bool, SqlError> {
    run.ex.session.policies_met += 1;
    admit(guards, run, &Slot::of(row.clone()))
}

/// Whether every predicate's function has a row for this one, which stands alone in slot 0: the
/// predicate sees nothing of the statement around it.
pub(crate) fn admit(guards: &[Guard], run: &mut Run<'_, '_>, row: &Slot) -> Result<bool, SqlError> {
    for guard in guards {
        let tuple = std::slice::from_ref(row);
        let mut values = Vec::with_capacity(guard.arguments.len());
        for argument in &guard.arguments {
            values.push(argument.evaluate(run, &Scope::new(tuple, None))?);
        }
        let parameters = [Slot::of(values)];
        let inner = Scope::new(&parameters, None);
        let mut found = false;
        query::exists(&guard.body.query, run, Some(&inner), &mut found)?;
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}
