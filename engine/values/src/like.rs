//! Does a text match a LIKE pattern?
//!
//! `%`, `_`, `[a-f]`, `[^a-f]` and ESCAPE, character by character under a collation. Matching takes
//! at most text × pattern steps, whatever the pattern.

use crate::{Collation, SqlError};

/// A compiled pattern.
#[derive(Debug, Clone)]
pub struct LikePattern {
    /// `None` if the pattern matches nothing, such as one that ends in its escape character.
    parts: Option<Vec<Part>>,
    collation: Collation,
}

#[derive(Debug, Clone)]
enum Part {
    /// `%`
    Any,
    /// `_`
    One,
    /// A character, by weight.
    Literal(u64),
    /// `[...]`: inclusive ranges of weights.
    Set {
        negated: bool,
        ranges: Vec<(u64, u64)>,
    },
}

impl Part {
    fn accepts(&self, weight: u64) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Literal(literal) => *literal == weight,
            Self::Set { negated, ranges } => {
                ranges
                    .iter()
                    .any(|&(low, high)| (low..=high).contains(&weight))
                    != *negated
            }
        }
    }
}

impl LikePattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// 506 if the escape is not one character.
    pub fn new(
        pattern: &str,
        escape: Option<&str>,
        collation: Collation,
    ) -> Result<Self, SqlError> {
        let escape = match escape {
            None => None,
            Some(escape) => {
                let mut characters = escape.chars();
                match (characters.next(), characters.next()) {
                    (Some(character), None) => Some(character),
                    _ => {
                        return Err(SqlError::new(
                            506,
                            16,
                            1,
                            format!(
                                "The invalid escape character \"{escape}\" was specified in a LIKE predicate."
                            ),
                        ));
                    }
                }
            }
        };
        let characters: Vec<char> = pattern.chars().collect();
        Ok(Self {
            parts: compile(&characters, escape, collation),
            collation,
        })
    }

    /// Whether the whole text matches. Every blank counts, as for nvarchar.
    pub fn matches(&self, text: &str) -> bool {
        let weights = self.weigh(text);
        self.parts
            .as_deref()
            .is_some_and(|parts| matches_whole(parts, &weights))
    }

    /// Whether the whole text matches, but for blanks at its end: the rule of char and varchar.
    pub fn matches_non_unicode(&self, text: &str) -> bool {
        let weights = self.weigh(text);
        let kept = text.trim_end_matches(' ').chars().count();
        self.parts
            .as_deref()
            .is_some_and(|parts| matches_from(parts, &weights, kept))
    }

    /// PATINDEX: how many characters stand before the first match, where a leading `%` stands for
    /// them. `None` without a match.
    pub(crate) fn position(&self, text: &str) -> Option<usize> {
        let parts = self.parts.as_deref()?;
        let text = self.weigh(text);
        match parts.split_first() {
            Some((Part::Any, rest)) => {
                (0..=text.len()).find(|&start| matches_whole(rest, &text[start..]))
            }
            _ => matches_whole(parts, &text).then_some(0),
        }
    }

    fn weigh(&self, text: &str) -> Vec<u64> {
        text.chars()
            .map(|character| self.collation.weight(character))
            .collect()
    }
}

fn matches_whole(parts: &[Part], text: &[u64]) -> bool {
    matches_from(parts, text, text.len())
}

/// Whether the parts match the text or a beginning of it of at least `end_min` characters.
fn matches_from(parts: &[Part], text: &[u64], end_min: usize) -> bool {
    let (mut at, mut part) = (0, 0);
    // Where to take up again: after the last `%`, one character later than last time.
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match (parts.get(part), retry) {
            (None, _) if at >= end_min => return true,
            (Some(Part::Any), _) => {
                retry = Some((at, part + 1));
                part += 1;
            }
            (Some(next), _) if next.accepts(text[at]) => {
                at += 1;
                part += 1;
            }
            (_, Some((start, after))) => {
                retry = Some((start + 1, after));
                at = start + 1;
                part = after;
            }
            (_, None) => return false,
        }
    }
    parts[part..].iter().all(|part| matches!(part, Part::Any))
}

fn compile(pattern: &[char], escape: Option<char>, collation: Collation) -> Option<Vec<Part>> {
    let mut parts = Vec::with_capacity(pattern.len());
    let mut at = 0;
    while at < pattern.len() {
        let character = pattern[at];
        at += 1;
        if Some(character) == escape {
            let literal = *pattern.get(at)?;
            at += 1;
            parts.push(Part::Literal(collation.weight(literal)));
            continue;
        }
        match character {
            '%' => {
                if !matches!(parts.last(), Some(Part::Any)) {
                    parts.push(Part::Any);
                }
            }
            '_' => parts.push(Part::One),
            '[' => {
                let (set, length) = compile_set(&pattern[at..], escape, collation)?;
                parts.push(set);
                at += length;
            }
            _ => parts.push(Part::Literal(collation.weight(character))),
        }
    }
    Some(parts)
}

