//! A selftest as people read it: in the terminal, and as the page of the documentation.

use std::fmt::Write as _;

use domain::control::ControlId;
use domain::selftest::{Detection, Ending, PlantedFault, Selftest, Silence, Spread, Sum};
use reports::terminal::counted;

use crate::selftest::catalogue::entries;

/// The closing report.
pub(crate) fn terminal(selftest: &Selftest) -> String {
    let mut text = String::new();
    let width = selftest.faults.iter().map(|fault| fault.id.len()).max();
    let width = width.unwrap_or_default().max("fault".len());
    let _ = writeln!(
        text,
        "{:<width$}  layer    came to             under                by                   slowest   cases   steps",
        "fault"
    );
    for fault in &selftest.faults {
        let row = Row::of(fault);
        let _ = writeln!(
            text,
            "{:<width$}  {:<7}  {:<18}  {:<19}  {:<19}  {:>7}  {:>6}  {:>6}",
            fault.id, fault.layer, row.ending, row.under, row.by, row.slowest, row.cases, row.steps
        );
    }
    for silence in selftest.near_misses.iter().chain(&selftest.clean) {
        for alarm in &silence.false_alarms {
            let _ = writeln!(
                text,
                "\nFalse alarm in {}: {}\n  {}\n  {}",
                described(silence),
                words(&alarm.controls),
                alarm.sentence,
                alarm.fingerprint
            );
        }
    }
    text.push('\n');
    for sum in &selftest.sums {
        let _ = writeln!(text, "{}", sentence(sum));
    }
    let _ = writeln!(text, "{}", silences(selftest));
    if !selftest.is_complete {
        let _ = writeln!(text, "Not everything was done that was asked for.");
    }
    text
}

/// One fault's numbers as words.
struct Row {
    ending: String,
    under: String,
    by: String,
    slowest: String,
    cases: String,
    steps: String,
}

impl Row {
    fn of(fault: &PlantedFault) -> Self {
        let detections: Vec<&Detection> = fault
            .trials
            .iter()
            .filter_map(|trial| trial.detection.as_ref())
            .collect();
        let slowest = detections.iter().max_by_key(|one| one.ms);
        let dash = || "–".to_owned();
        let steps = detections.iter().filter_map(|one| one.steps_after).max();
        let ending = fault.ending();
        let as_bad = fault
            .trials
            .iter()
            .filter(|trial| Some(trial.ending) == ending)
            .count();
        Self {
            ending: ending.map_or_else(dash, |ending| {
                format!("{} {as_bad} of {}", ending.words(), fault.trials.len())
            }),
            under: slowest.map_or_else(dash, |one| words(&one.controls)),
            by: slowest.map_or_else(dash, |one| one.oracle.clone()),
            slowest: slowest.map_or_else(dash, |one| seconds(one.ms)),
            cases: slowest.map_or_else(dash, |one| one.cases.to_string()),
            steps: steps.map_or_else(dash, |steps| steps.to_string()),
        }
    }
}

fn words(controls: &[ControlId]) -> String {
    let ids: Vec<&str> = controls.iter().map(|id| id.0.as_str()).collect();
    ids.join(" ")
}

fn seconds(ms: u64) -> String {
    format!("{:.1} s", ms as f64 / 1000.0)
}

fn described(silence: &Silence) -> String {
    let what = match silence.planted.as_slice() {
        [] => "the clean system".to_owned(),
        near_misses => format!("the near misses {}", near_misses.join(", ")),
    };
    format!(
        "{what} ({}, {}, seed {})",
        silence.design, silence.layer, silence.seed
    )
}

