//! The way back from a world to words: whatever belongs to a tenant becomes a placeholder.
//!
//! Exact by construction: a piece of text is replaced only by a placeholder that stands for exactly
//! that piece, and braces that begin no placeholder are written as one.

use domain::case::{Actor, Claim};
use domain::own;
use domain::surface::{Cell, Table};
use domain::world::{NUMBER_BAND, TenantIndex};
use serde_json::{Map, Number, Value};

use crate::names::Names;
use crate::role::Role;
use crate::template::{BRACES, is_left_for_the_run, pattern_of, split};

/// Quotes within quotes that a name is looked for in.
const NESTED_MAX: usize = 4;
/// Digits of the numbers in tenants' bands.
const NUMBER_DIGITS: usize = 10;

/// Writes texts of one world symbolically.
pub(crate) struct Symbols<'n, 'a> {
    names: &'n Names<'a>,
    /// What is looked for, the longest first.
    wanted: Vec<Wanted>,
}

struct Wanted {
    literal: String,
    placeholder: String,
    /// Whether it counts only where no letter or digit is on either side.
    is_word: bool,
}

impl<'n, 'a> Symbols<'n, 'a> {
    pub(crate) fn new(names: &'n Names<'a>) -> Self {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut want = |placeholder: String, is_word: bool| {
            let Some(literal) = names.value(&placeholder) else {
                return;
            };
            if literal.is_empty() {
                return;
            }
            let mut name = placeholder;
            let mut nested = literal.clone();
            for _ in 0..NESTED_MAX {
                wanted.push(Wanted {
                    literal: nested.clone(),
                    placeholder: name.clone(),
                    is_word,
                });
                if !nested.contains('\'') {
                    break;
                }
                nested = nested.replace('\'', "''");
                name.push_str(".quoted");
            }
        };
        for (role, tenant) in &names.roles {
            // One that all have in common goes by the name of what is shared.
            if !names.world.is_common(&names.world.tenant(*tenant).database) {
                want(format!("{role}.database"), false);
                want(format!("{role}.database.name"), true);
            }
            for principal in names.system.principals.keys() {
                want(format!("{role}.login.{principal}"), true);
            }
            want(format!("{role}.organisation"), true);
            want(format!("{role}.mark"), false);
            want(format!("{role}.tenant"), true);
        }
        for (key, _) in &names.world.shared_databases {
            want(format!("shared.{key}.database"), false);
            want(format!("shared.{key}.database.name"), true);
        }
        // Equal names are looked for under the first placeholder.
        wanted.sort_by_key(|wanted| std::cmp::Reverse(wanted.literal.len()));
        Self { names, wanted }
    }

    /// A text with placeholders.
    pub(crate) fn text(&self, text: &str) -> String {
        self.within(text, None)
    }

    /// A batch with placeholders; the rows of whoever is claimed are named, too.
    pub(crate) fn batch(&self, batch: &str, speaker: &Actor, claim: Option<&Claim>) -> String {
        self.within(batch, Some((speaker, claim)))
    }

