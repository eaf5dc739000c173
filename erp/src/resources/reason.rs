//! Is that a reason? Reverse transitions need one of twenty characters that somebody can read.

use crate::fault::Fault;
use crate::http::{Call, Problem};

/// The fewest characters of a reason.
pub const REASON_MIN: usize = 20;
/// The most: what the audit log holds, also of characters that take two places.
pub const REASON_MAX: usize = 100;

/// The reason of a call, as it was given, if it is one.
pub fn reason(call: &Call) -> Result<&str, Problem> {
    let given = call.text("reason").unwrap_or_default();
    let switches = &call.service.switches;
    if switches.fault(Fault::VoidReasonNotChecked) {
        return Ok(given);
    }
    let seen = visible(given);
    if seen < REASON_MIN {
        let message = "must have at least 20 characters that can be read";
        let mut problem = Problem::field("reason", "length", message);
        if switches.near_miss(Fault::VoidReasonNotChecked) {
            problem.detail = format!("{} characters are missing", REASON_MIN - seen);
        }
        return Err(problem);
    }
    Ok(given)
}

/// How many characters of a text can be read: blanks at its ends count as little as what has no
/// width or only changes the character before it.
fn visible(text: &str) -> usize {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.trim().chars().count()
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}'
        // Combining marks, and what joins or selects variants.
        | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}'
        | '\u{610}'..='\u{61c}' | '\u{64b}'..='\u{65f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{e0000}'..='\u{e0fff}'
        // Fillers and marks of direction.
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn only_what_can_be_read_counts() {
        for (text, expected) in [
            ("", 0),
            ("nineteen characters", 19),
            ("twenty characters on", 20),
            ("  nineteen characters \u{a0}\u{3000}", 19),
            ("nineteen characters\u{200b}\u{200d}\u{feff}", 19),
            (
                "a\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{30b}\u{30c}\u{30d}\u{30e}\u{30f}\u{310}\u{311}\u{312}\u{313}",
                1,
            ),
            ("\u{200b} \u{200b}", 0),
            ("二十文字以上の理由をここに書いておきます。", 21),
        ] {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }
}
