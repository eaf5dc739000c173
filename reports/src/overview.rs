//! What do several views tell alike? It is worked out here, once, from the record: which causes a cell
//! or a control stands under, how it is called, and the sentence that says what came out.

use domain::cause::Standing;
use domain::control::ControlId;
use domain::event::{CellResult, CellVerdict, Coordinates, Summary};
use domain::inspection::INSPECTOR;
use domain::verdict::{ControlResult, Verdict};
use record::Record;
use record::model::{CauseRecord, Environment, RunVerdict, SystemInventory, SystemPlan, SystemRun};

use crate::terminal::{counted, thousands};

/// The record, put together for telling.
pub(crate) struct Overview<'r> {
    pub(crate) record: &'r Record,
    pub(crate) systems: Vec<SystemOverview<'r>>,
}

/// One system.
pub(crate) struct SystemOverview<'r> {
    pub(crate) run: &'r SystemRun,
    pub(crate) plan: Option<&'r SystemPlan>,
    pub(crate) inventory: Option<&'r SystemInventory>,
    pub(crate) environment: Option<&'r Environment>,
    pub(crate) causes: &'r [CauseRecord],
    pub(crate) controls: Vec<ControlOverview<'r>>,
    pub(crate) cells: Vec<CellOverview<'r>>,
}

/// One promise and what came of it.
pub(crate) struct ControlOverview<'r> {
    pub(crate) result: &'r ControlResult,
    pub(crate) outcome: Outcome,
    pub(crate) causes: Vec<&'r CauseRecord>,
}

/// One cell and what came of it.
pub(crate) struct CellOverview<'r> {
    pub(crate) cell: &'r CellResult,
    pub(crate) outcome: Outcome,
    pub(crate) causes: Vec<&'r CauseRecord>,
}

/// What came out, as it counts for the gate; from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// There is no such thing at this target.
    NotApplicable,
    /// Evidence is attached; nothing was run.
    Attested,
    /// Attacked, and nothing crossed.
    Held,
    /// It was there before.
    Known,
    /// Somebody decided to live with it for a while.
    Waived,
    /// Nobody knows.
    Inconclusive,
    /// Something crossed.
    Violated,
}

impl Outcome {
    /// All, from best to worst.
    pub(crate) const ALL: [Self; 7] = [
        Self::NotApplicable,
        Self::Attested,
        Self::Held,
        Self::Known,
        Self::Waived,
        Self::Inconclusive,
        Self::Violated,
    ];

    /// Its word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::NotApplicable => "not applicable",
            Self::Attested => "attested",
            Self::Held => "held",
            Self::Known => "known",
            Self::Waived => "waived",
            Self::Inconclusive => "inconclusive",
            Self::Violated => "violated",
        }
    }

    /// Its word for programs and styles.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::NotApplicable => "not_applicable",
            other => other.word(),
        }
    }
}

impl<'r> Overview<'r> {
    pub(crate) fn new(record: &'r Record) -> Self {
        let summaries = record.summaries();
        let systems = record.run.systems.iter().zip(&summaries);
        Self {
            record,
            systems: systems
                .map(|(run, summary)| SystemOverview::new(record, run, summary))
                .collect(),
        }
    }

    /// All causes, with the system that each was found in.
    pub(crate) fn causes(&self) -> impl Iterator<Item = (&SystemOverview<'r>, &'r CauseRecord)> {
        self.systems
            .iter()
            .flat_map(|system| system.causes.iter().map(move |cause| (system, cause)))
    }

