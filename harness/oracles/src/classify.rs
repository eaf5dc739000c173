//! What an answer means: the one table of error numbers that are refusals for want of rights.
//!
//! Everything else that fails, fails for a reason that proves nothing. Where the server refuses in
//! the same words what is missing and what is not allowed, the number counts as a refusal: the
//! attempt is armed, so the thing is there.

use domain::history::{Response, ServerMessage};
use domain::outcome::Outcome;

/// Refusals, in ascending order.
const DENIALS: &[i32] = &[
    218,   // Could not find the type, or no permission.
    229,   // The permission was denied on the object.
    230,   // The permission was denied on the column.
    262,   // Permission denied in database.
    297,   // The user does not have permission to perform this action.
    300,   // VIEW SERVER STATE permission was denied.
    371,   // Permission denied for this system object.
    916,   // The server principal cannot access the database under the current context.
    1088,  // Cannot find the object because it does not exist or you do not have permissions.
    2104,  // Cannot create the trigger because you do not have permission.
    2557,  // User does not have permission to run DBCC.
    2571,  // User does not have permission to run DBCC.
    2760,  // The schema does not exist or you do not have permission to use it.
    3110,  // User does not have permission to RESTORE the database.
    4060,  // Cannot open database requested by the login.
    4611,  // Grantable privileges: CASCADE is needed.
    4613,  // Grantor does not have GRANT permission.
    4701,  // Cannot find the object (TRUNCATE) or no permissions.
    4834,  // No permission to use the bulk load statement.
    4902,  // Cannot find the object (ALTER TABLE) or no permissions.
    5011,  // User does not have permission to alter the database, or it does not exist.
    5812,  // No permission to run RECONFIGURE.
    6102,  // No permission to use KILL.
    13538, // No permissions to alter system versioning.
    15136, // The database principal is set as the execution context.
    15151, // Cannot alter, drop, find or grant, because it does not exist or no permission.
    15165, // Could not find object or you do not have permission.
    15225, // No item by that name (sp_rename) that the caller may change.
    15247, // User does not have permission to perform this action.
    15274, // Access to the remote server is denied: the security context is not trusted.
    15406, // Cannot execute as the server principal.
    15517, // Cannot execute as the database principal.
    15562, // The module is untrusted.
    15664, // Cannot set the key of the session context: it is read-only for the session.
    18456, // Login failed.
    33268, // Cannot find the object or no permission (security policies).
    33504, // A block predicate forbade it.
];

/// Errors that the server can only come to after it has checked rights: the statement was
/// allowed, and something else stopped it.
const AFTERWARDS: &[i32] = &[
    220,  // Arithmetic overflow for data type.
    232,  // Arithmetic overflow for type.
    241,  // Conversion failed when converting date and/or time.
    242,  // The conversion resulted in an out-of-range value.
    244,  // The conversion overflowed.
    245,  // Conversion failed when converting the value.
    248,  // The conversion overflowed an int column.
    512,  // Subquery returned more than 1 value.
    515,  // Cannot insert the value NULL.
    547,  // The statement conflicted with a constraint.
    550,  // A view's CHECK OPTION.
    2601, // Duplicate key in a unique index.
    2627, // Violation of a key constraint.
    2628, // String or binary data would be truncated.
    3726, // Could not drop: referenced by a foreign key.
    4712, // Cannot truncate: referenced by a foreign key.
    8114, // Error converting data type.
    8115, // Arithmetic overflow.
    8134, // Divide by zero.
    8152, // String or binary data would be truncated.
    8672, // MERGE attempted to update a row more than once.
];

/// The meaning of one answer.
pub fn classify(response: &Response) -> Outcome {
    if let Some(denial) = response.errors.iter().find(|error| is_denial(error)) {
        return Outcome::Denied {
            number: denial.number,
        };
    }
    if response.lost.is_some() {
        return Outcome::Unknown;
    }
    match response.first_error() {
        None => Outcome::Permitted,
        Some(error) => Outcome::Failed {
            number: error.number,
        },
    }
}

/// Whether an error is a refusal for want of rights.
fn is_denial(error: &ServerMessage) -> bool {
    // 3701 says both that a thing is missing and that it may not be dropped; the severity tells.
    DENIALS.binary_search(&error.number).is_ok() || (error.number == 3701 && error.severity == 14)
}

/// Whether the answer shows that rights were there although it is an error.
pub fn was_stopped_afterwards(response: &Response) -> bool {
    response.lost.is_none()
        && !response.errors.is_empty()
        && response
            .errors
            .iter()
            .all(|error| comes_afterwards(error.number))
}

/// Whether an error comes only after rights were checked.
pub fn comes_afterwards(number: i32) -> bool {
    AFTERWARDS.binary_search(&number).is_ok()
}

#[cfg(test)]
mod tests {
    use domain::history::{Loss, Response, ServerMessage};
    use domain::outcome::Outcome;

    use super::{AFTERWARDS, DENIALS, classify, was_stopped_afterwards};

    fn answer(errors: &[(i32, u8)], lost: Option<Loss>) -> Response {
        let message = |&(number, severity): &(i32, u8)| ServerMessage {
            number,
            severity,
            state: 1,
            text: String::new(),
        };
        Response {
            errors: errors.iter().map(message).collect(),
            lost,
            ..Response::default()
        }
    }

    #[test]
    fn the_tables_are_sorted_and_disjoint() {
        for table in [DENIALS, AFTERWARDS] {
            assert!(table.windows(2).all(|pair| pair[0] < pair[1]));
        }
        assert!(DENIALS.iter().all(|number| !AFTERWARDS.contains(number)));
    }

    #[test]
    fn only_refusals_are_denied() {
        let denied = |number| Outcome::Denied { number };
        let failed = |number| Outcome::Failed { number };
        for (errors, lost, expected) in [
            (&[][..], None, Outcome::Permitted),
            (&[(229, 14)], None, denied(229)),
            (&[(916, 14)], None, denied(916)),
            (&[(102, 15)], None, failed(102)),
            (&[(208, 16)], None, failed(208)),
            (&[(3701, 14)], None, denied(3701)),
            (&[(3701, 11)], None, failed(3701)),
            (&[(262, 14), (208, 16)], None, denied(262)),
            (&[(547, 16), (229, 14)], None, denied(229)),
            (&[(2_000_000_001, 16)], None, failed(2_000_000_001)),
            (&[], Some(Loss::ConnectionLost), Outcome::Unknown),
            (&[(18456, 14)], Some(Loss::NotConnected), denied(18456)),
        ] {
            assert_eq!(
                classify(&answer(errors, lost)),
                expected,
                "{errors:?} {lost:?}"
            );
        }
    }

    #[test]
    fn errors_of_execution_prove_that_rights_were_there() {
        for (errors, expected) in [
            (&[(8134, 16)][..], true),
            (&[(2627, 14)], true),
            (&[(2627, 14), (208, 16)], false),
            (&[(229, 14)], false),
            (&[], false),
        ] {
            assert_eq!(
                was_stopped_afterwards(&answer(errors, None)),
                expected,
                "{errors:?}"
            );
        }
    }
}
