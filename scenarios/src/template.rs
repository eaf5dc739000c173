//! Placeholders of scenario batches: who and what, written so that they fit any system.
//!
//! | placeholder | what stands there |
//! |---|---|
//! | `{{attacker.database}}`, `{{victim.database}}`, `{{shared.database}}` | a bracketed name; with `.name` behind it, as text inside quotes |
//! | `{{attacker.login.P}}`, `{{victim.login.P}}` | the login of principal P, as text inside quotes |
//! | `{{audit.table}}` | the audit table, bracketed; `{{audit.object}}` plain, for claims |
//! | `{{audit.schema}}`, `{{audit.name}}` | its two parts, the second as text inside quotes |
//! | `{{audit.key}}` | its key, where that is one column |
//! | `{{audit.actor}}`, `{{audit.time}}` | its columns for who and when |
//! | `{{audit.text}}` | a column of text that nothing binds |
//! | `{{audit.columns}}`, `{{audit.values}}` | what a forged row of it needs |
//! | `{{business.table}}`, `{{business.object}}` | the first table with rows that is no append-only one |
//! | `{{business.column}}` | one of its columns that may be written |
//! | `{{business.key}}`, `{{business.text}}` | its key, where that is one column; a column of text |
//! | `{{view.table}}`, `{{view.object}}` | the first view |
//! | `{{versioned.table}}`, `{{versioned.object}}`, `{{versioned.column}}` | the first table that must keep its history |
//! | any of them with `.quoted` behind it | the same as it must stand between single quotes |
//! | `{{step N column C}}` | left for the run: the first row's value of column C of step N |

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
            let (name, quoted) = match name.strip_suffix(".quoted") {
                Some(name) => (name, true),
                None => (name, false),
            };
            let value = values
                .get(name)
                .ok_or_else(|| format!("there is no {name}"))?;
            if quoted {
                filled.push_str(&value.replace('\'', "''"));
            } else {
                filled.push_str(value);
            }
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
        let values = [
            ("a.b".to_owned(), "[x]".to_owned()),
            ("v".to_owned(), "N'x'".to_owned()),
        ]
        .into();
        for (text, expected) in [
            (
                "SELECT * FROM {{a.b}}.dbo.t",
                Ok("SELECT * FROM [x].dbo.t".to_owned()),
            ),
            ("{{ a.b }}", Ok("[x]".to_owned())),
            ("{{v}} {{v.quoted}}", Ok("N'x' N''x''".to_owned())),
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