    /// What came out, in full sentences. Never more than was seen.
    pub(crate) fn verdict_sentences(&self) -> Vec<String> {
        let run = &self.record.run;
        let counts = &run.counts;
        let mut sentences = Vec::new();
        sentences.push(match run.verdict {
            RunVerdict::Held => format!(
                "No forbidden effect was found in {} armed attempts on {} of {} planned cells.",
                thousands(counts.armed),
                thousands(counts.cells_armed),
                thousands(counts.cells_planned)
            ),
            RunVerdict::Inconclusive => format!(
                "No forbidden effect that counts was found in {} armed attempts on {} of {} planned cells, but not \
                 everything that was to be shown could be shown.",
                thousands(counts.armed),
                thousands(counts.cells_armed),
                thousands(counts.cells_planned)
            ),
            RunVerdict::Violated => format!(
                "{} found: {} of {} promises under test {} violated.",
                match counts.causes {
                    1 => "1 cause of violations was".to_owned(),
                    many => format!("{} causes of violations were", thousands(many)),
                },
                thousands(counts.violated),
                thousands(
                    counts.held + counts.violated + counts.inconclusive + counts.attested
                ),
                if counts.violated == 1 { "was" } else { "were" }
            ),
        });
        sentences.push(match self.sensitivity() {
            Some(sensitivity) if sensitivity.caught == sensitivity.planted => format!(
                "All {} planted faults were found by this version of the harness.",
                thousands(sensitivity.planted)
            ),
            Some(sensitivity) => format!(
                "Of {} planted faults, {} were found by this version of the harness.",
                thousands(sensitivity.planted),
                thousands(sensitivity.caught)
            ),
            None => "No selftest was given to this run, so nothing is said about how many planted faults it would \
                     have found."
                .to_owned(),
        });
        let unarmed = counts.cells_planned.saturating_sub(counts.cells_armed);
        if unarmed > 0 {
            sentences.push(format!(
                "{} never armed and {} nothing.",
                match unarmed {
                    1 => "1 cell was".to_owned(),
                    many => format!("{} cells were", thousands(many)),
                },
                if unarmed == 1 { "says" } else { "say" }
            ));
        }
        if counts.waived > 0 {
            sentences.push(format!(
                "{} waived and not counted.",
                match counts.waived {
                    1 => "1 cause is".to_owned(),
                    many => format!("{} causes are", thousands(many)),
                }
            ));
        }
        if run.state == record::model::State::Unfinished {
            sentences.push("The run was not finished; what follows is what there is.".to_owned());
        }
        sentences
    }

    /// What the selftest said, if one was given.
    pub(crate) fn sensitivity(&self) -> Option<Sensitivity> {
        let value = &self.record.controls.sensitivity;
        let sums = value.get("sums")?.as_array()?;
        let all = sums
            .iter()
            .find(|sum| sum.get("of").and_then(|of| of.as_str()) == Some("all"))?;
        let number = |key: &str| all.get(key).and_then(serde_json::Value::as_u64);
        Some(Sensitivity {
            planted: number("planted")?,
            caught: number("caught")?,
        })
    }
}

/// How many planted faults were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sensitivity {
    pub(crate) planted: u64,
    pub(crate) caught: u64,
}

impl<'r> SystemOverview<'r> {
    fn new(record: &'r Record, run: &'r SystemRun, summary: &Summary) -> Self {
        let coverage = record
            .coverage
            .systems
            .iter()
            .find(|one| one.key == run.key);
        let causes = record.causes.systems.iter().find(|one| one.key == run.key);
        let causes: &[CauseRecord] = causes.map_or(&[], |one| &one.causes);
        let controls = run.controls.iter().map(|result| ControlOverview {
            result,
            outcome: control_outcome(result, summary),
            causes: causes
                .iter()
                .filter(|cause| cause.controls.contains(&result.control))
                .collect(),
        });
        let cells = coverage.map_or(&[][..], |one| &one.cells);
        let cells = cells.iter().map(|cell| CellOverview {
            cell,
            outcome: cell_outcome(cell, summary),
            causes: match cell.result {
                CellVerdict::Violated { .. } => causes
                    .iter()
                    .filter(|cause| is_shown_in(cell, cause))
                    .collect(),
                _ => Vec::new(),
            },
        });
        Self {
            run,
            plan: record.plan.systems.iter().find(|one| one.key == run.key),
            inventory: record
                .inventory
                .systems
                .iter()
                .find(|one| one.key == run.key),
            environment: record.environment.get(&run.key),
            causes,
            controls: controls.collect(),
            cells: cells.collect(),
        }
    }

