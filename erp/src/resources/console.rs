//! What may an investigator ask, as which principal, and where is it written down?
//!
//! His text is run as it stands. What it may do is decided by the rights of the principal, not by
//! reading the text; that he asked is written down first, so that no text can prevent it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use super::rows::{Event, audit};
use crate::contract::{Access, Field, Operation, Schema, TextKind};
use crate::fault::Fault;
use crate::handler;
use crate::http::answer::Answer;
use crate::http::{Call, Problem, Route};
use crate::options::Design;
use crate::permissions::Permission;
use crate::store::{Duty, Params, Row, StoreError};

/// How long a query may run.
const QUERY_WAIT: Duration = Duration::from_secs(5);
/// How many rows are shown, over all its results.
const ROWS_MAX: usize = 1_000;
/// The longest text, in characters of UTF-16, as the audit log keeps it.
const TEXT_MAX: usize = 2_000;

pub(super) fn routes() -> Vec<Route> {
    let query = Schema::Object(vec![
        Field::new("sql", Schema::text(TextKind::Free, 1, TEXT_MAX)).about("T-SQL that reads"),
    ]);
    let result = Schema::Object(vec![
        Field::new(
            "columns",
            Schema::list(Schema::text(TextKind::Free, 0, 128), 0, 4_096),
        ),
        Field::new(
            "rows",
            Schema::list(Schema::list(Schema::Anything, 0, 4_096), 0, ROWS_MAX),
        ),
    ]);
    let answer = Schema::Object(vec![
        Field::new("results", Schema::list(result, 0, 1_000)),
        Field::new("truncated", Schema::Boolean).about("There were more rows than are shown"),
    ]);
    vec![Route {
        operation: Operation::new(
            "POST",
            "/console/queries",
            "queryConsole",
            "Ask as the investigator. Each query is written to the audit log",
            Access::Permission(Permission::ConsoleQuery),
        )
        .body(query)
        .gives(200, "What the query shows", answer)
        .refuses(409, "Somebody else works on the same rows")
        .refuses(408, "The query ran for too long")
        .refuses(422, "The query cannot be run"),
        handler: handler!(query_console),
    }]
}

async fn query_console(call: Arc<Call>) -> Result<Answer, Problem> {
    let text = call.text("sql").unwrap_or_default().to_owned();
    if text.encode_utf16().count() > TEXT_MAX {
        return Err(Problem::field("sql", "length", "is too long"));
    }
    let switches = &call.service.switches;
    let later = switches.near_miss(Fault::ConsoleNotLogged);
    if !later {
        log(&call, &text).await?;
    }
    let asked = ask(&call, &text).await;
    if later {
        log(&call, &text).await?;
    }
    asked
}

async fn ask(call: &Call, text: &str) -> Result<Answer, Problem> {
    let scope = call.scope()?;
    let switches = &call.service.switches;
    if switches.near_miss(Fault::ConsoleAsAppRw) {
        // The application looks first whether there is anything to ask at all.
        let mut lease = call.lease().await?;
        lease.rows("SELECT 1 AS One;", &Params::new()).await?;
    }
    let duty = if switches.fault(Fault::ConsoleAsAppRw) {
        Duty::Application
    } else {
        Duty::Investigation
    };
    let mut lease = call.service.store.checkout(scope, duty).await?;
    let limits = "SET LOCK_TIMEOUT 1000; SET XACT_ABORT ON;";
    lease.batch(limits).await?;
    let asked = timeout(QUERY_WAIT, lease.batch_of_at_most(text, ROWS_MAX)).await;
    // Whatever the text set or left open ends with its connection.
    lease.close();
    match asked {
        Ok(Ok((sets, truncated))) => {
            let results: Vec<Value> = sets.iter().map(|set| shown(set)).collect();
            Ok(Answer::ok(
                json!({"results": results, "truncated": truncated}),
            ))
        }
        Ok(Err(error)) => Err(refused(&error)),
        Err(_) => Err(Problem::new(
            408,
            "query-timeout",
            "The query ran for too long",
        )),
    }
}

fn shown(set: &[Row]) -> Value {
    let columns = set.first().map(Row::columns).unwrap_or_default();
    let columns: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let rows = set.iter().map(|row| {
        let cells = row.columns().iter().map(|(_, value)| value.clone());
        Value::from(cells.collect::<Vec<Value>>())
    });
    json!({"columns": columns, "rows": rows.collect::<Vec<Value>>()})
}

/// What the server's refusal means to the investigator. Its words stay here: they may name what he
/// must not know of.
fn refused(error: &StoreError) -> Problem {
    match error.number() {
        None => Problem::new(422, "query-failed", "The query cannot be run")
            .detail("Its connection ended"),
        Some(number) if is_denial(number) => {
            Problem::new(403, "query-denied", "The investigator may not do this")
        }
        Some(1_222) => Problem::new(422, "query-failed", "The query cannot be run")
            .detail("Somebody else works on the same rows"),
        Some(_) => Problem::new(422, "query-failed", "The query cannot be run")
            .detail("It is no valid query of what is here"),
    }
}

/// Errors by which the server says that a right is missing.
fn is_denial(number: u32) -> bool {
    matches!(
        number,
        229 | 230
            | 262
            | 297
            | 300
            | 916
            | 1_088
            | 2_760
            | 3_701
            | 3_906
            | 4_060
            | 4_604
            | 4_613
            | 4_834
            | 5_011
            | 6_102
            | 10_314
            | 13_559
            ..=13_561
                | 15_151
                | 15_157
                | 15_165
                | 15_247
                | 15_404
                | 15_517
                | 15_562
                | 15_664
                | 50_403
    )
}

/// Writes down who asks what.
async fn log(call: &Call, text: &str) -> Result<(), Problem> {
    if call.service.switches.fault(Fault::ConsoleNotLogged) {
        return Ok(());
    }
    let mut lease = call.lease().await?;
    if call.design() == Design::SharedDatabase {
        let mut params = Params::new();
        let organisation = params.bind(lease.scope().organisation);
        let text = params.bind(text);
        let statement = format!("EXEC org.LogQuery @OrgId = {organisation}, @Text = {text};");
        lease.execute(&statement, &params).await?;
        return Ok(());
    }
    let event = Event {
        name: "QueryRun",
        entity: "Console",
        id: 0,
        reason: None,
        detail: Some(text),
    };
    audit(call, &mut lease, event).await
}

#[cfg(test)]
mod tests {
    use super::refused;
    use crate::store::StoreError;

    #[test]
    fn a_refusal_says_nothing_of_the_servers_words() {
        for (number, status) in [(229, 403), (208, 422), (1_222, 422), (102, 422)] {
            let problem = refused(&StoreError::Refused {
                number,
                state: 1,
                message: "The SELECT permission was denied on wt_globex".to_owned(),
            });
            assert_eq!(problem.status, status);
            assert!(!format!("{problem:?}").contains("globex"));
        }
    }
}
