//! Recognising planted values: every tenant's marks, in one pass over a text, raw and encoded.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use domain::canary::{CanaryKind, Encoding, Sighting};
use domain::surface::{Cell, Surface};
use domain::world::{NUMBER_BAND, TenantIndex, World};

/// How much of a value a sighting keeps.
const VALUE_MAX: usize = 120;
/// How far identities may count on during a run.
const NUMBERS_TO_COME: i64 = 1_000;
/// Digits of every planted number: bands begin at 1,000,000,000 and end within `int`.
const DIGITS: usize = 10;

/// Finds planted values.
#[derive(Debug)]
pub(crate) struct Recogniser {
    /// Patterns that hold in any letter case.
    folded: Patterns,
    /// Base64, where case means something.
    exact: Patterns,
    /// Patterns in binary values.
    bytes: Patterns,
    tenants: Vec<Planted>,
}

/// What was planted in one tenant.
#[derive(Debug)]
struct Planted {
    year: i32,
    number: i64,
    guid: [u8; 4],
    text: String,
    /// End of the numbers that are there, and of those that identities will soon give out. The
    /// rest of the band is left to chance: object ids and checksums fall anywhere.
    number_end: i64,
}

#[derive(Debug)]
struct Patterns {
    automaton: AhoCorasick,
    meaning: Vec<(TenantIndex, CanaryKind, Encoding)>,
}

#[derive(Default)]
struct PatternList {
    patterns: Vec<Vec<u8>>,
    meaning: Vec<(TenantIndex, CanaryKind, Encoding)>,
}

impl PatternList {
    fn add(&mut self, pattern: Vec<u8>, tenant: TenantIndex, kind: CanaryKind, how: Encoding) {
        self.patterns.push(pattern);
        self.meaning.push((tenant, kind, how));
    }

    fn build(self, fold_case: bool) -> Patterns {
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(fold_case)
            .build(&self.patterns)
            .expect("marks are short and few");
        Patterns {
            automaton,
            meaning: self.meaning,
        }
    }
}

impl Recogniser {
    /// Recognises what was planted in `world` and is in `surface`.
    pub(crate) fn new(world: &World, surface: &Surface) -> Self {
        let mut folded = PatternList::default();
        let mut exact = PatternList::default();
        let mut bytes = PatternList::default();
        let mut tenants = Vec::new();
        for tenant in world.indexes() {
            let mark = &world.tenant(tenant).mark;
            let plain = mark.text.as_bytes().to_vec();
            let wide: Vec<u8> = mark
                .text
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect();
            let text = |encoding| (CanaryKind::Text, encoding);
            for (pattern, (kind, how)) in [
                (plain.clone(), text(Encoding::Plain)),
                (
                    plain.iter().rev().copied().collect(),
                    text(Encoding::Reversed),
                ),
                (hex(&plain), text(Encoding::Hex)),
                (hex(&wide), text(Encoding::Hex)),
                (percent(&plain), text(Encoding::Percent)),
                (guid_text(mark.guid), (CanaryKind::Guid, Encoding::Plain)),
            ] {
                folded.add(pattern, tenant, kind, how);
            }
            for source in [&plain, &wide] {
                for offset in 0..3 {
                    let pattern = base64_core(source, offset);
                    exact.add(pattern, tenant, CanaryKind::Text, Encoding::Base64);
                }
            }
            bytes.add(plain, tenant, CanaryKind::Text, Encoding::Bytes);
            bytes.add(wide, tenant, CanaryKind::Text, Encoding::Utf16);
            tenants.push(Planted {
                year: mark.year,
                number: mark.number,
                guid: mark.guid,
                text: mark.text.clone(),
                number_end: number_end(world, surface, tenant),
            });
        }
        Self {
            folded: folded.build(true),
            exact: exact.build(false),
            // UPPER reaches binary values too.
            bytes: bytes.build(true),
            tenants,
        }
    }

    /// Planted values in one cell, of all tenants but `own`.
    pub(crate) fn cell(&self, cell: &Cell, own: TenantIndex, place: &str, out: &mut Vec<Sighting>) {
        match cell {
            Cell::Null | Cell::Bit(_) => {}
            Cell::Integer(value) => self.number(*value, &value.to_string(), own, place, out),
            Cell::Decimal(text) | Cell::Float(text) => {
                if let Some(value) = whole_part(text) {
                    self.number(value, text, own, place, out);
                }
            }
            Cell::Text(text) => self.text(text, own, place, out),
            Cell::Binary(bytes) => self.binary(bytes, own, place, out),
            Cell::Guid(text) => {
                for (index, tenant) in self.tenants.iter().enumerate() {
                    let prefix = guid_text(tenant.guid);
                    if index != own.0 && text.as_bytes().starts_with(&prefix) {
                        let found = (TenantIndex(index), CanaryKind::Guid, Encoding::Plain);
                        out.push(sighting(found, text, place));
                    }
                }
            }
            Cell::Temporal(text) => {
                let year = text.get(..4).and_then(|year| year.parse().ok());
                if let Some(tenant) = self.tenant_of_year(year)
                    && tenant != own
                {
                    let found = (tenant, CanaryKind::Date, Encoding::Plain);
                    out.push(sighting(found, text, place));
                }
            }
        }
    }

