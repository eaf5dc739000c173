//! Placeholders of case files: who and what, written so that they fit any system and any world.
//!
//! | placeholder | what stands there |
//! |---|---|
//! | `{{attacker.database}}`, `{{victim.database}}`, `{{shared.database}}` | a bracketed name; with `.name` behind it, as text inside quotes |
//! | `{{shared.registry.database}}` | the shared database with that key |
//! | `{{attacker.login.P}}`, `{{victim.login.P}}` | the login of principal P, as text inside quotes |
//! | `{{attacker.tenant}}` | the tenant's name |
//! | `{{attacker.mark}}` | the text that all his planted values carry |
//! | `{{attacker.number}}`, `{{attacker.number+7}}` | the first number of his band, and the seventh after it; a whole JSON text is the number itself, unless ` as text` follows |
//! | `{{attacker.year}}`, `{{attacker.guid}}` | the year of his dates; the first eight digits of his GUIDs |
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
//! | `{{attacker.organisation}}`, `{{attacker.department}}` | what is the attacker's in a database that all have in common, as literals |
//! | `{{attacker.row K of schema.table column C}}` | of his rows (in his first department) the K-th from the last |
//! | `{{attacker.other.department}}`, `{{attacker.other.row …}}` | the same of his second department |
//! | any of them with `.quoted` behind it | the same as it must stand between single quotes |
//! | any of them with ` cased xXx` behind it | the same with small and capital letters by that pattern |
//! | `{{braces}}` | two opening braces that begin no placeholder |
//! | `{{step N column C}}`, `{{step N /id}}`, `{{step N header H}}` | left for the run: what step N was answered |
//! | `{{own …}}`, `{{hook}}` | left for the run: what is the speaker's own |
//! | `{{of victim MarkText}}` | left for the run: what is that tenant's |
//!
//! What is said of the attacker holds for `victim`, `bystander`, `bystander-2` … as well.

/// What two opening braces that begin no placeholder are written as.
pub(crate) const BRACES: &str = "{{braces}}";

/// Replaces placeholders by their values; `tenant` is the name of the tenant with a role.
///
/// # Errors
/// The first placeholder that has no value.
pub(crate) fn fill(
    text: &str,
    value: &dyn Fn(&str) -> Option<String>,
    tenant: &dyn Fn(&str) -> Option<String>,
) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = split(rest) {
        if let Some(open) = before.find("{{") {
            return Err(unclosed(&before[open..]));
        }
        filled.push_str(before);
        rest = after;
        let name = name.trim();
        if let Some(reference) = name.strip_prefix("of ") {
            let (role, key) = reference.split_once(' ').unwrap_or((reference, ""));
            let tenant = tenant(role).ok_or_else(|| format!("there is no {role}"))?;
            filled.push_str(&format!("{{{{of {tenant} {key}}}}}"));
        } else if is_left_for_the_run(name) {
            filled.push_str(&format!("{{{{{name}}}}}"));
        } else {
            filled.push_str(&lookup(name, value).ok_or_else(|| format!("there is no {name}"))?);
        }
    }
    if let Some(open) = rest.find("{{") {
        return Err(unclosed(&rest[open..]));
    }
    filled.push_str(rest);
    Ok(filled)
}

fn unclosed(text: &str) -> String {
    let shown: String = text.chars().take(40).collect();
    format!("`{shown}` is not closed; two braces that begin nothing are written {BRACES}")
}

/// A name with what may stand behind it.
fn lookup(name: &str, value: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(found) = value(name) {
        return Some(found);
    }
    if let Some((name, pattern)) = name.rsplit_once(" cased ") {
        return Some(cased(&lookup(name, value)?, pattern));
    }
    let name = name.strip_suffix(".quoted")?;
    Some(lookup(name, value)?.replace('\'', "''"))
}

/// Whether a name is a reference that only the run can resolve.
pub(crate) fn is_left_for_the_run(name: &str) -> bool {
    name.starts_with("step ") || name.starts_with("own ") || name == "hook"
}

/// A text with capital letters where the pattern has one; the pattern begins anew when it ends.
fn cased(text: &str, pattern: &str) -> String {
    let mut pattern = pattern.chars().cycle();
    text.chars()
        .map(|c| match pattern.next() {
            Some(letter) if letter.is_ascii_uppercase() => c.to_ascii_uppercase(),
            Some(_) => c.to_ascii_lowercase(),
            None => c,
        })
        .collect()
}

/// The pattern by which [`cased`] makes `text` again of the same text in other letters; one letter
/// where all are alike.
pub(crate) fn pattern_of(text: &str) -> String {
    let has = |is_so: fn(&char) -> bool| text.chars().any(|c| is_so(&c));
    if !has(char::is_ascii_lowercase) {
        return "X".to_owned();
    }
    if !has(char::is_ascii_uppercase) {
        return "x".to_owned();
    }
    text.chars()
        .map(|c| if c.is_ascii_uppercase() { 'X' } else { 'x' })
        .collect()
}

/// What stands before the first placeholder, its name, and the rest. Of `{{{name}}` the inner pair
/// counts.
pub(crate) fn split(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let length = text[from..].find("}}")?;
        let end = from + length;
        if let Some(start) = text[..end].rfind("{{") {
            return Some((&text[..start], &text[start + 2..end], &text[end + 2..]));
        }
        from = end + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::{fill, pattern_of};

    #[test]
    fn placeholders_are_filled_and_references_left() {
        let value = |name: &str| match name {
            "a.b" => Some("[x]".to_owned()),
            "v" => Some("N'x'".to_owned()),
            "n" => Some("acme_1".to_owned()),
            "braces" => Some("{{".to_owned()),
            _ => None,
        };
        let tenant = |role: &str| (role == "victim").then(|| "beta".to_owned());
        for (text, expected) in [
            ("SELECT * FROM {{a.b}}.dbo.t", Ok("SELECT * FROM [x].dbo.t")),
            ("{{ a.b }}", Ok("[x]")),
            ("{{v}} {{v.quoted}}", Ok("N'x' N''x''")),
            ("{{v.quoted.quoted}}", Ok("N''''x''''")),
            ("{{n cased xX}}", Ok("aCmE_1")),
            ("{{n cased x}} {{n cased XXXXXX}}", Ok("acme_1 ACME_1")),
            ("{{step 1 column Id}}", Ok("{{step 1 column Id}}")),
            ("{{own organisation}}", Ok("{{own organisation}}")),
            ("{{of victim MarkText}}", Ok("{{of beta MarkText}}")),
            ("{{{a.b}}}", Ok("{[x]}")),
            ("}}{{braces}}x}}", Ok("}}{{x}}")),
            ("{{c}}", Err("there is no c")),
            ("{{of nobody MarkText}}", Err("there is no nobody")),
            (
                "{{a.b",
                Err("`{{a.b` is not closed; two braces that begin nothing are written {{braces}}"),
            ),
        ] {
            let filled = fill(text, &value, &tenant);
            assert_eq!(
                filled.as_deref().map_err(String::as_str),
                expected,
                "{text}"
            );
        }
        for (text, pattern) in [("aB_c", "xXxx"), ("AB_1", "X"), ("ab_1", "x")] {
            assert_eq!(pattern_of(text), pattern);
        }
    }
}
