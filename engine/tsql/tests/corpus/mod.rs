//! The recorded batches, and how a statement's kind is written in them.
//!
//! A file under `tests/batches` is a list of scripts. Each begins with a comment line that names
//! the kinds of its statements, batches apart by `|`, or the error; each ends with a line `====`.

#![expect(unreachable_pub, reason = "a module of each test that includes it")]
#![allow(dead_code, reason = "not every test needs every part")]

use std::fs;
use std::path::{Path, PathBuf};

use tsql::{Alter, Create, ModuleBody, ParseError, Statement, StatementKind, split_batches};

/// One recorded script.
pub struct Recorded {
    /// File it stands in.
    pub file: String,
    /// What it must be read as.
    pub expected: String,
    /// Its text.
    pub script: String,
}

/// The folder of the recorded batches.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/batches")
}

/// Every recorded script, in order of file and place.
pub fn recorded() -> Vec<Recorded> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the recorded batches are part of the crate")
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let content = fs::read_to_string(&file).expect("a recorded file is text");
        for entry in content
            .split("\n====\n")
            .filter(|entry| !entry.trim().is_empty())
        {
            let (first, script) = entry.split_once('\n').expect("an expectation stands first");
            found.push(Recorded {
                file: file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned(),
                expected: first.trim_start_matches("-- ").to_owned(),
                script: script.to_owned(),
            });
        }
    }
    found
}

/// What a script is read as, in the words of the recorded files.
pub fn read_as(script: &str) -> String {
    let batches: Vec<String> = split_batches(script)
        .iter()
        .map(|batch| match tsql::parse_batch(&batch.text) {
            Ok(parsed) => kinds(&parsed.statements),
            Err(ParseError {
                number,
                line,
                message,
            }) => format!("error {number}:{line} {message}"),
        })
        .collect();
    batches.join(" | ")
}

/// The kinds of several statements.
pub fn kinds(statements: &[Statement]) -> String {
    let kinds: Vec<String> = statements
        .iter()
        .map(|statement| kind(&statement.kind))
        .collect();
    kinds.join(", ")
}

fn kind(kind: &StatementKind) -> String {
    let inner = |statements: &[Statement]| format!("({})", kinds(statements));
    match kind {
        StatementKind::If {
            then, otherwise, ..
        } => match otherwise {
            Some(otherwise) => format!(
                "If({} else {})",
                self::kind(&then.kind),
                self::kind(&otherwise.kind)
            ),
            None => format!("If({})", self::kind(&then.kind)),
        },
        StatementKind::While { body, .. } => format!("While({})", self::kind(&body.kind)),
        StatementKind::Block(body) => format!("Block{}", inner(body)),
        StatementKind::TryCatch { body, handler } => {
            format!("TryCatch{}{}", inner(body), inner(handler))
        }
        StatementKind::Create(Create::Module(module)) => match &module.body {
            ModuleBody::View { .. } => "View".to_owned(),
            ModuleBody::Procedure(body) => format!("Procedure{}", inner(body)),
            ModuleBody::ScalarFunction { body, .. } => format!("ScalarFunction{}", inner(body)),
            ModuleBody::InlineFunction(_) => "InlineFunction".to_owned(),
            ModuleBody::TableFunction { body, .. } => format!("TableFunction{}", inner(body)),
            ModuleBody::Trigger { body, .. } => format!("Trigger{}", inner(body)),
            ModuleBody::DdlTrigger { .. } => "DdlTrigger".to_owned(),
        },
        StatementKind::Create(create) => format!("Create {}", variant(create)),
        StatementKind::Alter(Alter::Table(_, action)) => format!("AlterTable {}", variant(action)),
        StatementKind::Alter(alter) => format!("Alter {}", variant(alter)),
        StatementKind::Drop { kind, .. } => format!("Drop {kind:?}"),
        StatementKind::Permission(permission) => format!("{:?}", permission.verb),
        StatementKind::SetOption(option) => format!("SetOption {}", variant(option)),
        StatementKind::Unsupported { construct } => format!("Unsupported <{construct}>"),
        other => variant(other),
    }
}

/// The name of an enum's variant.
fn variant(value: &dyn std::fmt::Debug) -> String {
    let shown = format!("{value:?}");
    let end = shown
        .find(|c: char| !c.is_alphanumeric())
        .unwrap_or(shown.len());
    shown[..end].to_owned()
}