    /// Planted values in a text, of all tenants but `own`.
    pub(crate) fn text(&self, text: &str, own: TenantIndex, place: &str, out: &mut Vec<Sighting>) {
        self.folded.find(text.as_bytes(), text, own, place, out);
        if text.len() >= DIGITS {
            self.exact.find(text.as_bytes(), text, own, place, out);
            self.digits(text, own, place, out);
            self.dates(text, own, place, out);
        }
    }

    fn binary(&self, bytes: &[u8], own: TenantIndex, place: &str, out: &mut Vec<Sighting>) {
        let shown = String::from_utf8(hex(bytes)).expect("hexadecimal digits are ASCII");
        self.bytes
            .find(bytes, &format!("0x{shown}"), own, place, out);
        // CAST of int and bigint gives big-endian bytes; of a GUID, its head turned round.
        let number = match bytes {
            [a, b, c, d] => Some(i64::from(i32::from_be_bytes([*a, *b, *c, *d]))),
            [a, b, c, d, e, f, g, h] => Some(i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h])),
            _ => None,
        };
        if let Some(value) = number {
            let before = out.len();
            self.number(value, &value.to_string(), own, place, out);
            for sighting in out.iter_mut().skip(before) {
                sighting.encoding = Encoding::Bytes;
            }
        }
        if let (16, Some([a, b, c, d])) = (bytes.len(), bytes.get(..4)) {
            let head = [*d, *c, *b, *a];
            for (index, tenant) in self.tenants.iter().enumerate() {
                if index != own.0 && tenant.guid == head {
                    let found = (TenantIndex(index), CanaryKind::Guid, Encoding::Bytes);
                    out.push(sighting(found, &format!("0x{shown}"), place));
                }
            }
        }
    }

    fn number(
        &self,
        value: i64,
        shown: &str,
        own: TenantIndex,
        place: &str,
        out: &mut Vec<Sighting>,
    ) {
        let value = value.saturating_abs();
        let holder = self
            .tenants
            .iter()
            .position(|tenant| (tenant.number..tenant.number_end).contains(&value));
        if let Some(index) = holder
            && index != own.0
        {
            let found = (TenantIndex(index), CanaryKind::Number, Encoding::Plain);
            out.push(sighting(found, shown, place));
        }
    }

    /// Runs of exactly as many digits as planted numbers have.
    fn digits(&self, text: &str, own: TenantIndex, place: &str, out: &mut Vec<Sighting>) {
        for run in text.split(|letter: char| !letter.is_ascii_digit()) {
            if run.len() == DIGITS
                && let Ok(value) = run.parse()
            {
                self.number(value, run, own, place, out);
            }
        }
    }

    /// `yyyy-mm-dd` and `mon dd yyyy` with a planted year.
    fn dates(&self, text: &str, own: TenantIndex, place: &str, out: &mut Vec<Sighting>) {
        let bytes = text.as_bytes();
        let digit = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_digit);
        for start in 0..bytes.len().saturating_sub(3) {
            // Planted years begin with 2; most positions end here.
            if bytes[start] != b'2' || !(1..4).all(|offset| digit(start + offset)) {
                continue;
            }
            let first = start == 0 || !digit(start - 1);
            let iso = first
                && bytes.get(start + 4) == Some(&b'-')
                && digit(start + 5)
                && digit(start + 6)
                && bytes.get(start + 7) == Some(&b'-')
                && digit(start + 8);
            let spelled = start >= 7
                && bytes[start - 1] == b' '
                && digit(start - 2)
                && bytes[start - 7].is_ascii_alphabetic()
                && bytes[start - 4] == b' '
                && !digit(start + 4);
            if !iso && !spelled {
                continue;
            }
            let year = text
                .get(start..start + 4)
                .and_then(|year| year.parse().ok());
            if let Some(tenant) = self.tenant_of_year(year)
                && tenant != own
            {
                let found = (tenant, CanaryKind::Date, Encoding::Plain);
                out.push(sighting(found, text, place));
                return;
            }
        }
    }

    fn tenant_of_year(&self, year: Option<i32>) -> Option<TenantIndex> {
        let year = year?;
        self.tenants
            .iter()
            .position(|tenant| tenant.year == year)
            .map(TenantIndex)
    }

    /// Whether the actor's own requests held the value, so that its return tells nothing.
    pub(crate) fn was_sent(&self, sighting: &Sighting, sent: &str) -> bool {
        let Some(tenant) = self.tenants.get(sighting.tenant.0) else {
            return false;
        };
        match sighting.kind {
            CanaryKind::Text => sent.contains(&tenant.text),
            CanaryKind::Number => {
                let whole = whole_part(&sighting.value)
                    .unwrap_or_default()
                    .saturating_abs();
                sent.contains(&whole.to_string())
            }
            CanaryKind::Date => sent.contains(&format!("{:04}-", tenant.year)),
            CanaryKind::Guid => {
                let prefix = String::from_utf8(guid_text(tenant.guid)).expect("ASCII");
                sent.contains(&prefix)
            }
        }
    }
}

