//! What does a code scanner's list of alerts see of a run? Failures and nothing else: some readers make an
//! alert of every result, whatever its kind. SARIF 2.1.0 with Errata 01.
//!
//! One result for each cause. Its location is always the same, the contract or the plan, because alerts
//! whose places move are told twice.

use domain::cause::Standing;
use domain::control::ControlId;
use domain::finding::Severity;
use record::Record;
use record::model::{CauseRecord, State};
use serde_json::{Value, json};

use crate::hostile::sarif::message;
use crate::hostile::shortened;
use crate::mapping;
use crate::overview::{Overview, SystemOverview};

/// Texts longer than this are cut; GitHub shows far less.
const TEXT_MAX: usize = 8 * 1024;

/// Renders one document with one run.
pub fn render(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let rules = rules(&overview);
    let results: Vec<Value> = overview
        .causes()
        .map(|(system, cause)| result(system, cause, &rules))
        .collect();
    let document = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": record.run.tool.name,
                    "semanticVersion": record.run.tool.version,
                    "shortDescription": { "text": "Attacks multi-tenant software the way its own tenants could" },
                    "rules": rules.iter().map(|rule| rule.value.clone()).collect::<Vec<_>>(),
                    "supportedTaxonomies": [
                        { "name": "CWE", "index": 0, "guid": CWE_GUID }
                    ]
                }
            },
            "automationDetails": { "id": format!("tenant-isolation/{}", environment(record)) },
            "invocations": [invocation(record)],
            "taxonomies": [cwe_taxonomy(&rules)],
            "results": results,
            "columnKind": "unicodeCodePoints",
            "properties": {
                "runId": record.run.run_id,
                "verdict": record.run.verdict.word(),
                "planSha256": record.run.plan_sha256,
                "seed": record.run.seed,
            }
        }]
    });
    let mut bytes = serde_json::to_vec_pretty(&document).expect("a value prints as JSON");
    bytes.push(b'\n');
    bytes
}

/// MITRE's identity of the taxonomy.
const CWE_GUID: &str = "A9282C88-F1FE-4A01-8137-E8D2A037AB82";

struct Rule {
    id: ControlId,
    cwe: &'static [&'static str],
    value: Value,
}

