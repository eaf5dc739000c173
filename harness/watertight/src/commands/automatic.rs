//! `watertight selftest --automatic`: what if one safeguard were not there, or one right too many?

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use campaign::plan::Extent;
use domain::control::{CONTROLS, ControlId};
use domain::event::Summary;
use domain::seed::Seed;
use domain::selftest::Trial;
use domain::verdict::Verdict;

use crate::environment::MachineClock;
use crate::exit_code::{Exit, Failure};
use crate::progress::Progress;
use crate::selftest::automatic::{Automatic, Outcome, automatic, effective_rights};
use crate::selftest::catalogue::Layer;
use crate::selftest::ground::{Ground, Planting};
use crate::selftest::hunt::{Quarry, pursue};

/// What is asked for.
pub(crate) struct Wanted<'a> {
    /// The designs, by name.
    pub(crate) designs: Vec<String>,
    /// Only what has this in its name.
    pub(crate) matching: Option<&'a str>,
    /// The seed.
    pub(crate) seed: u64,
    /// Tenants of each system.
    pub(crate) tenants: u16,
    /// When one is given up.
    pub(crate) budget: Duration,
}

/// Makes them, one by one, and reports; the outcomes of each design, and what the shell learns.
pub(crate) async fn run(
    wanted: &Wanted<'_>,
    progress: &Progress,
    stop: &AtomicBool,
) -> Result<(BTreeMap<String, Vec<Outcome>>, Exit), Failure> {
    let clock = MachineClock::start();
    let mut all = BTreeMap::new();
    for design in &wanted.designs {
        let mut ground = Ground::provision(design, Seed(wanted.seed), wanted.tenants).await?;
        let mut list = automatic(&ground).await?;
        list.retain(|one| wanted.matching.is_none_or(|text| one.id.contains(text)));
        let rights = effective_rights(&ground).await?;
        let nothing = Planting::default();
        let (_, clean) = look(&mut ground, &nothing, wanted, design, &clock, stop).await?;
        let known: BTreeSet<String> = doubts(&clean).into_iter().collect();
        let mut outcomes = Vec::new();
        let count = list.len();
        for (number, one) in list.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let planting = Planting {
                faults: vec![one.plant(ground.target_of_rows())],
                ..Planting::default()
            };
            ground.plant(&planting).await?;
            let same_rights = effective_rights(&ground).await? == rights;
            let (trial, summary) =
                look(&mut ground, &planting, wanted, design, &clock, stop).await?;
            let outcome = judged(one, &trial, &summary, &known, same_rights);
            progress.line(&format!(
                "{:>4} left  {} in {design}: {} ({})",
                count - number - 1,
                outcome.id,
                outcome.ending,
                outcome.why
            ));
            outcomes.push(outcome);
        }
        ground.dispose().await?;
        all.insert(design.clone(), outcomes);
    }
    let is_done = !stop.load(Ordering::Relaxed);
    let survived = |outcome: &Outcome| outcome.ending == "survived";
    let exit = if all.values().flatten().any(survived) {
        Exit::Violated
    } else if is_done && all.values().flatten().all(|one| one.ending != "unfinished") {
        Exit::Held
    } else {
        Exit::Inconclusive
    };
    Ok((all, exit))
}

async fn look(
    ground: &mut Ground,
    planting: &Planting,
    wanted: &Wanted<'_>,
    design: &str,
    clock: &MachineClock,
    stop: &AtomicBool,
) -> Result<(Trial, Summary), Failure> {
    let any: Vec<ControlId> = CONTROLS.iter().map(|one| ControlId::new(one.id)).collect();
    let quarry = Quarry {
        planting,
        layer: Layer::Sql,
        // What is made of the catalog shows to inspections and sweep, or not at all.
        extent: Extent::Cases(0),
        expected: &any,
        budget: wanted.budget,
    };
    pursue(ground, quarry, (design, wanted.seed), clock, stop).await
}

fn judged(
    one: &Automatic,
    trial: &Trial,
    summary: &Summary,
    known: &BTreeSet<String>,
    same_rights: bool,
) -> Outcome {
    let mut new = doubts(summary);
    new.retain(|reason| !known.contains(reason));
    if !summary.complete {
        new.clear();
    }
    one.outcome(trial, &new, same_rights)
}

/// Why promises could not be decided.
fn doubts(summary: &Summary) -> Vec<String> {
    let reasons = summary
        .controls
        .iter()
        .filter_map(|result| match &result.verdict {
            Verdict::Inconclusive { reasons } => Some(reasons),
            _ => None,
        });
    reasons.flatten().cloned().collect()
}

/// The closing report.
pub(crate) fn report(all: &BTreeMap<String, Vec<Outcome>>) -> String {
    let mut text = String::new();
    for (design, outcomes) in all {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for outcome in outcomes {
            *counts.entry((outcome.kind, outcome.ending)).or_default() += 1;
        }
        let _ = writeln!(text, "{design}: {} automatic faults", outcomes.len());
        for ((kind, ending), count) in counts {
            let _ = writeln!(text, "  {kind:<20} {ending:<22} {count:>5}");
        }
        for outcome in outcomes.iter().filter(|one| one.ending == "survived") {
            let _ = writeln!(text, "  survived: {}", outcome.id);
        }
    }
    text
}
