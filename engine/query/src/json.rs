//! What do the JSON functions see in a text, and how does FOR JSON write rows?
//!
//! The parser keeps the source text of every value, because JSON_QUERY and OPENJSON hand out
//! fragments exactly as they were written.

mod auto;
mod modify;

use std::fmt::Write as _;

use values::{ConversionKind, SqlError, SqlType, Value, convert};

use crate::messages;
use crate::plan::OutputColumn;

/// Deepest nesting of a JSON text; SQL Server's own limit is 128.
const DEPTH: usize = 128;

/// A parsed JSON value with its place in the text.
#[derive(Debug, Clone)]
struct Node {
    kind: Kind,
    start: usize,
    end: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    Null,
    Bool,
    /// As written.
    Number,
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// `type` of OPENJSON.
    fn type_number(&self) -> u8 {
        match self.kind {
            Kind::Null => 0,
            Kind::Text(_) => 1,
            Kind::Number => 2,
            Kind::Bool => 3,
            Kind::Array(_) => 4,
            Kind::Object(_) => 5,
        }
    }

    fn is_scalar(&self) -> bool {
        !matches!(self.kind, Kind::Array(_) | Kind::Object(_))
    }

    /// A scalar as text; `None` for null.
    fn text(&self, source: &str) -> Option<String> {
        match &self.kind {
            Kind::Null => None,
            Kind::Text(text) => Some(text.clone()),
            _ => Some(source[self.start..self.end].to_owned()),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Parser<'t> {
    fn parse(text: &'t str) -> Result<Node, usize> {
        let mut parser = Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
        };
        let node = parser.value(0)?;
        parser.blanks();
        if parser.at < parser.bytes.len() {
            Err(parser.at)
        } else {
            Ok(node)
        }
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Node, usize> {
        if depth > DEPTH {
            return Err(self.at);
        }
        self.blanks();
        let start = self.at;
        let kind = match self.bytes.get(self.at) {
            Some(b'{') => {
                self.at += 1;
                let mut members = Vec::new();
                self.blanks();
                if !self.take(b'}') {
                    loop {
                        self.blanks();
                        if self.bytes.get(self.at) != Some(&b'"') {
                            return Err(self.at);
                        }
                        let key = self.string()?;
                        self.blanks();
                        if !self.take(b':') {
                            return Err(self.at);
                        }
                        members.push((key, self.value(depth + 1)?));
                        self.blanks();
                        if self.take(b'}') {
                            break;
                        }
                        if !self.take(b',') {
                            return Err(self.at);
                        }
                    }
                }
                Kind::Object(members)
            }
            Some(b'[') => {
                self.at += 1;
                let mut items = Vec::new();
                self.blanks();
                if !self.take(b']') {
                    loop {
                        items.push(self.value(depth + 1)?);
                        self.blanks();
                        if self.take(b']') {
                            break;
                        }
                        if !self.take(b',') {
                            return Err(self.at);
                        }
                    }
                }
                Kind::Array(items)
            }
            Some(b'"') => Kind::Text(self.string()?),
            Some(b't') => self.word("true", Kind::Bool)?,
            Some(b'f') => self.word("false", Kind::Bool)?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => return Err(self.at),
        };
        Ok(Node {
            kind,
            start,
            end: self.at,
        })
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, kind: Kind) -> Result<Kind, usize> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(kind)
        } else {
            Err(self.at)
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Kind, usize> {
        self.take(b'-');
        if self.digits() == 0 {
            return Err(self.at);
        }
        if self.take(b'.') && self.digits() == 0 {
            return Err(self.at);
        }
        if matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.bytes.get(self.at), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(self.at);
            }
        }
        Ok(Kind::Number)
    }

