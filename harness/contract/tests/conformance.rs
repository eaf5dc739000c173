//! What a schema admits and what it does not, in both dialects.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use contract::{Contract, Direction, read};
use serde_json::{Value, json};

/// A contract with one component `T` and whatever else it refers to.
fn contract(version: &str, schemas: Value) -> Contract {
    let document = json!({
        "openapi": version,
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    });
    read(document.to_string().as_bytes(), None).expect("the document is usable")
}

fn check(version: &str, schemas: Value, rows: &[(Value, &str)]) {
    check_towards(Direction::Response, version, schemas, rows);
}

/// Each value with all that is wrong with it; nothing when it conforms.
fn check_towards(direction: Direction, version: &str, schemas: Value, rows: &[(Value, &str)]) {
    let contract = contract(version, schemas.clone());
    let id = contract.schemas.named("T").expect("T is there");
    for (value, expected) in rows {
        let found = contract.schemas.violations(id, value, direction);
        let found: Vec<String> = found
            .iter()
            .map(|violation| format!("{} {}", violation.pointer, violation.what))
            .map(|text| text.trim_start().to_owned())
            .collect();
        assert_eq!(found.join("; "), *expected, "{schemas} with {value}");
    }
}

#[test]
fn null_is_fine_only_where_the_dialect_says_so() {
    let text = "is null where string belongs";
    check(
        "3.0.3",
        json!({"T": {"type": "string"}}),
        &[(json!(null), text), (json!("x"), "")],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "string", "nullable": true}}),
        &[(json!(null), "")],
    );
    check(
        "3.1.0",
        json!({"T": {"type": ["string", "null"]}}),
        &[(json!(null), ""), (json!(1), "is 1 where string belongs")],
    );
    check(
        "3.1.0",
        json!({"T": {"anyOf": [{"type": "string"}, {"type": "null"}]}}),
        &[
            (json!(null), ""),
            (json!("x"), ""),
            (json!(1), "is 1 where string belongs"),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/S"}]}, "S": {"type": "string"}}),
        &[(json!(null), ""), (json!(2), "is 2 where string belongs")],
    );
    check(
        "3.0.3",
        json!({"T": {"nullable": true, "type": "string", "enum": ["a", null]}}),
        &[
            (json!(null), ""),
            (json!("b"), "is \"b\", which is none of the listed values"),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"nullable": true}}),
        &[(json!(null), ""), (json!([1]), "")],
    );
    check(
        "3.1.0",
        json!({"T": {"type": "null"}}),
        &[(json!(null), ""), (json!(1), "is 1 where null belongs")],
    );
    check("3.1.0", json!({"T": {}}), &[(json!(null), "")]);
    check(
        "3.1.0",
        json!({"T": {"allOf": [{"type": ["string", "null"]}, {"maxLength": 3}]}}),
        &[
            (json!(null), ""),
            (json!("abcd"), "has 4 characters, too many"),
        ],
    );
}

#[test]
fn ends_of_ranges_are_out_in_both_ways_to_say_so() {
    let out = "is 1, not above 1";
    check(
        "3.0.3",
        json!({"T": {"type": "number", "minimum": 1, "exclusiveMinimum": true}}),
        &[(json!(1), out), (json!(1.5), "")],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "number", "minimum": 1, "exclusiveMinimum": false}}),
        &[(json!(1), ""), (json!(0), "is 0, below the minimum 1")],
    );
    check(
        "3.1.0",
        json!({"T": {"type": "number", "exclusiveMinimum": 1}}),
        &[(json!(1), out), (json!(1.5), "")],
    );
    check(
        "3.1.0",
        json!({"T": {"minimum": 0, "exclusiveMinimum": 1, "maximum": 3, "exclusiveMaximum": 3}}),
        &[
            (json!(1), out),
            (json!(3), "is 3, not below 3"),
            (json!("no number"), ""),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "number", "multipleOf": 0.01}}),
        &[
            (json!(0.07), ""),
            (json!(0.075), "is 0.075, no multiple of 0.01"),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "integer", "format": "int32"}}),
        &[
            (json!(2147483648_u64), "is 2147483648, which is no int32"),
            (json!(1.0), ""),
            (json!(1.5), "is 1.5 where integer belongs"),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "integer", "maximum": 9007199254740993_i64}}),
        &[
            (json!(9007199254740993_i64), ""),
            (
                json!(9007199254740994_i64),
                "is 9007199254740994, above the maximum 9007199254740993",
            ),
        ],
    );
}

#[test]
fn parts_of_all_of_count_together() {
    let schemas = json!({
        "T": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}, "a": {"maxLength": 2}}}]},
        "Base": {"type": "object", "required": ["a"], "additionalProperties": false, "properties": {"a": {"type": "string"}}},
    });
    check(
        "3.0.3",
        schemas,
        &[
            (json!({"a": "x", "b": 1}), ""),
            (json!({"a": "xyz", "b": 1}), "/a has 3 characters, too many"),
            (
                json!({"b": "1"}),
                "lacks the required field \"a\"; /b is \"1\" where integer belongs",
            ),
            (
                json!({"a": "x", "b": 1, "c": 1}),
                "/c is a field that the schema does not have",
            ),
        ],
    );
}

