//! Conformance: every answer is one that the contract describes: its status, its media type, its body, and
//! the headers that must come with it.

use contract::{Content, Direction, MediaKind, Operation, Response, Status};
use domain::api::history::History;
use domain::finding::{Finding, Severity};

use super::judge::{ApiJudge, Call, NOBODY, calls, controls, of_anybody};

/// Statuses by which servers and gateways answer before any operation does.
const OF_THE_TRANSPORT: &[u16] = &[408, 413, 414, 421, 429, 431, 502, 504];

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    calls(history)
        .filter(|call| call.answer.lost.is_none() && call.answer.status != 0)
        .filter_map(|call| {
            let operation = judge.operation(call.operation)?;
            let (place, what) = wrong(judge, operation, &call)?;
            let fingerprint = of_anybody("api_conformance", NOBODY, operation.key.clone(), place);
            let sentence = format!("{} {what}", operation.key);
            let mut finding =
                judge.finding(history, call.step, fingerprint, Severity::Low, sentence);
            finding.controls = controls(&["D10"]);
            Some(finding)
        })
        .collect()
}

/// Where an answer is not what the contract says, and how.
fn wrong(judge: &ApiJudge<'_>, operation: &Operation, call: &Call<'_>) -> Option<(String, String)> {
    let answer = call.answer;
    let status = answer.status;
    let Some(response) = described(operation, status) else {
        if OF_THE_TRANSPORT.contains(&status) {
            return None;
        }
        return Some((
            format!("status {status}"),
            format!("answered {status}, which the contract does not describe"),
        ));
    };
    for header in &response.headers {
        let name = header.name.to_lowercase();
        if header.required && name != "content-type" && answer.header(&name).is_none() {
            return Some((
                format!("{status}, header {}", header.name),
                format!(
                    "answered {status} without the header {}, which the contract requires",
                    header.name
                ),
            ));
        }
    }
    let is_bodiless = call.sent.method == "HEAD" || matches!(status, 204 | 304);
    if is_bodiless || answer.body_dropped > 0 {
        return None;
    }
    if response.contents.is_empty() {
        return (!answer.body.is_empty()).then(|| {
            (
                format!("{status}, body"),
                format!("answered {status} with a body, which the contract does not describe"),
            )
        });
    }
    let Some(media_type) = answer.header("content-type") else {
        return (!answer.body.is_empty()).then(|| {
            (
                format!("{status}, media type"),
                format!("answered {status} with a body of no media type"),
            )
        });
    };
    let Some(content) = fitting(&response.contents, media_type) else {
        return Some((
            format!("{status}, media type"),
            format!("answered {status} as {media_type}, which the contract does not describe"),
        ));
    };
    if content.kind != MediaKind::Json || MediaKind::of(media_type) != MediaKind::Json {
        return None;
    }
    let schema = content.schema?;
    let Some(body) = answer.json() else {
        return Some((
            format!("{status}, body"),
            format!("answered {status} with a body that is no JSON"),
        ));
    };
    let violations = judge
        .contract
        .schemas
        .violations(schema, &body, Direction::Response);
    let first = violations.first()?;
    // Positions in lists are values, no places.
    let place: Vec<&str> = first
        .pointer
        .split('/')
        .map(|part| {
            if part.parse::<usize>().is_ok() {
                "*"
            } else {
                part
            }
        })
        .collect();
    Some((
        format!("{status}, body {}", place.join("/")),
        format!(
            "answered {status} with a body that violates its schema: {} {}",
            match first.pointer.as_str() {
                "" => "the document",
                pointer => pointer,
            },
            first.what
        ),
    ))
}

/// What the contract says of a status: its own entry, its hundred's, or the default.
fn described(operation: &Operation, status: u16) -> Option<&Response> {
    let of = |wanted: Status| {
        operation
            .responses
            .iter()
            .find(|response| response.status == wanted)
    };
    let hundred = u8::try_from(status / 100).ok()?;
    of(Status::Exact(status))
        .or_else(|| of(Status::Range(hundred)))
        .or_else(|| of(Status::Default))
}

/// The content of a media type, whatever its parameters.
fn fitting<'c>(contents: &'c [Content], media_type: &str) -> Option<&'c Content> {
    let essence = |text: &str| {
        let essence = text.split(';').next().unwrap_or_default();
        essence.trim().to_ascii_lowercase()
    };
    let given = essence(media_type);
    let is = |content: &&Content| {
        let declared = essence(&content.media_type);
        match declared.split_once('/') {
            Some(("*", "*")) => true,
            Some((kind, "*")) => given.split('/').next() == Some(kind),
            _ => declared == given,
        }
    };
    contents.iter().find(is)
}

#[cfg(test)]
mod tests {
    use crate::api::sample::{self, Sample};

    #[test]
    fn answers_are_as_the_contract_describes_them() {
        let sample = Sample::new();
        let judge = sample.judge();
        let json = "application/json; charset=utf-8";
        for (title, status, media_type, headers, body, place) in [
            (
                "as described",
                200,
                json,
                true,
                r#"{"id":7,"name":"x"}"#,
                "",
            ),
            ("an unknown status", 302, json, true, "{}", "status 302"),
            (
                "a field missing",
                200,
                json,
                true,
                r#"{"id":7}"#,
                "200, body ",
            ),
            (
                "another type",
                200,
                json,
                true,
                r#"{"id":7,"name":["x"]}"#,
                "200, body /name",
            ),
            (
                "no header",
                200,
                json,
                false,
                r#"{"id":7,"name":"x"}"#,
                "200, header ETag",
            ),
            ("a page", 200, "text/html", true, "<p>", "200, media type"),
            ("no JSON", 200, json, true, "{", "200, body"),
            (
                "by the hundred",
                409,
                "application/problem+json",
                true,
                r#"{"title":"no"}"#,
                "",
            ),
        ] {
            let mut history = sample::history();
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7"),
                status,
                body,
            );
            let answer = sample::answer_mut(&mut history, 0);
            answer.headers = vec![("content-type".into(), media_type.into())];
            if headers {
                answer.headers.push(("etag".into(), "\"1\"".into()));
            }
            let findings = super::judge(&judge, &history);
            let found = findings
                .first()
                .map_or("", |finding| finding.fingerprint.place.as_str());
            assert_eq!(found, place, "{title}: {findings:?}");
        }
    }
}
