//! The investigation console reads, as who it should, and leaves a trace (D08).

use domain::api::case::{Must, Stance};
use serde_json::json;

use super::{Maker, attack, put};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(promise) = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.console.as_ref())
    else {
        return;
    };
    let Some(operation) = maker.operation(&promise.operation) else {
        return;
    };
    for caller in maker.callers(&operation) {
        maker.case(format!("{operation} is logged"), |draft| {
            let mut request = draft.prepare(&operation, &caller)?;
            put(&mut request, &promise.query, Some(json!(promise.works)));
            let stance = attack(&["D08"], "console-query", &promise.query, None, Must::Rule);
            draft.take(&caller, &operation, request, stance);
            Ok(())
        });
        maker.case(format!("{operation} runs as who it should"), |draft| {
            let mut request = draft.prepare(&operation, &caller)?;
            let query = "SELECT CURRENT_USER AS [who]";
            put(&mut request, &promise.query, Some(json!(query)));
            let stance = attack(
                &["D08"],
                "console-principal",
                &promise.query,
                None,
                Must::Rule,
            );
            draft.take(&caller, &operation, request, stance);
            Ok(())
        });
        for (what, query) in writes(&promise.table) {
            maker.case(format!("{operation} with {what}"), |draft| {
                let mut honest = draft.prepare(&operation, &caller)?;
                put(&mut honest, &promise.query, Some(json!(promise.works)));
                let mut hostile = honest.clone();
                put(&mut hostile, &promise.query, Some(json!(query)));
                let stance = attack(&["D08"], "console-write", what, None, Must::Rule);
                let number = draft.take(&caller, &operation, hostile, stance);
                let stance = Stance::Arm { attack: number };
                draft.take(&caller, &operation, honest, stance);
                Ok(())
            });
        }
    }
}

/// Ways to write that look like a query, and what each is. They aim at the log itself: it is there in
/// every system that has a console.
fn writes(table: &str) -> Vec<(&'static str, String)> {
    vec![
        ("a deletion", format!("DELETE FROM {table}")),
        (
            "a deletion behind a query",
            format!("SELECT 1 AS [one]; DELETE FROM {table};"),
        ),
        (
            "a deletion behind a comment",
            format!("SELECT 1 AS [one] -- ;\nDELETE FROM {table}"),
        ),
        ("dynamic SQL", format!("EXEC (N'DELETE FROM {table}')")),
        (
            "sp_executesql",
            format!("EXEC sp_executesql N'DELETE FROM {table}'"),
        ),
        (
            "a common table expression that deletes",
            format!("WITH rows AS (SELECT * FROM {table}) DELETE FROM rows"),
        ),
        (
            "a new table",
            format!("SELECT * INTO dbo.Stolen FROM {table}"),
        ),
        ("an emptied table", format!("TRUNCATE TABLE {table}")),
        (
            "another principal",
            format!("EXECUTE AS USER = 'dbo'; DELETE FROM {table}; REVERT;"),
        ),
        ("a way back", format!("REVERT; DELETE FROM {table}")),
        ("a grant", "GRANT CONTROL TO public".to_owned()),
        (
            "a transaction that stays open",
            format!("BEGIN TRANSACTION; DELETE FROM {table}"),
        ),
    ]
}
