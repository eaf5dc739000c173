//! The JSON Schema of scenario files, for editors. Its lists are taken from where they are defined.

use domain::control::CONTROLS;
use domain::feature::Feature;
use domain::intent::Action;
use serde_json::{Value, json};

use crate::attacks::attacks;
use crate::format::{Kind, Setting};

/// The JSON Schema of a scenario file.
pub fn schema() -> Value {
    let side = json!({ "enum": ["attacker", "victim", "shared", "server"] });
    let flag = |description: &str| json!({ "type": "boolean", "description": description });
    let line = |description: &str| json!({ "type": "string", "description": description });
    let names = |names: Vec<&str>, description: &str| {
        json!({
            "type": "array",
            "items": { "enum": names },
            "uniqueItems": true,
            "description": description,
        })
    };
    let rows = attacks();
    let one =
        ["attacker", "victim", "administrator", "keeper"].map(|who| json!({ "required": [who] }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of Watertight",
        "type": "object",
        "additionalProperties": false,
        "required": [
            "id", "title", "design", "controls", "precondition", "story", "expectation", "steps"
        ],
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
                "description": "The file's name without .yaml.",
            },
            "title": line("A line for people."),
            "design": {
                "enum": Setting::ALL.map(Setting::name),
                "description": "For which design it is; the first folder of its path.",
            },
            "controls": names(
                CONTROLS.iter().map(|control| control.id).collect(),
                "The promises that it attacks; the second folder of its path is the first of them.",
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
            "story": line("What the attacker has in mind, and why it might work."),
            "expectation": line("What a sound system answers: a sentence."),
            "steps": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["actor", "batch"],
                    "properties": {
                        "actor": { "$ref": "#/$defs/actor", "description": "Who." },
                        "claim": {
                            "type": "object",
                            "additionalProperties": false,
                            "required": ["action", "of"],
                            "description": "What it attempts; without it, the step is judged by its \
                                            effects and by what comes back.",
                            "properties": {
                                "action": { "enum": Action::ALL.map(Action::name) },
                                "of": side.clone(),
                                "object": line("schema.object or a placeholder; without it, the database."),
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
                        "batch": line("The T-SQL, with placeholders in double braces."),
                    },
                },
            },
        },
        "$defs": {
            "actor": {
                "type": "object",
                "additionalProperties": false,
                "oneOf": one,
                "properties": {
                    "attacker": line("A principal of the attacking tenant."),
                    "victim": line("A principal of the attacked tenant."),
                    "administrator": side.clone(),
                    "keeper": side,
                    "department": {
                        "type": "integer",
                        "minimum": 0,
                        "description": "The principal acts for this department of its tenant.",
                    },
                    "checked_out": flag("false: in a session that was checked out for nobody."),
                    "unguarded": line("The table whose triggers are off for the keeper."),
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_schema_is_this_one() {
        let published = include_str!("../../docs/scenario.schema.json");
        let own = serde_json::to_string_pretty(&super::schema()).expect("JSON") + "\n";
        assert!(
            own == published,
            "write it anew: watertight schema --scenario > docs/scenario.schema.json"
        );
    }
}
