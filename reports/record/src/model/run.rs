//! `run.json`: what was run, by whom and when, and what came out.

use std::collections::BTreeMap;

use domain::event::{Effort, Summary};
use domain::system::Design;
use domain::verdict::{ControlResult, Verdict};
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// [`Run::SCHEMA`].
    pub schema: String,
    /// A UUID of version 7.
    pub run_id: String,
    /// Whether the run came to its end.
    pub state: State,
    /// What everything amounts to.
    pub verdict: RunVerdict,
    /// What the shell was told; `None` while unfinished.
    pub exit_code: Option<u8>,
    /// The rules of the gate and what each came to.
    pub gate: Vec<Rule>,
    /// When it began, RFC 3339 in UTC.
    pub started: String,
    /// When it ended.
    pub ended: Option<String>,
    /// How long it took, by a clock that is never set back.
    pub duration_ms: Option<u64>,
    /// How often it was killed and went on.
    pub resumptions: u32,
    /// Whose word the times are.
    pub clock: String,
    /// What ran.
    pub tool: Tool,
    /// Who ran it, as the runner claims.
    pub operator: Operator,
    /// Whence every random choice came.
    pub seed: u64,
    /// SHA-256 of `plan.json`.
    pub plan_sha256: String,
    /// The tree over plan and cases; `None` while unfinished.
    pub leaves: Option<Leaves>,
    /// What was counted, over all systems.
    pub counts: Counts,
    /// How often something was removed from what is written here, by rule.
    pub redacted: BTreeMap<String, u64>,
    /// One for each system under test, in the plan's order.
    pub systems: Vec<SystemRun>,
    /// What the record does not show. No option removes it.
    pub limitations: Vec<Limitation>,
}

impl Run {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/run/v1";
}

/// Whether a run came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It goes on, or was killed: `watertight run --resume` completes it.
    Unfinished,
    /// Its record is closed.
    Finished,
}

/// What everything amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunVerdict {
    /// Every selected control held.
    Held,
    /// Nothing was violated, but something is not known.
    Inconclusive,
    /// A control was violated.
    Violated,
}

impl RunVerdict {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Inconclusive => "inconclusive",
            Self::Violated => "violated",
        }
    }
}

/// One rule of the gate and what it came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The rule, a sentence.
    pub rule: String,
    /// Whether it is met.
    pub met: bool,
    /// What stands in its way, one a line; the first few.
    pub why: Vec<String>,
}

/// What ran.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tool {
    /// `watertight`
    pub name: String,
    /// Its version.
    pub version: String,
    /// Commit that it was built from, where the build knew.
    pub commit: Option<String>,
    /// SHA-256 of the program file, where it could be read.
    pub binary_sha256: Option<String>,
}

/// Who ran it, as the runner's environment claims. Nothing here was checked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Operator {
    /// `github`, `gitlab`, `azure`, `jenkins` or `local`.
    pub provider: String,
    /// Repository.
    pub repository: Option<String>,
    /// Workflow, pipeline or job.
    pub workflow: Option<String>,
    /// The forge's number of the run.
    pub run_id: Option<String>,
    /// Which attempt of it.
    pub attempt: Option<String>,
    /// Who caused it.
    pub actor: Option<String>,
    /// Commit that was checked out.
    pub commit: Option<String>,
}

/// The tree over everything that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaves {
    /// Number of leaves: `plan.json`, then each line of each file.
    pub size: u64,
    /// Root of the RFC 6962 tree with SHA-256, in hexadecimal digits.
    pub root: String,
    /// The files in the order of their leaves, with their numbers of lines.
    pub files: Vec<(String, u64)>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Controls that held.
    pub held: u64,
    /// Controls that were violated.
    pub violated: u64,
    /// Controls of which nothing is known.
    pub inconclusive: u64,
    /// Controls that cannot be tested by running software.
    pub attested: u64,
    /// Controls of which the system has no part.
    pub not_applicable: u64,
    /// Cases run.
    pub cases: u64,
    /// Attempts made.
    pub attempts: u64,
    /// Attempts that count.
    pub armed: u64,
    /// Cells planned.
    pub cells_planned: u64,
    /// Cells with at least one armed attempt.
    pub cells_armed: u64,
    /// Causes that count for the gate.
    pub causes: u64,
    /// Causes that somebody decided to live with for a while.
    pub waived: u64,
}