/// The set after `[`, and how many characters it takes with its `]`. `None` if it is not closed:
/// such a pattern matches nothing.
fn compile_set(
    pattern: &[char],
    escape: Option<char>,
    collation: Collation,
) -> Option<(Part, usize)> {
    let mut at = 0;
    let negated = pattern.first() == Some(&'^');
    if negated {
        at += 1;
    }
    let take = |at: &mut usize| {
        if Some(*pattern.get(*at)?) == escape {
            *at += 1;
        }
        let character = *pattern.get(*at)?;
        *at += 1;
        Some(character)
    };
    let mut ranges = Vec::new();
    loop {
        if *pattern.get(at)? == ']' {
            return Some((Part::Set { negated, ranges }, at + 1));
        }
        let low = take(&mut at)?;
        let is_range =
            pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|next| *next != ']');
        let high = if is_range {
            at += 1;
            take(&mut at)?
        } else {
            low
        };
        ranges.push((collation.weight(low), collation.weight(high)));
    }
}

/// `text LIKE pattern ESCAPE escape`, every blank of the text counting.
///
/// # Errors
/// 506 if the escape is not one character.
pub fn like(
    text: &str,
    pattern: &str,
    escape: Option<&str>,
    collation: Collation,
) -> Result<bool, SqlError> {
    Ok(LikePattern::new(pattern, escape, collation)?.matches(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, pattern: &str, escape: Option<&str>, expected: bool) {
        let result = like(text, pattern, escape, Collation::default()).expect("valid escape");
        assert_eq!(
            result, expected,
            "{text:?} LIKE {pattern:?} ESCAPE {escape:?}"
        );
    }

    #[test]
    fn patterns_match_as_on_sql_server() {
        for (text, pattern, expected) in [
            ("abc", "abc", true),
            ("ABC", "abc", true),
            ("abc", "ab", false),
            ("abc", "a%", true),
            ("abc", "%c", true),
            ("abc", "%b%", true),
            ("abc", "a_c", true),
            ("abc", "a_", false),
            ("", "%", true),
            ("", "", true),
            ("", "_", false),
            ("abc", "[a-c]bc", true),
            ("dbc", "[a-c]bc", false),
            ("dbc", "[^a-c]bc", true),
            ("Bbc", "[a-c]bc", true),
            ("a-c", "a[-]c", true),
            ("a-c", "a[a-]c", true),
            ("a]c", "a]c", true),
            ("a[c", "a[[]c", true),
            ("a[c", "a[c", false),
            ("a%c", "a[%]c", true),
            ("abc", "a[%]c", false),
            ("abc", "a[]c", false),
            ("abc ", "abc", false),
            ("abc", "abc ", false),
            ("mississippi", "%iss%ip%", true),
            ("mississippi", "%issip_i", true),
            ("é", "e", false),
            ("5é", "[0-9][à-ë]", true),
        ] {
            check(text, pattern, None, expected);
        }
    }

    #[test]
    fn an_escape_makes_the_next_character_literal() {
        for (text, pattern, escape, expected) in [
            ("50%", "50!%", "!", true),
            ("500", "50!%", "!", false),
            ("a_b", "a\\_b", "\\", true),
            ("a!b", "a!!b", "!", true),
            ("ab", "ab!", "!", false),
            ("a]", "a[!]]", "!", true),
        ] {
            check(text, pattern, Some(escape), expected);
        }
        let error = like("a", "a", Some("ab"), Collation::default()).expect_err("two characters");
        assert_eq!(error.number, 506);
    }

    #[test]
    fn trailing_blanks_of_varchar_do_not_count() {
        for (text, pattern, expected) in [
            ("abc  ", "abc", true),
            ("abc  ", "abc ", true),
            ("abc", "abc ", false),
            ("abc  ", "ab_", true),
            ("   ", "", true),
            ("abc  ", "%c", true),
            ("abc  ", "%c ", true),
            ("a c  ", "% c", true),
            ("abc  ", "%b", false),
            ("abc ", "abd", false),
        ] {
            let compiled = LikePattern::new(pattern, None, Collation::default()).expect("valid");
            assert_eq!(
                compiled.matches_non_unicode(text),
                expected,
                "{text:?} LIKE {pattern:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(text in ".{0,12}", pattern in "[%_a-c!\\[\\]^-]{0,12}") {
            for &collation in Collation::ALL {
                let _ = like(&text, &pattern, Some("!"), collation);
            }
        }

        #[test]
        fn a_text_matches_itself_between_percent_signs(text in "[a-zA-Z0-9 é]{0,12}") {
            let pattern = format!("%{text}%");
            prop_assert!(like(&text, &pattern, None, Collation::default()).expect("no escape"));
        }
    }
}
