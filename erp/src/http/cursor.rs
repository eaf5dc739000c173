//! Where does the next page begin? A sealed text that only the same caller's same list takes back.

use serde_json::{Value, json};

use super::sign::{seal, unseal};
use crate::store::Scope;

/// The cursor behind the row with this sort value and number.
pub fn after(key: &[u8], scope: &Scope, list: &str, value: &Value, id: i64) -> String {
    seal(key, &purpose(scope, list), &json!([value, id]))
}

/// What a cursor says, if it belongs to this caller's list.
pub fn read(key: &[u8], scope: &Scope, list: &str, cursor: &str) -> Option<(Value, i64)> {
    let value = unseal(key, &purpose(scope, list), cursor)?;
    Some((value.get(0)?.clone(), value.get(1)?.as_i64()?))
}

/// For the planted defect: a cursor that carries whose list it goes on with.
pub fn carrying(key: &[u8], scope: &Scope, list: &str, value: &Value, id: i64) -> String {
    seal(key, list, &json!([value, id, scope.tenant]))
}

/// What such a cursor says, and whose list it is of.
pub fn carried(key: &[u8], list: &str, cursor: &str) -> Option<((Value, i64), String)> {
    let value = unseal(key, list, cursor)?;
    let tenant = value.get(2)?.as_str()?.to_owned();
    Some(((value.get(0)?.clone(), value.get(1)?.as_i64()?), tenant))
}

/// Tenant, department and list are part of the signature, not of the text.
fn purpose(scope: &Scope, list: &str) -> String {
    let department = scope.department.unwrap_or_default();
    format!("cursor\u{1f}{}\u{1f}{department}\u{1f}{list}", scope.tenant)
}
