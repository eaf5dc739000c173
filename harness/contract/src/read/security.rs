//! Security schemes and requirements.

use std::collections::BTreeMap;

use super::document::{Document, Node, Warnings};
use crate::security::{KeyPlace, Requirement, SecurityScheme};

/// The ways to authenticate.
pub(super) fn schemes(
    document: &Document<'_>,
    warnings: &mut Warnings,
) -> BTreeMap<String, SecurityScheme> {
    let mut schemes = BTreeMap::new();
    let Some(declared) = document.at("/components/securitySchemes") else {
        return schemes;
    };
    for (name, node) in declared.entries(warnings) {
        let Some(node) = document.resolve(node, warnings) else {
            continue;
        };
        schemes.insert(name.to_owned(), scheme(&node, warnings));
    }
    schemes
}

fn scheme(node: &Node<'_>, warnings: &mut Warnings) -> SecurityScheme {
    let text = |key: &str| node.text(key).unwrap_or_default().to_owned();
    let kind = text("type");
    match kind.as_str() {
        "apiKey" => {
            let place = match node.text("in") {
                Some("header") => Some(KeyPlace::Header),
                Some("query") => Some(KeyPlace::Query),
                Some("cookie") => Some(KeyPlace::Cookie),
                _ => None,
            };
            if let (Some(place), Some(name)) = (place, node.text("name")) {
                let name = name.to_owned();
                return SecurityScheme::ApiKey { place, name };
            }
            let text = "an API key needs in (header, query or cookie) and name";
            warnings.add(&node.pointer, text);
        }
        "http" => {
            return match text("scheme").to_ascii_lowercase().as_str() {
                "basic" => SecurityScheme::Basic,
                "bearer" => SecurityScheme::Bearer,
                scheme => SecurityScheme::Http {
                    scheme: scheme.to_owned(),
                },
            };
        }
        // Left over from Swagger 2.0, and clear all the same.
        "basic" => return SecurityScheme::Basic,
        "oauth2" => {
            let flows = node.get("flows");
            let flow = |name: &str| flows.as_ref()?.get(name)?.text("tokenUrl");
            let names = ["password", "clientCredentials", "authorizationCode"];
            let token_url = names.into_iter().find_map(flow).map(str::to_owned);
            return SecurityScheme::OAuth2 { token_url };
        }
        "openIdConnect" => {
            return SecurityScheme::OpenIdConnect {
                url: text("openIdConnectUrl"),
            };
        }
        "mutualTLS" => return SecurityScheme::MutualTls,
        _ => {
            let text = format!("{kind:?} is no known type of security scheme");
            warnings.add(&node.pointer, text);
        }
    }
    SecurityScheme::Unknown { named: kind }
}

/// The requirements of an operation or of the document; `None` when it states none.
pub(super) fn requirements(
    owner: &Node<'_>,
    schemes: &BTreeMap<String, SecurityScheme>,
    warnings: &mut Warnings,
) -> Option<Vec<Requirement>> {
    let list = owner.get("security")?;
    let mut requirements = Vec::new();
    for node in list.elements(warnings) {
        let mut requirement = Requirement::default();
        for (name, scopes) in node.entries(warnings) {
            if !schemes.contains_key(name) {
                let text = format!("the security scheme {name:?} is not declared");
                warnings.add(&node.pointer, text);
            }
            let scopes = scopes.value.as_array().into_iter().flatten();
            let scopes = scopes.filter_map(|scope| scope.as_str().map(str::to_owned));
            requirement
                .schemes
                .push((name.to_owned(), scopes.collect()));
        }
        requirements.push(requirement);
    }
    Some(requirements)
}
