//! The tenants of one run and the marks that were planted in each.

use serde::{Deserialize, Serialize};

use crate::seed::Seed;
use crate::system::System;

/// A tenant's position in its [`World`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantIndex(pub usize);

/// All tenants of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The tenants, in order.
    pub tenants: Vec<Tenant>,
    /// Databases that belong to nobody, as (key, name).
    pub shared_databases: Vec<(String, String)>,
}

/// One tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    /// Its database.
    pub database: String,
    /// What all its planted values carry.
    pub mark: Mark,
}

/// What every value planted in a tenant carries, so that it is recognised wherever it surfaces.
/// The four kinds are disjoint between tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Part of every planted text; eight lower-case letters and digits that occur in no word.
    pub text: String,
    /// Planted numbers lie in `number .. number + NUMBER_BAND`.
    pub number: i64,
    /// Planted dates lie in this year.
    pub year: i32,
    /// Planted GUIDs begin with these four bytes, as printed.
    pub guid: [u8; 4],
}

/// Width of a tenant's band of numbers.
pub const NUMBER_BAND: i64 = 1_000_000;
/// Bands start here: above every honest count and id, below the end of `int`.
const NUMBER_FIRST: i64 = 1_000_000_000;
/// Years start here: later than every honest date.
const YEAR_FIRST: i32 = 2200;
/// More tenants than this would leave the range of `int`.
pub const TENANTS_MAX: usize = 1_000;

impl Mark {
    /// The mark of the `index`-th tenant under `seed`.
    ///
    /// Letters come from an alphabet without vowels, so that no mark is a word; the leading
    /// `wt` and the tenant's number make marks of one run differ by construction.
    pub fn new(seed: Seed, index: usize) -> Self {
        const ALPHABET: &[u8; 20] = b"bcdfghjkmnpqrstvwxyz";
        let mut draw = seed.child("mark").nth(index as u64).0;
        let mut text = String::from("wt");
        for _ in 0..4 {
            let letter = usize::try_from(draw % 20).expect("a remainder below 20 fits");
            text.push(char::from(ALPHABET[letter]));
            draw /= 20;
        }
        text.push_str(&format!("{index:02}"));
        let low = u32::try_from(index).expect("tenants are few");
        let high = u32::try_from(seed.child("guid").0 & 0x000f_ffff).expect("20 bits fit");
        Self {
            text,
            number: NUMBER_FIRST + NUMBER_BAND * i64::from(low),
            year: YEAR_FIRST + i32::try_from(index).expect("tenants are few"),
            guid: ((high << 12) | (low & 0xfff)).to_be_bytes(),
        }
    }
}

impl World {
    /// The world of a declared system: its tenants' names, databases and marks under `seed`.
    pub fn new(system: &System, seed: Seed) -> Self {
        let tenants = system
            .tenants
            .iter()
            .enumerate()
            .map(|(index, name)| Tenant {
                name: name.clone(),
                database: system.expand(&system.databases.tenant.name, Some(name)),
                mark: Mark::new(seed, index),
            });
        let shared = system.databases.shared.iter();
        Self {
            tenants: tenants.collect(),
            shared_databases: shared
                .map(|(key, template)| (key.clone(), system.expand(&template.name, None)))
                .collect(),
        }
    }

    /// The tenant at `index`.
    ///
    /// # Panics
    /// When `index` belongs to another world.
    pub fn tenant(&self, index: TenantIndex) -> &Tenant {
        self.tenants
            .get(index.0)
            .expect("a tenant index belongs to its world")
    }

    /// Indexes of all tenants.
    pub fn indexes(&self) -> impl Iterator<Item = TenantIndex> + use<> {
        (0..self.tenants.len()).map(TenantIndex)
    }

    /// The tenant whose database has this name, compared without case.
    pub fn tenant_of_database(&self, database: &str) -> Option<TenantIndex> {
        self.tenants
            .iter()
            .position(|tenant| tenant.database.eq_ignore_ascii_case(database))
            .map(TenantIndex)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Mark, TENANTS_MAX};
    use crate::seed::Seed;

    #[test]
    fn marks_of_one_run_are_disjoint() {
        for seed in [0, 7, u64::MAX] {
            let marks: Vec<Mark> = (0..TENANTS_MAX)
                .map(|index| Mark::new(Seed(seed), index))
                .collect();
            let texts: BTreeSet<_> = marks.iter().map(|mark| &mark.text).collect();
            let guids: BTreeSet<_> = marks.iter().map(|mark| mark.guid).collect();
            assert_eq!(texts.len(), TENANTS_MAX);
            assert_eq!(guids.len(), TENANTS_MAX);
            assert!(marks.iter().all(|mark| mark.number < i64::from(i32::MAX)));
        }
    }
}