/// One rule for every promise that a cause breaks, in the catalogue's order.
fn rules(overview: &Overview<'_>) -> Vec<Rule> {
    let mut ids: Vec<(&SystemOverview<'_>, &ControlId)> = Vec::new();
    for (system, cause) in overview.causes() {
        for id in &cause.controls {
            if !ids.iter().any(|(_, known)| *known == id) {
                ids.push((system, id));
            }
        }
    }
    ids.sort_by_key(|(_, id)| (*id).clone());
    ids.into_iter()
        .map(|(system, id)| {
            let (promise, attack) = system.promise(id);
            let cwe = mapping::weaknesses(id);
            let tags: Vec<String> = std::iter::once("security".to_owned())
                .chain(cwe.iter().map(|number| format!("external/cwe/cwe-{number}")))
                .collect();
            let worst = overview
                .causes()
                .filter(|(_, cause)| cause.controls.contains(id))
                .map(|(_, cause)| cause.finding.severity)
                .max()
                .unwrap_or(Severity::Low);
            let relationships: Vec<Value> = cwe
                .iter()
                .map(|number| {
                    json!({
                        "target": { "id": number, "toolComponent": { "name": "CWE", "guid": CWE_GUID } },
                        "kinds": ["relevant"]
                    })
                })
                .collect();
            let value = json!({
                "id": id.0,
                "shortDescription": { "text": message(promise_or_id(promise, id)) },
                "fullDescription": { "text": message(&format!("{} Attacked so: {attack}.", promise_or_id(promise, id))) },
                "help": { "text": "The bundle holds the shortest case of every cause; `watertight replay` plays it again." },
                "defaultConfiguration": { "level": level(worst) },
                "properties": { "tags": tags, "security-severity": security_severity(worst), "precision": "very-high" },
                "relationships": relationships,
            });
            Rule { id: id.clone(), cwe, value }
        })
        .collect()
}

fn promise_or_id<'t>(promise: &'t str, id: &'t ControlId) -> &'t str {
    if promise.is_empty() { &id.0 } else { promise }
}

fn result(system: &SystemOverview<'_>, cause: &CauseRecord, rules: &[Rule]) -> Value {
    let finding = &cause.finding;
    let fingerprint = &finding.fingerprint;
    let first = cause.controls.iter().min();
    let rule = rules.iter().position(|rule| Some(&rule.id) == first);
    let mut text = vec![finding.sentence.clone()];
    text.extend(cause.contradiction.iter().cloned());
    if let Some(shrunk) = &cause.shrunk {
        text.push(format!("Repeat it: watertight replay {}", shrunk.case_file));
    }
    let taxa: Vec<Value> = first
        .map(mapping::weaknesses)
        .unwrap_or_default()
        .iter()
        .map(|number| json!({ "id": number, "toolComponent": { "name": "CWE", "guid": CWE_GUID } }))
        .collect();
    let mut result = json!({
        "ruleId": first.map_or("", |id| id.0.as_str()),
        "kind": "fail",
        "level": level(finding.severity),
        "message": { "text": message(&shortened(&text.join("\n"), TEXT_MAX)) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": "plan.json", "description": { "text": "The frozen plan of the run" } },
                "region": { "startLine": 1 }
            },
            "logicalLocations": [{
                "name": crate::hostile::seen_line(&fingerprint.place),
                "fullyQualifiedName": crate::hostile::seen_line(&format!("{}/{fingerprint}", system.run.key)),
                "kind": if fingerprint.action.starts_with('/') || fingerprint.action.contains(" /") { "resource" } else { "object" }
            }]
        }],
        "partialFingerprints": { "isolationCause/v1": cause.id },
        "baselineState": match cause.standing { Standing::Known => "unchanged", Standing::New | Standing::Waived(_) => "new" },
        "taxa": taxa,
        "properties": {
            "system": system.run.key,
            "controls": cause.controls,
            "severity": severity_word(finding.severity),
            "occurrences": finding.occurrences,
            "blastRadius": cause.blast_radius.len() + 1,
        }
    });
    if let (Some(index), Some(object)) = (rule, result.as_object_mut()) {
        object.insert("ruleIndex".to_owned(), json!(index));
        if let Standing::Waived(waiver) = &cause.standing {
            object.insert(
                "suppressions".to_owned(),
                json!([{
                    "kind": "external",
                    "status": "accepted",
                    "justification": message(&format!(
                        "{} (waiver {}, {}, until {})",
                        waiver.reason, waiver.id, waiver.owner, waiver.expires
                    ))
                }]),
            );
        }
    }
    result
}

fn invocation(record: &Record) -> Value {
    let run = &record.run;
    let mut invocation = json!({
        "executionSuccessful": run.state == State::Finished,
        "startTimeUtc": run.started,
    });
    if let Some(object) = invocation.as_object_mut() {
        if let Some(ended) = &run.ended {
            object.insert("endTimeUtc".to_owned(), json!(ended));
        }
        if let Some(code) = run.exit_code {
            object.insert("exitCode".to_owned(), json!(code));
        }
    }
    invocation
}

/// The systems' keys: alerts of one pipeline are told apart by what was attacked.
fn environment(record: &Record) -> String {
    let keys: Vec<&str> = record
        .run
        .systems
        .iter()
        .map(|system| system.key.as_str())
        .collect();
    keys.join("+")
}

fn cwe_taxonomy(rules: &[Rule]) -> Value {
    let mut numbers: Vec<&str> = rules
        .iter()
        .flat_map(|rule| rule.cwe.iter().copied())
        .collect();
    numbers.sort_by_key(|number| number.parse::<u32>().unwrap_or(u32::MAX));
    numbers.dedup();
    let taxa: Vec<Value> = numbers
        .iter()
        .map(|number| {
            json!({
                "id": number,
                "shortDescription": { "text": mapping::weakness_title(number) },
                "helpUri": format!("https://cwe.mitre.org/data/definitions/{number}.html")
            })
        })
        .collect();
    json!({
        "name": "CWE",
        "guid": CWE_GUID,
        "organization": "MITRE",
        "shortDescription": { "text": "The MITRE Common Weakness Enumeration" },
        "isComprehensive": false,
        "taxa": taxa,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// GitHub's scale, where 9.0 and more is critical.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
    }
}

/// The word for people.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    }
}