impl Patterns {
    fn find(
        &self,
        bytes: &[u8],
        shown: &str,
        own: TenantIndex,
        place: &str,
        out: &mut Vec<Sighting>,
    ) {
        for found in self.automaton.find_iter(bytes) {
            let meaning = self.meaning[found.pattern().as_usize()];
            if meaning.0 != own {
                out.push(sighting(meaning, shown, place));
                // One sighting a value is enough.
                return;
            }
        }
    }
}

fn sighting(
    (tenant, kind, encoding): (TenantIndex, CanaryKind, Encoding),
    value: &str,
    place: &str,
) -> Sighting {
    let value = value.chars().take(VALUE_MAX).collect();
    Sighting {
        tenant,
        kind,
        encoding,
        value,
        place: place.into(),
    }
}

/// Where the numbers of a tenant end: some way behind the highest of its band in its own rows.
fn number_end(world: &World, surface: &Surface, tenant: TenantIndex) -> i64 {
    let first = world.tenant(tenant).mark.number;
    let band = first..first + NUMBER_BAND;
    let highest = surface
        .databases
        .iter()
        .filter(|database| database.tenant == Some(tenant) || world.is_common(&database.name))
        .flat_map(|database| database.tables.values())
        .flat_map(|table| table.rows.iter().flatten())
        .filter_map(|cell| match cell {
            Cell::Integer(value) => Some(*value),
            Cell::Decimal(text) | Cell::Float(text) => whole_part(text),
            _ => None,
        })
        .map(i64::saturating_abs)
        .filter(|value| band.contains(value))
        .max()
        .unwrap_or(first);
    (highest + NUMBERS_TO_COME).min(band.end)
}

/// The part before the point, also of `1.000000001E+09`.
fn whole_part(text: &str) -> Option<i64> {
    if text.contains(['e', 'E']) {
        let value: f64 = text.parse().ok()?;
        // Every planted number is far below the precision of f64.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, and is then out of band"
        )]
        return Some(value as i64);
    }
    text.split('.').next()?.parse().ok()
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]])
        .collect()
}

fn percent(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| [vec![b'%'], hex(&[*byte])].concat())
        .collect()
}

/// A GUID's first eight digits and the hyphen that follows.
fn guid_text(guid: [u8; 4]) -> Vec<u8> {
    let mut text = hex(&guid);
    text.push(b'-');
    text
}

