//! The catalogue of attacks: which ways are known to alter, empty, hide or forge an audit trail,
//! and which channels lead from one tenant to another. Every row is covered by a scenario, or says
//! why none can.

use serde::Deserialize;

/// A row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    /// A letter for the kind (A altering, H hiding, F forging, L leaking) and a number.
    pub id: String,
    /// What is done, in a line.
    pub attack: String,
    /// For which designs it is known.
    #[serde(default)]
    pub place: Place,
    /// Why no scenario covers it.
    #[serde(default)]
    pub excused: Option<String>,
}

/// Where an attack is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum Place {
    /// Whatever the design.
    #[default]
    #[serde(rename = "both")]
    Both,
    /// Where each tenant has a database.
    #[serde(rename = "database-per-tenant")]
    DatabasePerTenant,
    /// Where all share one.
    #[serde(rename = "shared-database")]
    SharedDatabase,
}

const TABLE: &str = include_str!("../catalogue.yaml");

/// Every row, in the order of the ids.
///
/// # Panics
/// Never: a test holds the table valid.
pub fn attacks() -> Vec<Attack> {
    serde_yaml::from_str(TABLE).expect("a test holds the table valid")
}

#[cfg(test)]
mod tests {
    use super::attacks;
    use crate::catalogue;

    #[test]
    fn the_table_has_every_row_once_and_in_order() {
        let ids: Vec<String> = attacks().into_iter().map(|attack| attack.id).collect();
        let kinds = [
            ("A", 1..=42),
            ("H", 1..=11),
            ("F", 1..=12),
            ("L", 1..=18),
            ("L", 20..=43),
            ("L", 50..=70),
        ];
        let expected: Vec<String> = kinds
            .into_iter()
            .flat_map(|(kind, numbers)| {
                numbers.map(move |number: u32| format!("{kind}{number:02}"))
            })
            .collect();
        assert_eq!(ids, expected);
        assert_eq!(ids.len(), 65 + 63);
    }

    #[test]
    fn every_row_is_covered_by_a_scenario_or_excused_and_never_both() {
        let scenarios = catalogue();
        let mut neither = Vec::new();
        for attack in attacks() {
            let covered = scenarios
                .iter()
                .any(|scenario| scenario.catalogue.contains(&attack.id));
            match (&attack.excused, covered) {
                (Some(reason), true) => panic!("{} is covered, yet {reason}", attack.id),
                (Some(reason), false) => assert!(reason.ends_with('.'), "{reason}"),
                (None, true) => {}
                (None, false) => neither.push(attack.id),
            }
        }
        assert_eq!(neither, Vec::<String>::new());
    }
}
