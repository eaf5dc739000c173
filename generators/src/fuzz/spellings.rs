//! The ways in which a name can be written: all of them mean the same securable.

use crate::draw::Draw;
use crate::literal::bracketed;

/// A way of writing names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spelling {
    /// Its name in claims.
    pub(crate) name: &'static str,
    /// Writes `[database, schema, object]`; the flag tells whether the session is in that
    /// database already. Nothing when it cannot.
    pub(crate) spell: fn(&mut Draw, &[&str; 3], bool) -> Option<Spelled>,
}

/// A name as written, and what the batch must say before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spelled {
    pub(crate) name: String,
    /// A statement that must come first.
    pub(crate) prefix: Option<String>,
    /// Whether prefix and statement go into an `EXEC ('…')` of their own, which leaves the
    /// session as it was.
    pub(crate) enclosed: bool,
    /// The family that wrote it.
    pub(crate) family: Option<&'static str>,
}

impl Spelled {
    fn bare(name: String) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// The ordinary way: two parts at home, three abroad.
    pub(crate) fn plain(parts: &[&str; 3], at_home: bool) -> Self {
        let from = usize::from(at_home);
        let name = parts[from..]
            .iter()
            .map(|part| bracketed(part))
            .collect::<Vec<_>>()
            .join(".");
        let family = Some(if at_home {
            "two-part-name"
        } else {
            "three-part-name"
        });
        Self {
            name,
            family,
            ..Self::default()
        }
    }
}

/// The spelling that leaves the schema to the speaker's default.
pub(crate) const LEAVES_SCHEMA_OUT: &str = "double-dot";

/// Every spelling.
pub(crate) const SPELLINGS: &[Spelling] = &[
    // `[database].[schema].[object]`, also at home.
    Spelling {
        name: "three-part-name",
        spell: |_, parts, _| Some(Spelled::plain(parts, false)),
    },
    // `[database]..[object]`: the schema is left to the default.
    Spelling {
        name: LEAVES_SCHEMA_OUT,
        spell: |_, parts, _| {
            let name = format!("{}..{}", bracketed(parts[0]), bracketed(parts[2]));
            (parts[1].eq_ignore_ascii_case("dbo")).then(|| Spelled::bare(name))
        },
    },
    // `USE [database]` first, in this session or in an EXEC that gives it back.
    Spelling {
        name: "use-database",
        spell: |draw, parts, _| {
            let name = format!("{}.{}", bracketed(parts[1]), bracketed(parts[2]));
            let prefix = Some(format!("USE {};", bracketed(parts[0])));
            // A session that was changed must be opened anew, which takes longer than ten batches.
            let enclosed = draw.chance(90);
            Some(Spelled {
                name,
                prefix,
                enclosed,
                family: None,
            })
        },
    },
    // Without brackets, in a mixture of upper and lower case.
    Spelling {
        name: "mixed-case",
        spell: |draw, parts, at_home| {
            let from = usize::from(at_home);
            let mut name = String::new();
            for part in &parts[from..] {
                if !is_regular(part) {
                    return None;
                }
                if !name.is_empty() {
                    name.push('.');
                }
                for letter in part.chars() {
                    if draw.chance(50) {
                        name.push(letter.to_ascii_uppercase());
                    } else {
                        name.push(letter.to_ascii_lowercase());
                    }
                }
            }
            Some(Spelled::bare(name))
        },
    },
    // Comments and blanks between the parts.
    Spelling {
        name: "comments-between",
        spell: |draw, parts, at_home| {
            let from = usize::from(at_home);
            let fillers = ["/**/", " /* ; */ ", "\n", " /* /* nested */ */ ", "\t"];
            let mut name = String::new();
            for part in &parts[from..] {
                if !name.is_empty() {
                    name.push_str(draw.pick(&fillers)?);
                    name.push('.');
                    name.push_str(draw.pick(&fillers)?);
                }
                name.push_str(&bracketed(part));
            }
            Some(Spelled::bare(name))
        },
    },
    // `"database"."schema"."object"`.
    Spelling {
        name: "quoted-identifiers",
        spell: |_, parts, at_home| {
            let from = usize::from(at_home);
            let quoted = |part: &&str| format!("\"{}\"", part.replace('"', "\"\""));
            let name = parts[from..]
                .iter()
                .map(quoted)
                .collect::<Vec<_>>()
                .join(".");
            let prefix = Some("SET QUOTED_IDENTIFIER ON;".into());
            Some(Spelled {
                name,
                prefix,
                enclosed: true,
                family: None,
            })
        },
    },
];

/// Whether a name needs no brackets. Names that could be keywords keep theirs.
fn is_regular(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "user", "users", "order", "plan", "index", "key", "table", "view",
    ];
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !KEYWORDS.contains(&name.to_ascii_lowercase().as_str())
}
