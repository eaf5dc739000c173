//! Which operation is meant? A declaration names it by key, by operationId, or by the beginning of
//! either.

use contract::{Contract, Operation};
use domain::api::history::Sent;

use super::judge::ApiJudge;

impl ApiJudge<'_> {
    /// The contract's operation of this key.
    pub(crate) fn operation(&self, key: &str) -> Option<&Operation> {
        self.contract.operation(key)
    }

    /// Whether the operation of this key is meant by what a declaration says.
    pub(crate) fn is(&self, key: &str, declared: &str) -> bool {
        is(self.contract, key, declared)
    }

    /// Whether the operation of this key is among those that a declaration lists.
    pub(crate) fn is_among(&self, key: &str, declared: &[String]) -> bool {
        declared.iter().any(|one| self.is(key, one))
    }
}

/// Whether the operation of this key is meant by `declared`.
pub(crate) fn is(contract: &Contract, key: &str, declared: &str) -> bool {
    if key.is_empty() {
        return false;
    }
    match contract.operation(key) {
        Some(operation) => operation.is_named(declared),
        None => key == declared,
    }
}

/// Whether a request as it was sent asks the operation of this key: by its method, at its path.
pub(crate) fn is_asked(key: &str, sent: &Sent) -> bool {
    let Some((method, template)) = key.split_once(' ') else {
        return false;
    };
    let path = sent.target.split(['?', '#']).next().unwrap_or_default();
    let parts = |text: &str| text.trim_start_matches('/').split('/').count();
    method == sent.method
        && path.ends_with('/') == template.ends_with('/')
        && parts(path) >= parts(template)
        && path_values(key, &sent.target)
            .iter()
            .all(|(_, value)| !value.is_empty())
}

/// Values of the path's parameters in a target that was sent, by name; not decoded. The target may
/// have a base path before the template.
pub(crate) fn path_values(key: &str, target: &str) -> Vec<(String, String)> {
    let template = key.split_once(' ').map_or(key, |(_, path)| path);
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let wanted: Vec<&str> = template.trim_matches('/').split('/').collect();
    let given: Vec<&str> = path.trim_matches('/').split('/').collect();
    let Some(before) = given.len().checked_sub(wanted.len()) else {
        return Vec::new();
    };
    let pairs = wanted.iter().zip(given.iter().skip(before));
    pairs
        .filter_map(|(wanted, given)| {
            let open = wanted.find('{')?;
            let close = wanted.rfind('}')?;
            let name = wanted.get(open + 1..close)?;
            let rest = given.strip_prefix(wanted.get(..open)?)?;
            let value = rest.strip_suffix(wanted.get(close + 1..)?)?;
            Some((name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// The thing that a target is about: the value of its first path parameter, decoded.
pub(crate) fn thing(key: &str, target: &str) -> Option<String> {
    let values = path_values(key, target);
    values.first().map(|(_, value)| decoded(value))
}

/// A text with its percent escapes decoded.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3);
        match (
            bytes[at],
            digits.and_then(|two| u8::from_str_radix(two, 16).ok()),
        ) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use domain::api::history::Sent;

    use super::{decoded, is_asked, path_values};

    #[test]
    fn an_operation_is_asked_by_its_method_at_its_path() {
        for (key, method, target, expected) in [
            ("GET /a/{id}", "GET", "/v1/a/7?x=/", true),
            ("GET /a/{id}", "POST", "/a/7", false),
            ("GET /a/{id}", "GET", "/a/7/", false),
            ("GET /a/{id}", "GET", "/a/", false),
            ("GET /a", "GET", "/a", true),
            ("GET /", "GET", "/", true),
            ("", "GET", "/a", false),
        ] {
            let sent = Sent {
                method: method.into(),
                target: target.into(),
                headers: Vec::new(),
                body: Vec::new(),
            };
            assert_eq!(is_asked(key, &sent), expected, "{key} {method} {target}");
        }
    }

    #[test]
    fn targets_give_the_values_of_their_templates() {
        for (key, target, expected) in [
            ("GET /invoices/{id}", "/invoices/7", vec![("id", "7")]),
            (
                "GET /invoices/{id}",
                "/v1/invoices/7?a=b",
                vec![("id", "7")],
            ),
            (
                "PUT /a/{x}/b/{y}",
                "/a/1/b/2/",
                vec![("x", "1"), ("y", "2")],
            ),
            ("POST /a/{id}:void", "/a/9:void", vec![("id", "9")]),
            ("GET /a", "/a", vec![]),
            ("GET /a/{id}/b", "/a", vec![]),
        ] {
            let found = path_values(key, target);
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            assert_eq!(found, expected, "{key} {target}");
        }
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_kept() {
        for (text, expected) in [
            ("a%20b", "a b"),
            ("a+b", "a b"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%C3%A9", "é"),
        ] {
            assert_eq!(decoded(text), expected);
        }
    }
}
