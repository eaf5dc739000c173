//! Scalars: valid for their schema, unique for their salt, and carrying the tenant's mark where the
//! schema lets them.

use contract::{Bound, Schema, Type};
use domain::seed::Seed;
use domain::world::{Mark, NUMBER_BAND};
use proptest::string::string_regex;
use serde_json::{Number, Value, json};

use super::words::words;
use crate::draw::Draw;

/// Whose value it is and which one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ink<'m> {
    /// The tenant's mark.
    pub(crate) mark: &'m Mark,
    /// No two values of one salt and place are alike.
    pub(crate) salt: u64,
    /// The same for all that is made in one preparation: what happens in a period happens on its days.
    pub(crate) day: u64,
    /// Whether numbers and dates are ordinary instead of the tenant's: some services refuse what
    /// is far away.
    pub(crate) is_plain: bool,
}

/// Tries to draw a text for a pattern that also has the right length.
const DRAWS_MAX: usize = 64;

impl Ink<'_> {
    /// A number that belongs to the salt and the place.
    fn draw(&self, place: &str) -> u64 {
        Seed(self.salt).child(place).0
    }

    /// A short word that belongs to the salt and the place.
    fn word(&self, place: &str) -> String {
        let mut number = self.draw(place);
        let mut word = String::new();
        for _ in 0..6 {
            let digit = u32::try_from(number % 36).expect("a remainder below 36 fits");
            word.push(char::from_digit(digit, 36).expect("a digit below 36 is one"));
            number /= 36;
        }
        word
    }
}

/// A text for a schema, at a place whose name helps.
pub(crate) fn text(schema: &Schema, place: &str, ink: &Ink<'_>) -> String {
    let fits = |text: &String| {
        let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
        schema.length_min.is_none_or(|least| length >= least)
            && schema.length_max.is_none_or(|most| length <= most)
            && schema
                .patterns
                .iter()
                .all(|pattern| pattern.is_match(text) == Some(true))
    };
    if let Some(text) = formatted(schema, place, ink) {
        return text;
    }
    let candidates = candidates(schema, place, ink);
    if let Some(text) = candidates.iter().find(|text| fits(text)) {
        return text.clone();
    }
    let examples = schema.examples.iter().chain(schema.default.as_ref());
    let mut examples = examples.filter_map(|value| value.as_str().map(str::to_owned));
    let drawn = schema.patterns.first().and_then(|pattern| {
        let strategy = string_regex(
            pattern
                .as_str()
                .trim_start_matches('^')
                .trim_end_matches('$'),
        );
        let strategy = strategy.ok()?;
        let mut draw = Draw::new(Seed(ink.salt).child(place));
        (0..DRAWS_MAX).map(|_| draw.of(&strategy)).find(fits)
    });
    drawn
        .or_else(|| examples.find(fits))
        .or_else(|| schema.examples.first()?.as_str().map(str::to_owned))
        .unwrap_or_else(|| candidates.into_iter().next().unwrap_or_default())
}

/// A text of a format or, where the name alone says what it is, of that.
fn formatted(schema: &Schema, place: &str, ink: &Ink<'_>) -> Option<String> {
    let mark = &ink.mark.text;
    let word = ink.word(place);
    let draw = ink.draw(place);
    let date = date(place, ink);
    let format = schema.format.as_deref().unwrap_or_default();
    Some(match format {
        "date" => date,
        "date-time" => format!("{date}T{:02}:{:02}:00Z", draw / 512 % 24, draw / 16384 % 60),
        "time" => format!("{:02}:{:02}:00", draw / 512 % 24, draw / 16384 % 60),
        "duration" => "P1D".to_owned(),
        "uuid" | "guid" => {
            let [a, b, c, d] = ink.mark.guid;
            let rest = draw.to_be_bytes();
            let tail = Seed(draw).child("tail").0 & 0xffff_ffff_ffff;
            let (e, f) = (
                u16::from_be_bytes([rest[0], rest[1]]),
                u16::from_be_bytes([rest[2], rest[3]]),
            );
            let f = f & 0x0fff | 0x4000;
            format!(
                "{a:02x}{b:02x}{c:02x}{d:02x}-{e:04x}-{f:04x}-8{:03x}-{tail:012x}",
                draw & 0xfff
            )
        }
        "email" | "idn-email" => format!("{mark}.{word}@example.com"),
        "uri" | "url" | "iri" => format!("https://example.com/{mark}/{word}"),
        "uri-reference" => format!("/{mark}/{word}"),
        "hostname" => format!("{mark}-{word}.example.com"),
        "ipv4" => format!(
            "10.{}.{}.{}",
            draw % 256,
            draw / 256 % 256,
            1 + draw / 65536 % 254
        ),
        "ipv6" => format!("fd00::{:x}", draw % 0xffff),
        "byte" => base64(format!("{mark} {word}").as_bytes()),
        "decimal" | "number" | "double" | "float" if schema.patterns.is_empty() => {
            number(schema, place, ink).to_string()
        }
        "int64" | "int32" | "integer" => number(schema, place, ink).to_string(),
        _ => return None,
    })
}