    fn string(&mut self) -> Result<String, usize> {
        self.at += 1;
        let mut result = String::new();
        loop {
            let start = self.at;
            while !matches!(self.bytes.get(self.at), None | Some(b'"' | b'\\')) {
                self.at += 1;
            }
            result.push_str(&self.text[start..self.at]);
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(result);
                }
                Some(_) => {
                    self.at += 1;
                    let escape = *self.bytes.get(self.at).ok_or(self.at)?;
                    self.at += 1;
                    result.push(match escape {
                        b'"' => '"',
                        b'\\' => '\\',
                        b'/' => '/',
                        b'b' => '\u{8}',
                        b'f' => '\u{c}',
                        b'n' => '\n',
                        b'r' => '\r',
                        b't' => '\t',
                        b'u' => self.unicode()?,
                        _ => return Err(self.at - 1),
                    });
                }
                None => return Err(self.at),
            }
        }
    }

    fn unicode(&mut self) -> Result<char, usize> {
        let high = self.hex()?;
        if (0xd800..0xdc00).contains(&high) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            let before = self.at;
            self.at += 2;
            let low = self.hex()?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or('\u{fffd}'));
            }
            self.at = before;
        }
        Ok(char::from_u32(high).unwrap_or('\u{fffd}'))
    }

    fn hex(&mut self) -> Result<u32, usize> {
        let digits = self.bytes.get(self.at..self.at + 4).ok_or(self.at)?;
        let text = std::str::from_utf8(digits).map_err(|_| self.at)?;
        let code = u32::from_str_radix(text, 16).map_err(|_| self.at)?;
        self.at += 4;
        Ok(code)
    }
}

/// 13609: the text is not JSON.
fn not_json(text: &str, at: usize) -> SqlError {
    let found = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .unwrap_or('.');
    SqlError::new(
        13609,
        16,
        1,
        format!(
            "JSON text is not properly formatted. Unexpected character '{found}' is found at position {at}."
        ),
    )
}

/// A path such as `lax $.items[0]."odd key"`.
struct Path {
    strict: bool,
    steps: Vec<Step>,
}

enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    fn parse(text: &str) -> Result<Self, SqlError> {
        let bad = |at: usize| {
            let found = text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .unwrap_or('.');
            SqlError::new(
                13607,
                16,
                1,
                format!(
                    "JSON path is not properly formatted. Unexpected character '{found}' is found at position {at}."
                ),
            )
        };
        let trimmed = text.trim_start();
        let (strict, rest) = match trimmed.split_once(char::is_whitespace) {
            Some((mode, rest)) if mode.eq_ignore_ascii_case("strict") => (true, rest.trim_start()),
            Some((mode, rest)) if mode.eq_ignore_ascii_case("lax") => (false, rest.trim_start()),
            _ => (false, trimmed),
        };
        let offset = text.len() - rest.len();
        let mut chars = rest.char_indices().peekable();
        if chars.next().map(|(_, c)| c) != Some('$') {
            return Err(bad(offset));
        }
        let mut steps = Vec::new();
        while let Some((at, c)) = chars.next() {
            match c {
                '.' => {
                    let mut key = String::new();
                    if let Some((_, '"')) = chars.peek() {
                        chars.next();
                        let mut closed = false;
                        while let Some((_, c)) = chars.next() {
                            match c {
                                '"' => {
                                    closed = true;
                                    break;
                                }
                                '\\' => key.extend(chars.next().map(|(_, c)| c)),
                                c => key.push(c),
                            }
                        }
                        if !closed {
                            return Err(bad(offset + rest.len()));
                        }
                    } else {
                        while let Some((_, c)) =
                            chars.next_if(|(_, c)| c.is_alphanumeric() || *c == '_' || *c == '$')
                        {
                            key.push(c);
                        }
                        if key.is_empty() {
                            return Err(bad(offset + at + 1));
                        }
                    }
                    steps.push(Step::Key(key));
                }
                '[' => {
                    let mut digits = String::new();
                    while let Some((_, c)) = chars.next_if(|(_, c)| c.is_ascii_digit()) {
                        digits.push(c);
                    }
                    let index = digits.parse().map_err(|_| bad(offset + at + 1))?;
                    if chars.next().map(|(_, c)| c) != Some(']') {
                        return Err(bad(offset + at + 1));
                    }
                    steps.push(Step::Index(index));
                }
                _ => return Err(bad(offset + at)),
            }
        }
        Ok(Self { strict, steps })
    }

    fn find<'n>(&self, node: &'n Node) -> Result<Option<&'n Node>, SqlError> {
        let mut node = node;
        for step in &self.steps {
            let next = match (step, &node.kind) {
                (Step::Key(key), Kind::Object(members)) => members
                    .iter()
                    .find(|(name, _)| name == key)
                    .map(|(_, node)| node),
                (Step::Index(index), Kind::Array(items)) => items.get(*index),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None if self.strict => {
                    return Err(SqlError::new(
                        13608,
                        16,
                        2,
                        "Property cannot be found on the specified JSON path.",
                    ));
                }
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }
}

