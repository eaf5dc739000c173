//! Where the service is: server objects, their variables, and addresses relative to the document.

use super::document::{Node, Warnings, text_of};
use crate::contract::Server;
use serde_json::Value;

/// The servers of a list; none when there is no list.
pub(super) fn servers(
    list: Option<&Value>,
    pointer: &str,
    address: Option<&str>,
    warnings: &mut Warnings,
) -> Vec<Server> {
    let Some(list) = list.filter(|list| !list.is_null()) else {
        return Vec::new();
    };
    let mut servers = Vec::new();
    for node in Node::new(list, pointer).elements(warnings) {
        let Some(url) = node.text("url") else {
            warnings.add(&node.pointer, "a server without url is left out");
            continue;
        };
        let url = filled(url, &node, warnings);
        servers.push(Server {
            url: resolved(&url, address),
            description: node.text("description").map(str::to_owned),
        });
    }
    servers
}

/// The servers, or the one that is meant when a document names none: `/`.
pub(super) fn or_default(servers: Vec<Server>, address: Option<&str>) -> Vec<Server> {
    if !servers.is_empty() {
        return servers;
    }
    vec![Server {
        url: resolved("/", address),
        description: None,
    }]
}

/// A URL with each variable replaced by its default, or else by its first value.
fn filled(url: &str, node: &Node<'_>, warnings: &mut Warnings) -> String {
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, name, after)) = variable(rest) {
        filled.push_str(before);
        let declared = node.get("variables").and_then(|all| all.get(name));
        let value = declared.and_then(|variable| {
            let first = || variable.value.get("enum")?.get(0);
            variable.value.get("default").or_else(first).map(text_of)
        });
        match value {
            Some(value) => filled.push_str(&value),
            None => {
                let text = format!("the variable {name:?} has no default; it stays as it is");
                warnings.add(&node.pointer, text);
                filled.push_str(&format!("{{{name}}}"));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// A URL as seen from the document's address, without a slash at its end.
fn resolved(url: &str, address: Option<&str>) -> String {
    let joined = match address.and_then(split_address) {
        _ if has_scheme(url) => url.to_owned(),
        None => url.to_owned(),
        Some((scheme, host, path)) => {
            if let Some(other) = url.strip_prefix("//") {
                format!("{scheme}://{other}")
            } else if url.starts_with('/') {
                format!("{scheme}://{host}{}", without_dots(url))
            } else {
                let folder = path.rfind('/').map_or("", |at| &path[..at]);
                let path = without_dots(&format!("{folder}/{url}"));
                format!("{scheme}://{host}{path}")
            }
        }
    };
    joined.trim_end_matches('/').to_owned()
}

fn has_scheme(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        !scheme.is_empty() && scheme.chars().all(is_part)
    })
}

/// Scheme, host with port, and path of an address; `None` for a file.
fn split_address(address: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = address.split_once("://")?;
    if !has_scheme(address) || scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some((scheme, host, path))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => {
                kept.pop();
            }
            part => kept.push(part),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn server_urls_are_relative_to_the_document() {
        let at = Some("https://api.example:8443/docs/v1/openapi.json?x=/y");
        for (url, address, expected) in [
            ("https://other.example/v2/", at, "https://other.example/v2"),
            ("/", at, "https://api.example:8443"),
            ("/v1", at, "https://api.example:8443/v1"),
            ("v2", at, "https://api.example:8443/docs/v1/v2"),
            ("../v2/", at, "https://api.example:8443/docs/v2"),
            ("../../../../v2", at, "https://api.example:8443/v2"),
            ("./", at, "https://api.example:8443/docs/v1"),
            ("//cdn.example/x", at, "https://cdn.example/x"),
            ("/v1", Some("http://host"), "http://host/v1"),
            ("v1", Some("http://host"), "http://host/v1"),
            ("/v1/", None, "/v1"),
            ("/v1", Some("contracts/openapi.yaml"), "/v1"),
            ("/v1", Some("file:///tmp/openapi.yaml"), "/v1"),
            ("https://{tenant}.example", at, "https://{tenant}.example"),
        ] {
            assert_eq!(resolved(url, address), expected, "{url} from {address:?}");
        }
    }
}
