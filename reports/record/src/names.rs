//! Which names may files of a bundle have? Those that mean the same on every system and lead nowhere else.
//! Names are made from ids, never from what a target said.

/// Whether a path of a bundle is one: parts of small letters, digits, hyphens, dots and underscores, none of
/// them hidden, going up, or a device of another system; `README.txt`, `SHA256SUMS` and the like are known.
pub fn is_path(path: &str) -> bool {
    path.len() <= PATH_MAX && path.split('/').count() <= 4 && path.split('/').all(is_part)
}

/// Longer paths do not unpack everywhere.
const PATH_MAX: usize = 200;

fn is_part(part: &str) -> bool {
    let letters = part
        .bytes()
        .all(|byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.'));
    let stem = part.split('.').next().unwrap_or_default();
    letters
        && !part.is_empty()
        && !part.starts_with('.')
        && !part.ends_with('.')
        && !is_device(stem)
}

/// Names that another system gives to devices, whatever follows the dot.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    let numbered = |prefix: &str| {
        stem.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// The first name that another one equals but for capitals: such a pair cannot be unpacked everywhere.
pub fn collision<'a>(names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    names
        .into_iter()
        .find(|name| !seen.insert(name.to_ascii_lowercase()))
}

/// A part of a path out of any text: small letters, digits and hyphens, at most 80 of them.
pub fn part(text: &str) -> String {
    let mut part = String::new();
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            part.push(letter.to_ascii_lowercase());
        } else if !part.ends_with('-') && !part.is_empty() {
            part.push('-');
        }
        if part.len() == 80 {
            break;
        }
    }
    let part = part.trim_end_matches('-').to_owned();
    if part.is_empty() || is_device(&part) {
        format!("x-{part}")
    } else {
        part
    }
}

#[cfg(test)]
mod tests {
    use super::{collision, is_path, part};

    #[test]
    fn paths_lead_nowhere_else() {
        for good in [
            "README.txt",
            "SHA256SUMS",
            "cases-shared-database-api.jsonl",
            "traces/shared-database/fuzz-12.json",
            "views/junit/TEST-tenant-isolation.xml",
        ] {
            assert!(is_path(good), "{good}");
        }
        let long = "a".repeat(201);
        for bad in [
            "",
            "/etc/passwd",
            "../up",
            "a/../b",
            "a//b",
            "a/",
            ".hidden",
            "a\\b",
            "C:/x",
            "nul.json",
            "traces/com1.txt",
            "a b",
            "a\nb",
            "ä.json",
            "a/b/c/d/e",
            long.as_str(),
        ] {
            assert!(!is_path(bad), "{bad:?}");
        }
    }

    #[test]
    fn any_text_gives_a_part() {
        for (text, expected) in [
            ("fuzz-12", "fuzz-12"),
            ("../../etc/passwd", "etc-passwd"),
            ("CON", "x-con"),
            ("ünï", "n"),
            ("", "x-"),
        ] {
            assert_eq!(part(text), expected);
            assert!(is_path(expected), "{expected}");
        }
        assert_eq!(part(&"a".repeat(300)).len(), 80);
        assert_eq!(collision(["a", "b", "A"].into_iter()), Some("A"));
        assert_eq!(collision(["a", "b"].into_iter()), None);
    }
}
