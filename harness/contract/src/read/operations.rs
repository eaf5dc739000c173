//! Paths and their operations.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Node, Warnings};
use super::parameters::parameters;
use super::responses::{body, line_of, responses};
use super::schemas::SchemaReader;
use super::security::requirements;
use super::servers::servers;
use crate::operation::{Method, Operation};
use crate::path::PathTemplate;
use crate::security::SecurityScheme;

/// Where links can lead.
pub(super) struct Targets {
    /// Keys of operations by their ids; the first of several.
    pub(super) by_id: BTreeMap<String, String>,
    /// Keys of operations by their places.
    pub(super) by_pointer: BTreeMap<String, String>,
}

/// An operation that was found and is not read yet.
struct Found<'d> {
    key: String,
    method: Method,
    path: &'d str,
    path_item: Node<'d>,
    node: Node<'d>,
}

/// Every operation of the document.
pub(super) fn operations<'d>(
    document: &'d Document<'d>,
    address: Option<&str>,
    schemes: &BTreeMap<String, SecurityScheme>,
    schemas: &mut SchemaReader<'d>,
    warnings: &mut Warnings,
) -> Vec<Operation> {
    let found = found(document, warnings);
    let ids = ids(&found, warnings);
    let mut targets = Targets {
        by_id: BTreeMap::new(),
        by_pointer: BTreeMap::new(),
    };
    for one in &found {
        if let Some(id) = one.node.text("operationId") {
            let key = one.key.clone();
            targets.by_id.entry(id.to_owned()).or_insert(key);
        }
        // Where several paths refer to one path item, a link means the first.
        let place = one.node.pointer.clone();
        targets.by_pointer.entry(place).or_insert(one.key.clone());
    }
    let root = Node::new(document.root, "");
    let general = requirements(&root, schemes, warnings);
    let names = names(&found, &ids);

    let mut operations = Vec::new();
    for (one, name) in found.into_iter().zip(names) {
        let Found {
            key,
            method,
            path,
            path_item,
            node,
        } = one;
        let template = PathTemplate::parse(path);
        let own_servers = |node: &Node<'_>, warnings: &mut Warnings| {
            let place = format!("{}/servers", node.pointer);
            servers(node.value.get("servers"), &place, address, warnings)
        };
        let mut servers = own_servers(&node, warnings);
        if servers.is_empty() {
            servers = own_servers(&path_item, warnings);
        }
        let body = body(document, &node, schemas, warnings);
        if body.is_some() && matches!(method, Method::Get | Method::Head | Method::Trace) {
            let text = format!("a {method} with a body is not portable; the body is kept");
            warnings.add(&node.pointer, text);
        }
        let tags = node.get("tags").map(|tags| tags.elements(warnings));
        let tags = tags.unwrap_or_default().into_iter();
        operations.push(Operation {
            operation_id: node.text("operationId").map(str::to_owned),
            name,
            method,
            parameters: parameters(document, &path_item, &node, &template, schemas, warnings),
            body,
            responses: responses(document, &node, &targets, schemas, warnings),
            security: requirements(&node, schemes, warnings).or_else(|| general.clone()),
            servers,
            tags: tags
                .filter_map(|tag| tag.value.as_str().map(str::to_owned))
                .collect(),
            summary: line_of(&node, "summary").or_else(|| line_of(&node, "description")),
            deprecated: node.flag("deprecated", warnings).unwrap_or_default(),
            pointer: node.pointer,
            path: template,
            key,
        });
    }
    if operations.is_empty() {
        warnings.add("/paths", "the document describes no operation");
    }
    let asks = |operation: &Operation| {
        let all = operation.security.iter().flatten();
        all.into_iter()
            .any(|requirement| !requirement.schemes.is_empty())
    };
    if !schemes.is_empty() && !operations.is_empty() && !operations.iter().any(asks) {
        let text = "security schemes are declared, but no operation requires one; \
                    callers present their credentials everywhere";
        warnings.add("/components/securitySchemes", text);
    }
    operations
}

