//! What do the records alone amount to? The numbers and verdicts of `run.json` and `coverage.json` are worked out
//! again from the lines of the cases, so that nobody has to believe them. This is written apart from the books
//! that the campaign keeps, and must come to the same.

use std::collections::BTreeMap;

use domain::control::{ControlId, Coverage, Plane, control};
use domain::event::{CellResult, Summary};
use domain::gate::{Gate, gate};
use domain::inspection::{Item, Seen};
use domain::journal::Line;
use domain::system::Thresholds;
use domain::verdict::{ControlResult, Tally, Verdict};

use crate::Record;
use crate::model::{CampaignPlan, Counts, Rule, RunVerdict, State, SystemPlan, SystemRun};

/// What the summaries of a run amount to.
pub fn verdict(summaries: &[Summary]) -> RunVerdict {
    match gate(summaries) {
        Gate::Held => RunVerdict::Held,
        Gate::Inconclusive => RunVerdict::Inconclusive,
        Gate::Violated => RunVerdict::Violated,
    }
}

/// The rules of the gate, in order.
pub const RULES: [&str; 4] = [
    "No control is violated by a cause that is neither waived nor known from the baseline.",
    "No control is inconclusive.",
    "Every planned phase of every system ran to its end.",
    "At least one control held.",
];

/// What each rule of the gate comes to.
pub fn rules(summaries: &[Summary]) -> Vec<Rule> {
    const WHY_MAX: usize = 20;
    let of = |is: &dyn Fn(&Summary, &ControlResult) -> bool| -> Vec<String> {
        let one = |summary: &Summary| -> Vec<String> {
            let matching = summary.controls.iter().filter(|one| is(summary, one));
            matching
                .map(|one| format!("{}: {}", summary.system, one.control))
                .collect()
        };
        summaries.iter().flat_map(one).take(WHY_MAX).collect()
    };
    let unfinished: Vec<String> = summaries
        .iter()
        .filter(|summary| !summary.complete)
        .map(|summary| {
            let reason = summary.incomplete_reason.as_deref();
            format!(
                "{}: {}",
                summary.system,
                reason.unwrap_or("it was not finished")
            )
        })
        .collect();
    let held = of(&|_, one| one.verdict == Verdict::Held);
    let failed = of(&Summary::is_failed);
    let inconclusive = of(&|_, one| matches!(one.verdict, Verdict::Inconclusive { .. }));
    let rule = |rule: &str, met: bool, why: Vec<String>| Rule {
        rule: rule.to_owned(),
        met,
        why,
    };
    vec![
        rule(RULES[0], failed.is_empty(), failed),
        rule(RULES[1], inconclusive.is_empty(), inconclusive),
        rule(RULES[2], unfinished.is_empty(), unfinished),
        rule(RULES[3], !held.is_empty(), Vec::new()),
    ]
}

/// Everything that the lines of a campaign add up to.
pub fn tally(lines: &[Line]) -> Tally {
    let mut sum = Tally::default();
    for one in Books::of(lines).cells.into_values() {
        sum += one;
    }
    sum
}

/// What a campaign's lines add up to.
#[derive(Debug, Default)]
struct Books {
    cells: BTreeMap<String, Tally>,
    broken: BTreeMap<String, BTreeMap<ControlId, u64>>,
    doubted: Vec<ControlId>,
    violated: Vec<ControlId>,
    cases: u64,
}

impl Books {
    fn of(lines: &[Line]) -> Self {
        let mut books = Self::default();
        for line in lines {
            match line {
                Line::Header(_) | Line::Planned(_) => {}
                Line::Case(case) => {
                    books.cases += 1;
                    for (cell, tally) in &case.cells {
                        *books.cells.entry(cell.clone()).or_default() += *tally;
                    }
                    for (cell, promises) in &case.broken {
                        for (id, count) in promises {
                            books.break_promise(cell, id, *count);
                        }
                    }
                    books.doubt(&case.doubts);
                }
                Line::Inspection(inspection) => {
                    for item in &inspection.items {
                        books.look(&inspection.inspection, item);
                    }
                    books.doubt(&inspection.doubts);
                }
                Line::Finding(finding) => books.violated.extend(finding.controls.iter().cloned()),
            }
        }
        books
    }

    fn break_promise(&mut self, cell: &str, id: &ControlId, count: u64) {
        let promises = self.broken.entry(cell.to_owned()).or_default();
        *promises.entry(id.clone()).or_default() += count;
    }

    fn doubt(&mut self, doubts: &[domain::journal::Doubt]) {
        self.doubted
            .extend(doubts.iter().flat_map(|doubt| doubt.controls.clone()));
    }

