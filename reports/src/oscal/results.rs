//! The assessment results: what was observed, what follows for each promise, and which risks are open.

use domain::cause::Standing;
use domain::verdict::Verdict;
use record::Record;
use record::model::CauseRecord;
use serde_json::{Value, json};

use super::plan::selections;
use super::words::{document, markup, metadata, prop, string, token, uuid};
use crate::mapping::{self, Strength};
use crate::overview::{ControlOverview, Outcome, Overview, SystemOverview, standing_sentence};
use crate::sarif::severity_word;
use crate::terminal::tally_sentence;

/// Renders the assessment results.
pub fn render(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let run = &record.run;
    let id = |name: &str| uuid(&run.run_id, name);
    let ended = run.ended.as_deref().unwrap_or(&run.started);
    let components: Vec<Value> = overview
        .systems
        .iter()
        .map(|system| component(system, record))
        .collect();
    let mut observations = Vec::new();
    let mut findings = Vec::new();
    for system in &overview.systems {
        for control in &system.controls {
            observations.push(observation(system, control, record, ended));
            findings.extend(finding(system, control, record));
        }
    }
    let risks: Vec<Value> = overview
        .causes()
        .map(|(system, cause)| risk(system, cause, record))
        .collect();
    let controls = overview.systems.iter().flat_map(|system| &system.controls);
    let mut result = json!({
        "uuid": id("result"),
        "title": markup(&format!("Run {}: {}", run.run_id, run.verdict.word())),
        "description": markup(&overview.verdict_sentences().join(" ")),
        "start": run.started,
        "end": ended,
        "props": props(&overview),
        "reviewed-controls": { "control-selections": selections(controls.map(|control| control.result.control.0.as_str())) },
    });
    if let Some(object) = result.as_object_mut() {
        for (name, values) in [
            ("observations", &observations),
            ("risks", &risks),
            ("findings", &findings),
        ] {
            // OSCAL has no empty lists.
            if !values.is_empty() {
                object.insert(name.to_owned(), json!(values));
            }
        }
        if !components.is_empty() {
            object.insert(
                "local-definitions".to_owned(),
                json!({ "components": components }),
            );
        }
        let limitations: Vec<&str> = run
            .limitations
            .iter()
            .map(|one| one.text.as_str())
            .collect();
        object.insert(
            "remarks".to_owned(),
            json!(markup(&format!(
                "What this does not show. {}",
                limitations.join(" ")
            ))),
        );
    }
    let results = json!({
        "uuid": id("assessment-results"),
        "metadata": metadata("Tenant isolation: assessment results", ended, &run.tool),
        "import-ap": { "href": "assessment-plan.json" },
        "results": [result],
    });
    document(&json!({ "assessment-results": results }))
}

fn props(overview: &Overview<'_>) -> Vec<Value> {
    let run = &overview.record.run;
    let counts = &run.counts;
    let mut props = vec![
        prop("verdict", run.verdict.word()),
        prop("run-id", &run.run_id),
        prop("seed", &run.seed.to_string()),
        prop("plan-sha256", &run.plan_sha256),
        prop("attempts", &counts.attempts.to_string()),
        prop("armed-attempts", &counts.armed.to_string()),
        prop("cells-planned", &counts.cells_planned.to_string()),
        prop("cells-armed", &counts.cells_armed.to_string()),
    ];
    if let Some(leaves) = &run.leaves {
        props.push(prop("record-root", &leaves.root));
    }
    if let Some(sensitivity) = overview.sensitivity() {
        props.push(prop("planted-faults", &sensitivity.planted.to_string()));
        props.push(prop(
            "planted-faults-found",
            &sensitivity.caught.to_string(),
        ));
    }
    props
}

fn component(system: &SystemOverview<'_>, record: &Record) -> Value {
    let run = system.run;
    let mut props = vec![prop("key", &run.key), prop("target", &run.target)];
    let version = system
        .environment
        .and_then(|one| one.server_version.as_deref());
    props.extend(version.map(|version| prop("server-version", version)));
    json!({
        "uuid": uuid(&record.run.run_id, &format!("component/{}", run.key)),
        "type": "this-system",
        "title": markup(&run.name),
        "description": markup(&format!("{:?} with {} synthetic tenants; {}", run.design, run.tenants, system.effort_sentence())),
        "props": props,
        "status": { "state": "operational" },
    })
}

fn name_of(kind: &str, system: &SystemOverview<'_>, control: &ControlOverview<'_>) -> String {
    format!("{kind}/{}/{}", system.run.key, control.result.control)
}

