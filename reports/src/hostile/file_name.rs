//! Text in the name of a file: which names lead elsewhere, and which are not names everywhere?

use sha2::{Digest as _, Sha256};

/// Longer names are cut; some file systems and archives end at 100 characters for a whole path.
const LENGTH_MAX: usize = 48;

/// A name of small letters, digits and hyphens. Two texts that would get the same name do not: what is
/// not written this way already gets eight digits of its hash.
pub fn file_name(text: &str) -> String {
    let mut name = String::with_capacity(LENGTH_MAX);
    for character in text.chars() {
        if name.len() == LENGTH_MAX {
            break;
        }
        match character {
            'a'..='z' | '0'..='9' => name.push(character),
            'A'..='Z' => name.push(character.to_ascii_lowercase()),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_end_matches('-');
    if name == text && !is_device(name) {
        return name.to_owned();
    }
    let digest = Sha256::digest(text.as_bytes());
    let digits: String = digest
        .iter()
        .take(4)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match name {
        "" => format!("x-{digits}"),
        name => format!("{name}-{digits}"),
    }
}

/// Windows takes these for devices, whatever follows a dot.
fn is_device(name: &str) -> bool {
    let numbered = |prefix: &str| {
        name.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.chars().all(|c| c.is_ascii_digit()))
    };
    name.is_empty()
        || matches!(name, "con" | "prn" | "aux" | "nul")
        || numbered("com")
        || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::file_name;
    use crate::hostile::nasty;

    #[test]
    fn names_lead_nowhere_and_differ() {
        let mut names = BTreeSet::new();
        for text in nasty().chain(["con", "CON", "Con", "scoping-3f9a1c02", "a b", "a-b", "A-b"]) {
            let name = file_name(text);
            assert!(
                !name.is_empty()
                    && name.len() < 64
                    && name
                        .chars()
                        .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-')),
                "{text:?} gave {name:?}"
            );
            assert!(names.insert(name.clone()), "{text:?} gave {name:?} again");
        }
        assert_eq!(file_name("scoping-3f9a1c02"), "scoping-3f9a1c02");
        assert_ne!(file_name("con"), "con");
    }
}
