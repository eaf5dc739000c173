//! Names and texts as T-SQL writes them.

/// `name` in brackets.
pub fn name(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// `text` as a Unicode literal.
pub fn text(text: &str) -> String {
    format!("N'{}'", text.replace('\'', "''"))
}