fn observation(
    system: &SystemOverview<'_>,
    control: &ControlOverview<'_>,
    record: &Record,
    collected: &str,
) -> Value {
    let (promise, attack) = system.promise(&control.result.control);
    let tally = &control.result.tally;
    let reasons = match &control.result.verdict {
        Verdict::Inconclusive { reasons } => format!(" Inconclusive: {}.", reasons.join("; ")),
        _ => String::new(),
    };
    let method = match control.outcome {
        Outcome::Attested | Outcome::NotApplicable => "EXAMINE",
        _ if tally.looks == tally.attempts && tally.looks > 0 => "EXAMINE",
        _ => "TEST",
    };
    let mut evidence = vec![
        evidence("../../run.json", "The verdicts and their numbers"),
        evidence("../../coverage.json", "Every cell"),
    ];
    evidence.extend(
        control
            .causes
            .iter()
            .filter_map(|cause| cause.shrunk.as_ref())
            .map(|shrunk| {
                self::evidence(
                    &format!("../../{}", shrunk.case_file),
                    "The shortest case, for `watertight replay`",
                )
            }),
    );
    json!({
        "uuid": uuid(&record.run.run_id, &name_of("observation", system, control)),
        "title": markup(&format!("{} in {}", control.result.control, system.run.key)),
        "description": markup(&format!("{promise}: {}. Attacked so: {attack}. {}.{reasons}", control.outcome.word(), tally_sentence(tally))),
        "props": [
            prop("outcome", control.outcome.key()),
            prop("attempts", &tally.attempts.to_string()),
            prop("armed-attempts", &tally.armed.to_string()),
            prop("crossed", &tally.crossed.to_string()),
            prop("cells-planned", &tally.cells_planned.to_string()),
            prop("cells-covered", &tally.cells_covered.to_string()),
        ],
        "methods": [method],
        "types": ["control-objective"],
        "subjects": [{ "subject-uuid": uuid(&record.run.run_id, &format!("component/{}", system.run.key)), "type": "component" }],
        "relevant-evidence": evidence,
        "collected": collected,
    })
}

fn evidence(href: &str, description: &str) -> Value {
    json!({ "href": href, "description": markup(description) })
}

/// What follows for a promise; `None` where nothing was run, and the observation stands alone.
fn finding(
    system: &SystemOverview<'_>,
    control: &ControlOverview<'_>,
    record: &Record,
) -> Option<Value> {
    let (state, reason) = match control.outcome {
        Outcome::Held => ("satisfied", "pass"),
        Outcome::Violated | Outcome::Waived | Outcome::Known => ("not-satisfied", "fail"),
        Outcome::Inconclusive => ("not-satisfied", "other"),
        Outcome::Attested | Outcome::NotApplicable => return None,
    };
    let control_id = &control.result.control;
    let (promise, _) = system.promise(control_id);
    let run_id = &record.run.run_id;
    let mut props = vec![
        prop("label", &control_id.0),
        prop("outcome", control.outcome.key()),
    ];
    for requirement in mapping::requirements() {
        if requirement.strength <= Strength::Supporting && requirement.promises.contains(control_id)
        {
            props.push(json!({
                "name": "bears-on",
                "ns": super::words::NAMESPACE,
                "class": token(&format!("{}-{}", requirement.framework, requirement.version)),
                "value": string(&format!("{} ({})", requirement.id, requirement.strength.word())),
            }));
        }
    }
    let mut finding = json!({
        "uuid": uuid(run_id, &name_of("finding", system, control)),
        "title": markup(&format!("{control_id} in {}", system.run.key)),
        "description": markup(promise),
        "props": props,
        "target": {
            "type": "objective-id",
            "target-id": token(&control_id.0),
            "status": { "state": state, "reason": reason },
        },
        "related-observations": [{ "observation-uuid": uuid(run_id, &name_of("observation", system, control)) }],
    });
    let risks: Vec<Value> = control
        .causes
        .iter()
        .map(|cause| json!({ "risk-uuid": uuid(run_id, &format!("risk/{}/{}", system.run.key, cause.id)) }))
        .collect();
    if let (Some(object), false) = (finding.as_object_mut(), risks.is_empty()) {
        object.insert("related-risks".to_owned(), json!(risks));
    }
    Some(finding)
}

fn risk(system: &SystemOverview<'_>, cause: &CauseRecord, record: &Record) -> Value {
    let run_id = &record.run.run_id;
    let finding = &cause.finding;
    let mut contradiction = cause.contradiction.join(" ");
    if let Some(standing) = standing_sentence(&cause.standing) {
        contradiction.push(' ');
        contradiction.push_str(&standing);
    }
    let observations: Vec<Value> = system
        .controls
        .iter()
        .filter(|control| cause.controls.contains(&control.result.control))
        .map(|control| json!({ "observation-uuid": uuid(run_id, &name_of("observation", system, control)) }))
        .collect();
    let mut props = vec![
        prop("cause", &cause.id),
        prop("severity", severity_word(finding.severity)),
        prop("fingerprint", &finding.fingerprint.to_string()),
        prop("blast-radius", &(cause.blast_radius.len() + 1).to_string()),
    ];
    for control in &cause.controls {
        for number in mapping::weaknesses(control) {
            let weakness = prop("cwe", &format!("CWE-{number}"));
            if !props.contains(&weakness) {
                props.push(weakness);
            }
        }
    }
    let mut risk = json!({
        "uuid": uuid(run_id, &format!("risk/{}/{}", system.run.key, cause.id)),
        "title": markup(&format!("{} in {}", cause.id, system.run.key)),
        "description": markup(&finding.sentence),
        "statement": markup(if contradiction.trim().is_empty() { &finding.sentence } else { &contradiction }),
        "props": props,
        "status": match cause.standing { Standing::Waived(_) => "deviation-approved", Standing::New | Standing::Known => "open" },
    });
    if let (Some(object), false) = (risk.as_object_mut(), observations.is_empty()) {
        object.insert("related-observations".to_owned(), json!(observations));
    }
    risk
}