fn found<'d>(document: &'d Document<'d>, warnings: &mut Warnings) -> Vec<Found<'d>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let Some(paths) = document.at("/paths") else {
        return found;
    };
    let mut keys = BTreeSet::new();
    let mut shapes: BTreeMap<String, &str> = BTreeMap::new();
    for (path, item) in paths.entries(warnings) {
        if path.starts_with("x-") {
            continue;
        }
        if !path.starts_with('/') {
            let text = "the path does not begin with a slash; it is read as if it did";
            warnings.add(&item.pointer, text);
        }
        if path.contains(['?', '#']) {
            warnings.add(
                &item.pointer,
                "the path contains a query or fragment; it is sent as it is",
            );
        }
        let shape = PathTemplate::parse(path).expand(|_| "{}".to_owned());
        match shapes.get(&shape) {
            Some(other) => {
                let text = format!("the path is the same as {other}, but for names of parameters");
                warnings.add(&item.pointer, text);
            }
            None => {
                shapes.insert(shape, path);
            }
        }
        let Some(item) = document.resolve(item, warnings) else {
            continue;
        };
        for (name, node) in item.entries(warnings) {
            let Some(method) = method(name) else {
                if is_unknown(name) {
                    let text = format!("{name:?} is no method; it is left out");
                    warnings.add(&node.pointer, text);
                }
                continue;
            };
            if !node.value.is_object() {
                // Says what is wrong.
                node.entries(warnings);
                continue;
            }
            let key = format!("{method} {path}");
            if !keys.insert(key.clone()) {
                let text = format!("{key} is described twice; the first is used");
                warnings.add(&node.pointer, text);
                continue;
            }
            if name != name.to_ascii_lowercase() {
                let text = format!("the method is written {name:?}; it is read in lower case");
                warnings.add(&node.pointer, text);
            }
            found.push(Found {
                key,
                method,
                path,
                path_item: item.clone(),
                node,
            });
        }
    }
    found
}

fn method(name: &str) -> Option<Method> {
    let mut all = Method::ALL.into_iter();
    all.find(|method| method.as_str().eq_ignore_ascii_case(name))
}

/// Whether a key of a path item is nothing that the specification knows.
fn is_unknown(key: &str) -> bool {
    const KNOWN: [&str; 5] = ["$ref", "summary", "description", "servers", "parameters"];
    !KNOWN.contains(&key) && !key.starts_with("x-")
}

/// How often each id is used.
fn ids<'d>(found: &[Found<'d>], warnings: &mut Warnings) -> BTreeMap<&'d str, usize> {
    let mut ids = BTreeMap::new();
    for one in found {
        let Some(id) = one.node.text("operationId") else {
            continue;
        };
        let uses = ids.entry(id).or_insert(0);
        *uses += 1;
        if *uses > 1 {
            let text = format!("the operationId {id:?} is used before; it names neither");
            warnings.add(&one.node.pointer, text);
        }
    }
    ids
}

/// A name for each operation.
fn names(found: &[Found<'_>], ids: &BTreeMap<&str, usize>) -> Vec<String> {
    let mut taken: BTreeSet<String> = ids.keys().map(|id| (*id).to_owned()).collect();
    let mut name = |one: &Found<'_>| {
        let id = one
            .node
            .text("operationId")
            .filter(|id| !id.trim().is_empty());
        if let Some(id) = id.filter(|id| ids.get(id) == Some(&1)) {
            return id.to_owned();
        }
        let base = invented(one.method, one.path);
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone())
            .chain(numbered)
            .find(|name| !taken.contains(name))
            .expect("numbers do not end");
        taken.insert(free.clone());
        free
    };
    found.iter().map(&mut name).collect()
}

/// `get_invoices_invoiceId` for `GET /invoices/{invoiceId}`.
fn invented(method: Method, path: &str) -> String {
    let mut name = method.as_str().to_ascii_lowercase();
    let words = path.split(|c: char| !c.is_alphanumeric() && c != '-');
    for word in words.filter(|word| !word.is_empty()) {
        name.push('_');
        name.push_str(word);
    }
    name
}
