//! Text that is not understood: which names does it hold?

use tsql::TokenKind;

use super::catalog::Catalog;

/// The first name in the text that leads to a table, view, function or procedure of the
/// database, if any does; a text that cannot even be cut into tokens may hold any.
pub(crate) fn known_name(catalog: &Catalog, database: &str, text: &str) -> Option<String> {
    let Ok(tokens) = tsql::tokens(text) else {
        return Some("a text that is no T-SQL".into());
    };
    let objects = catalog.database(database);
    tokens.into_iter().find_map(|token| {
        let name = match token.kind {
            TokenKind::Word => text.get(token.span.clone())?.to_owned(),
            TokenKind::Quoted(name, _) => name,
            _ => return None,
        };
        objects
            .is_none_or(|objects| objects.knows(&name))
            .then_some(name)
    })
}

/// The first words of a statement, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    const LENGTH_MAX: usize = 100;
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.chars().count() + word.chars().count() >= LENGTH_MAX {
            line.push_str(" …");
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// The query of `DECLARE name CURSOR … FOR query`, with the line on which it begins.
pub(crate) fn cursor_query(text: &str) -> Option<(&str, u32)> {
    let tokens = tsql::tokens(text).ok()?;
    let word = |index: usize| {
        let token = tokens.get(index)?;
        matches!(token.kind, TokenKind::Word).then(|| text[token.span.clone()].to_ascii_uppercase())
    };
    if word(0).as_deref() != Some("DECLARE") {
        return None;
    }
    let cursor = (1..4).find(|&index| word(index).as_deref() == Some("CURSOR"))?;
    let query =
        (cursor + 1..tokens.len()).find(|&index| word(index).as_deref() == Some("FOR"))? + 1;
    let first = tokens.get(query)?;
    let mut end = text.len();
    // FOR READ ONLY, FOR UPDATE OF.
    for (index, token) in tokens.iter().enumerate().skip(query) {
        let next = word(index + 1);
        if word(index).as_deref() == Some("FOR")
            && matches!(next.as_deref(), Some("READ" | "UPDATE"))
        {
            end = token.span.start;
        }
    }
    Some((&text[first.span.start..end], first.line))
}

/// The variables behind INTO of a FETCH.
pub(crate) fn fetched(text: &str) -> Vec<String> {
    let Ok(tokens) = tsql::tokens(text) else {
        return Vec::new();
    };
    let variables = tokens
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::Variable));
    variables
        .map(|token| text[token.span.clone()].to_lowercase())
        .collect()
}