/// The scalar JSON functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JsonFunction {
    Value,
    Query,
    IsJson,
    /// `is_json` when the new value comes from a function or query that gives JSON.
    Modify {
        is_json: bool,
    },
    PathExists,
}

impl JsonFunction {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "json_value" => Self::Value,
            "json_query" => Self::Query,
            "isjson" => Self::IsJson,
            "json_modify" => Self::Modify { is_json: false },
            "json_path_exists" => Self::PathExists,
            _ => return None,
        })
    }

    pub(crate) fn check_arity(self, arguments: usize) -> Result<(), SqlError> {
        match (self, arguments) {
            (Self::Value | Self::PathExists, 2)
            | (Self::Query, 1 | 2)
            | (Self::IsJson, 1)
            | (Self::Modify { .. }, 3) => Ok(()),
            (Self::Value, _) => Err(messages::argument_count("json_value", 2)),
            (Self::Query, _) => Err(messages::argument_count("json_query", 2)),
            (Self::IsJson, _) => Err(messages::argument_count("isjson", 1)),
            (Self::Modify { .. }, _) => Err(messages::argument_count("json_modify", 3)),
            (Self::PathExists, _) => Err(messages::argument_count("json_path_exists", 2)),
        }
    }

    pub(crate) fn data_type(self) -> SqlType {
        match self {
            Self::Value => SqlType::nvarchar(4000),
            Self::Query | Self::Modify { .. } => SqlType::NVARCHAR_MAX,
            Self::IsJson => SqlType::Int,
            Self::PathExists => SqlType::Bit,
        }
    }

    /// Whether the result is JSON, which JSON_MODIFY takes as it is.
    pub(crate) fn gives_json(self) -> bool {
        matches!(self, Self::Query | Self::Modify { .. })
    }

    pub(crate) fn evaluate(self, arguments: &[(Value, SqlType)]) -> Result<Value, SqlError> {
        if let Self::Modify { is_json } = self {
            return modify::modify(arguments, is_json);
        }
        let Value::Text(text) = as_text(&arguments[0])? else {
            return Ok(Value::Null);
        };
        if self == Self::IsJson {
            let valid = Parser::parse(&text).is_ok_and(|node| !node.is_scalar());
            return Ok(Value::Int(i32::from(valid)));
        }
        let path = match arguments.get(1) {
            None => Path {
                strict: false,
                steps: Vec::new(),
            },
            Some(argument) => match as_text(argument)? {
                Value::Text(path) => Path::parse(&path)?,
                _ => return Ok(Value::Null),
            },
        };
        let parsed = Parser::parse(&text);
        if self == Self::PathExists {
            // Never an error of the text: what is not JSON has no such path.
            let found = match &parsed {
                Ok(node) => path.find(node)?.is_some(),
                Err(_) => false,
            };
            return Ok(Value::Bit(found));
        }
        let node = parsed.map_err(|at| not_json(&text, at))?;
        let Some(found) = path.find(&node)? else {
            return Ok(Value::Null);
        };
        match self {
            Self::Value if found.is_scalar() => match found.text(&text) {
                Some(value) if value.encode_utf16().count() <= 4000 => Ok(Value::text(value)),
                Some(_) if path.strict => Err(SqlError::new(
                    13625,
                    16,
                    1,
                    "String value in the specified JSON path would be truncated.",
                )),
                _ => Ok(Value::Null),
            },
            Self::Value if path.strict => Err(SqlError::new(
                13623,
                16,
                1,
                "Scalar value cannot be found in the specified JSON path.",
            )),
            Self::Query if !found.is_scalar() => Ok(Value::text(&text[found.start..found.end])),
            Self::Query if path.strict => Err(SqlError::new(
                13624,
                16,
                1,
                "Object or array cannot be found in the specified JSON path.",
            )),
            _ => Ok(Value::Null),
        }
    }
}

