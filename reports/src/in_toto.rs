//! What does a policy engine read of a run? in-toto Statements: the vetted predicate test-result v0.1, which
//! has only passed, warned and failed, and our own, which has the rest. They are unsigned; `seal` wraps them.

use record::Record;
use record::model::{RunVerdict, State};
use serde_json::{Value, json};

use crate::overview::{Outcome, Overview};

/// The media type under which a statement is signed.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The type of a statement.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// The type of the vetted predicate.
pub const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

/// The type of our own predicate.
pub const RUN: &str = "urn:watertight:tenant-isolation-run:v1";

/// What a statement is about: a file or a build, by its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its name, for people; it is found by its digest alone.
    pub name: String,
    /// The algorithm, `sha256` or `gitCommit`.
    pub algorithm: String,
    /// The digest in hexadecimal digits.
    pub digest: String,
}

impl Subject {
    /// A file.
    pub fn file(name: &str, sha256: &str) -> Self {
        Self {
            name: name.to_owned(),
            algorithm: "sha256".to_owned(),
            digest: sha256.to_owned(),
        }
    }

    fn value(&self) -> Value {
        let mut digest = serde_json::Map::new();
        digest.insert(self.algorithm.clone(), json!(self.digest));
        json!({ "name": self.name, "digest": digest })
    }
}

/// Renders the statement with the vetted predicate. Cells that say nothing have no list there, so the result
/// alone tells of them: a run that is not green has failed.
pub fn test_result(record: &Record, subjects: &[Subject]) -> Vec<u8> {
    let overview = Overview::new(record);
    let named = |is: &dyn Fn(Outcome) -> bool| {
        let mut names = Vec::new();
        for system in &overview.systems {
            for control in system.controls.iter().filter(|control| is(control.outcome)) {
                names.push(format!("{}/{}", system.run.key, control.result.control));
            }
        }
        names
    };
    let excused = |outcome| matches!(outcome, Outcome::Waived | Outcome::Known);
    let warned = named(&excused);
    let result = match record.run.verdict {
        RunVerdict::Held if record.run.state == State::Unfinished => "FAILED",
        RunVerdict::Held if warned.is_empty() => "PASSED",
        RunVerdict::Held => "WARNED",
        RunVerdict::Inconclusive | RunVerdict::Violated => "FAILED",
    };
    let predicate = json!({
        "result": result,
        "configuration": [{
            "name": "plan.json",
            "digest": { "sha256": record.run.plan_sha256 },
            "mediaType": "application/json",
        }],
        "passedTests": named(&|outcome| outcome == Outcome::Held),
        "warnedTests": warned,
        "failedTests": named(&|outcome| outcome == Outcome::Violated),
    });
    statement(TEST_RESULT, &predicate, subjects)
}

/// Renders the statement with our own predicate.
pub fn run(record: &Record, subjects: &[Subject]) -> Vec<u8> {
    let overview = Overview::new(record);
    let run = &record.run;
    let waivers: Vec<Value> = record
        .waivers
        .waivers
        .iter()
        .filter(|one| one.applied)
        .map(|one| json!({ "id": one.waiver.id, "expires": one.waiver.expires }))
        .collect();
    let limitations: Vec<&str> = run
        .limitations
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    let systems: Vec<Value> = overview
        .systems
        .iter()
        .map(|system| {
            let verdicts: serde_json::Map<String, Value> = system
                .controls
                .iter()
                .map(|control| (control.result.control.0.clone(), json!(control.outcome.key())))
                .collect();
            json!({ "key": system.run.key, "target": system.run.target, "complete": system.run.complete, "controls": verdicts })
        })
        .collect();
    let predicate = json!({
        "runId": run.run_id,
        "verdict": run.verdict,
        "finished": run.state == State::Finished,
        "plan": { "name": "plan.json", "digest": { "sha256": run.plan_sha256 } },
        "cases": run.leaves.as_ref().map(|leaves| json!({ "root": leaves.root, "size": leaves.size })),
        "counts": run.counts,
        "sensitivity": overview.sensitivity().map(|one| json!({ "detected": one.caught, "planted": one.planted })),
        "coverage": { "cells": run.counts.cells_planned, "armed": run.counts.cells_armed },
        "systems": systems,
        "waivers": waivers,
        "startedOn": run.started,
        "finishedOn": run.ended,
        "invocation": { "seed": run.seed, "operator": run.operator, "exitCode": run.exit_code },
        "tool": run.tool,
        "limitations": limitations,
    });
    statement(RUN, &predicate, subjects)
}

fn statement(predicate_type: &str, predicate: &Value, subjects: &[Subject]) -> Vec<u8> {
    let subjects: Vec<Value> = subjects.iter().map(Subject::value).collect();
    let statement = json!({
        "_type": STATEMENT,
        "subject": subjects,
        "predicateType": predicate_type,
        "predicate": predicate,
    });
    serde_json::to_vec(&statement).expect("a value prints as JSON")
}