    /// A look is an attempt that is armed when it could look.
    fn look(&mut self, inspection: &str, item: &Item) {
        let cell = format!("{inspection} of {} for {}", item.place, item.control);
        let mut tally = Tally {
            attempts: 1,
            looks: 1,
            armed: 1,
            ..Tally::default()
        };
        match item.seen {
            Seen::Passed => tally.harmless = 1,
            Seen::Failed(_) => {
                tally.crossed = 1;
                self.break_promise(&cell, &item.control, 1);
            }
            Seen::CouldNotLook { .. } => {
                (tally.armed, tally.failed) = (0, 1);
                self.doubted.push(item.control.clone());
            }
        }
        *self.cells.entry(cell).or_default() += tally;
    }

    /// What counts for a promise, and of that the looks.
    fn for_promise(
        &self,
        id: &ControlId,
        counts_for: &BTreeMap<&str, &CellResult>,
    ) -> (Tally, Tally) {
        let (mut sum, mut looks) = (Tally::default(), Tally::default());
        for (name, tally) in &self.cells {
            let broken = self.broken.get(name).and_then(|promises| promises.get(id));
            let broken = broken.copied().unwrap_or_default();
            let aims = counts_for
                .get(name.as_str())
                .is_some_and(|cell| cell.controls.contains(id));
            if aims {
                sum += *tally;
                let elsewhere = tally.crossed.saturating_sub(broken);
                sum.crossed -= elsewhere;
                sum.harmless += elsewhere;
                if tally.looks > 0 {
                    looks += *tally;
                }
            } else if broken > 0 {
                sum.attempts += broken;
                sum.armed += broken;
                sum.crossed += broken;
            }
        }
        (sum, looks)
    }
}

/// What a verdict is called in `run.json`, without its reasons.
fn word(verdict: &Verdict) -> &'static str {
    verdict.word()
}

/// The verdict of one promise on one plane; `None` where it is another plane's.
fn of_promise(
    id: &ControlId,
    plane: Plane,
    books: &Books,
    (sum, looks): (Tally, Tally),
    thresholds: &Thresholds,
    complete: bool,
) -> Option<Verdict> {
    let known = control(&id.0);
    if known.is_some_and(|one| one.is_attacked() && !one.is_attacked_on(plane)) {
        return None;
    }
    if books.violated.contains(id) {
        return Some(Verdict::Violated);
    }
    let inconclusive = Verdict::Inconclusive {
        reasons: Vec::new(),
    };
    match known {
        Some(one) if one.is_attacked_on(plane) => {}
        Some(one) if one.coverage == Coverage::Attested => return Some(Verdict::Attested),
        _ => return Some(inconclusive),
    }
    let attacks = sum.attempts - looks.attempts;
    let too_few = sum.armed - looks.armed < thresholds.armed_attempts_min
        && (attacks > 0 || looks.attempts == 0);
    let failed = sum.failed.saturating_sub(looks.failed);
    let too_many_failed = failed * 100 > attacks * u64::from(thresholds.failed_percent_max);
    let held = complete && !books.doubted.contains(id) && !too_few && !too_many_failed;
    Some(if held { Verdict::Held } else { inconclusive })
}

fn plane(campaign: &CampaignPlan) -> Plane {
    if campaign.plane == "api" {
        Plane::Api
    } else {
        Plane::Sql
    }
}

/// Everything in which a closed record says something else than its own cases, a sentence each. Empty when it
/// tells what they tell. A record may say less of a control than its cases show (*inconclusive* for *held*), for
/// not every doubt comes from a case; it may never say more.
pub fn differences(record: &Record) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |text: String| differences.push(text);
    if record.run.state != State::Finished {
        differ("run.json says that the run is not finished".into());
    }
    for system in &record.plan.systems {
        match record.run.systems.iter().find(|one| one.key == system.key) {
            Some(run) => of_system(record, system, run, &mut differ),
            // Interrupted before its turn: the run as a whole must not look whole.
            None if record.run.verdict == RunVerdict::Held => {
                differ(format!(
                    "{} was planned, but run.json says nothing of it",
                    system.key
                ));
            }
            None => {}
        }
    }
    let summaries = record.summaries();
    let verdict = verdict(&summaries);
    if verdict != record.run.verdict {
        let (says, amounts) = (record.run.verdict.word(), verdict.word());
        differ(format!(
            "run.json says {says}, but its controls amount to {amounts}"
        ));
    }
    let exit = match verdict {
        RunVerdict::Held => 0,
        RunVerdict::Violated => 1,
        RunVerdict::Inconclusive => 2,
    };
    if record.run.exit_code != Some(exit) {
        differ(format!(
            "run.json says exit code {:?}, but its verdict has {exit}",
            record.run.exit_code
        ));
    }
    if record.run.counts != Counts::of(&summaries) {
        differ("the counts of run.json are not what controls, cells and causes add up to".into());
    }
    if record.run.gate != rules(&summaries) {
        differ("the gate of run.json is not what its rules come to".into());
    }
    for system in &record.inventory.systems {
        for source in system
            .sources
            .iter()
            .filter(|source| !source.is_reconciled())
        {
            differ(format!(
                "inventory.json: the totals of {:?} of {} are not what its items add up to",
                source.origin, system.key
            ));
        }
    }
    differences
}

