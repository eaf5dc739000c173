//! No document ends the process or takes for ever.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use contract::{Direction, read};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Words that mean something in a document, so that arbitrary values look like one.
const WORDS: [&str; 40] = [
    "paths",
    "/a/{b}",
    "get",
    "post",
    "parameters",
    "schema",
    "$ref",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "required",
    "type",
    "enum",
    "const",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "pattern",
    "discriminator",
    "mapping",
    "responses",
    "200",
    "default",
    "content",
    "application/json",
    "headers",
    "links",
    "operationId",
    "security",
    "components",
    "schemas",
    "A",
    "B",
    "nullable",
    "additionalProperties",
    "requestBody",
    "servers",
];
const TEXTS: [&str; 12] = [
    "#/components/schemas/A",
    "#/components/schemas/B",
    "#/paths/~1a~1{b}",
    "#",
    "#/",
    "string",
    "object",
    "array",
    "integer",
    "path",
    "query",
    "%zz~2{",
];

fn arbitrary() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(TEXTS.to_vec()).prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 96, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(proptest::sample::select(WORDS.to_vec()), inner, 0..6)
                .prop_map(|map| map
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()),
        ]
    })
}

/// Reads a document and compares a value with every component.
fn survive(document: &Value, value: &Value) {
    let Ok(contract) = read(
        document.to_string().as_bytes(),
        Some("https://x.example/o.json"),
    ) else {
        return;
    };
    for name in ["A", "B"] {
        if let Some(id) = contract.schemas.named(name) {
            contract.schemas.violations(id, value, Direction::Response);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_arbitrary_document_panics(paths in arbitrary(), a in arbitrary(), b in arbitrary(), value in arbitrary()) {
        survive(&json!({
            "openapi": "3.1.0",
            "paths": paths,
            "security": a,
            "servers": b,
            "components": {"schemas": {"A": a, "B": b}, "parameters": a, "securitySchemes": b},
        }), &value);
    }

    #[test]
    fn no_arbitrary_operation_panics(operation in arbitrary(), item in arbitrary(), a in arbitrary()) {
        survive(&json!({
            "openapi": "3.0.3",
            "paths": {"/a/{b}": {"get": operation, "parameters": item}, "/c": item},
            "components": {"schemas": {"A": a}},
        }), &operation);
    }

    #[test]
    fn no_arbitrary_text_panics(text in "(openapi: 3.0.0\n)?[ -~\n\té{}\\[\\]&*!|>:-]{0,200}") {
        let _ = read(text.as_bytes(), None);
    }

    #[test]
    fn no_arbitrary_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes, None);
    }
}

fn of_schemas(schemas: Value) -> Value {
    json!({"openapi": "3.0.3", "info": {}, "paths": {}, "components": {"schemas": schemas}})
}

#[test]
fn chains_and_webs_of_references_end() {
    let name = |at: usize| format!("#/components/schemas/S{at}");
    // A chain of references, one of allOf, and a web in which everything is part of everything and
    // has the same field.
    let chain = |link: &dyn Fn(usize) -> Value, count: usize| -> Value {
        let mut schemas: serde_json::Map<String, Value> =
            (0..count).map(|at| (format!("S{at}"), link(at))).collect();
        schemas.insert("A".to_owned(), json!({"$ref": name(0)}));
        of_schemas(Value::Object(schemas))
    };
    let value = json!({"f": {"f": {"f": 1}}});
    survive(&chain(&|at| json!({"$ref": name(at + 1)}), 3_000), &value);
    survive(
        &chain(&|at| json!({"allOf": [{"$ref": name(at + 1)}]}), 1_500),
        &value,
    );
    survive(
        &chain(
            &|at| json!({"anyOf": [{"$ref": name((at + 1) % 40)}, {"$ref": name((at + 7) % 40)}]}),
            40,
        ),
        &value,
    );
    let web = |at: usize| {
        let parts: Vec<Value> = (0..12).map(|other| json!({"$ref": name(other)})).collect();
        json!({"allOf": parts, "properties": {"f": {"$ref": name((at * 5 + 1) % 12)}, "g": {"$ref": name((at + 1) % 12)}}})
    };
    survive(&chain(&web, 12), &value);
}

#[test]
fn deep_documents_are_refused_or_read() {
    for depth in [50, 100, 120, 200, 100_000] {
        for (open, close) in [("{\"items\":", "}"), ("{\"allOf\":[", "]}")] {
            let schema = format!("{}{{}}{}", open.repeat(depth), close.repeat(depth));
            let text = format!(
                r##"{{"openapi":"3.0.0","paths":{{}},"components":{{"schemas":{{"A":{schema}}}}}}}"##
            );
            let _ = read(text.as_bytes(), None);
            let text = format!("openapi: 3.0.0\ncomponents: {{schemas: {{A: {schema}}}}}");
            let _ = read(text.as_bytes(), None);
        }
    }
}

#[test]
fn thousands_of_alternatives_are_read_and_compared() {
    let branches: Vec<Value> = (0..4_000)
        .map(|at| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string", "enum": [format!("k{at}")]}, "next": {"$ref": "#/components/schemas/A"}}}))
        .collect();
    let document = of_schemas(json!({"A": {"oneOf": branches}}));
    let contract = read(document.to_string().as_bytes(), None).expect("it is usable");
    let id = contract.schemas.named("A").expect("it is there");
    let value = json!({"kind": "k3999"});
    assert_eq!(
        contract.schemas.violations(id, &value, Direction::Response),
        []
    );
    let wrong = contract
        .schemas
        .violations(id, &json!({"kind": "none"}), Direction::Response);
    assert_eq!(wrong.len(), 1);
}