/// A date: in the tenant's year, but for those that begin and end something. Periods of one owner
/// often must not overlap, and a year has few of them.
fn date(place: &str, ink: &Ink<'_>) -> String {
    let words = words(place.rsplit('.').next().unwrap_or(place));
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let begins = has(&["from", "start", "starts", "begin", "begins", "beginning"]);
    let ends = has(&["to", "end", "ends", "until", "till", "ending"]);
    let is_after = ends || has(&["due", "expires", "expiry", "expiration", "before"]);
    let year = if ink.is_plain || begins || ends {
        1990 + i32::try_from(ink.day / 182 % 200).expect("a remainder below 200 fits")
    } else {
        ink.mark.year
    };
    // Every second day, so that what ends on the day after does not touch the next.
    let mut day = ink.day % 182 * 2 + 1 + u64::from(is_after);
    let mut month = 1;
    for length in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day <= length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{day:02}")
}

/// Texts to try, the best first.
fn candidates(schema: &Schema, place: &str, ink: &Ink<'_>) -> Vec<String> {
    let mark = &ink.mark.text;
    let word = ink.word(place);
    let draw = ink.draw(place);
    let words = words(place);
    let has = |known: &[&str]| words.iter().any(|word| known.contains(&word.as_str()));
    let mut texts: Vec<String> = Vec::new();
    if has(&["sql"]) {
        // What every console answers, whatever its tables are called.
        texts.push("SELECT 1 AS One".to_owned());
    }
    if has(&["currency"]) {
        texts.push("EUR".to_owned());
    }
    if has(&["country"]) {
        texts.extend(["DE", "DEU"].map(str::to_owned));
    }
    if has(&["language", "locale", "lang"]) {
        texts.extend(["en", "en-GB"].map(str::to_owned));
    }
    if has(&["timezone"]) || (has(&["time"]) && has(&["zone"])) {
        texts.push("Europe/Berlin".to_owned());
    }
    if has(&["email", "mail"]) {
        texts.push(format!("{mark}.{word}@example.com"));
    }
    if has(&["url", "uri", "website", "homepage", "link"]) {
        texts.push(format!("https://example.com/{mark}/{word}"));
    }
    if has(&["phone", "fax", "mobile", "telephone"]) {
        texts.push(format!("+4930{:08}", draw % 100_000_000));
    }
    if has(&["password", "secret", "passphrase"]) {
        texts.push(format!("Aa1!{mark}{word}"));
    }
    if has(&["date", "day"])
        && schema
            .patterns
            .iter()
            .any(|p| p.as_str().contains("\\d{4}"))
    {
        texts.push(date(place, ink));
    }
    if is_amount(place.rsplit('.').next().unwrap_or(place)) {
        texts.push((1 + draw % 9).to_string());
    }
    let name = words.last().map_or("text", String::as_str);
    // Names for machines have no blanks, even where nobody says so.
    if matches!(
        name,
        "username"
            | "login"
            | "user"
            | "slug"
            | "code"
            | "key"
            | "handle"
            | "sku"
            | "identifier"
            | "id"
            | "number"
            | "tag"
            | "token"
            | "alias"
            | "hostname"
            | "domain"
            | "subdomain"
            | "uid"
            | "ref"
            | "reference"
    ) {
        texts.push(format!("{mark}-{word}"));
        texts.push(format!("{mark}{word}"));
    }
    let mut long = format!("{mark} {name} {word}");
    if let Some(least) = schema.length_min {
        let least = usize::try_from(least.min(100_000)).unwrap_or_default();
        while long.chars().count() < least {
            long.push_str(&format!(" {mark} {name}"));
        }
        if let Some(most) = schema
            .length_max
            .and_then(|most| usize::try_from(most).ok())
        {
            long = long.chars().take(most).collect();
        }
    }
    texts.push(long);
    texts.push(format!("{mark}-{word}"));
    texts.push(format!("{mark}{word}"));
    texts.push(format!("{mark}{word}").to_uppercase());
    texts.push(format!("{}-{}", mark.to_uppercase(), word.to_uppercase()));
    let digits = ink.mark.number.unsigned_abs() + draw % NUMBER_BAND.unsigned_abs();
    texts.push(digits.to_string());
    texts.push(format!("{digits}.25"));
    if let Some(most) = schema
        .length_max
        .and_then(|most| usize::try_from(most).ok())
    {
        // Too short for a mark: unique at least.
        let unique = format!("{word}{:012}", draw % 1_000_000_000_000);
        texts.push(unique.chars().take(most).collect());
        let upper: String = unique.to_uppercase().chars().take(most).collect();
        texts.push(upper);
    }
    for length in [2, 3, 4, 6, 8, 9, 10, 12, 14, 16] {
        texts.push(format!("{:0length$}", draw % 10_u64.pow(length as u32)));
    }
    texts.push(format!("{}.25", 10 + draw % 90));
    texts
}

