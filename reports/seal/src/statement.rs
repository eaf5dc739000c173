//! What is claimed? In-toto statements about `manifest.json`, which names every other file.

use record::Record;
use record::canonical::line;
use record::manifest::{ATTESTATIONS, MANIFEST, TENANT_ISOLATION_RUN};
use record::model::RunVerdict;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An in-toto statement, version 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Its own type.
    #[serde(rename = "_type")]
    pub kind: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// What is said.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// It.
    pub predicate: Value,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its hash.
    pub digest: Digest,
}

/// A hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// SHA-256.
    pub sha256: String,
}

/// The type of in-toto statements.
pub const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// Every statement about a record whose manifest has this hash, as the bytes that are signed.
pub fn statements(record: &Record, manifest_sha256: &str) -> Vec<Vec<u8>> {
    ATTESTATIONS
        .iter()
        .map(|&kind| {
            line(&Statement {
                kind: STATEMENT.to_owned(),
                subject: vec![Subject {
                    name: MANIFEST.to_owned(),
                    digest: Digest {
                        sha256: manifest_sha256.to_owned(),
                    },
                }],
                predicate_type: kind.to_owned(),
                predicate: if kind == TENANT_ISOLATION_RUN {
                    tenant_isolation_run(record)
                } else {
                    test_result(record)
                },
            })
        })
        .collect()
}

/// The verdict in in-toto's words, which know no *inconclusive*: it is a failure there.
fn test_result(record: &Record) -> Value {
    let controls = |is: &dyn Fn(&str) -> bool| -> Vec<String> {
        let of = |system: &record::model::SystemRun| -> Vec<String> {
            let matching = system.controls.iter().filter(|one| is(one.verdict.word()));
            matching
                .map(|one| format!("{}/{}", system.key, one.control))
                .collect()
        };
        record.run.systems.iter().flat_map(of).collect()
    };
    let result = match record.run.verdict {
        RunVerdict::Held => "PASSED",
        RunVerdict::Violated | RunVerdict::Inconclusive => "FAILED",
    };
    json!({
        "result": result,
        "configuration": [{
            "name": "plan.json",
            "digest": {"sha256": record.run.plan_sha256},
        }],
        "passedTests": controls(&|word| word == "held"),
        "warnedTests": [],
        "failedTests": controls(&|word| word == "violated"),
    })
}

fn tenant_isolation_run(record: &Record) -> Value {
    let run = &record.run;
    let leaves = run.leaves.as_ref();
    let limitations: Vec<&str> = run
        .limitations
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    let waivers: Vec<Value> = record
        .waivers
        .waivers
        .iter()
        .filter(|one| one.applied)
        .map(|one| json!({"id": one.waiver.id, "expires": one.waiver.expires}))
        .collect();
    json!({
        "runId": run.run_id,
        "verdict": run.verdict,
        "plan": {"name": "plan.json", "digest": {"sha256": run.plan_sha256}},
        "cases": {
            "root": leaves.map(|one| one.root.clone()),
            "size": leaves.map(|one| one.size),
        },
        "counts": run.counts,
        "sensitivity": record.controls.sensitivity,
        "coverage": {
            "cells": run.counts.cells_planned,
            "armed": run.counts.cells_armed,
        },
        "waivers": waivers,
        "startedOn": run.started,
        "finishedOn": run.ended,
        "tool": run.tool,
        "operator": run.operator,
        "limitations": limitations,
    })
}
