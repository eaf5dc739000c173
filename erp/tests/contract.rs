//! Do routes and published contract say the same, and does the contract say everything?

use std::collections::{BTreeMap, BTreeSet};

use erp::contract::{Operation, Place, shapes};
use erp::{Design, FAULTS, Switches, openapi, resources};
use serde_json::Value;

const DESIGNS: [Design; 2] = [Design::DatabasePerTenant, Design::SharedDatabase];

fn operations(design: Design) -> Vec<Operation> {
    let routes = resources::routes(design, &Switches::default());
    routes.into_iter().map(|route| route.operation).collect()
}

/// Every operation of the document by its method and path.
fn published(design: Design) -> BTreeMap<(String, String), Value> {
    let document = openapi(design);
    let paths = document["paths"].as_object().expect("paths");
    let mut found = BTreeMap::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("methods") {
            found.insert((method.to_uppercase(), path.clone()), operation.clone());
        }
    }
    found
}

#[test]
fn every_route_is_published_and_nothing_else() {
    for design in DESIGNS {
        let routes: BTreeSet<_> = operations(design)
            .into_iter()
            .map(|o| (o.method.to_owned(), o.path.to_owned()))
            .collect();
        let documented: BTreeSet<_> = published(design).into_keys().collect();
        assert_eq!(routes, documented);
        assert_eq!(
            routes.len(),
            operations(design).len(),
            "a route is there twice"
        );
    }
}

#[test]
fn every_status_is_published_with_the_shape_of_its_body() {
    for design in DESIGNS {
        let published = published(design);
        for operation in operations(design) {
            let key = (operation.method.to_owned(), operation.path.to_owned());
            let answers = published[&key]["responses"].as_object().expect("responses");
            let documented: Vec<u16> = answers
                .keys()
                .map(|status| status.parse().expect("a status"))
                .collect();
            assert_eq!(documented, operation.statuses(), "{}", operation.id);
            for (status, answer) in answers {
                let content = answer["content"].as_object();
                let is_empty = content.is_none_or(serde_json::Map::is_empty);
                assert_eq!(is_empty, status == "204", "{} {status}", operation.id);
                if status.as_str() >= "400" {
                    let problem = &answer["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(problem, "#/components/schemas/Problem", "{}", operation.id);
                }
            }
            let location = &answers
                .get("201")
                .map(|answer| answer["headers"]["Location"].clone());
            if operation.path.contains("/sessions") {
                continue;
            }
            assert!(
                location.as_ref().is_none_or(|header| !header.is_null()),
                "{}: what was made has a place",
                operation.id
            );
        }
    }
}

#[test]
fn all_parameters_of_a_path_and_all_named_shapes_are_there() {
    for design in DESIGNS {
        let document = openapi(design);
        let known: BTreeSet<String> = shapes::shapes(design)
            .into_iter()
            .map(|(name, _)| format!("#/components/schemas/{name}"))
            .collect();
        for reference in references(&document) {
            let is_header = reference.starts_with("#/components/headers/");
            let pointer = reference.trim_start_matches('#');
            assert!(
                known.contains(&reference) || is_header && document.pointer(pointer).is_some(),
                "{reference} leads nowhere"
            );
        }
        let mut ids = BTreeSet::new();
        for operation in operations(design) {
            assert!(ids.insert(operation.id), "{} is there twice", operation.id);
            let in_path = operation.path.matches('{').count();
            let declared = operation.parameters.iter();
            let declared = declared.filter(|p| p.place == Place::Path && p.required);
            assert_eq!(declared.count(), in_path, "{}", operation.id);
            let mut names = BTreeSet::new();
            for parameter in &operation.parameters {
                assert!(names.insert(parameter.name), "{}", operation.id);
            }
        }
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value.as_str() {
                Some(text) if name == "$ref" => vec![text.to_owned()],
                _ => references(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// A planted defect changes what the service does, never what it promises.
#[test]
fn defects_add_no_route_and_hide_none() {
    for design in DESIGNS {
        let all: BTreeSet<_> = FAULTS.iter().map(|(fault, _)| *fault).collect();
        let planted = resources::routes(design, &Switches::new(all, BTreeSet::new()));
        let planted: Vec<_> = planted.iter().map(|route| route.operation.id).collect();
        let clean: Vec<_> = operations(design).iter().map(|o| o.id).collect();
        assert_eq!(planted, clean);
    }
}
