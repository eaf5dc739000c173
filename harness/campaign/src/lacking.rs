//! What would a view, a procedure or a trigger be without one of its conditions? Each term of each WHERE is
//! left out by itself, and what a view demands of rows that are written through it. Pure.

use std::collections::BTreeSet;
use std::ops::Range;

use tsql::{Token, TokenKind};

use crate::deeds::{Deed, decided};

/// A definition that lacks one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lacking {
    /// The condition that was left out, on one line.
    pub condition: String,
    /// The definition without it, as an ALTER.
    pub definition: String,
    /// What it decided about.
    pub decided: BTreeSet<Deed>,
}

/// Words that end a WHERE at its own depth.
const ENDS: &[&str] = &[
    "GROUP",
    "ORDER",
    "HAVING",
    "UNION",
    "EXCEPT",
    "INTERSECT",
    "OPTION",
    "WITH",
    "FOR",
    "WINDOW",
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "IF",
    "ELSE",
    "BEGIN",
    "END",
    "SET",
    "EXEC",
    "EXECUTE",
    "RETURN",
    "DECLARE",
    "THROW",
    "RAISERROR",
    "WHILE",
    "COMMIT",
    "ROLLBACK",
    "SAVE",
    "WHEN",
    "GO",
    "PRINT",
    "TRUNCATE",
];

/// Every way in which a definition can lack one condition, in the order of its text. What is no
/// `CREATE` that can be read as T-SQL has none.
pub fn lacking(definition: &str) -> Vec<Lacking> {
    let Ok(tokens) = tsql::tokens(definition) else {
        return Vec::new();
    };
    let word = |index: usize| word(definition, &tokens, index);
    let Some(create) = (0..tokens.len()).find(|&index| word(index) == "CREATE") else {
        return Vec::new();
    };
    let mut cuts: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for index in 0..tokens.len() {
        if word(index) == "WHERE" {
            cuts.extend(terms(definition, &tokens, index));
        }
        let is_check_option = ["WITH", "CHECK", "OPTION"]
            .iter()
            .zip(index..)
            .all(|(own, index)| word(index) == *own);
        if is_check_option {
            cuts.push((index..index + 3, index..index + 3));
        }
    }
    let altered = alter(definition, &tokens[create]);
    let mut all = Vec::new();
    for (condition, cut) in cuts {
        let of = |tokens: &[Token], range: &Range<usize>| {
            tokens[range.start].span.start..tokens[range.end - 1].span.end
        };
        let said = &definition[of(&tokens, &condition)];
        let cut = of(&tokens, &cut);
        // `CREATE` comes before and is one letter longer than `ALTER`; a space keeps the places.
        let text = format!("{}{}", &altered[..cut.start], &altered[cut.end..]);
        if tsql::parse_batch(&text).is_ok() {
            all.push(Lacking {
                condition: said.split_whitespace().collect::<Vec<_>>().join(" "),
                definition: text,
                decided: decided(definition, &tokens, condition.start),
            });
        }
    }
    all
}

/// The terms of one WHERE: which tokens each is, and which must go with it.
fn terms(text: &str, tokens: &[Token], at: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut depth = 0_usize;
    let mut is_between = false;
    let mut has_or = false;
    let mut cases = 0_usize;
    let mut starts = vec![at + 1];
    let mut end = tokens.len();
    for index in at + 1..tokens.len() {
        match &tokens[index].kind {
            TokenKind::Symbol("(") => depth += 1,
            TokenKind::Symbol(")") if depth == 0 => {
                end = index;
                break;
            }
            TokenKind::Symbol(")") => depth -= 1,
            TokenKind::Symbol(";") if depth == 0 => {
                end = index;
                break;
            }
            TokenKind::Word if depth == 0 => match word(text, tokens, index).as_str() {
                "CASE" => cases += 1,
                "END" if cases > 0 => cases -= 1,
                _ if cases > 0 => {}
                "BETWEEN" => is_between = true,
                "AND" if is_between => is_between = false,
                "AND" => starts.push(index + 1),
                "OR" => has_or = true,
                own if ENDS.contains(&own) => {
                    end = index;
                    break;
                }
                _ => {}
            },
            _ => {}
        }
    }
    if starts.iter().any(|&start| start >= end) {
        return Vec::new();
    }
    // AND binds closer than OR: what stands between them is not a term of the whole.
    if starts.len() == 1 || has_or {
        return vec![(at + 1..end, at..end)];
    }
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([end]);
    let terms: Vec<Range<usize>> = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..end)
        .collect();
    terms
        .iter()
        .enumerate()
        .map(|(number, term)| {
            // With the AND before it, or for the first the one after it.
            let cut = if number == 0 {
                term.start..terms[1].start
            } else {
                term.start - 1..term.end
            };
            (term.clone(), cut)
        })
        .collect()
}