/// How the campaigns against one system ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SystemRun {
    /// Its key in names of files, such as `shared-database`.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How its tenants are kept apart.
    pub design: Design,
    /// What was attacked, such as `embedded`.
    pub target: String,
    /// Tenants.
    pub tenants: usize,
    /// Whether every planned phase ran to its end.
    pub complete: bool,
    /// Why not, if not.
    pub incomplete_reason: Option<String>,
    /// Cases run.
    pub cases: u64,
    /// Statements judged.
    pub judged: u64,
    /// Requests judged.
    pub requests: u64,
    /// One row for each selected control.
    pub controls: Vec<ControlResult>,
    /// What the reader must know about what was covered and how.
    pub notes: Vec<String>,
    /// Where the time went.
    pub effort: Effort,
}

impl SystemRun {
    /// What a summary says of the system called `key`.
    pub fn new(key: &str, design: Design, summary: &Summary) -> Self {
        Self {
            key: key.to_owned(),
            name: summary.system.clone(),
            design,
            target: summary.target.clone(),
            tenants: summary.tenants,
            complete: summary.complete,
            incomplete_reason: summary.incomplete_reason.clone(),
            cases: summary.cases,
            judged: summary.judged,
            requests: summary.requests,
            controls: summary.controls.clone(),
            notes: summary.notes.clone(),
            effort: summary.effort,
        }
    }
}

impl Counts {
    /// Counts what the systems' summaries say.
    pub fn of(summaries: &[Summary]) -> Self {
        let mut counts = Self::default();
        for summary in summaries {
            for result in &summary.controls {
                *match result.verdict {
                    Verdict::Held => &mut counts.held,
                    Verdict::Violated => &mut counts.violated,
                    Verdict::Inconclusive { .. } => &mut counts.inconclusive,
                    Verdict::Attested => &mut counts.attested,
                    Verdict::NotApplicable => &mut counts.not_applicable,
                } += 1;
            }
            counts.cases += summary.cases;
            for cell in &summary.cells {
                counts.attempts += cell.attempts;
                counts.armed += cell.armed;
                counts.cells_planned += 1;
                counts.cells_armed += u64::from(cell.armed > 0);
            }
            for cause in &summary.causes {
                match cause.standing {
                    domain::cause::Standing::New => counts.causes += 1,
                    domain::cause::Standing::Waived(_) => counts.waived += 1,
                    domain::cause::Standing::Known => {}
                }
            }
        }
        counts
    }
}

/// One thing that the record does not show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limitation {
    /// Its code, for programs.
    pub code: String,
    /// It, in a sentence.
    pub text: String,
}

/// What no record of ours shows, whatever was run.
const LIMITATIONS: &[(&str, &str)] = &[
    (
        "sample",
        "Behaviour was sampled at a time, in an environment, through the interfaces listed; absence of flaws is \
         not proven.",
    ),
    (
        "distribution",
        "Numbers speak of this harness's distribution of attempts, not of an attacker's, and not of routes \
         outside the plan.",
    ),
    (
        "no-penetration-test",
        "It is no penetration test and replaces none.",
    ),
    (
        "no-physical-or-network-controls",
        "Physical, network and operating system controls were not looked at.",
    ),
    (
        "side-channels",
        "Side channels such as timing were looked at only where a control says so.",
    ),
    (
        "embedded-server",
        "Where the target is called embedded, it is a stand-in for SQL Server, not SQL Server itself.",
    ),
    (
        "producer-clock",
        "Times are the producer's own claim unless a timestamp of a third party is attached.",
    ),
    (
        "producer-key",
        "A producer's signature shows that nobody else changed the record since; it does not bind the producer \
         against himself.",
    ),
    (
        "synthetic-tenants",
        "Tenants and their data are synthetic; no record of a real person was read.",
    ),
];

impl Limitation {
    /// All that no record of ours shows.
    pub fn all() -> Vec<Self> {
        LIMITATIONS
            .iter()
            .map(|(code, text)| Self {
                code: (*code).to_owned(),
                text: (*text).to_owned(),
            })
            .collect()
    }
}