/// What faults come to, in one sentence or two.
fn sentence(sum: &Sum) -> String {
    let mut text = format!(
        "{}: {} of {} caught under a promise that it breaks",
        match sum.of.as_str() {
            "all" => "Sensitivity",
            "sql" => "  in T-SQL",
            _ => "  in the service",
        },
        sum.caught,
        counted(sum.planted, "planted fault")
    );
    for (count, what) in [
        (sum.caught_by_another, "caught by another"),
        (sum.missed, "missed"),
        (sum.unfinished, "unfinished"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    if let Some(bound) = sum.lower_bound {
        let _ = write!(
            text,
            "; at least {:.1} % with 95 % confidence, for faults like these",
            // Rounded down: a bound is never told better than it is.
            (bound * 1000.0).floor() / 10.0
        );
    }
    text.push('.');
    if let Some(Spread { median, worst }) = sum.detection_ms {
        let _ = write!(
            text,
            " Found after {} (median), {} at worst",
            seconds(median),
            seconds(worst)
        );
        if let Some(Spread { median, worst }) = sum.steps {
            let _ = write!(
                text,
                "; shortest cases of {median} steps (median), {worst} at worst"
            );
        }
        if let Some(Spread { median, worst }) = sum.shrinking_ms {
            let _ = write!(
                text,
                ", {} later (median), {} at worst",
                seconds(median),
                seconds(worst)
            );
        }
        text.push('.');
    }
    if sum.replayed > 0 {
        let _ = write!(
            text,
            " {} of {} replayed from nothing show it with the fault, and not without.",
            sum.replayed_rightly,
            counted(sum.replayed, "case file")
        );
    }
    text
}

fn silences(selftest: &Selftest) -> String {
    let near: usize = selftest
        .near_misses
        .iter()
        .map(|silence| silence.planted.len())
        .sum();
    let alarms = selftest.false_alarms().count() as u64;
    let listened = selftest.near_misses.iter().chain(&selftest.clean);
    let judged: u64 = listened.map(|silence| silence.judged).sum();
    if judged == 0 {
        return "False alarms: not asked for.".to_owned();
    }
    format!(
        "False alarms: {} in {} and {}, over {judged} statements and requests.",
        if alarms == 0 {
            "none".to_owned()
        } else {
            alarms.to_string()
        },
        match near {
            1 => "1 near miss".to_owned(),
            many => format!("{many} near misses"),
        },
        counted(selftest.clean.len() as u64, "campaign") + " against clean systems",
    )
}

/// The page of the documentation.
pub(crate) fn page(selftest: &Selftest) -> String {
    let mut text = String::from(
        "# Sensitivity\n\n\
         Which planted faults does Watertight find, and how soon? This page is written by\n\
         `watertight selftest --docs docs/sensitivity.md`; a test holds it to the catalogue. Times are those of\n\
         one machine and differ from run to run. We chose the faults ourselves, so the bound speaks of faults like\n\
         these and of no others: they are all listed, and each names the promises under which it must be found.\n\
         What `--json` writes is described in `harness/domain/src/selftest.rs`.\n\n",
    );
    for sum in &selftest.sums {
        let _ = writeln!(text, "- {}", sentence(sum).trim_start());
    }
    let _ = writeln!(text, "- {}", silences(selftest));
    let seeds: Vec<String> = selftest.seeds.iter().map(u64::to_string).collect();
    let _ = writeln!(
        text,
        "- Each fault was planted under the seeds {}, in systems of {} tenants, and looked for at most {}.\n",
        seeds.join(", "),
        selftest.tenants,
        seconds(selftest.budget_per_fault_ms)
    );
    for (layer, title) in [("sql", "In T-SQL"), ("service", "In the service")] {
        let _ = writeln!(
            text,
            "## {title}\n\n\
             | fault | what is wrong | breaks | came to | first seen by | slowest | cases | steps |\n\
             |---|---|---|---|---|---:|---:|---:|"
        );
        for fault in selftest.faults.iter().filter(|fault| fault.layer == layer) {
            let row = Row::of(fault);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                fault.id,
                fault.sentence.replace('|', "\\|"),
                words(&fault.controls),
                row.ending,
                row.by,
                row.slowest,
                row.cases,
                row.steps
            );
        }
        text.push('\n');
    }
    let missed: Vec<&PlantedFault> = selftest
        .faults
        .iter()
        .filter(|fault| fault.ending() != Some(Ending::Caught))
        .collect();
    if !missed.is_empty() {
        text.push_str("## Not caught every time\n\n");
        for fault in missed {
            let trials: Vec<String> = fault
                .trials
                .iter()
                .filter(|trial| trial.ending != Ending::Caught)
                .map(|trial| {
                    format!(
                        "{} in {} under seed {}",
                        trial.ending.words(),
                        trial.design,
                        trial.seed
                    )
                })
                .collect();
            let _ = writeln!(text, "- {}: {}", fault.id, trials.join("; "));
        }
        text.push('\n');
    }
    text.push_str(&incidents());
    text
}

/// Where mistakes like those of the catalogue were made, or are warned of.
fn incidents() -> String {
    let mut text = String::from(
        "## What it is taken from\n\nIncidents, advisories and warnings about mistakes like these, in words of ours.\n\n",
    );
    for entry in entries() {
        if let Some(incident) = entry.incident {
            let _ = writeln!(text, "- {}: {incident}", entry.id);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::control::ControlId;
    use domain::selftest::{Detection, Ending, PlantedFault, SCHEMA, Selftest, Trial};

    use super::{incidents, page, terminal};
    use crate::selftest::catalogue::entries;
    use crate::selftest::sums;

    /// The page that is kept in the documentation.
    const PAGE: &str = include_str!("../../../../docs/sensitivity.md");

    #[test]
    fn the_page_has_a_row_for_each_fault_of_the_catalogue_and_for_no_other() {
        let told: Vec<&str> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split_once(" |"))
            .map(|(id, _)| id)
            .filter(|id| *id != "fault")
            .collect();
        let entries = entries();
        let known: BTreeSet<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        assert_eq!(told.iter().copied().collect::<BTreeSet<_>>(), known);
        assert_eq!(told.len(), known.len(), "a fault has two rows");
        for entry in &entries {
            let controls: Vec<&str> = entry.controls.iter().map(|id| id.0.as_str()).collect();
            let row = format!(
                "| {} | {} | {} |",
                entry.id,
                entry.sentence.replace('|', "\\|"),
                controls.join(" ")
            );
            assert!(PAGE.contains(&row), "the page does not say: {row}");
        }
        assert!(
            PAGE.ends_with(&incidents()),
            "the page cites other incidents"
        );
    }

    fn selftest(endings: &[Ending]) -> Selftest {
        let trial = |ending: Ending| Trial {
            design: "shared-database".into(),
            seed: 1,
            ending,
            detection: (ending == Ending::Caught).then(|| Detection {
                oracle: "containment".into(),
                controls: vec![ControlId::new("S01")],
                case: "sweep-1".into(),
                sentence: "one row".into(),
                ms: 1_500,
                cases: 3,
                judged: 9,
                steps_before: Some(5),
                steps_after: Some(2),
                replayed: None,
            }),
            prepared_ms: 10,
            cases: 3,
            judged: 9,
            ms: 20,
        };
        let fault = |(number, ending): (usize, &Ending)| PlantedFault {
            id: format!("fault-{number}"),
            layer: "sql".into(),
            sentence: "a|b".into(),
            controls: vec![ControlId::new("S01")],
            trials: vec![trial(*ending)],
        };
        let mut selftest = Selftest {
            schema: SCHEMA.into(),
            tool: "0".into(),
            catalogue: String::new(),
            seeds: vec![1],
            tenants: 2,
            budget_per_fault_ms: 30_000,
            is_complete: true,
            faults: endings.iter().enumerate().map(fault).collect(),
            near_misses: Vec::new(),
            clean: Vec::new(),
            sums: Vec::new(),
        };
        sums::finish(&mut selftest);
        selftest
    }

    #[test]
    fn a_missed_fault_is_told_in_the_sum_the_table_and_a_chapter_of_its_own() {
        let told = selftest(&[Ending::Caught, Ending::Missed]);
        let text = terminal(&told);
        assert!(text.contains("1 of 2 planted faults caught"), "{text}");
        assert!(text.contains("1 missed"), "{text}");
        let page = page(&told);
        assert!(page.contains("## Not caught every time"), "{page}");
        assert!(page.contains("fault-1: missed in shared-database under seed 1"));
        assert!(page.contains("a\\|b"), "a bar must not end a cell");
        assert!(!super::page(&selftest(&[Ending::Caught])).contains("Not caught"));
    }
}