/// What all planes come to for a promise, as if each was finished or none was, and the attempts on it.
fn of_planes(
    id: &ControlId,
    system: &SystemPlan,
    books: &[(Plane, Books)],
    cells: &BTreeMap<&str, &CellResult>,
    complete: bool,
) -> (Option<Verdict>, u64) {
    let mut attempts = 0;
    let mut tried: Vec<Verdict> = Vec::new();
    let mut untried: Vec<Verdict> = Vec::new();
    for (plane, books) in books {
        let sums = books.for_promise(id, cells);
        attempts += sums.0.attempts;
        let is_tried = sums.0.attempts > 0;
        let own = of_promise(id, *plane, books, sums, &system.thresholds, complete);
        if is_tried {
            tried.extend(own);
        } else {
            untried.extend(own);
        }
    }
    // Where nothing was tried, the system may have no part of the promise on that plane: then the other
    // plane's word stands.
    let amounts = if tried.is_empty() { untried } else { tried };
    (amounts.into_iter().reduce(Verdict::worst), attempts)
}

fn of_system(
    record: &Record,
    system: &SystemPlan,
    run: &SystemRun,
    differ: &mut dyn FnMut(String),
) {
    let key = &system.key;
    let Some(coverage) = record.coverage.systems.iter().find(|one| one.key == *key) else {
        differ(format!("coverage.json says nothing of {key}"));
        return;
    };
    let cells: BTreeMap<&str, &CellResult> = coverage
        .cells
        .iter()
        .map(|cell| (cell.name.as_str(), cell))
        .collect();
    let books: Vec<(Plane, Books)> = system
        .campaigns
        .iter()
        .map(|campaign| {
            let lines = record.cases.get(&campaign.name);
            let lines = lines.map(Vec::as_slice).unwrap_or_default();
            (plane(campaign), Books::of(lines))
        })
        .collect();
    let mut added: BTreeMap<&str, Tally> = BTreeMap::new();
    for (name, tally) in books.iter().flat_map(|(_, books)| &books.cells) {
        *added.entry(name).or_default() += *tally;
    }
    for name in added.keys().filter(|name| !cells.contains_key(*name)) {
        differ(format!(
            "coverage.json of {key} leaves out the cell {name:?}, which has attempts"
        ));
    }
    // What both planes look at stands there once for each.
    let mut claimed: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for cell in &coverage.cells {
        let (attempts, armed) = claimed.entry(cell.name.as_str()).or_default();
        *attempts += cell.attempts;
        *armed += cell.armed;
    }
    for (name, (attempts, armed)) in claimed {
        let tally = added.get(name).copied().unwrap_or_default();
        if (attempts, armed) != (tally.attempts, tally.armed) {
            differ(format!(
                "coverage.json of {key} says {attempts} attempts, {armed} armed, in {name:?}; the cases add up to {}, {}",
                tally.attempts, tally.armed
            ));
        }
    }
    let cases: u64 = books.iter().map(|(_, books)| books.cases).sum();
    if cases != run.cases {
        differ(format!(
            "run.json says {} cases of {key}; there are {cases}",
            run.cases
        ));
    }
    for planned in &system.controls {
        let id = &planned.control;
        let Some(claimed) = run.controls.iter().find(|one| one.control == *id) else {
            let elsewhere = books.iter().all(|(plane, _)| {
                control(&id.0).is_some_and(|one| one.is_attacked() && !one.is_attacked_on(*plane))
            });
            if !elsewhere {
                differ(format!(
                    "{id} of {key} was planned, but run.json has no verdict of it"
                ));
            }
            continue;
        };
        let (amounts, attempts) = of_planes(id, system, &books, &cells, true);
        let Some(amounts) = amounts else { continue };
        // Which plane of an unfinished system was not finished, is not told: what the other looks after may be
        // held. The run as a whole is inconclusive all the same.
        let unfinished = if run.complete {
            None
        } else {
            of_planes(id, system, &books, &cells, false).0
        };
        let is_unfinished = unfinished.is_some_and(|one| word(&one) == word(&claimed.verdict));
        let says_less =
            matches!(claimed.verdict, Verdict::Inconclusive { .. }) && amounts == Verdict::Held;
        let nothing_to_try = claimed.verdict == Verdict::NotApplicable && attempts == 0;
        let is_said = word(&claimed.verdict) == word(&amounts);
        if !is_said && !is_unfinished && !says_less && !nothing_to_try {
            differ(format!(
                "run.json says that {id} of {key} is {}, but its cases amount to {}",
                word(&claimed.verdict),
                word(&amounts)
            ));
        }
    }
    for claimed in &run.controls {
        if !system
            .controls
            .iter()
            .any(|one| one.control == claimed.control)
        {
            differ(format!(
                "run.json has a verdict of {} of {key}, which was not planned",
                claimed.control
            ));
        }
    }
}
