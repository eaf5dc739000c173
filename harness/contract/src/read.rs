//! From bytes to a [`Contract`].

mod document;
mod lines;
mod merge;
mod operations;
mod parameters;
mod responses;
mod schemas;
mod security;
mod servers;
mod swagger;
mod text;
mod yaml;

use serde_json::Value;

use crate::contract::{Contract, Dialect, Warning};
use crate::error::ContractError;
use document::{Document, Warnings, kind, text_of};
use schemas::SchemaReader;

/// Reads an OpenAPI document. `address` is where it was found: relative servers are relative to it.
///
/// # Errors
/// When nothing of the document is usable.
pub fn read(bytes: &[u8], address: Option<&str>) -> Result<Contract, ContractError> {
    let text = text::decode(bytes)?;
    let parsed = text::parse(&text)?;
    let mut warnings = Warnings::default();
    for (line, note) in parsed.notes {
        warnings.at_line(line, note);
    }
    let mut root = parsed.value;
    let dialect = dialect(&mut root, &mut warnings)?;
    let document = Document::new(&root, address);

    let mut schemas = SchemaReader::new(&document);
    schemas.components(&mut warnings);
    let security_schemes = security::schemes(&document, &mut warnings);
    let servers = servers::servers(root.get("servers"), "/servers", address, &mut warnings);
    let operations = operations::operations(
        &document,
        address,
        &security_schemes,
        &mut schemas,
        &mut warnings,
    );
    let schemas = schemas.finish(&mut warnings);

    let info = |key: &str| {
        let found = root.get("info").and_then(|info| info.get(key));
        found.map(text_of).unwrap_or_default()
    };
    Ok(Contract {
        title: info("title"),
        version: info("version"),
        dialect,
        servers: servers::or_default(servers, address),
        operations,
        schemas,
        security_schemes,
        warnings: placed(
            warnings,
            parsed.mended.as_deref().unwrap_or(&text),
            parsed.is_json,
        ),
    })
}

/// Which rules the document follows; one of Swagger 2.0 follows those of 3.0 from then on.
fn dialect(root: &mut Value, warnings: &mut Warnings) -> Result<Dialect, ContractError> {
    if !root.is_object() {
        return Err(ContractError::NotAnObject { found: kind(root) });
    }
    if let Some(version) = root.get("swagger") {
        let version = text_of(version);
        if !matches!(version.trim(), "2" | "2.0") {
            return Err(ContractError::Swagger { version });
        }
        swagger::to_openapi(root, warnings);
        return Ok(Dialect::V30);
    }
    let written = root.get("openapi").ok_or(ContractError::NoVersion)?;
    let version = text_of(written);
    if !written.is_string() {
        let text = format!("the version {version} is no text; it is read as one");
        warnings.add("/openapi", text);
    }
    let mut parts = version.trim().split('.');
    match (parts.next(), parts.next()) {
        (Some("3"), Some("0")) => Ok(Dialect::V30),
        (Some("3"), Some("1")) => Ok(Dialect::V31),
        (Some("3"), _) => {
            let text = format!("OpenAPI {version} is not known; it is read as 3.1");
            warnings.add("/openapi", text);
            Ok(Dialect::V31)
        }
        _ => Err(ContractError::Version { version }),
    }
}

/// The warnings in the document's order, each with its line.
fn placed(warnings: Warnings, text: &str, is_json: bool) -> Vec<Warning> {
    let mut list = warnings.into_list();
    let wanted = list
        .iter()
        .filter(|warning| warning.line.is_none())
        .map(|warning| warning.pointer.as_str());
    let lines = lines::find(text, is_json, wanted);
    for warning in &mut list {
        if warning.line.is_none() {
            warning.line = lines::nearest(&lines, &warning.pointer);
        }
    }
    // Stable, so that what stands on one line stays in the order of its discovery.
    list.sort_by_key(|warning| warning.line);
    list
}
