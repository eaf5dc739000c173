//! What does a value of the contract look like? One description, from which the document is printed
//! and by which requests are read.

/// The shape of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Schema {
    /// Text of so many characters.
    Text(Text),
    /// One of a few words.
    Word(&'static [&'static str]),
    /// A whole number within bounds, both included.
    Integer(i64, i64),
    /// An amount within bounds, both included, kept with four decimals.
    Amount(i64, i64),
    /// True or false.
    Boolean,
    /// A day, `2026-01-31`.
    Date,
    /// A moment, in UTC, as RFC 3339 writes it.
    Moment,
    /// So many values of one shape.
    List(Box<Schema>, usize, usize),
    /// A value of the shape with this name among [`super::shapes`].
    Named(&'static str),
    /// Fields, all known by name; an object may not have others.
    Object(Vec<Field>),
    /// Any JSON value: what a query of the investigator returns, for instance.
    Anything,
}

/// What a text may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The fewest characters.
    pub min: usize,
    /// The most characters.
    pub max: usize,
    /// Which characters it consists of.
    pub kind: TextKind,
}

/// Which characters a text consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// Any but control characters.
    Line,
    /// Letters, digits, `-` and `_`, as tenants are named.
    Name,
    /// Letters, digits and `-._@/`, as numbers of documents are written.
    Code,
    /// An address of mail.
    Mail,
    /// A GUID.
    Guid,
    /// An absolute `http` or `https` address.
    Address,
    /// Anything, control characters and line ends included, but no NUL.
    Free,
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its shape.
    pub schema: Schema,
    /// Whether it must be there.
    pub required: bool,
    /// Whether `null` is a value.
    pub nullable: bool,
    /// What it means, in a sentence; may be empty.
    pub about: &'static str,
}

impl Schema {
    /// Text without control characters.
    pub fn line(min: usize, max: usize) -> Self {
        Self::text(TextKind::Line, min, max)
    }

    /// The number of a document or an article.
    pub fn code(min: usize, max: usize) -> Self {
        Self::text(TextKind::Code, min, max)
    }

    /// Text of a kind.
    pub fn text(kind: TextKind, min: usize, max: usize) -> Self {
        Self::Text(Text { min, max, kind })
    }

    /// The number of a row.
    pub fn id() -> Self {
        Self::Integer(1, i64::from(i32::MAX))
    }

    /// A list.
    pub fn list(of: Schema, min: usize, max: usize) -> Self {
        Self::List(Box::new(of), min, max)
    }
}

impl Field {
    /// A field that must be there.
    pub fn new(name: &'static str, schema: Schema) -> Self {
        Self {
            name,
            schema,
            required: true,
            nullable: false,
            about: "",
        }
    }

    /// It may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// It may be null.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// What it means.
    #[must_use]
    pub fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }
}

impl TextKind {
    /// The pattern of the document, which [`TextKind::admits`] decides without one.
    pub fn pattern(self) -> Option<&'static str> {
        match self {
            Self::Line => Some("^[^\\u0000-\\u001f\\u007f]*$"),
            Self::Name => Some("^[A-Za-z0-9_-]*$"),
            Self::Code => Some("^[A-Za-z0-9._@/-]*$"),
            Self::Mail => Some("^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+$"),
            Self::Address => Some("^https?://[A-Za-z0-9._:-]+(/[A-Za-z0-9._~/-]*)?$"),
            Self::Free => Some("^[^\\u0000]*$"),
            Self::Guid => None,
        }
    }

    /// The format of the document.
    pub fn format(self) -> Option<&'static str> {
        match self {
            Self::Mail => Some("email"),
            Self::Guid => Some("uuid"),
            Self::Address => Some("uri"),
            Self::Line | Self::Name | Self::Code | Self::Free => None,
        }
    }

    /// Whether a text is of this kind.
    pub fn admits(self, text: &str) -> bool {
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        match self {
            Self::Line => !text.chars().any(|c| c <= '\u{1f}' || c == '\u{7f}'),
            Self::Name => text.chars().all(|c| name(c) && c != '.'),
            Self::Code => text.chars().all(|c| name(c) || matches!(c, '@' | '/')),
            Self::Mail => text.split_once('@').is_some_and(|(person, host)| {
                !person.is_empty()
                    && person.chars().all(|c| name(c) || c == '+')
                    && !host.is_empty()
                    && host.chars().all(|c| name(c) && c != '_')
            }),
            Self::Guid => {
                text.len() == 36
                    && text.char_indices().all(|(at, c)| match at {
                        8 | 13 | 18 | 23 => c == '-',
                        _ => c.is_ascii_hexdigit(),
                    })
            }
            Self::Address => {
                let rest = text
                    .strip_prefix("http://")
                    .or_else(|| text.strip_prefix("https://"));
                rest.is_some_and(|rest| {
                    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
                    !host.is_empty()
                        && host.chars().all(|c| name(c) || c == ':')
                        && path.chars().all(|c| name(c) || matches!(c, '~' | '/'))
                })
            }
            Self::Free => !text.contains('\0'),
        }
    }
}
