//! A runtime expression of a link: where a passed value comes from.

use serde_json::Value;

/// Where a value comes from once a call has been answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A place in the answer's body, as a JSON pointer; the whole body when empty.
    ResponseBody(String),
    /// A header of the answer.
    ResponseHeader(String),
    /// A place in the request's body, as a JSON pointer.
    RequestBody(String),
    /// A path parameter of the request.
    RequestPath(String),
    /// A query parameter of the request.
    RequestQuery(String),
    /// A header of the request.
    RequestHeader(String),
    /// The request's URL.
    Url,
    /// The request's method.
    Method,
    /// The answer's status.
    StatusCode,
    /// Stands for itself. Text with expressions in braces stays as it is written.
    Literal(Value),
}

impl Expression {
    /// Reads an expression; what is none stands for itself.
    pub fn parse(value: &Value) -> Self {
        let parsed = value.as_str().and_then(|text| {
            let text = text.trim();
            let bare = text.strip_prefix('{').and_then(|t| t.strip_suffix('}'));
            Self::of(bare.unwrap_or(text))
        });
        parsed.unwrap_or_else(|| Self::Literal(value.clone()))
    }

    fn of(text: &str) -> Option<Self> {
        Some(match text {
            "$url" => Self::Url,
            "$method" => Self::Method,
            "$statusCode" => Self::StatusCode,
            _ => {
                let (source, is_response) = match text.strip_prefix("$response.") {
                    Some(source) => (source, true),
                    None => (text.strip_prefix("$request.")?, false),
                };
                if let Some(pointer) = source.strip_prefix("body") {
                    let pointer = pointer.strip_prefix('#').unwrap_or(pointer).to_owned();
                    return Some(if is_response {
                        Self::ResponseBody(pointer)
                    } else {
                        Self::RequestBody(pointer)
                    });
                }
                let (place, name) = source.split_once('.')?;
                match (is_response, place) {
                    (true, "header") => Self::ResponseHeader(name.to_owned()),
                    (false, "header") => Self::RequestHeader(name.to_owned()),
                    (false, "path") => Self::RequestPath(name.to_owned()),
                    (false, "query") => Self::RequestQuery(name.to_owned()),
                    _ => return None,
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Expression;

    #[test]
    fn expressions_say_where_a_value_comes_from() {
        for (written, expected) in [
            (
                json!("$response.body#/id"),
                Expression::ResponseBody("/id".into()),
            ),
            (
                json!("{$response.body#/id}"),
                Expression::ResponseBody("/id".into()),
            ),
            (
                json!("$response.body"),
                Expression::ResponseBody(String::new()),
            ),
            (
                json!("$response.header.Location"),
                Expression::ResponseHeader("Location".into()),
            ),
            (
                json!("$request.path.id"),
                Expression::RequestPath("id".into()),
            ),
            (
                json!("$request.query.q"),
                Expression::RequestQuery("q".into()),
            ),
            (
                json!("$request.body#/a/b"),
                Expression::RequestBody("/a/b".into()),
            ),
            (json!("$url"), Expression::Url),
            (json!("$statusCode"), Expression::StatusCode),
            (
                json!("$response.cookie.x"),
                Expression::Literal(json!("$response.cookie.x")),
            ),
            (json!("plain"), Expression::Literal(json!("plain"))),
            (json!(7), Expression::Literal(json!(7))),
        ] {
            assert_eq!(Expression::parse(&written), expected, "{written}");
        }
    }
}