/// A number for a schema: in the tenant's band where the schema lets it.
pub(crate) fn number(schema: &Schema, place: &str, ink: &Ink<'_>) -> Number {
    let draw = i64::try_from(ink.draw(place) >> 1).expect("63 bits fit");
    let is_whole = !schema.types.contains(&Type::Number);
    let least = whole(schema.minimum.as_ref(), 1);
    let most = whole(schema.maximum.as_ref(), -1);
    let band = (ink.mark.number, ink.mark.number + NUMBER_BAND - 1);
    let in_band = (
        least.unwrap_or(i64::MIN).max(band.0),
        most.unwrap_or(i64::MAX).min(band.1),
    );
    let (low, high) = if !ink.is_plain && !is_small(place) && in_band.0 <= in_band.1 {
        in_band
    } else {
        let low = least.unwrap_or_else(|| most.map_or(1, |most| most.min(1)));
        // Small, because large ones are the first to be refused for other reasons.
        (low, most.unwrap_or(i64::MAX).min(low.saturating_add(40)))
    };
    let width = high.saturating_sub(low).saturating_add(1).max(1);
    let value = low.saturating_add(draw % width);
    let step = schema
        .multiples_of
        .first()
        .and_then(Number::as_i64)
        .filter(|step| *step > 0);
    if let Some(step) = step {
        let down = value - value.rem_euclid(step);
        return if down < low {
            (down.saturating_add(step)).into()
        } else {
            down.into()
        };
    }
    if least.is_some_and(|least| value < least)
        || most.is_some_and(|most| value > most)
        || high < low
    {
        // No whole number fits: the middle of the range.
        let bound = |bound: &Option<Bound>| bound.as_ref().and_then(|bound| bound.value.as_f64());
        if let (Some(low), Some(high), false) =
            (bound(&schema.minimum), bound(&schema.maximum), is_whole)
        {
            return Number::from_f64((low + high) / 2.0).unwrap_or_else(|| value.into());
        }
    }
    value.into()
}

/// Amounts of things, pages and shares: a tenant's million of them is refused, or never ends.
fn is_small(place: &str) -> bool {
    // `limit` asks for so many, `creditLimit` does not.
    const ALONE: [&str; 13] = [
        "limit", "offset", "size", "skip", "top", "take", "first", "last", "priority", "order",
        "sort", "position", "version",
    ];
    let name = place.rsplit('.').next().unwrap_or(place);
    match words(name).as_slice() {
        [only] if ALONE.contains(&only.as_str()) => true,
        _ => is_amount(name),
    }
}

/// Whether a name counts something or is a share of it.
fn is_amount(name: &str) -> bool {
    const COUNTS: [&str; 15] = [
        "quantity",
        "qty",
        "count",
        "page",
        "percent",
        "percentage",
        "rate",
        "discount",
        "days",
        "hours",
        "minutes",
        "seconds",
        "months",
        "month",
        "year",
    ];
    words(name)
        .iter()
        .any(|word| COUNTS.contains(&word.as_str()))
}

/// A bound as a whole number within the range.
fn whole(bound: Option<&Bound>, inward: i64) -> Option<i64> {
    let bound = bound?;
    let value = match bound.value.as_i64() {
        Some(value) => value,
        None => {
            let float = bound.value.as_f64()?;
            if !(-9e15..9e15).contains(&float) {
                return None;
            }
            let inner = if inward > 0 {
                float.ceil()
            } else {
                float.floor()
            };
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and in range")]
            let inner = inner as i64;
            #[expect(clippy::float_cmp, reason = "both are whole")]
            #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
            if inner as f64 != float {
                return Some(inner);
            }
            inner
        }
    };
    Some(if bound.exclusive {
        value.saturating_add(inward)
    } else {
        value
    })
}

/// A scalar of a type.
pub(crate) fn scalar(kind: Type, schema: &Schema, place: &str, ink: &Ink<'_>) -> Value {
    match kind {
        Type::String => Value::String(text(schema, place, ink)),
        Type::Integer | Type::Number => Value::Number(number(schema, place, ink)),
        Type::Boolean => schema
            .default
            .clone()
            .filter(Value::is_boolean)
            .unwrap_or(json!(true)),
        Type::Null | Type::Array | Type::Object => Value::Null,
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            if digit <= chunk.len() {
                let index = usize::try_from(bits >> (18 - 6 * digit) & 63).expect("six bits fit");
                text.push(char::from(DIGITS[index]));
            } else {
                text.push('=');
            }
        }
    }
    text
}
