//! The JSON Schemas of scenarios and case files, for editors. Its lists are taken from where they are defined.

use domain::control::CONTROLS;
use domain::feature::Feature;
use domain::intent::Action;
use serde_json::{Value, json};

use crate::attacks::attacks;
use crate::format::{Duty, Kind, Purpose, Setting};

/// The JSON Schema of a hand-written scenario.
pub fn schema() -> Value {
    document(
        "A scenario of Watertight",
        &["precondition", "steps"],
        &["found", "inspection"],
    )
}

/// The JSON Schema of a case file: a scenario, or what was found.
pub fn case_schema() -> Value {
    document("A case file of Watertight", &[], &[])
}

/// The schema with more that is required, and without what does not belong there.
fn document(title: &str, required: &[&str], without: &[&str]) -> Value {
    let rows = attacks();
    let mut needed = vec!["id", "title", "story", "design", "controls", "expectation"];
    needed.extend(required);
    let mut properties = json!({
        "id": {
            "type": "string",
            "pattern": "^[a-z0-9_]+(-[a-z0-9_]+)*$",
            "description": "The file's name without .yaml.",
        },
        "title": line("A line for people."),
        "story": line("What the attacker has in mind, and why it might work; or who did what to \
                       whom, and what surfaced where."),
        "design": {
            "enum": Setting::ALL.map(Setting::name),
            "description": "For which design it is; the first folder of a scenario's path.",
        },
        "controls": names(
            CONTROLS.iter().map(|control| control.id).collect(),
            "The promises that it attacks; the second folder of a scenario's path is the first.",
        ),
        "catalogue": names(
            rows.iter().map(|attack| attack.id.as_str()).collect(),
            "The rows of catalogue.yaml that it covers.",
        ),
        "precondition": line("What must be there or open for the attack to succeed: a sentence."),
        "needs": names(
            Feature::ALL.iter().map(|feature| feature.name()).collect(),
            "What the target must offer for the scenario to apply; every target is asked.",
        ),
        "expectation": line("What a sound system answers: a sentence."),
        "found": found(),
        "cast": cast(),
        "inspection": line("The inspection that shows it, where nobody does anything."),
        "steps": { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/step" } },
    });
    if let Some(properties) = properties.as_object_mut() {
        properties.retain(|name, _| !without.contains(&name.as_str()));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "type": "object",
        "additionalProperties": false,
        "required": needed,
        "properties": properties,
        "$defs": {
            "actor": actor(),
            "side": {
                "type": "string",
                "pattern": "^(attacker|victim|bystander(-[0-9]+)?|shared|server)$",
            },
            "pairs": {
                "type": "array",
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": { "type": "string" },
                },
            },
            "request": request(),
            "step": step(),
        },
    })
}

fn line(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn number(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 1, "description": description })
}

fn names(names: Vec<&str>, description: &str) -> Value {
    json!({
        "type": "array",
        "items": { "enum": names },
        "uniqueItems": true,
        "description": description,
    })
}

fn found() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["fingerprint", "severity", "system", "target", "seed", "case", "tool"],
        "description": "Where a case comes from, and by what it is known again.",
        "properties": {
            "fingerprint": {
                "type": "object",
                "additionalProperties": false,
                "required": ["oracle", "attacker", "victim", "action", "place"],
                "description": "The same cause gives the same, whatever the values.",
                "properties": {
                    "oracle": line("Who judged."),
                    "attacker": line("The attacker's name in the configuration."),
                    "victim": line("Where the victim stands, seen from there."),
                    "action": line("What was done."),
                    "place": line("Where."),
                },
            },
            "severity": { "enum": ["low", "medium", "high", "critical"] },
            "system": line("The system under test."),
            "target": line("Where that was."),
            "seed": { "type": "integer", "minimum": 0, "description": "Of the campaign." },
            "case": line("The case of the campaign, such as sweep-17."),
            "step": number("The step that shows it."),
            "through": {
                "type": "array",
                "items": { "type": "string" },
                "uniqueItems": true,
                "description": "The views, procedures and functions that this step goes through and that no \
                                declared right gives to anybody: where they are gone, so is the hole.",
            },
            "armed": flag("Whether the rightful did the same and succeeded."),
            "tool": line("The version of Watertight."),
        },
    })
}

fn cast() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["attacker"],
        "description": "Which tenants play which roles, by their positions from 1; left out, every \
                        tenant attacks its neighbour.",
        "properties": {
            "attacker": number("Who acts."),
            "victim": number("Who must not be seen or touched."),
            "bystanders": {
                "type": "array",
                "items": { "type": "integer", "minimum": 1 },
                "uniqueItems": true,
                "description": "bystander, bystander-2 and so on.",
            },
        },
    })
}