    /// A JSON document with placeholders.
    pub(crate) fn document(&self, value: &Value) -> Value {
        match value {
            Value::Null | Value::Bool(_) => value.clone(),
            Value::Number(number) => match self.number_of(&number.to_string()) {
                Some(placeholder) if fills_to(self.names, &placeholder, number) => {
                    Value::String(format!("{{{{{placeholder}}}}}"))
                }
                _ => value.clone(),
            },
            Value::String(text) => {
                let written = self.text(text);
                Value::String(match number_placeholder(&written) {
                    Some(name) => format!("{{{{{name} as text}}}}"),
                    None => written,
                })
            }
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.document(item)).collect())
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    let name = self.text(name);
                    (name, self.document(value))
                };
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
        }
    }

    /// What stands between references to the run, which stay as they are.
    fn within(&self, text: &str, about: Option<(&Actor, Option<&Claim>)>) -> String {
        let mut written = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = split(rest) {
            let kept = if is_left_for_the_run(name) && name.trim() == name {
                Some(format!("{{{{{name}}}}}"))
            } else {
                self.tenant_reference(name)
            };
            let Some(kept) = kept else {
                // No reference: both pairs of braces are text.
                let end = rest.len() - after.len();
                self.plain(&rest[..end], about, &mut written);
                rest = after;
                continue;
            };
            self.plain(before, about, &mut written);
            written.push_str(&kept);
            rest = after;
        }
        self.plain(rest, about, &mut written);
        written
    }

    /// `{{of acme MarkText}}`, with the role in place of the name.
    fn tenant_reference(&self, name: &str) -> Option<String> {
        let (tenant, key) = name.strip_prefix("of ")?.split_once(' ')?;
        if key.trim() != key || key.is_empty() {
            return None;
        }
        let mut roles = self.names.roles.iter();
        let (role, _) = roles.find(|(_, index)| self.names.world.tenant(*index).name == tenant)?;
        Some(format!("{{{{of {role} {key}}}}}"))
    }

    fn plain(&self, text: &str, about: Option<(&Actor, Option<&Claim>)>, written: &mut String) {
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if rest.starts_with("{{") {
                written.push_str(BRACES);
                at += 2;
                continue;
            }
            let before = text[..at].chars().next_back();
            let found = self
                .named(before, rest)
                .or_else(|| self.number(before, rest))
                .or_else(|| self.year(before, rest))
                .or_else(|| self.guid(before, rest))
                .or_else(|| self.row(text, at, about?));
            match found {
                Some((placeholder, length)) => {
                    written.push_str(&format!("{{{{{placeholder}}}}}"));
                    at += length;
                }
                None => {
                    let letter = rest.chars().next().expect("the rest is not empty");
                    written.push(letter);
                    at += letter.len_utf8();
                }
            }
        }
    }

    /// A name, a mark, an organisation.
    fn named(&self, before: Option<char>, rest: &str) -> Option<(String, usize)> {
        self.wanted.iter().find_map(|wanted| {
            let length = wanted.literal.len();
            let piece = rest.get(..length)?;
            if !piece.eq_ignore_ascii_case(&wanted.literal) {
                return None;
            }
            let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            if wanted.is_word && (inside(before) || inside(rest[length..].chars().next())) {
                return None;
            }
            let placeholder = if piece == wanted.literal {
                wanted.placeholder.clone()
            } else {
                format!("{} cased {}", wanted.placeholder, pattern_of(piece))
            };
            Some((placeholder, length))
        })
    }

    /// A number of a tenant's band.
    fn number(&self, before: Option<char>, rest: &str) -> Option<(String, usize)> {
        let length = digits(rest);
        if length != NUMBER_DIGITS || before.is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        Some((self.number_of(&rest[..length])?, length))
    }

    /// The placeholder of a number as it is printed.
    fn number_of(&self, printed: &str) -> Option<String> {
        let (whole, fraction) = match printed.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (printed, None),
        };
        if whole.len() != NUMBER_DIGITS || digits(whole) != whole.len() {
            return None;
        }
        let number: i64 = whole.parse().ok()?;
        let (role, first) = self.names.roles.iter().find_map(|(role, index)| {
            let first = self.names.world.tenant(*index).mark.number;
            (first..first + NUMBER_BAND)
                .contains(&number)
                .then_some((role, first))
        })?;
        Some(match (number - first, fraction) {
            (0, None) => format!("{role}.number"),
            (offset, None) => format!("{role}.number+{offset}"),
            (offset, Some(fraction)) => format!("{role}.number+{offset}.{fraction}"),
        })
    }

    /// The year of a date that belongs to a tenant.
    fn year(&self, before: Option<char>, rest: &str) -> Option<(String, usize)> {
        let bytes = rest.as_bytes();
        let is_date = digits(rest) == 4
            && bytes.get(4) == Some(&b'-')
            && digits(&rest[5..]) == 2
            && bytes.get(7) == Some(&b'-');
        if !is_date || before.is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        let year: i32 = rest[..4].parse().ok()?;
        let mut roles = self.names.roles.iter();
        let (role, _) =
            roles.find(|(_, index)| self.names.world.tenant(*index).mark.year == year)?;
        Some((format!("{role}.year"), 4))
    }

    /// The first group of a GUID that belongs to a tenant.
    fn guid(&self, before: Option<char>, rest: &str) -> Option<(String, usize)> {
        let hex = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
        if hex(rest) != 8 || rest.as_bytes().get(8) != Some(&b'-') || hex(&rest[9..]) != 4 {
            return None;
        }
        if before.is_some_and(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        let piece = &rest[..8];
        self.names.roles.iter().find_map(|(role, _)| {
            let name = format!("{role}.guid");
            let literal = self.names.value(&name)?;
            if literal == piece {
                Some((name, 8))
            } else if literal.eq_ignore_ascii_case(piece) {
                Some((format!("{name} cased {}", pattern_of(piece)), 8))
            } else {
                None
            }
        })
    }

    /// `column = 17` or `@Parameter = 17`, where 17 is the key of a row of whoever is claimed.
    fn row(
        &self,
        text: &str,
        at: usize,
        (speaker, claim): (&Actor, Option<&Claim>),
    ) -> Option<(String, usize)> {
        let length = digits(&text[at..]);
        if length == 0 {
            return None;
        }
        let before = text[..at].trim_end_matches(' ').strip_suffix('=')?;
        let before = before.trim_end_matches(' ').trim_end_matches(']');
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let column = &before[before.rfind(|c| !is_part(c)).map_or(0, |at| {
            at + before[at..].chars().next().map_or(0, char::len_utf8)
        })..];
        let piece = &text[at..at + length];
        let value: i64 = piece.parse().ok()?;
        if value.to_string() != piece {
            return None;
        }
        let claimed = claim.and_then(|claim| claim.tenant);
        let tenants = [claimed, speaker.tenant()];
        let object = claim.map_or("", |claim| claim.object.as_str());
        tenants.into_iter().flatten().find_map(|tenant| {
            let placeholder = self.row_of(tenant, object, column, value)?;
            let is_exact = self.names.value(&placeholder).as_deref() == Some(piece);
            is_exact.then_some((placeholder, length))
        })
    }

    fn row_of(
        &self,
        tenant: TenantIndex,
        object: &str,
        column: &str,
        value: i64,
    ) -> Option<String> {
        let role = self.names.role(tenant)?;
        let world = self.names.world;
        let database = &world.tenant(tenant).database;
        let mut databases = self.names.surface.databases.iter();
        let database = databases.find(|own| own.name.eq_ignore_ascii_case(database))?;
        let is_key = |table: &&Table| matches!(table.primary_key.as_slice(), [key] if key.eq_ignore_ascii_case(column));
        let claimed = database.tables.get(object).filter(is_key);
        let table = claimed.or_else(|| database.tables.values().find(is_key))?;
        let position = table.position(column)?;
        let wanted = Cell::Integer(value);
        let at = match &self.names.system.tenancy {
            None => {
                let mut rows = table.rows.iter().rev();
                rows.position(|row| row.get(position) == Some(&wanted))?
            }
            Some(tenancy) => {
                let departments = &world.tenant(tenant).departments;
                let department = (!departments.is_empty()).then_some(0);
                let rows = own::rows(tenancy, world, table, tenant, department);
                rows.iter()
                    .position(|row| row.get(position) == Some(&wanted))?
            }
        };
        let column = &table.columns.get(position)?.name;
        Some(format!(
            "{role}.row {at} of {} column {column}",
            table.object()
        ))
    }
}

/// Digits that a text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The name of the placeholder for a number that a JSON text consists of, if it does.
pub(crate) fn number_placeholder(text: &str) -> Option<&str> {
    let ("", name, "") = split(text)? else {
        return None;
    };
    let (role, rest) = name.split_once('.')?;
    Role::parse(role)?;
    let offset = rest.strip_prefix("number")?;
    (offset.is_empty() || offset.starts_with('+'))
        .then_some(name)
        .filter(|name| !name.ends_with(" as text"))
}

/// The number that a placeholder stands for.
pub(crate) fn number_named(names: &Names<'_>, placeholder: &str) -> Option<Number> {
    serde_json::from_str(&names.value(placeholder)?).ok()
}

fn fills_to(names: &Names<'_>, placeholder: &str, number: &Number) -> bool {
    number_named(names, placeholder).as_ref() == Some(number)
}