fn word(text: &str, tokens: &[Token], index: usize) -> String {
    match tokens.get(index) {
        Some(token) if token.kind == TokenKind::Word => text[token.span.clone()].to_uppercase(),
        _ => String::new(),
    }
}

/// The definition with ALTER for CREATE, every place where it was.
fn alter(definition: &str, create: &Token) -> String {
    format!(
        "{}ALTER {}",
        &definition[..create.span.start],
        &definition[create.span.end..]
    )
}

#[cfg(test)]
mod tests {
    use super::lacking;

    fn check(definition: &str, expected: &[(&str, &str)]) {
        let found = lacking(definition);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|one| (one.condition.as_str(), one.definition.as_str()))
            .collect();
        assert_eq!(found, expected, "{definition}");
    }

    #[test]
    fn each_condition_is_left_out_by_itself() {
        check(
            "CREATE VIEW v AS SELECT a FROM t WHERE o = 1 WITH CHECK OPTION;",
            &[
                (
                    "o = 1",
                    "ALTER  VIEW v AS SELECT a FROM t  WITH CHECK OPTION;",
                ),
                (
                    "WITH CHECK OPTION",
                    "ALTER  VIEW v AS SELECT a FROM t WHERE o = 1 ;",
                ),
            ],
        );
        check(
            "CREATE VIEW v AS SELECT a FROM t WHERE o = 1 AND (s IS NULL OR s = 2) AND a BETWEEN 1 AND 3",
            &[
                (
                    "o = 1",
                    "ALTER  VIEW v AS SELECT a FROM t WHERE  (s IS NULL OR s = 2) AND a BETWEEN 1 AND 3",
                ),
                (
                    "(s IS NULL OR s = 2)",
                    "ALTER  VIEW v AS SELECT a FROM t WHERE o = 1  AND a BETWEEN 1 AND 3",
                ),
                (
                    "a BETWEEN 1 AND 3",
                    "ALTER  VIEW v AS SELECT a FROM t WHERE o = 1 AND (s IS NULL OR s = 2) ",
                ),
            ],
        );
    }

    #[test]
    fn conditions_within_others_are_conditions_too() {
        check(
            "CREATE PROCEDURE p @i int AS BEGIN IF EXISTS (SELECT 1 FROM t WHERE i = @i) \
             DELETE FROM t WHERE a = 1 OR b = 2 AND c = 3 END",
            &[
                (
                    "i = @i",
                    "ALTER  PROCEDURE p @i int AS BEGIN IF EXISTS (SELECT 1 FROM t ) \
                     DELETE FROM t WHERE a = 1 OR b = 2 AND c = 3 END",
                ),
                (
                    "a = 1 OR b = 2 AND c = 3",
                    "ALTER  PROCEDURE p @i int AS BEGIN IF EXISTS (SELECT 1 FROM t WHERE i = @i) \
                     DELETE FROM t  END",
                ),
            ],
        );
    }

    #[test]
    fn what_is_no_definition_lacks_nothing() {
        for text in [
            "",
            "SELECT a FROM t WHERE b = 1",
            "CREATE VIEW 'v",
            "CREATE VIEW v AS SELECT 1 AS a",
        ] {
            check(text, &[]);
        }
    }
}
