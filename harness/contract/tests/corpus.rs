//! Odd documents, each with what is read of it: `corpus/NAME.read` lists what is usable and what is
//! warned of, so that a change of either is seen in review.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::fmt::Write as _;
use std::path::Path;

use contract::{Contract, ContractError, Operation, read};

/// A contract as text: what the generators and oracles work with.
fn printed(contract: &Contract) -> String {
    let mut text = String::new();
    let mut line = |parts: String| writeln!(text, "{parts}").expect("a text takes text");
    line(format!("{} {:?}", contract.title, contract.dialect));
    for server in &contract.servers {
        line(format!("server {}", server.url));
    }
    for (name, scheme) in &contract.security_schemes {
        line(format!("scheme {name}: {scheme:?}"));
    }
    for operation in &contract.operations {
        line(format!("{} = {}", operation.key, operation.name));
        for parts in parts(operation) {
            line(format!("  {parts}"));
        }
    }
    for warning in &contract.warnings {
        line(format!("! {warning}"));
    }
    text
}

fn parts(operation: &Operation) -> Vec<String> {
    let mut parts = Vec::new();
    for parameter in &operation.parameters {
        let required = if parameter.required { " required" } else { "" };
        let (place, name, style) = (parameter.place, &parameter.name, parameter.style);
        parts.push(format!("{place} {name} {style:?}{required}"));
    }
    for content in operation.body.iter().flat_map(|body| &body.contents) {
        parts.push(format!("body {} {:?}", content.media_type, content.kind));
    }
    for response in &operation.responses {
        let contents = response
            .contents
            .iter()
            .map(|content| content.media_type.as_str());
        let headers = response.headers.iter().map(|header| header.name.as_str());
        let links = response.links.iter().map(|link| link.target.as_str());
        let all: Vec<&str> = contents.chain(headers).chain(links).collect();
        parts.push(
            format!("answers {} {}", response.status, all.join(", "))
                .trim_end()
                .to_owned(),
        );
    }
    if let Some(security) = &operation.security {
        let names = security.iter().map(|requirement| {
            let names = requirement.schemes.iter().map(|(name, _)| name.as_str());
            names.collect::<Vec<_>>().join(" and ")
        });
        parts.push(format!(
            "security [{}]",
            names.collect::<Vec<_>>().join(" or ")
        ));
    }
    parts
}

#[test]
fn every_odd_document_is_read_as_far_as_it_is_usable() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the corpus is there")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension != "read")
        })
        .collect();
    names.sort();
    assert!(names.len() >= 8, "the corpus lost documents");
    let mut wrong = String::new();
    for path in names {
        let bytes = std::fs::read(&path).expect("it can be read");
        let contract = read(&bytes, Some("https://docs.example/v1/openapi.json"));
        let found = printed(&contract.expect("it has a usable rest"));
        let expected = std::fs::read_to_string(path.with_extension("read")).unwrap_or_default();
        if found != expected {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            wrong.push_str(&format!("--- {name} is read as\n{found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "put what is right into corpus/NAME.read:\n{wrong}"
    );
}

#[test]
fn what_has_no_usable_rest_is_refused_by_name() {
    let swagger = ContractError::Swagger {
        version: "1.2".to_owned(),
    };
    for (text, expected) in [
        ("{\"swagger\": \"1.2\"}", swagger.clone()),
        ("swagger: 1.2", swagger),
        ("{}", ContractError::NoVersion),
        ("", ContractError::NotAnObject { found: "null" }),
        ("[1]", ContractError::NotAnObject { found: "a list" }),
        (
            "just a text",
            ContractError::NotAnObject { found: "a text" },
        ),
        (
            "openapi: 4.0.0",
            ContractError::Version {
                version: "4.0.0".to_owned(),
            },
        ),
    ] {
        assert_eq!(read(text.as_bytes(), None), Err(expected), "{text}");
    }
    for (text, expected) in [
        (
            "{\"openapi\": ",
            "the document is not JSON: line 1, column 12: EOF while parsing a value at line 1 column 12",
        ),
        ("a: [1", "the document is not YAML"),
        ("<!DOCTYPE html>\n<p>Log in: first</p>", "the document is"),
    ] {
        let error = read(text.as_bytes(), None).expect_err("it is no document");
        assert!(error.to_string().starts_with(expected), "{text}: {error}");
    }
    assert_eq!(
        read(&[0x7b, 0xff], None),
        Err(ContractError::NotText { at: 1 })
    );
}

#[test]
fn utf_16_with_its_mark_is_text() {
    let text = "\u{feff}{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"Grüße\"}, \"paths\": {}}";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big, text.as_bytes().to_vec()] {
        assert_eq!(read(&bytes, None).expect("it is usable").title, "Grüße");
    }
}
