//! References to what earlier steps gave, as cases write them: `{{step 2 /id}}`.

use contract::PathTemplate;
use std::collections::BTreeMap;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Stands for itself.
    Text(&'t str),
    /// A reference, with its braces.
    Reference(&'t str),
}

/// The parts of a text, in order.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else {
            break;
        };
        let end = start + length + 2;
        if start > 0 {
            parts.push(Part::Text(&rest[..start]));
        }
        parts.push(Part::Reference(&rest[start..end]));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Whether a text is one reference and nothing else.
pub(crate) fn is_one(text: &str) -> bool {
    matches!(parts(text).as_slice(), [Part::Reference(_)])
}

/// The reference to a place in the answer of a step, counted from 1. The whole body when the pointer
/// is empty.
pub(crate) fn to_body(step: usize, pointer: &str) -> String {
    if pointer.is_empty() {
        format!("{{{{step {step}}}}}")
    } else {
        format!("{{{{step {step} {pointer}}}}}")
    }
}

/// The step, counted from 1, that a reference refers to.
pub(crate) fn step_of(reference: &str) -> Option<usize> {
    let rest = reference.strip_prefix("{{step ")?;
    rest.split([' ', '}']).next()?.parse().ok()
}

/// The reference to a header of the answer of a step.
pub(crate) fn to_header(step: usize, name: &str) -> String {
    format!("{{{{step {step} header {name}}}}}")
}

/// The reference to the last path segment of a header of the answer of a step.
pub(crate) fn to_tail(step: usize, name: &str) -> String {
    format!("{{{{step {step} tail {name}}}}}")
}

/// What stands in a path at each parameter of its template. `None` when the path is none of it.
pub(crate) fn path_values(template: &PathTemplate, path: &str) -> Option<BTreeMap<String, String>> {
    let given = split(path);
    let segments = template.segments();
    if given.len() != segments.len() {
        return None;
    }
    let mut values = BTreeMap::new();
    for (segment, text) in segments.iter().zip(given) {
        let mut rest = text;
        for (index, piece) in segment.pieces.iter().enumerate() {
            match piece {
                contract::Piece::Literal(literal) => rest = rest.strip_prefix(literal.as_str())?,
                contract::Piece::Parameter { name, .. } => {
                    let end = match segment.pieces.get(index + 1) {
                        Some(contract::Piece::Literal(literal)) => outside(rest, literal)?,
                        _ => rest.len(),
                    };
                    values.insert(name.clone(), rest[..end].to_owned());
                    rest = &rest[end..];
                }
            }
        }
        if !rest.is_empty() {
            return None;
        }
    }
    Some(values)
}

/// Where a literal stands outside of references.
fn outside(text: &str, literal: &str) -> Option<usize> {
    let mut at = 0;
    for part in parts(text) {
        match part {
            Part::Reference(reference) => at += reference.len(),
            Part::Text(text) => match text.find(literal) {
                Some(found) => return Some(at + found),
                None => at += text.len(),
            },
        }
    }
    None
}

/// The segments of a path; a slash in a reference is none.
fn split(path: &str) -> Vec<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut segments = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for part in parts(path) {
        match part {
            Part::Reference(reference) => at += reference.len(),
            Part::Text(text) => {
                for (slash, _) in text.match_indices('/') {
                    segments.push(&path[start..at + slash]);
                    start = at + slash + 1;
                }
                at += text.len();
            }
        }
    }
    segments.push(&path[start..]);
    segments
}

#[cfg(test)]
mod tests {
    use contract::PathTemplate;

    use super::path_values;

    #[test]
    fn paths_are_read_back_by_their_template() {
        for (template, path, expected) in [
            (
                "/a/{x}/b/{y}",
                "/a/{{step 1 /id}}/b/{{step 2 tail Location}}",
                Some("x={{step 1 /id}} y={{step 2 tail Location}}"),
            ),
            ("/a/{x}", "/a/7", Some("x=7")),
            (
                "/a/{x}:post",
                "/a/{{step 1 /data/id}}:post",
                Some("x={{step 1 /data/id}}"),
            ),
            (
                "/a/{x}.{y}",
                "/a/{{step 1 /a.b}}.pdf",
                Some("x={{step 1 /a.b}} y=pdf"),
            ),
            ("/a/{x}", "/b/7", None),
            ("/a/{x}", "/a/7/8", None),
            ("/a", "/a", Some("")),
        ] {
            let found = path_values(&PathTemplate::parse(template), path);
            let found = found.map(|values| {
                let pairs = values.iter().map(|(name, value)| format!("{name}={value}"));
                pairs.collect::<Vec<_>>().join(" ")
            });
            assert_eq!(found.as_deref(), expected, "{template} {path}");
        }
    }
}
