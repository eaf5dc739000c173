//! Taken values: a name or number that another tenant uses is as good as one that nobody uses, and
//! whoever happens on it is told nothing of who does.

use domain::api::case::{Attack, Must, Stance, Step};
use domain::api::request::{Body, Caller, Request};
use domain::control::ControlId;
use domain::system::Design;
use serde_json::Value;

use super::attacks::call;
use super::workbook::{Unreachable, Workbook};

/// One field of what an operation makes, with the value that another tenant's has: beside a value that
/// nobody uses, and armed by a third. `None` when there is no such field.
pub(crate) fn taken_value(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    which: usize,
    (attacker, victim): (&Caller, &Caller),
    salt: u64,
) -> Result<Option<Vec<Step>>, Unreachable> {
    let Some(tenant) = victim.tenant else {
        return Ok(None);
    };
    if book.is_open(operation) {
        // Who logs in says what he is, and that differs from everybody else's.
        return Ok(None);
    }
    let mut steps = Vec::new();
    let theirs = book.prepare(operation, victim, salt, &mut steps)?;
    let mark = book.mark(tenant);
    let Some((field, value)) = marked(&theirs, mark).into_iter().nth(which) else {
        return Ok(None);
    };
    steps.push(call(victim, operation, theirs, Stance::Prepare));
    let mut attempt = book.prepare(operation, attacker, salt + 1, &mut steps)?;
    let beside = book.prepare(operation, attacker, salt + 2, &mut steps)?;
    let own = book.prepare(operation, attacker, salt + 3, &mut steps)?;
    if !put(&mut attempt, &field, value) {
        return Ok(None);
    }
    let attack = steps.len();
    let ids: &[&str] = match design {
        Some(Design::SharedDatabase) => &["S06", "B03", "B01", "B05"],
        Some(Design::DatabasePerTenant) => &["B01", "B05"],
        None => &["B03", "B01", "B05"],
    };
    let stance = Stance::Attack(Attack {
        controls: ids.iter().map(|id| ControlId::new(id)).collect(),
        family: "taken-value".into(),
        position: format!("body {field}"),
        victim: Some(victim.clone()),
        must: Must::ShowNothing,
    });
    steps.push(call(attacker, operation, attempt, stance));
    let stance = Stance::Counterpart { attack };
    steps.push(call(attacker, operation, beside, stance));
    steps.push(call(attacker, operation, own, Stance::Arm { attack }));
    Ok(Some(steps))
}

/// The fields of a body whose values nobody else can have.
fn marked(request: &Request, mark: &str) -> Vec<(String, Value)> {
    let Some(Body::Json {
        value: Value::Object(fields),
        ..
    }) = &request.body
    else {
        return Vec::new();
    };
    fields
        .iter()
        .filter(|(_, value)| value.as_str().is_some_and(|text| text.contains(mark)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Puts a value into a field that is there.
fn put(request: &mut Request, field: &str, value: Value) -> bool {
    match &mut request.body {
        Some(Body::Json {
            value: Value::Object(fields),
            ..
        }) if fields.contains_key(field) => {
            fields.insert(field.to_owned(), value);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::api::request::{Body, Request};
    use serde_json::json;

    use super::{marked, put};

    #[test]
    fn fields_that_carry_the_mark_are_taken() {
        let mut request = Request {
            method: "POST".into(),
            path: "/items".into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Some(Body::Json {
                media_type: "application/json".into(),
                value: json!({"name": "wtabcd00 x", "kind": "plain", "count": 3}),
            }),
        };
        let found = marked(&request, "wtabcd00");
        assert_eq!(found, [("name".to_owned(), json!("wtabcd00 x"))]);
        assert!(put(&mut request, "name", json!("wtefgh01 y")));
        assert!(!put(&mut request, "missing", json!("wtefgh01 y")));
        assert_eq!(marked(&request, "wtabcd00"), []);
    }
}
