//! Names and texts as T-SQL writes them.

/// `name` in brackets.
pub fn name(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// `text` as a Unicode literal.
pub fn text(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}

/// `schema.name` in brackets.
pub fn object(object: &str) -> String {
    match object.split_once('.') {
        Some((schema, own)) => format!("{}.{}", name(schema), name(own)),
        None => name(object),
    }
}