#[test]
fn alternatives_are_counted_and_discriminated() {
    let schemas = json!({
        "T": {"oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind", "mapping": {"hund": "Dog"}}},
        "Cat": {"type": "object", "required": ["kind", "lives"], "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
        "Dog": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}, "bark": {"type": "string"}}},
    });
    check(
        "3.0.3",
        schemas,
        &[
            (json!({"kind": "Cat", "lives": 9}), ""),
            (json!({"kind": "Cat"}), "lacks the required field \"lives\""),
            (
                json!({"kind": "hund", "bark": 1}),
                "/bark is 1 where string belongs",
            ),
            (
                json!({"kind": "Fish"}),
                "has \"Fish\" as \"kind\", which names no alternative",
            ),
            (
                json!({"bark": "x"}),
                "fits none of 2 alternatives; of the nearest, the value lacks the required field \"kind\"",
            ),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"oneOf": [{"type": "number"}, {"type": "integer"}]}}),
        &[
            (json!(1), "fits 2 alternatives where one must fit"),
            (json!(1.5), ""),
            (
                json!("x"),
                "fits none of 2 alternatives; of the nearest, the value is \"x\" where number belongs",
            ),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"not": {"type": "string"}}}),
        &[
            (json!("x"), "is what the schema excludes by not"),
            (json!(1), ""),
        ],
    );
}

#[test]
fn children_of_a_base_that_lists_its_children_are_judged_once() {
    let schemas = json!({
        "T": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}, "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}], "discriminator": {"propertyName": "kind"}},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/T"}, {"properties": {"lives": {"type": "integer"}}}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/T"}, {"properties": {"bark": {"type": "string"}}}]},
    });
    check(
        "3.0.3",
        schemas,
        &[
            (json!({"kind": "Cat", "lives": 9}), ""),
            (
                json!({"kind": "Dog", "bark": 9}),
                "/bark is 9 where string belongs",
            ),
        ],
    );
}

#[test]
fn fields_for_one_direction_are_asked_for_in_that_direction() {
    let schemas = json!({"T": {
        "type": "object",
        "required": ["id", "password"],
        "properties": {"id": {"type": "integer", "readOnly": true}, "password": {"type": "string", "writeOnly": true}},
    }});
    check_towards(
        Direction::Response,
        "3.0.3",
        schemas.clone(),
        &[
            (json!({"id": 1}), ""),
            (
                json!({"id": 1, "password": "x"}),
                "/password is answered although it is only ever sent",
            ),
            (json!({}), "lacks the required field \"id\""),
        ],
    );
    check_towards(
        Direction::Request,
        "3.0.3",
        schemas,
        &[
            (json!({"password": "x"}), ""),
            (json!({"id": 1}), "lacks the required field \"password\""),
        ],
    );
}

#[test]
fn arrays_texts_and_maps_are_looked_into() {
    check(
        "3.1.0",
        json!({"T": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}, "minItems": 2, "uniqueItems": true}}),
        &[
            (json!(["a", 1, 2]), ""),
            (
                json!([1, "a"]),
                "/0 is 1 where string belongs; /1 is \"a\" where integer belongs",
            ),
            (json!(["a"]), "has 1 elements, too few"),
            (json!(["a", 1, 1]), "has the same element twice"),
        ],
    );
    check(
        "3.1.0",
        json!({"T": {"prefixItems": [{"type": "string"}], "items": false}}),
        &[(json!(["a", 1]), "has 2 elements, too many")],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 2}}),
        &[
            (json!({"a": 1}), ""),
            (json!({"a/b": "x"}), "/a~1b is \"x\" where integer belongs"),
            (json!({"a": 1, "b": 2, "c": 3}), "has 3 fields, too many"),
        ],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "string", "pattern": "^[A-Z]{3}$"}}),
        &[
            (json!("EUR"), ""),
            (json!("eur"), "does not match the pattern ^[A-Z]{3}$"),
        ],
    );
    // Look-around: not judged rather than judged wrongly.
    check(
        "3.0.3",
        json!({"T": {"type": "string", "pattern": "^(?!x)"}}),
        &[(json!("x"), "")],
    );
    check(
        "3.0.3",
        json!({"T": {"type": "string", "format": "uuid"}}),
        &[(json!("12"), "is \"12\", which is no uuid")],
    );
}

#[test]
fn schemas_that_refer_to_themselves_are_judged_as_deep_as_the_value() {
    let schemas = json!({"T": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/T"}}, "name": {"type": "string"}}}});
    check(
        "3.0.3",
        schemas,
        &[
            (json!({"children": [{"children": [{"name": "x"}]}]}), ""),
            (
                json!({"children": [{"children": [{"name": 1}]}]}),
                "/children/0/children/0/name is 1 where string belongs",
            ),
        ],
    );
    // Goes around without going deeper into the value: nothing certain can be said.
    let around = json!({"T": {"anyOf": [{"$ref": "#/components/schemas/U"}, {"type": "object", "required": ["a"]}]}, "U": {"oneOf": [{"$ref": "#/components/schemas/T"}, {"type": "integer"}]}});
    check("3.0.3", around, &[(json!("x"), "")]);
}