fn as_text(argument: &(Value, SqlType)) -> Result<Value, SqlError> {
    match &argument.0 {
        Value::Text(_) | Value::Null => Ok(argument.0.clone()),
        other => convert(
            other,
            &argument.1,
            &SqlType::NVARCHAR_MAX,
            None,
            ConversionKind::Implicit,
        ),
    }
}

/// OPENJSON with its WITH clause: path, type, AS JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct OpenJson {
    pub(crate) columns: Vec<(String, SqlType, bool)>,
}

impl OpenJson {
    pub(crate) fn rows(&self, arguments: &[(Value, SqlType)]) -> Result<Vec<Vec<Value>>, SqlError> {
        let Value::Text(text) = as_text(&arguments[0])? else {
            return Ok(Vec::new());
        };
        let node = Parser::parse(&text).map_err(|at| not_json(&text, at))?;
        let found = match arguments.get(1) {
            None => Some(&node),
            Some(argument) => match as_text(argument)? {
                Value::Text(path) => Path::parse(&path)?.find(&node)?,
                _ => None,
            },
        };
        let Some(found) = found else {
            return Ok(Vec::new());
        };
        if self.columns.is_empty() {
            let shown = |key: String, node: &Node| {
                let value = match node.text(&text) {
                    Some(value) => Value::text(value),
                    None => Value::Null,
                };
                vec![Value::text(key), value, Value::TinyInt(node.type_number())]
            };
            return Ok(match &found.kind {
                Kind::Array(items) => items
                    .iter()
                    .enumerate()
                    .map(|(i, node)| shown(i.to_string(), node))
                    .collect(),
                Kind::Object(members) => members
                    .iter()
                    .map(|(key, node)| shown(key.clone(), node))
                    .collect(),
                _ => Vec::new(),
            });
        }
        let items: Vec<&Node> = match &found.kind {
            Kind::Array(items) => items.iter().collect(),
            Kind::Object(_) => vec![found],
            _ => Vec::new(),
        };
        items
            .into_iter()
            .map(|item| self.row(item, &text))
            .collect()
    }

    fn row(&self, item: &Node, text: &str) -> Result<Vec<Value>, SqlError> {
        self.columns
            .iter()
            .map(|(path, data_type, as_json)| {
                let path = Path::parse(path)?;
                let Some(node) = path.find(item)? else {
                    return Ok(Value::Null);
                };
                if *as_json {
                    return Ok(if node.is_scalar() {
                        Value::Null
                    } else {
                        Value::text(&text[node.start..node.end])
                    });
                }
                if !node.is_scalar() {
                    return Ok(Value::Null);
                }
                match node.text(text) {
                    None => Ok(Value::Null),
                    Some(value) => convert(
                        &Value::text(value),
                        &SqlType::NVARCHAR_MAX,
                        data_type,
                        None,
                        ConversionKind::Explicit,
                    ),
                }
            })
            .collect()
    }
}

/// FOR JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ForJson {
    /// AUTO rather than PATH.
    pub(crate) auto: bool,
    pub(crate) root: Option<String>,
    pub(crate) include_nulls: bool,
    pub(crate) without_array: bool,
}

impl ForJson {
    /// Columns need names.
    pub(crate) fn check(&self, columns: &[OutputColumn]) -> Result<(), SqlError> {
        if self.root.is_some() && self.without_array {
            return Err(SqlError::new(
                13620,
                16,
                1,
                "ROOT option and WITHOUT_ARRAY_WRAPPER option cannot be used together in FOR JSON. Remove one of these options.",
            ));
        }
        for column in columns {
            if column.name.is_empty() {
                return Err(SqlError::new(
                    13605,
                    16,
                    1,
                    "Column expressions and data sources without names or aliases cannot be formatted as JSON text using FOR JSON clause. Add alias to the unnamed column or table.",
                ));
            }
        }
        Ok(())
    }