    /// What is promised, and how it is attacked; from the plan that the record holds, so that a view does
    /// not change with the tool.
    pub(crate) fn promise(&self, id: &ControlId) -> (&'r str, &'r str) {
        let planned = self
            .plan
            .and_then(|plan| plan.controls.iter().find(|one| one.control == *id));
        planned.map_or(("", ""), |one| (&one.promise, &one.attack))
    }

    /// Where a case lies in the bundle: its campaign's file of cases.
    pub(crate) fn case_files(&self) -> Vec<&'r str> {
        let campaigns = self.plan.map_or(&[][..], |plan| &plan.campaigns);
        campaigns
            .iter()
            .map(|campaign| campaign.file.as_str())
            .collect()
    }

    /// `7,403 statements and 5,059 requests judged in 1,494 cases`
    pub(crate) fn effort_sentence(&self) -> String {
        let mut judged = Vec::new();
        if self.run.judged > 0 {
            judged.push(counted(self.run.judged, "statement"));
        }
        if self.run.requests > 0 {
            judged.push(counted(self.run.requests, "request"));
        }
        format!(
            "{} judged in {}",
            if judged.is_empty() {
                "nothing".to_owned()
            } else {
                judged.join(" and ")
            },
            counted(self.run.cases, "case")
        )
    }
}

fn control_outcome(result: &ControlResult, summary: &Summary) -> Outcome {
    match &result.verdict {
        Verdict::NotApplicable => Outcome::NotApplicable,
        Verdict::Attested => Outcome::Attested,
        Verdict::Held => Outcome::Held,
        Verdict::Inconclusive { .. } => Outcome::Inconclusive,
        Verdict::Violated => excused(summary.excuse(&result.control).as_ref()),
    }
}

fn cell_outcome(cell: &CellResult, summary: &Summary) -> Outcome {
    match &cell.result {
        CellVerdict::NotApplicable { .. } => Outcome::NotApplicable,
        CellVerdict::Held => Outcome::Held,
        CellVerdict::Inconclusive { .. } => Outcome::Inconclusive,
        CellVerdict::Violated { .. } => excused(summary.cell_excuse(cell).as_ref()),
    }
}

fn excused(excuse: Option<&domain::gate::Excuse<'_>>) -> Outcome {
    match excuse {
        None => Outcome::Violated,
        Some(excuse) if excuse.waivers.is_empty() => Outcome::Known,
        Some(_) => Outcome::Waived,
    }
}

/// Whether a cause shows in a cell: one of its fingerprints has the cell's coordinates.
fn is_shown_in(cell: &CellResult, cause: &CauseRecord) -> bool {
    let Coordinates {
        who,
        what,
        how,
        whose,
    } = &cell.at;
    let fingerprints = std::iter::once(&cause.finding.fingerprint).chain(&cause.blast_radius);
    fingerprints.into_iter().any(|fingerprint| {
        if who.is_empty() {
            // A look: at everything of one kind, or at all answers of an operation.
            let is_inspected = fingerprint.attacker == INSPECTOR
                && fingerprint.place == *what
                && fingerprint.oracle == *how;
            let is_answered = fingerprint.action == *what
                && cell.controls.iter().any(|id| cause.controls.contains(id));
            return is_inspected || is_answered;
        }
        let is_relation = match whose.as_str() {
            "own" => fingerprint.victim == "own tenant",
            "department" => fingerprint.victim == "other department",
            "other" => fingerprint.victim == "other tenant",
            _ => true,
        };
        let is_statement = fingerprint.action == *how && fingerprint.place == *what;
        let is_request = fingerprint.action == *what
            && cell.name.ends_with(&format!(" in {}", fingerprint.place));
        fingerprint.attacker == *who && is_relation && (is_statement || is_request)
    })
}

/// The words for a cause's standing, when it does not count.
pub(crate) fn standing_sentence(standing: &Standing) -> Option<String> {
    match standing {
        Standing::New => None,
        Standing::Known => Some("Known: it is in the baseline, and does not count.".to_owned()),
        Standing::Waived(waiver) => Some(format!(
            "Waived until {} by {} ({}): {}",
            waiver.expires, waiver.owner, waiver.id, waiver.reason
        )),
    }
}
