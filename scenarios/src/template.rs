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
//! | `{{attacker.organisation}}`, `{{attacker.department}}` | what is the attacker's in a database that all have in common, as literals; likewise `victim` |
//! | `{{attacker.row K of schema.table column C}}` | of his rows in his first department the K-th from the last |
//! | `{{attacker.other.department}}`, `{{attacker.other.row …}}` | the same of his second department |
//! | `{{step N column C}}` | left for the run: the first row's value of column C of step N |
//! | `{{own …}}` | left for the run: what is the speaker's own |

/// Replaces placeholders by their values.
///
/// # Errors
/// The first placeholder that has no value.
pub(crate) fn fill(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        let Some(length) = rest[start..].find("}}") else {
            return Err(format!("`{}` is not closed", &rest[start..]));
        };
        let name = rest[start + 2..start + length].trim();
        if name.starts_with("step ") || name.starts_with("own ") {
            filled.push_str(&rest[start..start + length + 2]);
        } else {
            let (name, quoted) = match name.strip_suffix(".quoted") {
                Some(name) => (name, true),
                None => (name, false),
            };
            let value = value(name).ok_or_else(|| format!("there is no {name}"))?;
            if quoted {
                filled.push_str(&value.replace('\'', "''"));
            } else {
                filled.push_str(&value);
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
        let value = |name: &str| match name {
            "a.b" => Some("[x]".to_owned()),
            "v" => Some("N'x'".to_owned()),
            _ => None,
        };
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
            (
                "{{own organisation}}",
                Ok("{{own organisation}}".to_owned()),
            ),
            ("{{c}}", Err("there is no c".to_owned())),
            ("{{a.b", Err("`{{a.b` is not closed".to_owned())),
        ] {
            assert_eq!(fill(text, &value), expected);
        }
    }
}
