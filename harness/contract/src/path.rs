//! A path template and its parameters.

use std::fmt;

/// A path such as `/invoices/{invoiceId}/lines`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathTemplate {
    /// As the document writes it.
    text: String,
    segments: Vec<Segment>,
}

/// What lies between two slashes. The last one is empty when the path ends with a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Segment {
    /// In order; more than one in `{name}.{extension}` and `{id}:post`.
    pub pieces: Vec<Piece>,
}

/// A part of a segment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Piece {
    /// Stands for itself.
    Literal(String),
    /// Stands for a value.
    Parameter {
        /// Its name, without braces and mark.
        name: String,
        /// Whether the value may contain slashes, as in `{proxy+}` and `{path*}`.
        spans_segments: bool,
    },
}

impl PathTemplate {
    /// Reads a template. Braces that do not match stand for themselves.
    pub fn parse(text: &str) -> Self {
        let within = text.strip_prefix('/').unwrap_or(text);
        let segments = within.split('/').map(Segment::parse).collect();
        Self {
            text: text.to_owned(),
            segments,
        }
    }

    /// As the document writes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What lies between its slashes.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Names of its parameters, in order, with repetitions.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().flat_map(Segment::parameters)
    }

    /// The path with each parameter replaced by what `value` gives for its name. What it gives is
    /// taken as it is, so it must be encoded already.
    pub fn expand(&self, mut value: impl FnMut(&str) -> String) -> String {
        let mut path = String::new();
        for segment in &self.segments {
            path.push('/');
            for piece in &segment.pieces {
                match piece {
                    Piece::Literal(text) => path.push_str(text),
                    Piece::Parameter { name, .. } => path.push_str(&value(name)),
                }
            }
        }
        path
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Segment {
    fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, name, after)) = first_parameter(rest) {
            if !before.is_empty() {
                pieces.push(Piece::Literal(before.to_owned()));
            }
            let bare = name.trim_end_matches(['+', '*']);
            pieces.push(Piece::Parameter {
                name: bare.trim_start_matches('*').to_owned(),
                spans_segments: bare.len() < name.len() || name.starts_with('*'),
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        Self { pieces }
    }

    /// Names of its parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Parameter { name, .. } => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// Its text when it has no parameter.
    pub fn literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }
}

/// The first `{name}` in `text`, with what stands before and after it.
fn first_parameter(text: &str) -> Option<(&str, &str, &str)> {
    let close = text.find('}')?;
    let open = text.get(..close)?.rfind('{')?;
    let name = text.get(open + 1..close)?;
    if name.is_empty() {
        return None;
    }
    Some((text.get(..open)?, name, text.get(close + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::PathTemplate;

    #[test]
    fn templates_give_their_parameters_and_expand() {
        for (template, parameters, expanded) in [
            ("/invoices", vec![], "/invoices"),
            ("/invoices/", vec![], "/invoices/"),
            ("/", vec![], "/"),
            ("", vec![], "/"),
            (
                "/invoices/{id}/lines/{line-id}",
                vec!["id", "line-id"],
                "/invoices/<id>/lines/<line-id>",
            ),
            (
                "/files/{name}.{extension}",
                vec!["name", "extension"],
                "/files/<name>.<extension>",
            ),
            ("/invoices/{id}:post", vec!["id"], "/invoices/<id>:post"),
            ("/files/{proxy+}", vec!["proxy"], "/files/<proxy>"),
            ("/files/{*path}", vec!["path"], "/files/<path>"),
            ("/odd/{}/x", vec![], "/odd/{}/x"),
            ("/odd/{open/x", vec![], "/odd/{open/x"),
            ("/odd/}close{", vec![], "/odd/}close{"),
            ("/odd/{{id}}", vec!["id"], "/odd/{<id>}"),
            ("no/slash/{id}", vec!["id"], "/no/slash/<id>"),
        ] {
            let path = PathTemplate::parse(template);
            assert_eq!(
                path.parameters().collect::<Vec<_>>(),
                parameters,
                "{template}"
            );
            assert_eq!(
                path.expand(|name| format!("<{name}>")),
                expanded,
                "{template}"
            );
        }
    }
}
