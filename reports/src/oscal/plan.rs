//! The assessment plan: what was going to be tried, from the record's frozen plan.

use record::Record;
use record::model::Extent;
use serde_json::{Value, json};

use super::words::{document, markup, metadata, prop, string, token, uuid};

/// Renders the assessment plan.
pub fn render(record: &Record) -> Vec<u8> {
    let run = &record.run;
    let id = |name: &str| uuid(&run.run_id, name);
    let mut promises: Vec<(&str, &str, &str)> = Vec::new();
    for system in &record.plan.systems {
        for control in &system.controls {
            let promise = (
                control.control.0.as_str(),
                control.promise.as_str(),
                control.attack.as_str(),
            );
            if !promises.contains(&promise) {
                promises.push(promise);
            }
        }
    }
    let activities: Vec<Value> = promises
        .iter()
        .map(|(control, promise, attack)| {
            json!({
                "uuid": id(&format!("activity/{control}")),
                "title": markup(&format!("{control}: {promise}")),
                "description": markup(attack),
                "props": [prop("method", "TEST")],
                "related-controls": { "control-selections": [{ "include-controls": [{ "control-id": token(control) }] }] },
            })
        })
        .collect();
    let components: Vec<Value> = record
        .plan
        .systems
        .iter()
        .map(|system| {
            json!({
                "uuid": id(&format!("component/{}", system.key)),
                "type": "this-system",
                "title": markup(&system.name),
                "description": markup(&format!("{:?} with {} synthetic tenants", system.design, system.tenants.len())),
                "props": [
                    prop("key", &system.key),
                    prop("configuration-sha256", &system.configuration_sha256),
                ],
                "status": { "state": "operational" },
            })
        })
        .collect();
    let extent = match record.plan.extent {
        Extent::BudgetMs(milliseconds) => format!("until {milliseconds} ms have passed"),
        Extent::Cases(cases) => format!("{cases} random cases on each plane after the sweep"),
    };
    let associated: Vec<Value> = promises
        .iter()
        .map(|(control, _, _)| {
            json!({
                "activity-uuid": id(&format!("activity/{control}")),
                "subjects": [{ "type": "component", "include-all": {} }],
            })
        })
        .collect();
    let mut task = json!({
        "uuid": id("task"),
        "type": "action",
        "title": "Campaign",
        "description": markup(&format!("Baseline, scenarios and sweep, then random cases: {extent}; seed {}", record.plan.seed)),
        "timing": { "on-date": { "date": run.started } },
    });
    let selections = selections(promises.iter().map(|(control, _, _)| *control));
    let mut plan = json!({
        "uuid": id("assessment-plan"),
        "metadata": metadata("Tenant isolation: assessment plan", &run.started, &run.tool),
        "import-ssp": { "href": "../../identities.json", "remarks": "There is no system security plan; the declared system stands in plan.json and identities.json." },
        "reviewed-controls": { "description": "Promises under test; the mapping to frameworks is views/mapping/controls.json.", "control-selections": selections },
    });
    if let Some(object) = plan.as_object_mut() {
        let mut local = serde_json::Map::new();
        if !components.is_empty() {
            local.insert("components".to_owned(), json!(components));
        }
        if !activities.is_empty() {
            local.insert("activities".to_owned(), json!(activities));
            if let Some(task) = task.as_object_mut() {
                task.insert("associated-activities".to_owned(), json!(associated));
            }
        }
        if !local.is_empty() {
            object.insert("local-definitions".to_owned(), Value::Object(local));
        }
        object.insert("tasks".to_owned(), json!([task]));
        object.insert("back-matter".to_owned(), json!({ "resources": [{
            "uuid": id("resource/plan.json"),
            "title": "The frozen plan",
            "props": [prop("file", "plan.json")],
            "rlinks": [{ "href": "../../plan.json", "media-type": "application/json", "hashes": [{ "algorithm": "SHA-256", "value": string(&run.plan_sha256) }] }],
        }] }));
    }
    document(&json!({ "assessment-plan": plan }))
}

/// The promises, selected; all of them where none is named, because a selection must not be empty.
pub(super) fn selections<'a>(controls: impl Iterator<Item = &'a str>) -> Value {
    let mut tokens: Vec<String> = controls.map(token).collect();
    tokens.sort();
    tokens.dedup();
    if tokens.is_empty() {
        return json!([{ "include-all": {} }]);
    }
    let included: Vec<Value> = tokens
        .iter()
        .map(|token| json!({ "control-id": token }))
        .collect();
    json!([{ "include-controls": included }])
}
