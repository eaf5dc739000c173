//! JSON_MODIFY: which text results when one property of a JSON text is set, removed or appended to?
//!
//! The text outside of what changes stays as written; an object that loses a member is written
//! anew. <https://learn.microsoft.com/sql/t-sql/functions/json-modify-transact-sql>

use values::{SqlError, SqlType, Value};

use super::{Kind, Node, Parser, Path, Step, as_text, json_value, not_json, quoted};

/// What becomes of the place that the path names.
enum Edit {
    Set(String),
    Remove,
    Append(String),
}

/// `JSON_MODIFY(text, path, new)`; `is_json` when the new value is JSON itself and not a string.
pub(super) fn modify(arguments: &[(Value, SqlType)], is_json: bool) -> Result<Value, SqlError> {
    let [text, path, new] = arguments else {
        return Ok(Value::Null);
    };
    let (Value::Text(text), Value::Text(path)) = (as_text(text)?, as_text(path)?) else {
        return Ok(Value::Null);
    };
    let (append, rest) = append_mode(&path);
    let path = Path::parse(rest)?;
    let node = Parser::parse(&text).map_err(|at| not_json(&text, at))?;
    let written = match &new.0 {
        Value::Text(json) if is_json => json.to_string(),
        value => json_value(value, &new.1)?,
    };
    let edit = if append {
        Edit::Append(written)
    } else if new.0.is_null() && !path.strict {
        Edit::Remove
    } else {
        Edit::Set(written)
    };
    let mut out = String::with_capacity(text.len() + 16);
    // In strict mode the place must be there, and what is missing is an error of its own.
    if path.strict {
        path.find(&node)?;
    }
    if !place(&node, &text, &path.steps, &edit, &mut out) {
        return Ok(Value::text(text));
    }
    Ok(Value::text(out))
}

/// The word `append` stands before the mode.
fn append_mode(path: &str) -> (bool, &str) {
    let trimmed = path.trim_start();
    match trimmed.split_once(char::is_whitespace) {
        Some((word, rest)) if word.eq_ignore_ascii_case("append") => (true, rest),
        _ => (false, path),
    }
}

/// Writes `node` with the edit made below it; false when there is no such place.
fn place(node: &Node, text: &str, steps: &[Step], edit: &Edit, out: &mut String) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return at_end(node, text, edit, out);
    };
    let found = match (step, &node.kind) {
        (Step::Key(key), Kind::Object(members)) => members.iter().position(|(own, _)| own == key),
        (Step::Index(index), Kind::Array(items)) => Some(*index).filter(|at| *at < items.len()),
        _ => return false,
    };
    match (found, &node.kind) {
        // A member goes with its comma, so its object is written anew.
        (Some(at), Kind::Object(members)) if rest.is_empty() && matches!(edit, Edit::Remove) => {
            let kept = members.iter().enumerate().filter(|(place, _)| *place != at);
            let kept: Vec<String> = kept
                .map(|(_, (key, own))| format!("{}:{}", quoted(key), &text[own.start..own.end]))
                .collect();
            out.push_str(&text[..node.start]);
            out.push_str(&format!("{{{}}}", kept.join(",")));
            out.push_str(&text[node.end..]);
            true
        }
        (Some(at), Kind::Object(members)) => place(&members[at].1, text, rest, edit, out),
        (Some(at), Kind::Array(items)) => place(&items[at], text, rest, edit, out),
        // Lax mode makes a property that is missing, but no parent of it.
        (None, Kind::Object(members)) if rest.is_empty() => {
            let (Step::Key(key), Some(value)) = (step, edit.of_missing()) else {
                return false;
            };
            let comma = if members.is_empty() { "" } else { "," };
            out.push_str(&text[..node.end - 1]);
            out.push_str(&format!("{comma}{}:{value}", quoted(key)));
            out.push_str(&text[node.end - 1..]);
            true
        }
        _ => false,
    }
}

/// The path ends at `node`.
fn at_end(node: &Node, text: &str, edit: &Edit, out: &mut String) -> bool {
    let (from, to, value) = match (edit, &node.kind) {
        (Edit::Set(value), _) => (node.start, node.end, value.clone()),
        // An element of an array stays, or its neighbours would move.
        (Edit::Remove, _) => (node.start, node.end, "null".to_owned()),
        (Edit::Append(value), Kind::Array(items)) => {
            let comma = if items.is_empty() { "" } else { "," };
            (node.end - 1, node.end - 1, format!("{comma}{value}"))
        }
        (Edit::Append(_), _) => return false,
    };
    out.push_str(&text[..from]);
    out.push_str(&value);
    out.push_str(&text[to..]);
    true
}

impl Edit {
    /// What a property that is not there yet becomes.
    fn of_missing(&self) -> Option<String> {
        match self {
            Self::Set(value) => Some(value.clone()),
            Self::Append(value) => Some(format!("[{value}]")),
            Self::Remove => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use values::{SqlType, Value};

    use super::modify;

    #[test]
    fn one_property_changes_and_the_rest_stays() {
        let text = |text: &str| (Value::text(text), SqlType::nvarchar(100));
        let null = || (Value::Null, SqlType::nvarchar(100));
        let int = |n| (Value::Int(n), SqlType::Int);
        for (json, path, new, is_json, expected) in [
            (r#"{"a": 1}"#, "$.a", text("x"), false, r#"{"a": "x"}"#),
            (r#"{"a":1}"#, "$.b", int(2), false, r#"{"a":1,"b":2}"#),
            ("{}", "$.b", text("[1]"), true, r#"{"b":[1]}"#),
            ("{}", "$.b", text("[1]"), false, r#"{"b":"[1]"}"#),
            (r#"{"a":1,"b":2}"#, "$.a", null(), false, r#"{"b":2}"#),
            (r#"{"a":1}"#, "strict $.a", null(), false, r#"{"a":null}"#),
            (
                r#"{"a":[1]}"#,
                "append $.a",
                int(2),
                false,
                r#"{"a":[1,2]}"#,
            ),
            (
                r#"{"a":[]}"#,
                "append lax $.a",
                int(2),
                false,
                r#"{"a":[2]}"#,
            ),
            ("{}", "append $.a", int(2), false, r#"{"a":[2]}"#),
            (
                r#"{"a":[1,2]}"#,
                "$.a[0]",
                null(),
                false,
                r#"{"a":[null,2]}"#,
            ),
            (r#"{"a":[1]}"#, "$.a[7]", int(3), false, r#"{"a":[1]}"#),
            (r#"{"a":1}"#, "$.b.c", int(3), false, r#"{"a":1}"#),
            (
                r#"{"a":{"b":1}}"#,
                "$.a.b",
                text("q\""),
                false,
                r#"{"a":{"b":"q\""}}"#,
            ),
        ] {
            let result = modify(&[text(json), text(path), new], is_json).expect("valid");
            let Value::Text(result) = result else {
                panic!("no text for {json} {path}");
            };
            assert_eq!(&*result, expected, "{json} {path}");
        }
        let missing = modify(&[text("{}"), text("strict $.a"), int(1)], false);
        assert_eq!(missing.expect_err("strict").number, 13608);
    }
}
