//! Exports: they hold every row of the tenant's, and no other.

use std::collections::BTreeSet;

use domain::api::history::History;
use domain::finding::Finding;
use domain::surface::{Cell, Table};
use domain::world::TenantIndex;
use serde_json::Value;

use super::judge::{ApiJudge, Call, calls};
use super::leaves::{leaves, plain};
use super::unpacked::unpacked;

const ORACLE: &str = "api_exports";

/// One exported row: the table that it says it is of, and its values in small letters.
#[derive(Debug)]
struct Exported {
    table: Option<String>,
    values: BTreeSet<String>,
}

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history).filter(Call::succeeded) {
        let promises = &judge.service.promises.exports;
        let Some(promise) = promises
            .iter()
            .find(|promise| judge.is(call.operation, &promise.download))
        else {
            continue;
        };
        let Some(tenant) = call.caller.tenant else {
            continue;
        };
        if !history.sees_rows || call.answer.body_dropped > 0 {
            continue;
        }
        let packed = unpacked(&call.answer.body);
        let bodies: Vec<&[u8]> = if packed.is_empty() {
            vec![&call.answer.body]
        } else {
            packed.iter().map(Vec::as_slice).collect()
        };
        let exported: Vec<Exported> = bodies
            .into_iter()
            .flat_map(|body| exported(body, &promise.tables))
            .collect();
        for table in &promise.tables {
            for (place, wrong) in wrongs(judge, history, &call, tenant, table, &exported) {
                let place = format!("{place} {table}");
                findings.push(judge.own(history, &call, ORACLE, &place, &["S14"], &wrong));
            }
        }
    }
    findings
}

fn wrongs(
    judge: &ApiJudge<'_>,
    history: &History,
    call: &Call<'_>,
    tenant: TenantIndex,
    name: &str,
    exported: &[Exported],
) -> Vec<(&'static str, String)> {
    let database = &judge.world().tenant(tenant).database;
    let Some(table) = judge.plane.table(database, name) else {
        return Vec::new();
    };
    let rows = judge.rows_of(history, Some(call.step), tenant, name);
    let short = last(name);
    let told = exported.iter().any(|one| one.table.is_some());
    let of_table: Vec<&Exported> = exported
        .iter()
        .filter(|one| !told || one.table.as_deref() == Some(&short))
        .collect();
    let mut wrongs = Vec::new();
    let missing: Vec<&Vec<Cell>> = rows
        .iter()
        .filter(|row| !of_table.iter().any(|one| is_same(judge, table, row, one)))
        .collect();
    if let Some(first) = missing.first() {
        wrongs.push((
            "rows missing of",
            format!(
                "lacks {} of {} rows of {name}, such as {}",
                missing.len(),
                rows.len(),
                key(judge, table, first).join(", ")
            ),
        ));
    }
    if told {
        let odd = of_table
            .iter()
            .filter(|one| !rows.iter().any(|row| is_same(judge, table, row, one)))
            .count();
        if odd > 0 {
            wrongs.push((
                "other rows in",
                format!("holds {odd} rows of {name} that are none of its tenant's"),
            ));
        }
    }
    wrongs
}

/// Whether an exported row is this one: it holds its key, and some text where there are any. Which columns
/// are shown, and how numbers and times are written, is the service's choice.
fn is_same(judge: &ApiJudge<'_>, table: &Table, row: &[Cell], one: &Exported) -> bool {
    let key = key(judge, table, row);
    let texts: Vec<String> = row
        .iter()
        .filter_map(|cell| match cell {
            Cell::Text(text) if !text.is_empty() => Some(text.to_lowercase()),
            _ => None,
        })
        .collect();
    key.iter().all(|value| one.values.contains(value))
        && (texts.is_empty()
            || !key.is_empty()
            || texts.iter().any(|text| one.values.contains(text)))
}