    /// One row as an object; dots in names nest under PATH.
    pub(crate) fn object(
        &self,
        columns: &[OutputColumn],
        row: &[Value],
    ) -> Result<String, SqlError> {
        let mut root = Tree::default();
        for (column, value) in columns.iter().zip(row) {
            if value.is_null() && !self.include_nulls {
                continue;
            }
            let text = json_value(value, &column.data_type)?;
            let path: Vec<&str> = if self.auto {
                vec![&column.name]
            } else {
                column.name.split('.').collect()
            };
            root.insert(&path, text).map_err(|()| {
                SqlError::new(
                    13601,
                    16,
                    1,
                    format!("Property '{}' cannot be generated in JSON output due to a conflict with another column name or alias. Use different names and aliases for each column in SELECT list.", column.name),
                )
            })?;
        }
        let mut out = String::new();
        root.write(&mut out);
        Ok(out)
    }

    /// All objects as the document; nothing for no rows.
    pub(crate) fn document(&self, objects: &[String]) -> Option<String> {
        if objects.is_empty() {
            return self
                .root
                .as_ref()
                .map(|root| format!("{{{}:[]}}", quoted(root)));
        }
        let list = objects.join(",");
        Some(match (&self.root, self.without_array) {
            (Some(root), _) => format!("{{{}:[{list}]}}", quoted(root)),
            (None, true) => list,
            (None, false) => format!("[{list}]"),
        })
    }
}

/// The object under construction.
#[derive(Default)]
struct Tree {
    members: Vec<(String, Branch)>,
}

enum Branch {
    Leaf(String),
    Tree(Tree),
}

impl Tree {
    fn insert(&mut self, path: &[&str], text: String) -> Result<(), ()> {
        let Some((first, rest)) = path.split_first() else {
            return Err(());
        };
        let known = self.members.iter_mut().find(|(name, _)| name == first);
        if rest.is_empty() {
            if known.is_some() {
                return Err(());
            }
            self.members.push(((*first).to_owned(), Branch::Leaf(text)));
            return Ok(());
        }
        match known {
            Some((_, Branch::Tree(tree))) => tree.insert(rest, text),
            Some(_) => Err(()),
            None => {
                let mut tree = Self::default();
                tree.insert(rest, text)?;
                self.members.push(((*first).to_owned(), Branch::Tree(tree)));
                Ok(())
            }
        }
    }

    fn write(&self, out: &mut String) {
        out.push('{');
        for (i, (name, branch)) in self.members.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str(&quoted(name));
            out.push(':');
            match branch {
                Branch::Leaf(text) => out.push_str(text),
                Branch::Tree(tree) => tree.write(out),
            }
        }
        out.push('}');
    }
}

fn json_value(value: &Value, data_type: &SqlType) -> Result<String, SqlError> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bit(truth) => truth.to_string(),
        Value::Variant(inner) => json_value(&inner.1, &inner.0)?,
        Value::TinyInt(_)
        | Value::SmallInt(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::Decimal { .. }
        | Value::Money(_) => as_string(value, data_type, None)?,
        Value::Float(_) | Value::Real(_) => as_string(value, data_type, Some(3))?,
        Value::DateTime { .. } | Value::DateTime2(_) | Value::DateTimeOffset { .. } => {
            quoted(&as_string(value, data_type, Some(126))?)
        }
        Value::Binary(bytes) => quoted(&base64(bytes)),
        Value::Text(text) => quoted(text),
        _ => quoted(&as_string(value, data_type, None)?),
    })
}

fn as_string(value: &Value, data_type: &SqlType, style: Option<i32>) -> Result<String, SqlError> {
    match convert(
        value,
        data_type,
        &SqlType::nvarchar(4000),
        style,
        ConversionKind::Explicit,
    )? {
        Value::Text(text) => Ok(text.to_string()),
        _ => Ok("null".to_owned()),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut word = 0u32;
        for i in 0..3 {
            word = (word << 8) | u32::from(*chunk.get(i).unwrap_or(&0));
        }
        for i in 0..4 {
            if i <= chunk.len() {
                let digit = (word >> (18 - 6 * i)) & 63;
                out.push(char::from(DIGITS[digit as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}