/// The base64 digits that depend on `source` alone when `offset` unknown bytes precede it.
fn base64_core(source: &[u8], offset: usize) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut padded = vec![0; offset];
    padded.extend_from_slice(source);
    let bits = padded.len() * 8;
    let first = (offset * 8).div_ceil(6);
    (first..bits / 6)
        .map(|digit| {
            let value = (0..6).fold(0_usize, |value, bit| {
                let position = digit * 6 + bit;
                let byte = padded[position / 8];
                (value << 1) | usize::from((byte >> (7 - position % 8)) & 1)
            });
            DIGITS[value]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use domain::canary::{CanaryKind, Encoding, Sighting};
    use domain::example;
    use domain::seed::Seed;
    use domain::surface::Cell;
    use domain::world::TenantIndex;
    use proptest::prelude::*;

    use super::{Recogniser, base64_core};

    static RECOGNISER: LazyLock<Recogniser> = LazyLock::new(|| {
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        Recogniser::new(&world, &surface)
    });

    fn see(cell: &Cell) -> Vec<Sighting> {
        let mut out = Vec::new();
        RECOGNISER.cell(cell, TenantIndex(0), "here", &mut out);
        out
    }

    #[test]
    fn planted_values_are_recognised_in_every_disguise() {
        let world = example::world(3, Seed(7));
        let mark = world.tenants[1].mark.clone();
        let own = world.tenants[0].mark.clone();
        let text = |value: String| Cell::Text(value);
        let wide: Vec<u8> = mark
            .text
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let digits =
            |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02X}")).collect() };
        let [a, b, c, d] = mark.guid;
        let guid = format!("{a:02x}{b:02x}{c:02x}{d:02x}-0000-4000-8000-000000000001");
        let id = i32::try_from(mark.number).expect("within int");
        for (cell, expected) in [
            (
                text(format!("customer {} 3", mark.text)),
                Some((CanaryKind::Text, Encoding::Plain)),
            ),
            (
                text(mark.text.to_uppercase()),
                Some((CanaryKind::Text, Encoding::Plain)),
            ),
            (
                text(mark.text.chars().rev().collect()),
                Some((CanaryKind::Text, Encoding::Reversed)),
            ),
            (
                text(digits(mark.text.as_bytes())),
                Some((CanaryKind::Text, Encoding::Hex)),
            ),
            (text(digits(&wide)), Some((CanaryKind::Text, Encoding::Hex))),
            (
                Cell::Binary(wide),
                Some((CanaryKind::Text, Encoding::Utf16)),
            ),
            (
                Cell::Binary(mark.text.clone().into_bytes()),
                Some((CanaryKind::Text, Encoding::Bytes)),
            ),
            (
                Cell::Integer(mark.number + 3),
                Some((CanaryKind::Number, Encoding::Plain)),
            ),
            (
                Cell::Integer(-mark.number),
                Some((CanaryKind::Number, Encoding::Plain)),
            ),
            (
                Cell::Decimal(format!("{}.5000", mark.number + 2)),
                Some((CanaryKind::Number, Encoding::Plain)),
            ),
            (
                Cell::Float(format!("{}E9", (mark.number + 2) as f64 / 1e9)),
                Some((CanaryKind::Number, Encoding::Plain)),
            ),
            (
                text(format!("value '{}'.", mark.number + 1)),
                Some((CanaryKind::Number, Encoding::Plain)),
            ),
            (
                Cell::Binary(id.to_be_bytes().to_vec()),
                Some((CanaryKind::Number, Encoding::Bytes)),
            ),
            (
                Cell::Temporal(format!("{}-01-02", mark.year)),
                Some((CanaryKind::Date, Encoding::Plain)),
            ),
            (
                text(format!("on {}-01-02", mark.year)),
                Some((CanaryKind::Date, Encoding::Plain)),
            ),
            (
                text(format!("Jan  2 {} 12:00AM", mark.year)),
                Some((CanaryKind::Date, Encoding::Plain)),
            ),
            (
                Cell::Guid(guid.clone()),
                Some((CanaryKind::Guid, Encoding::Plain)),
            ),
            (
                text(format!("<{guid}>")),
                Some((CanaryKind::Guid, Encoding::Plain)),
            ),
            // Near misses: the own tenant's, and chance.
            (text(format!("customer {} 3", own.text)), None),
            (Cell::Integer(own.number + 3), None),
            (Cell::Integer(mark.number + 900_000), None),
            (Cell::Temporal("2024-01-02".into()), None),
            (Cell::Temporal("9999-12-31".into()), None),
            (text(format!("{}1", mark.number)), None),
            (text("2201 things in 22012-01-01".into()), None),
        ] {
            let found = see(&cell)
                .first()
                .map(|sighting| (sighting.kind, sighting.encoding));
            assert_eq!(found, expected, "{cell:?}");
        }
    }

    #[test]
    fn base64_is_recognised_at_every_offset() {
        // "wtbcdf01" after zero to two bytes, as any encoder writes it.
        for (offset, whole) in [
            (0, "d3RiY2RmMDE="),
            (1, "YXd0YmNkZjAx"),
            (2, "YWF3dGJjZGYwMQ=="),
        ] {
            let core = base64_core(b"wtbcdf01", offset);
            let core = String::from_utf8(core).expect("ASCII");
            assert!(whole.contains(&core), "{core} in {whole}");
            assert!(core.len() >= 9);
        }
    }

    proptest! {
        #[test]
        fn a_planted_value_is_found_in_any_surroundings(
            before in "[ -~]{0,40}",
            after in "[ -~]{0,40}",
            tenant in 1_usize..3,
        ) {
            let world = example::world(3, Seed(7));
            let text = format!("{before}{}{after}", world.tenants[tenant].mark.text);
            prop_assert_eq!(see(&Cell::Text(text)).len(), 1);
        }

        #[test]
        fn noise_is_not_taken_for_a_planted_value(
            text in "\\PC{0,80}",
            number in any::<i64>(),
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
        ) {
            prop_assert_eq!(see(&Cell::Text(text)), vec![]);
            prop_assert_eq!(see(&Cell::Integer(number)), vec![]);
            prop_assert_eq!(see(&Cell::Binary(bytes)), vec![]);
        }
    }
}
