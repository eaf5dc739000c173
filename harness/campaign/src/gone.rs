//! Is a hole gone because its way is, or is something missed that a case needs? Who drops a view that nobody
//! was meant to have has mended what went through it; who drops a table has mended nothing.

use domain::case::{Actor, Step};
use domain::history::{Response, StepRecord};

use crate::replay::Expected;

/// Errors that name what is not there, whoever asks.
const ABSENT: &[i32] = &[
    207,  // Invalid column name.
    208,  // Invalid object name.
    911,  // The database does not exist.
    2812, // Could not find the stored procedure.
];

/// Whether an answer says that something is not there.
pub(crate) fn is_absent(response: &Response) -> bool {
    response
        .errors
        .iter()
        .any(|error| is_of_absence(error.number))
}

fn is_of_absence(number: i32) -> bool {
    ABSENT.binary_search(&number).is_ok()
}

/// Whether nobody can do any more what nobody was meant to do: the way is gone that was nobody's, or the
/// administrator is refused, who did it in place of somebody rightful. With that the finding is mended.
/// What else is not there is missed, and its absence says nothing.
pub(crate) fn is_mended(step: &Step, record: &StepRecord, expected: &Expected) -> bool {
    // Where nobody does it first, the attacker himself is the only one who can find the way gone.
    let twin = record.twin.as_ref().unwrap_or(&record.response);
    let (false, Some(error)) = (twin.lost.is_some(), twin.first_error()) else {
        return false;
    };
    let is_gone = is_of_absence(error.number);
    let is_way = || {
        let mut ways = expected.through.iter();
        ways.any(|way| is_named(&error.text, way))
    };
    match step.twin {
        None | Some(Actor::Administrator { .. }) => {
            expected.fingerprint.is_some() && (!is_gone || is_way())
        }
        // He has everything out of his way: what stops him is not the mending.
        Some(Actor::Keeper { .. }) => is_gone && is_way(),
        // Somebody was meant to be able to.
        Some(_) => false,
    }
}

/// Whether a message names an object, with or without what it lies in.
fn is_named(text: &str, object: &str) -> bool {
    let name = object.split_once('.').map_or(object, |(_, name)| name);
    let name = name.to_lowercase();
    let text = text.to_lowercase();
    [".", "'"]
        .iter()
        .any(|before| text.contains(&format!("{before}{name}'")))
}
