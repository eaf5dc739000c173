//! What may be said in numbers? `statistics.json`, worked out from the record alone, so that whoever verifies works
//! it out again.

use std::collections::BTreeMap;

use domain::control::ControlId;
use domain::journal::Line;
use record::Record;
use serde_json::Value;
use statistics::model::{Search, Stratum};
use statistics::{Input, Statistics};

use crate::overview::Overview;

/// The statistics of a record.
pub fn statistics(record: &Record) -> Statistics {
    let mut strata = Vec::new();
    let mut cells = Vec::new();
    for system in &record.run.systems {
        let coverage = record.coverage.systems.iter();
        let coverage = coverage.filter(|one| one.key == system.key);
        let mut controls_of: BTreeMap<&str, &[ControlId]> = BTreeMap::new();
        for cell in coverage.flat_map(|one| &one.cells) {
            controls_of.insert(&cell.name, &cell.controls);
            cells.push((format!("{}: {}", system.key, cell.name), cell.armed));
        }
        let clusters = clusters(record, &system.key, &controls_of);
        for result in system.controls.iter().filter(|one| one.tally.armed > 0) {
            let (armed, crossed) = clusters.get(&result.control).copied().unwrap_or_default();
            strata.push(Stratum {
                name: format!("{}/{}", system.key, result.control),
                armed: result.tally.armed,
                distinct: None,
                crossed: result.tally.crossed,
                clusters: Some(armed),
                clusters_crossed: crossed,
            });
        }
    }
    let systems = record.plan.systems.iter();
    let armed_min = systems.map(|one| one.thresholds.armed_attempts_min).max();
    statistics::of(&Input {
        sensitivity: Overview::new(record)
            .sensitivity()
            .map(|one| (one.caught, one.planted)),
        strata,
        cells,
        armed_min: armed_min.unwrap_or_default(),
        search: Search::NotMeasured {
            why: "the run had no phase of its own for measuring: what it tried depended on what it had seen"
                .to_owned(),
        },
    })
}

/// The same as it stands in `statistics.json`; see [`rounded`].
///
/// # Panics
/// Never: statistics are plain numbers and texts.
pub fn document(record: &Record) -> Value {
    let value = serde_json::to_value(statistics(record)).expect("statistics print as JSON");
    rounded(value)
}

/// A document whose shares have six significant figures: such read back to the same number everywhere.
pub fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let share = number.as_f64().unwrap_or_default();
            let short: f64 = format!("{share:.5e}").parse().unwrap_or(share);
            serde_json::Number::from_f64(short).map_or(Value::Null, Value::Number)
        }
        Value::Array(values) => values.into_iter().map(rounded).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            members
                .map(|(name, value)| (name, rounded(value)))
                .collect()
        }
        other => other,
    }
}

/// Cases with an armed attempt on each promise, and those in which one crossed. A look is a case of its own.
fn clusters(
    record: &Record,
    key: &str,
    controls_of: &BTreeMap<&str, &[ControlId]>,
) -> BTreeMap<ControlId, (u64, u64)> {
    let mut clusters: BTreeMap<ControlId, (u64, u64)> = BTreeMap::new();
    let plans = record.plan.systems.iter().filter(|one| one.key == key);
    let lines = plans
        .flat_map(|one| &one.campaigns)
        .filter_map(|campaign| record.cases.get(&campaign.name))
        .flatten();
    for line in lines {
        match line {
            Line::Case(case) => {
                let mut own: BTreeMap<&ControlId, bool> = BTreeMap::new();
                for (cell, tally) in case.cells.iter().filter(|(_, tally)| tally.armed > 0) {
                    let aimed = controls_of.get(cell.as_str()).copied().unwrap_or_default();
                    for id in aimed {
                        *own.entry(id).or_default() |= tally.crossed > 0;
                    }
                }
                for id in case.broken.values().flat_map(BTreeMap::keys) {
                    own.insert(id, true);
                }
                for (id, crossed) in own {
                    let count = clusters.entry(id.clone()).or_default();
                    count.0 += 1;
                    count.1 += u64::from(crossed);
                }
            }
            Line::Inspection(inspection) => {
                for item in &inspection.items {
                    let count = clusters.entry(item.control.clone()).or_default();
                    count.0 += 1;
                    count.1 += u64::from(matches!(item.seen, domain::inspection::Seen::Failed(_)));
                }
            }
            Line::Header(_) | Line::Planned(_) | Line::Finding(_) => {}
        }
    }
    clusters
}
