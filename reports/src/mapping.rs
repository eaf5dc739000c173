//! Which requirements of which frameworks does a run bear on, and how strongly? Data, with every
//! framework's version beside its id, because ids change their meaning between versions.
//!
//! Texts of most frameworks are copyrighted: here are ids and short titles in our own words. "Satisfied"
//! is the auditor's word; ours is "no exception noted in this run".

use std::sync::LazyLock;

use domain::control::ControlId;
use serde::{Deserialize, Serialize};

use crate::overview::{Outcome, Overview};

/// One requirement and what we can say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The framework.
    pub framework: String,
    /// Its version, without which the id means nothing.
    pub version: String,
    /// The id, as the framework writes it.
    pub id: String,
    /// What it truly says, shortened or in our own words.
    pub title: String,
    /// How strongly a run bears on it.
    pub strength: Strength,
    /// Our promises whose verdicts are the evidence; empty where the run or the bundle itself is.
    pub promises: Vec<ControlId>,
    /// What the evidence is.
    pub evidence: String,
    /// Who must still confirm an answer.
    pub confirm: String,
    /// Whether id and title were compared with the framework's own text; otherwise with public crosswalks.
    pub text_checked: bool,
    /// What is easily mistaken.
    pub note: String,
}

/// How strongly a run bears on a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// The result is itself evidence of operation.
    Direct,
    /// Other evidence is needed as well.
    Supporting,
    /// It is a property of the bundle.
    Bundle,
    /// Nothing here shows it; listed so that nobody claims it.
    NotEvidenced,
}

impl Strength {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Supporting => "supporting",
            Self::Bundle => "bundle",
            Self::NotEvidenced => "not evidenced",
        }
    }
}

static REQUIREMENTS: LazyLock<Vec<Requirement>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("mapping/frameworks.json"))
        .expect("the mapping is JSON of its type")
});

/// All requirements, by framework.
pub fn requirements() -> &'static [Requirement] {
    &REQUIREMENTS
}

/// What a run says about a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearing {
    /// For programs and styles.
    pub(crate) key: &'static str,
    /// For people.
    pub(crate) sentence: String,
    /// Files of the bundle that show it.
    pub(crate) files: Vec<&'static str>,
}

/// What a run says about a requirement: never more than its promises' verdicts.
pub(crate) fn bearing(requirement: &Requirement, overview: &Overview<'_>) -> Bearing {
    let say = |key, sentence: String, files: &[&'static str]| Bearing {
        key,
        sentence,
        files: files.to_vec(),
    };
    if requirement.strength == Strength::NotEvidenced {
        return say("none", "not evidenced by this run".to_owned(), &[]);
    }
    if requirement.strength == Strength::Bundle {
        return say(
            "bundle",
            "a property of this bundle".to_owned(),
            &["manifest.json", "SHA256SUMS"],
        );
    }
    if requirement.promises.is_empty() {
        return say(
            "run",
            "this run is one item of the population; the auditor needs the others".to_owned(),
            &["run.json", "plan.json"],
        );
    }
    let with = |outcome: Outcome| {
        let mut told = Vec::new();
        for system in &overview.systems {
            for control in &system.controls {
                let id = &control.result.control;
                if control.outcome == outcome && requirement.promises.contains(id) {
                    told.push(format!("{id} ({})", system.run.key));
                }
            }
        }
        told
    };
    let files = ["run.json", "coverage.json"];
    let violated = with(Outcome::Violated);
    let lived_with: Vec<String> = with(Outcome::Waived)
        .into_iter()
        .chain(with(Outcome::Known))
        .collect();
    let inconclusive = with(Outcome::Inconclusive);
    let held = with(Outcome::Held);
    if !violated.is_empty() {
        return say(
            "exception",
            format!("exception noted: {}", violated.join(", ")),
            &["run.json", "causes.json"],
        );
    }
    if !lived_with.is_empty() {
        return say(
            "exception",
            format!("exception noted and lived with: {}", lived_with.join(", ")),
            &["run.json", "causes.json", "waivers.json"],
        );
    }
    if !inconclusive.is_empty() {
        return say(
            "inconclusive",
            format!("inconclusive: {}", inconclusive.join(", ")),
            &files,
        );
    }
    if held.is_empty() {
        return say("none", "not tested in this run".to_owned(), &[]);
    }
    say(
        "held",
        format!("no exception noted in this run: {}", held.join(", ")),
        &files,
    )
}

