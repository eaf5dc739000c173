//! Which causes has somebody decided to live with, who, why, and until when? A decision without an
//! answer to each of these is none.

use domain::cause::Waiver;
use domain::control::ControlId;

use crate::document::{self, Document};
use crate::positioned::{Fault, Spanned};
use crate::validate::known;

/// Everything that is wrong with the waivers.
pub(crate) fn faults(document: &Document, faults: &mut Vec<Fault>) {
    for (position, waiver) in document.waivers.iter().enumerate() {
        let waiver = &waiver.value;
        for (text, missing) in [
            (&waiver.id, "a waiver has an id, such as W-2026-04"),
            (
                &waiver.owner,
                "a waiver has an owner: somebody answers for it",
            ),
            (&waiver.reason, "a waiver has a reason"),
        ] {
            if text.value.trim().is_empty() {
                faults.push(Fault::new(text.place, missing));
            }
        }
        let earlier = &document.waivers[..position];
        if earlier
            .iter()
            .any(|other| other.value.id.value == waiver.id.value)
        {
            faults.push(Fault::new(
                waiver.id.place,
                format!("two waivers have the id {}", waiver.id.value),
            ));
        }
        if !is_cause(&waiver.cause.value) {
            let message = format!(
                "`{}` is no id of a cause; expected one such as containment-3f9a1c02",
                waiver.cause.value
            );
            let hint = "the report of a run names each cause by its id".to_owned();
            faults.push(Fault::new(waiver.cause.place, message).hint(Some(hint)));
        }
        for id in &waiver.controls {
            known(id, faults);
        }
        if !is_day(&waiver.expires.value) {
            faults.push(Fault::new(
                waiver.expires.place,
                format!(
                    "`{}` is no day; expected YYYY-MM-DD, such as 2027-03-31",
                    waiver.expires.value
                ),
            ));
        }
    }
}

/// The waivers as declared.
pub(crate) fn read(written: Vec<Spanned<document::Waiver>>) -> Vec<Waiver> {
    let waiver = |Spanned { value, .. }: Spanned<document::Waiver>| Waiver {
        id: value.id.value,
        cause: value.cause.value,
        controls: value
            .controls
            .into_iter()
            .map(|id| ControlId(id.value))
            .collect(),
        owner: value.owner.value,
        reason: value.reason.value,
        expires: value.expires.value,
    };
    written.into_iter().map(waiver).collect()
}

/// A word and eight hexadecimal digits.
pub(crate) fn is_cause(text: &str) -> bool {
    text.rsplit_once('-').is_some_and(|(word, digits)| {
        let of_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !word.is_empty()
            && word.chars().all(of_word)
            && digits.len() == 8
            && digits.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
    })
}

/// A day of the calendar, as YYYY-MM-DD, so that days compare as texts do.
fn is_day(text: &str) -> bool {
    let number = |from: usize, to: usize| -> Option<u16> {
        let digits = text.get(from..to)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        all.then(|| digits.parse().ok()).flatten()
    };
    let bytes = text.as_bytes();
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leaps = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u16::from(leaps),
        _ => return false,
    };
    text.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' && (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::{is_cause, is_day};

    #[test]
    fn days_are_of_the_calendar() {
        for (text, expected) in [
            ("2026-11-28", true),
            ("2028-02-29", true),
            ("2000-02-29", true),
            ("2026-02-29", false),
            ("2100-02-29", false),
            ("2026-13-01", false),
            ("2026-00-10", false),
            ("2026-04-31", false),
            ("2026-4-3", false),
            ("2026/04/03", false),
            ("28.11.2026", false),
            ("2026-11-28T00:00", false),
            ("２026-11-28", false),
            ("", false),
        ] {
            assert_eq!(is_day(text), expected, "{text}");
        }
    }

    #[test]
    fn causes_are_called_by_a_word_and_digits() {
        for (text, expected) in [
            ("containment-3f9a1c02", true),
            ("tenant-keys-00000000", true),
            ("containment", false),
            ("-3f9a1c02", false),
            ("containment-3F9A1C02", false),
            ("containment-3f9a1c0", false),
            ("Cont ainment-3f9a1c02", false),
        ] {
            assert_eq!(is_cause(text), expected, "{text}");
        }
    }
}
