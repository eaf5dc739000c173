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
    /// Its database; in a shared database, the one that all tenants have in common.
    pub database: String,
    /// What all its planted values carry.
    pub mark: Mark,
    /// What stands for it in the column that says whose a row is, as a T-SQL literal; in a shared
    /// database only.
    #[serde(default)]
    pub organisation: Option<String>,
    /// What stands for its departments in their column, as T-SQL literals in order; known when the
    /// rows have been read.
    #[serde(default)]
    pub departments: Vec<String>,
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
        let common = system.tenancy.as_ref().and_then(|tenancy| {
            let template = system.databases.shared.get(&tenancy.database)?;
            Some(system.expand(&template.name, None))
        });
        let tenant = |(index, name): (usize, &String)| {
            let own = system.databases.tenant.as_ref();
            let own = own.map(|template| system.expand(&template.name, Some(name)));
            let mut tenant = Tenant {
                name: name.clone(),
                database: own.or_else(|| common.clone()).unwrap_or_default(),
                mark: Mark::new(seed, index),
                organisation: None,
                departments: Vec::new(),
            };
            let value = system.tenancy.as_ref().map(|tenancy| &tenancy.value);
            tenant.organisation = value.map(|value| tenant.fill(value));
            tenant
        };
        let tenants = system.tenants.iter().enumerate().map(tenant);
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

    /// The tenant whose database has this name, compared without case; `None` for one that
    /// tenants have in common.
    pub fn tenant_of_database(&self, database: &str) -> Option<TenantIndex> {
        let is_own = |tenant: &Tenant| {
            tenant.organisation.is_none() && tenant.database.eq_ignore_ascii_case(database)
        };
        self.tenants.iter().position(is_own).map(TenantIndex)
    }

    /// Whether the rows of all tenants lie in the database of this name.
    pub fn is_common(&self, database: &str) -> bool {
        self.tenants.iter().any(|tenant| {
            tenant.organisation.is_some() && tenant.database.eq_ignore_ascii_case(database)
        })
    }

    /// All databases, each once, with the tenant that it belongs to: the tenants' own first.
    pub fn databases(&self) -> Vec<(&str, Option<TenantIndex>)> {
        let own = self
            .indexes()
            .filter(|&index| self.tenant(index).organisation.is_none())
            .map(|index| (self.tenant(index).database.as_str(), Some(index)));
        let shared = self
            .shared_databases
            .iter()
            .map(|(_, name)| (name.as_str(), None));
        own.chain(shared).collect()
    }
}

impl Tenant {
    /// What scripts and checkouts know of the tenant, as (name, value).
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let mark = &self.mark;
        let guid = mark.guid.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut variables = vec![
            ("Tenant", self.name.clone()),
            ("MarkText", mark.text.clone()),
            ("MarkNumber", mark.number.to_string()),
            ("MarkDate", format!("{:04}-01-01", mark.year)),
            ("MarkGuid", guid),
        ];
        if let Some(organisation) = &self.organisation {
            variables.push(("Organisation", organisation.clone()));
        }
        variables
    }

    /// A text with the tenant's variables in place.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in self.variables() {
            filled = filled.replace(&format!("$({name})"), &value);
        }
        filled
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