/// The values of a row's key, without the one that says whose it is.
fn key(judge: &ApiJudge<'_>, table: &Table, row: &[Cell]) -> Vec<String> {
    let owner = judge.plane.system.tenancy.as_ref();
    table
        .primary_key
        .iter()
        .filter(|column| owner.is_none_or(|own| !own.column.eq_ignore_ascii_case(column)))
        .filter_map(|column| row.get(table.position(column)?))
        .map(|cell| match cell {
            Cell::Text(text) | Cell::Guid(text) | Cell::Temporal(text) => text.to_lowercase(),
            other => other.literal().to_lowercase(),
        })
        .collect()
}

/// `org.Customers` → `customers`.
fn last(table: &str) -> String {
    table.rsplit('.').next().unwrap_or(table).to_lowercase()
}

/// The rows in an export: a line each, elements of a list, or lines of separated values.
fn exported(body: &[u8], tables: &[String]) -> Vec<Exported> {
    let names: BTreeSet<String> = tables.iter().map(|table| last(table)).collect();
    if let Ok(document) = serde_json::from_slice::<Value>(body) {
        let mut found = Vec::new();
        of_document(&document, None, &names, &mut found);
        return found;
    }
    let text = String::from_utf8_lossy(body);
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match serde_json::from_str::<Value>(line) {
            Ok(row) => found.push(of_row(&row, None, &names)),
            Err(_) => found.push(Exported {
                table: None,
                values: line
                    .split([',', ';', '\t'])
                    .map(|value| value.trim().trim_matches('"').to_lowercase())
                    .collect(),
            }),
        }
    }
    found
}

/// Rows in a document: objects without inner lists of objects, under the nearest name of a table.
fn of_document(
    value: &Value,
    under: Option<&str>,
    names: &BTreeSet<String>,
    found: &mut Vec<Exported>,
) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                of_document(element, under, names, found);
            }
        }
        Value::Object(fields) => {
            let nests = fields.values().any(|inner| {
                inner
                    .as_array()
                    .is_some_and(|list| list.iter().any(Value::is_object))
            });
            if nests {
                for (name, inner) in fields {
                    let name = last(name);
                    let table = names.contains(&name).then_some(name.as_str());
                    of_document(inner, table.or(under), names, found);
                }
            } else {
                found.push(of_row(value, under, names));
            }
        }
        _ => {}
    }
}

fn of_row(row: &Value, under: Option<&str>, names: &BTreeSet<String>) -> Exported {
    let values: BTreeSet<String> = leaves(row)
        .iter()
        .map(|leaf| plain(leaf.value).to_lowercase())
        .collect();
    let said = ["table", "entity", "type", "kind"]
        .iter()
        .filter_map(|field| row.get(field)?.as_str())
        .map(last)
        .find(|name| names.contains(name));
    Exported {
        table: said.or_else(|| under.map(str::to_owned)),
        values,
    }
}

#[cfg(test)]
mod tests {
    use domain::api::service::ExportPromise;
    use serde_json::json;

    use crate::api::sample::{self, Sample};

    #[test]
    fn an_export_holds_all_of_the_tenants_rows_and_no_other() {
        let mut sample = Sample::new();
        sample.service().promises.exports = vec![ExportPromise {
            start: "POST /items".into(),
            download: "GET /items/{id}".into(),
            tables: vec!["dbo.Invoices".into()],
        }];
        let judge = sample.judge();
        let number = sample.world.tenants[0].mark.number;
        let own: Vec<i64> = (0..4).map(|k| number + 100 + k).collect();
        let lines = |ids: &[i64]| {
            let line =
                |id: &i64| json!({"table": "Invoices", "row": {"InvoiceId": id}}).to_string();
            ids.iter().map(line).collect::<Vec<_>>().join("\n")
        };
        let list = json!({"invoices": own.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()});
        for (title, body, place) in [
            ("all", lines(&own), None),
            ("all in a document", list.to_string(), None),
            (
                "one missing",
                lines(&own[1..]),
                Some("rows missing of dbo.Invoices"),
            ),
            (
                "one too many",
                lines(&[own.clone(), vec![77]].concat()),
                Some("other rows in dbo.Invoices"),
            ),
        ] {
            let mut history = sample::history();
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7"),
                200,
                &body,
            );
            let findings = super::judge(&judge, &history);
            let found = findings.first();
            let found = found.map(|finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}");
        }
    }
}
