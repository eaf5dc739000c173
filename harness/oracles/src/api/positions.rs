//! What stands in a position of a request: `path`, `path id`, `query customerId`, `header X-Org`,
//! `body lines[].productId`.

use domain::api::history::Sent;
use serde_json::Value;

use super::leaves::plain;
use super::operations::{decoded, path_values};

/// The values that a request has in a position.
pub(crate) fn values(position: &str, operation: &str, sent: &Sent) -> Vec<String> {
    let Some((place, name)) = position.split_once(' ') else {
        // The whole path: everything that identifies the thing.
        let all = path_values(operation, &sent.target).into_iter();
        return match position {
            "path" => all.map(|(_, value)| decoded(&value)).collect(),
            _ => Vec::new(),
        };
    };
    match place {
        "path" => path_values(operation, &sent.target)
            .into_iter()
            .filter(|(own, _)| own == name)
            .map(|(_, value)| decoded(&value))
            .collect(),
        "query" => {
            let query = sent.target.split_once('?').map_or("", |(_, query)| query);
            query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(own, _)| decoded(own) == name)
                .map(|(_, value)| decoded(value))
                .collect()
        }
        "header" => sent
            .headers
            .iter()
            .filter(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .collect(),
        "body" => match serde_json::from_slice::<Value>(&sent.body) {
            Ok(body) => {
                let mut found = vec![&body];
                for part in parts(name) {
                    found = found
                        .into_iter()
                        .flat_map(|value| inner(value, &part))
                        .collect();
                }
                found
                    .into_iter()
                    .filter(|value| !value.is_object() && !value.is_array())
                    .map(plain)
                    .collect()
            }
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// Name of the last field of a position or a pointer.
pub(crate) fn field(position: &str) -> &str {
    let name = position.rsplit(' ').next().unwrap_or_default();
    name.rsplit(['.', '/'])
        .map(|part| part.trim_end_matches("[]"))
        .find(|part| !part.is_empty() && *part != "*" && part.parse::<usize>().is_err())
        .unwrap_or_default()
}

/// `lines[].productId` and `/lines/0/productId` in parts; `*` is every element.
fn parts(name: &str) -> Vec<String> {
    if let Some(pointer) = name.strip_prefix('/') {
        let unescaped = |part: &str| part.replace("~1", "/").replace("~0", "~");
        return pointer.split('/').map(unescaped).collect();
    }
    name.split('.')
        .flat_map(|part| match part.strip_suffix("[]") {
            Some("") => vec!["*".to_owned()],
            Some(list) => vec![list.to_owned(), "*".to_owned()],
            None => vec![part.to_owned()],
        })
        .collect()
}

fn inner<'v>(value: &'v Value, part: &str) -> Vec<&'v Value> {
    match value {
        Value::Array(elements) => match part.parse::<usize>() {
            Ok(position) => elements.get(position).into_iter().collect(),
            Err(_) if part == "*" => elements.iter().collect(),
            // Some write the elements' field without saying that it is a list.
            Err(_) => elements
                .iter()
                .filter_map(|element| element.get(part))
                .collect(),
        },
        Value::Object(fields) => fields.get(part).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::api::history::Sent;

    use super::{field, values};

    #[test]
    fn positions_are_found_in_requests() {
        let sent = Sent {
            method: "POST".into(),
            target: "/items/a%20b/lines?org=7&org=8".into(),
            headers: vec![("X-Org".into(), "9".into())],
            body: br#"{"a":{"b":1},"lines":[{"p":2},{"p":3}],"ids":[4,5]}"#.to_vec(),
        };
        for (position, expected) in [
            ("path id", &["a b"][..]),
            ("path", &["a b"]),
            ("query org", &["7", "8"]),
            ("header x-org", &["9"]),
            ("body a.b", &["1"]),
            ("body lines[].p", &["2", "3"]),
            ("body /lines/1/p", &["3"]),
            ("body ids[]", &["4", "5"]),
            ("body lines.p", &["2", "3"]),
            ("body missing", &[]),
            ("nonsense", &[]),
        ] {
            let found = values(position, "POST /items/{id}/lines", &sent);
            assert_eq!(found, expected, "{position}");
        }
    }

    #[test]
    fn the_last_name_of_a_position_is_its_field() {
        for (position, expected) in [
            ("body lines[].productId", "productId"),
            ("/lines/0/productId", "productId"),
            ("body ids[]", "ids"),
            ("/ids/*", "ids"),
            ("path id", "id"),
            ("customerId", "customerId"),
        ] {
            assert_eq!(field(position), expected, "{position}");
        }
    }
}
