//! What does a statement of a module do to which objects? Read from its words, and rather too much than
//! too little: what is not understood is told as it stands, and no rule allows that.

use std::collections::BTreeSet;
use std::ops::Range;

use domain::intent::Action;
use tsql::{Token, TokenKind};

/// An action and the `schema.object` that it is done to.
pub type Deed = (Action, String);

/// Statements that change rows say themselves what a condition in them decides. What one of another
/// kind finds out may decide about all that comes after it.
const WRITES: &[&str] = &["INSERT", "UPDATE", "DELETE", "MERGE"];

/// What the condition at a place of a module decides about.
pub(crate) fn decided(text: &str, tokens: &[Token], at: usize) -> BTreeSet<Deed> {
    let word = |index: usize| word(text, tokens, index);
    let is_end = |index: usize| tokens[index].kind == TokenKind::Symbol(";");
    let start = (0..at)
        .rev()
        .find(|&index| is_end(index) || word(index) == "BEGIN")
        .map_or(0, |index| index + 1);
    let end = (at..tokens.len())
        .find(|&index| is_end(index))
        .unwrap_or(tokens.len());
    if WRITES.contains(&word(start).as_str()) {
        deeds(text, tokens, start..end)
    } else {
        deeds(text, tokens, 0..tokens.len())
    }
}

fn deeds(text: &str, tokens: &[Token], range: Range<usize>) -> BTreeSet<Deed> {
    const ALL: &[Action] = &[Action::Insert, Action::Update, Action::Delete];
    let word = |index: usize| word(text, tokens, index);
    let mut deeds = BTreeSet::new();
    for index in range {
        let actions: &[Action] = match word(index).as_str() {
            "INSERT" => &[Action::Insert],
            "UPDATE" => &[Action::Update],
            "DELETE" => &[Action::Delete],
            "MERGE" => ALL,
            "TRUNCATE" => &[Action::Truncate],
            // Its table, which nobody reads.
            "FROM" if index > 0 && word(index - 1) == "DELETE" => continue,
            "FROM" | "JOIN" | "APPLY" | "USING" => &[Action::Select],
            "EXEC" | "EXECUTE" => &[Action::Execute],
            _ => continue,
        };
        // A trigger is AFTER INSERT, and an UPDATE or DELETE names its table after FROM.
        let is_noise = |index: usize| {
            let word = word(index);
            matches!(word.as_str(), "INTO" | "TABLE")
                || word == "FROM" && actions != [Action::Select]
        };
        let at = if is_noise(index + 1) {
            index + 2
        } else {
            index + 1
        };
        if let Some(object) = object(text, tokens, at) {
            deeds.extend(actions.iter().map(|&action| (action, object.clone())));
        }
    }
    deeds
}

/// The object that is named at a place, by its alias or not; `None` for a subquery or a variable.
fn object(text: &str, tokens: &[Token], at: usize) -> Option<String> {
    let (name, _) = name(text, tokens, at)?;
    if name.contains('.') {
        return Some(name);
    }
    let stands_for = (0..tokens.len()).find_map(|index| {
        let (known, after) = self::name(text, tokens, index)?;
        let after = after + usize::from(word(text, tokens, after) == "AS");
        let alias = part(text, tokens.get(after)?)?;
        (known.contains('.') && alias.eq_ignore_ascii_case(&name)).then_some(known)
    });
    Some(stands_for.unwrap_or(name))
}

/// `a.b.c` at a place, and the place after it.
fn name(text: &str, tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let mut name = part(text, tokens.get(at)?)?;
    let mut next = at + 1;
    while tokens
        .get(next)
        .is_some_and(|own| own.kind == TokenKind::Symbol("."))
        && let Some(more) = tokens.get(next + 1).and_then(|own| part(text, own))
    {
        name = format!("{name}.{more}");
        next += 2;
    }
    Some((name, next))
}

fn part(text: &str, token: &Token) -> Option<String> {
    match &token.kind {
        TokenKind::Word => Some(text[token.span.clone()].to_owned()),
        TokenKind::Quoted(name, _) => Some(name.clone()),
        _ => None,
    }
}

fn word(text: &str, tokens: &[Token], index: usize) -> String {
    match tokens.get(index) {
        Some(token) if token.kind == TokenKind::Word => text[token.span.clone()].to_uppercase(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::decided;

    #[test]
    fn a_condition_decides_about_its_statement_or_about_all_that_follows() {
        let head = "CREATE PROCEDURE p AS BEGIN";
        for (body, expected) in [
            (
                "UPDATE dbo.T SET a = 1 WHERE @here; INSERT INTO dbo.U (a) VALUES (1);",
                "Update dbo.T",
            ),
            (
                "UPDATE t SET a = 1 FROM [dbo].[T] AS t JOIN dbo.U u ON u.a = t.a WHERE @here;",
                "Select dbo.T, Select dbo.U, Update dbo.T",
            ),
            (
                "INSERT dbo.T (a) SELECT a FROM (SELECT a FROM r.dbo.U) AS q WHERE @here;",
                "Select r.dbo.U, Insert dbo.T",
            ),
            ("DELETE FROM dbo.T WHERE @here;", "Delete dbo.T"),
            (
                "IF EXISTS (SELECT 1 FROM dbo.T WHERE @here) EXEC dbo.q; DELETE dbo.U;",
                "Select dbo.T, Delete dbo.U, Execute dbo.q",
            ),
            (
                "DECLARE @x int = (SELECT a FROM dbo.T WHERE @here); UPDATE inserted SET a = @x;",
                "Select dbo.T, Update inserted",
            ),
        ] {
            let text = format!("{head} {body} END");
            let tokens = tsql::tokens(&text).expect("it can be cut into words");
            let at = tokens
                .iter()
                .position(|own| &text[own.span.clone()] == "@here");
            let found: Vec<String> = decided(&text, &tokens, at.expect("it is there"))
                .iter()
                .map(|(action, object)| format!("{action:?} {object}"))
                .collect();
            assert_eq!(found.join(", "), expected, "{body}");
        }
    }
}