fn actor() -> Value {
    let one = [
        "attacker",
        "victim",
        "bystander",
        "administrator",
        "keeper",
        "anonymous",
    ];
    let mut one: Vec<Value> = one.iter().map(|who| json!({ "required": [who] })).collect();
    one.push(json!({ "patternProperties": { "^bystander-[0-9]+$": true }, "minProperties": 1 }));
    json!({
        "type": "object",
        "additionalProperties": false,
        "anyOf": one,
        "patternProperties": { "^bystander-[0-9]+$": line("A principal of yet another tenant.") },
        "properties": {
            "attacker": line("A principal of the attacking tenant, or an actor of his service."),
            "victim": line("A principal of the attacked tenant, or an actor of his service."),
            "bystander": line("A principal of another tenant."),
            "administrator": { "$ref": "#/$defs/side" },
            "keeper": { "$ref": "#/$defs/side" },
            "anonymous": { "const": true, "description": "Somebody without credentials." },
            "database": line("The administrator's database, where it is not the side's own."),
            "department": {
                "type": "integer",
                "minimum": 0,
                "description": "The principal acts for this department of its tenant.",
            },
            "checked_out": flag("false: in a session that was checked out for nobody."),
            "unguarded": line("The table whose triggers are off for the keeper."),
        },
    })
}

fn request() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["method", "path"],
        "description": "What is sent; at most one of json, form, parts and text is its body.",
        "properties": {
            "method": line("GET, POST …"),
            "path": line("Below the service's base URL, with placeholders."),
            "query": { "$ref": "#/$defs/pairs" },
            "headers": { "$ref": "#/$defs/pairs" },
            "media_type": line("For text, and for json that is not application/json."),
            "json": { "description": "A JSON document; a text that is one placeholder for a number \
                                      stands for the number." },
            "form": { "$ref": "#/$defs/pairs" },
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["name", "text"],
                    "properties": {
                        "name": line("The field."),
                        "file": line("The file's name, for a file."),
                        "media_type": line("Its media type, if it is stated."),
                        "text": line("Its content."),
                    },
                },
            },
            "text": line("Anything else."),
        },
    })
}

fn step() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["actor"],
        "oneOf": [{ "required": ["batch"] }, { "required": ["request", "stance"] }],
        "properties": {
            "actor": { "$ref": "#/$defs/actor", "description": "Who." },
            "claim": {
                "type": "object",
                "additionalProperties": false,
                "required": ["action", "of"],
                "description": "What a batch attempts; without it, the step is judged by its effects \
                                and by what comes back.",
                "properties": {
                    "action": { "enum": Action::ALL.map(Action::name) },
                    "of": { "$ref": "#/$defs/side" },
                    "database": line("Where it is not the side's own."),
                    "object": line("schema.object or a placeholder; without it, the database."),
                    "family": line("By which route, its parts joined by +; without it, the id."),
                    "kinds": names(
                        Kind::ALL.map(Kind::name).to_vec(),
                        "What else the step is, where it is judged beside others.",
                    ),
                },
            },
            "twin": {
                "$ref": "#/$defs/actor",
                "description": "Who must succeed with the same words in the same state.",
            },
            "stance": {
                "enum": Purpose::NAMES,
                "description": "What the step is for; where there are requests, and there always.",
            },
            "about": number("The attack that it arms, witnesses or is compared with."),
            "attack": {
                "type": "object",
                "additionalProperties": false,
                "required": ["controls", "family", "position", "must"],
                "description": "What a request tries.",
                "properties": {
                    "controls": names(
                        CONTROLS.iter().map(|control| control.id).collect(),
                        "The promises that it puts to the test.",
                    ),
                    "family": line("Its kind, such as foreign-identifier."),
                    "position": line("Where it strikes, such as path customerId."),
                    "victim": { "$ref": "#/$defs/actor" },
                    "must": { "enum": Duty::NAMES, "description": "What must come of it." },
                    "field": line("For be_refused_naming."),
                    "step": number("The step whose answer must be repeated."),
                    "count": number("Of how many steps one must succeed."),
                },
            },
            "manner": {
                "enum": ["alone", "with_next", "abandoned"],
                "description": "How it goes together with the next step.",
            },
            "treatment": {
                "type": "object",
                "additionalProperties": false,
                "properties": {
                    "changes_session": flag("It may leave the session changed."),
                    "controls_transactions": flag("It begins or ends transactions."),
                    "opaque": flag("It hides errors: only its effects are judged."),
                    "writes": flag("It changes rows or definitions when it succeeds."),
                },
            },
            "operation": line("Key of the contract's operation, METHOD /path/{parameter}."),
            "request": { "$ref": "#/$defs/request" },
            "batch": line("The T-SQL, with placeholders in double braces."),
        },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schemas_are_these() {
        for (schema, published, option) in [
            (
                super::schema(),
                include_str!("../../docs/scenario.schema.json"),
                "scenario",
            ),
            (
                super::case_schema(),
                include_str!("../../docs/case.schema.json"),
                "case",
            ),
        ] {
            let own = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
            assert!(
                own == published,
                "write it anew: watertight schema --{option} > docs/{option}.schema.json"
            );
        }
    }
}