/// The weaknesses, by MITRE's number, that a broken promise is an instance of.
pub(crate) fn weaknesses(id: &ControlId) -> &'static [&'static str] {
    match id.0.as_str() {
        "D01" | "S01" => &["639", "566", "863"],
        "S02" | "S03" | "D06" => &["639", "863"],
        "S08" => &["639"],
        "D02" => &["269", "863"],
        "D03" | "S05" | "S07" => &["863"],
        "D04" | "D05" => &["778"],
        "D07" | "S10" => &["841"],
        "D08" => &["269", "778"],
        "D09" => &["841", "863"],
        "D10" => &["362", "841"],
        "D11" | "S09" => &["345"],
        "D12" | "D16" | "S14" => &["200"],
        "D13" | "B04" => &["488"],
        "D14" | "S15" => &["459"],
        "D18" => &["862", "863"],
        "S04" | "S06" | "B02" | "B03" => &["203"],
        "S11" => &["294"],
        "S12" => &["312"],
        "S13" => &["319"],
        "B01" => &["200", "488"],
        "B05" => &["209"],
        "B06" => &["248"],
        _ => &[],
    }
}

/// MITRE's title of a weakness.
pub(crate) fn weakness_title(number: &str) -> &'static str {
    match number {
        "200" => "Exposure of Sensitive Information to an Unauthorized Actor",
        "203" => "Observable Discrepancy",
        "209" => "Generation of Error Message Containing Sensitive Information",
        "248" => "Uncaught Exception",
        "269" => "Improper Privilege Management",
        "294" => "Authentication Bypass by Capture-replay",
        "312" => "Cleartext Storage of Sensitive Information",
        "319" => "Cleartext Transmission of Sensitive Information",
        "345" => "Insufficient Verification of Data Authenticity",
        "362" => {
            "Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')"
        }
        "459" => "Incomplete Cleanup",
        "488" => "Exposure of Data Element to Wrong Session",
        "566" => "Authorization Bypass Through User-Controlled SQL Primary Key",
        "639" => "Authorization Bypass Through User-Controlled Key",
        "778" => "Insufficient Logging",
        "841" => "Improper Enforcement of Behavioral Workflow",
        "862" => "Missing Authorization",
        "863" => "Incorrect Authorization",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::control::{CONTROLS, ControlId};

    use super::{Strength, requirements, weakness_title, weaknesses};

    /// An id with a wrong title is worse than none: half of the public files that mention CAIQ IVS-06.1
    /// give it another question. A change here is a change of meaning: look it up in the framework first.
    const PINNED: &str = include_str!("mapping/titles.txt");

    #[test]
    fn every_version_and_id_has_the_title_that_was_looked_up() {
        let own: String = requirements()
            .iter()
            .map(|one| {
                format!(
                    "{} {} | {} | {}\n",
                    one.framework, one.version, one.id, one.title
                )
            })
            .collect();
        assert_eq!(own, PINNED);
        let unique: BTreeSet<_> = requirements()
            .iter()
            .map(|one| (&one.framework, &one.version, &one.id))
            .collect();
        assert_eq!(unique.len(), requirements().len());
    }

    #[test]
    fn requirements_name_promises_of_the_catalogue_and_claim_nothing_without() {
        for one in requirements() {
            for id in &one.promises {
                assert!(
                    CONTROLS.iter().any(|control| control.id == id.0),
                    "{} names {id}",
                    one.id
                );
            }
            assert!(!one.title.is_empty() && !one.evidence.is_empty() && !one.confirm.is_empty());
        }
        // What pages mistake for processing integrity is availability, and P1 and P3 are notice and
        // collection: a run evidences none of them.
        for id in ["A1.2", "A1.3", "P1.1", "P3.1", "SC-39", "A.8.22"] {
            let one = requirements()
                .iter()
                .find(|one| one.id == id)
                .expect("it is listed");
            assert_eq!(one.strength, Strength::NotEvidenced, "{id}");
        }
    }

    #[test]
    fn every_weakness_has_its_title() {
        for control in CONTROLS {
            for number in weaknesses(&ControlId::new(control.id)) {
                assert!(
                    !weakness_title(number).is_empty(),
                    "{} names CWE-{number}",
                    control.id
                );
            }
        }
    }
}
