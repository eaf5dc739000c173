//! Placeholders of scenario batches: who and what, written so that they fit any system.
//!
//! `{{attacker.database}}` and `{{victim.database}}` are bracketed names, with `.name` as text
//! inside quotes; `{{shared.database}}` likewise; `{{attacker.login.P}}` and `{{victim.login.P}}`
//! are login names; `{{audit.table}}` is the audit table, `{{business.table}}` the first table
//! with rows that is no append-only one, `{{business.column}}` one of its columns that may be
//! written. `{{step N column C}}` is left for the run.

use std::collections::BTreeMap;

/// Replaces placeholders by their values.
///
/// # Errors
/// The first placeholder that has no value.
pub(crate) fn fill(text: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        let Some(length) = rest[start..].find("}}") else {
            return Err(format!("`{}` is not closed", &rest[start..]));
        };
        let name = rest[start + 2..start + length].trim();
        if name.starts_with("step ") {
            filled.push_str(&rest[start..start + length + 2]);
        } else {
            let value = values
                .get(name)
                .ok_or_else(|| format!("there is no {name}"))?;
            filled.push_str(value);
        }
        rest = &rest[start + length + 2..];
    }
    filled.push_str(rest);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn placeholders_are_filled_and_references_left() {
        let values = [("a.b".to_owned(), "[x]".to_owned())].into();
        for (text, expected) in [
            (
                "SELECT * FROM {{a.b}}.dbo.t",
                Ok("SELECT * FROM [x].dbo.t".to_owned()),
            ),
            ("{{ a.b }}", Ok("[x]".to_owned())),
            (
                "{{step 1 column Id}}",
                Ok("{{step 1 column Id}}".to_owned()),
            ),
            ("{{c}}", Err("there is no c".to_owned())),
            ("{{a.b", Err("`{{a.b` is not closed".to_owned())),
        ] {
            assert_eq!(fill(text, &values), expected);
        }
    }
}
