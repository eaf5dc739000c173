//! Are the cases those of the plan, each once and in order, and are those kept whole that had to be?

use std::collections::{BTreeMap, BTreeSet};

use domain::case::{CaseId, Phase};
use domain::journal::{Header, Line};
use record::Record;
use record::bundle::Files;
use record::canonical::read_document;
use record::model::{CampaignPlan, SystemPlan};
use record::traces::{Trace, kept, path};

/// More problems of one file would bury the first.
const PROBLEMS_MAX: usize = 20;

pub(super) fn check(record: &Record, files: &Files) -> Vec<String> {
    let mut problems = Vec::new();
    let mut traces = BTreeSet::new();
    for system in &record.plan.systems {
        for campaign in &system.campaigns {
            let Some(lines) = record.cases.get(&campaign.name) else {
                let whole = record
                    .run
                    .systems
                    .iter()
                    .any(|one| one.key == system.key && one.complete);
                if whole {
                    problems.push(format!(
                        "{} is missing, though its system was done",
                        campaign.file
                    ));
                }
                continue;
            };
            let mut own = header(record, system, campaign, lines);
            own.extend(order(campaign, lines));
            own.truncate(PROBLEMS_MAX);
            problems.extend(own);
            let (kept, _) = kept(
                &record.run.plan_sha256,
                &campaign.name,
                lines,
                record.plan.trace_sample,
            );
            for case in kept {
                let path = path(&campaign.name, case);
                problems.extend(trace(files, &path, &campaign.name, case));
                traces.insert(path);
            }
        }
    }
    for path in files.keys().filter(|path| path.starts_with("traces/")) {
        if !traces.contains(path) {
            problems.push(format!(
                "{path} is a trace that neither findings nor the hash of plan and case asked for"
            ));
        }
    }
    problems
}

/// Whether every campaign said before its first attack which cells it was going to reach, and what became of them:
/// a sentence, and problems.
pub(super) fn planned(record: &Record) -> (String, Vec<String>) {
    let (mut planned, mut unarmed, mut beyond) = (0, 0, 0);
    let mut problems = Vec::new();
    for system in &record.plan.systems {
        let coverage = record.coverage.systems.iter();
        let cells = coverage
            .filter(|one| one.key == system.key)
            .flat_map(|one| &one.cells);
        let armed: BTreeMap<&str, u64> =
            cells.map(|cell| (cell.name.as_str(), cell.armed)).collect();
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for campaign in &system.campaigns {
            let file = &campaign.file;
            let Some(lines) = record.cases.get(&campaign.name) else {
                continue;
            };
            let lists = lines
                .iter()
                .enumerate()
                .filter_map(|(at, line)| match line {
                    Line::Planned(planned) => Some((at, planned)),
                    _ => None,
                });
            match lists.collect::<Vec<_>>()[..] {
                // It was lost before it could look at its target.
                [] if lines.len() <= 1 => {}
                [(1, list)] => {
                    if !list.cells.is_sorted_by(|one, other| one < other) {
                        problems.push(format!(
                            "{file}: line 2 lists a planned cell twice, or not in order"
                        ));
                    }
                    known.extend(list.cells.iter().map(String::as_str));
                }
                _ => problems.push(format!(
                    "{file} does not say in its second line, and there alone, which cells were planned"
                )),
            }
        }
        for cell in &known {
            match armed.get(cell) {
                Some(0) => unarmed += 1,
                Some(_) => {}
                None => problems.push(format!(
                    "coverage.json leaves out {cell:?}, which was planned before the first attack"
                )),
            }
        }
        planned += known.len();
        beyond += armed.keys().filter(|cell| !known.contains(*cell)).count();
    }
    problems.truncate(PROBLEMS_MAX);
    let told = format!(
        "{planned} planned before the first attack, {unarmed} of them never armed; {beyond} more were looked at or \
         reached by random cases"
    );
    (told, problems)
}

fn trace(files: &Files, path: &str, campaign: &str, case: CaseId) -> Option<String> {
    let Some(bytes) = files.get(path) else {
        return Some(format!("{path} is missing: that case had to be kept whole"));
    };
    match read_document::<Trace>(bytes) {
        Ok(trace) if trace.case == case && trace.campaign == campaign => None,
        Ok(_) => Some(format!("{path} is the trace of another case")),
        Err(error) => Some(format!("{path} {error}")),
    }
}

fn header(
    record: &Record,
    system: &SystemPlan,
    campaign: &CampaignPlan,
    lines: &[Line],
) -> Vec<String> {
    let file = &campaign.file;
    let Some(Line::Header(Header {
        tool,
        seed,
        configuration,
        tenants,
        ..
    })) = lines.first()
    else {
        return vec![format!("{file} does not begin with its header")];
    };
    let is_planned = *tool == record.plan.tool_version
        && *seed == record.plan.seed
        && *configuration == system.configuration_sha256
        && *tenants == system.tenants;
    let mut problems = Vec::new();
    if !is_planned {
        problems.push(format!(
            "{file} is about another run than plan.json: its header differs"
        ));
    }
    if lines[1..]
        .iter()
        .any(|line| matches!(line, Line::Header(_)))
    {
        problems.push(format!("{file} has a second header"));
    }
    problems
}

/// Cases count up within each phase, and none is left out. But inspections are made at two moments, and on the API
/// plane only sequences have numbers of their own: the others leave out what the rehearsal showed not to work.
fn order(campaign: &CampaignPlan, lines: &[Line]) -> Vec<String> {
    let file = &campaign.file;
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    let mut last: BTreeMap<Phase, (usize, u64)> = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        let id = match line {
            Line::Case(case) => case.case,
            Line::Inspection(inspection) => inspection.case,
            Line::Header(_) | Line::Planned(_) | Line::Finding(_) => continue,
        };
        let number = number + 1;
        let counts_up = match campaign.plane.as_str() {
            "api" => id.phase == Phase::Sequences,
            _ => id.phase != Phase::Inspection,
        };
        if !seen.insert(id) {
            problems.push(format!("{file}: line {number} has {id} a second time"));
            continue;
        }
        let before = last.insert(id.phase, (number, id.index));
        let next = before.map_or(0, |(_, index)| index + 1);
        if let Some((earlier, index)) = before
            && id.index < index
            && counts_up
        {
            problems.push(format!(
                "{file}: line {number} has {id}, which belongs before line {earlier}"
            ));
        } else if id.index > next && counts_up {
            let missing = CaseId {
                phase: id.phase,
                index: next,
            };
            problems.push(format!("{file}: {missing} is missing before line {number}"));
        }
    }
    problems
}
