//! What means nothing: values that everybody may see, and what differs from answer to answer by
//! itself. Learned from histories in which nobody attacks.

use std::collections::{BTreeMap, BTreeSet};

use domain::api::history::{Answer, History};
use domain::canary::Sighting;

use super::audit_trail::{event, is_audited};
use super::judge::{ApiJudge, Call, calls};
use super::leaves::{leaves, plain};
use super::rows;

/// Headers that differ from answer to answer in every service, or are the transport's.
const VOLATILE_HEADERS: &[&str] = &[
    "age",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "etag",
    "expires",
    "keep-alive",
    "last-modified",
    "report-to",
    "server-timing",
    "set-cookie",
    "traceparent",
    "transfer-encoding",
    "x-correlation-id",
    "x-request-id",
    "x-response-time",
    "x-runtime",
    "x-trace-id",
];

/// Fields that name one request or one moment in every service.
const VOLATILE_FIELDS: &[&str] = &[
    "correlationid",
    "instance",
    "requestid",
    "spanid",
    "timestamp",
    "traceid",
];

/// What means nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Noise {
    /// Values in answers that everybody may see, in small letters.
    public: BTreeSet<String>,
    /// Shapes of fields, by operation, that differ between two answers to the same request.
    fields: BTreeSet<(String, String)>,
    /// Headers that do, by operation.
    headers: BTreeSet<(String, String)>,
    /// Tables that change when something is only read, in small letters: logs, counters, sessions.
    tables: BTreeSet<String>,
    /// Tables that change when somebody only asks at the console, in small letters: how it keeps its log.
    logging: BTreeSet<String>,
    /// What audit rows say of operations that were carried out.
    events: BTreeMap<String, BTreeSet<String>>,
}

impl Noise {
    /// Takes what one history shows.
    pub(crate) fn learn(&mut self, judge: &ApiJudge<'_>, history: &History) {
        let console = judge.service.promises.console.as_ref();
        for call in calls(history).filter(|call| call.attack().is_none() && call.is_answered()) {
            if console.is_some_and(|console| judge.is(call.operation, &console.operation)) {
                let moved = rows::after(history, call.step).filter_map(rows::moved);
                self.logging
                    .extend(moved.map(|moved| moved.table.to_lowercase()));
            }
        }
        let mut earlier: BTreeMap<(String, String, String), &Answer> = BTreeMap::new();
        for call in calls(history).filter(Call::succeeded) {
            if judge.is_public(call.operation)
                && let Some(body) = call.answer.json()
            {
                let values = leaves(&body);
                let values = values.iter().map(|leaf| plain(leaf.value).to_lowercase());
                self.public.extend(values);
            }
            if let (Some(promise), Some(tenant)) =
                (&judge.service.promises.audit, call.caller.tenant)
                && is_audited(judge, promise, &call)
            {
                let rows = judge.added(history, call.step, tenant, &promise.table);
                let events = rows.into_iter().map(|row| event(judge, promise, row));
                let known = self.events.entry(call.operation.to_owned()).or_default();
                known.extend(events);
            }
            if call.is_safe() {
                let moved = rows::after(history, call.step).filter_map(rows::moved);
                self.tables
                    .extend(moved.map(|moved| moved.table.to_lowercase()));
            } else {
                // Whatever is read from now on may differ for a reason.
                earlier.clear();
                continue;
            }
            let key = (
                format!("{:?}", call.caller),
                call.operation.to_owned(),
                call.sent.target.clone(),
            );
            if let Some(before) = earlier.insert(key, call.answer) {
                self.compare(call.operation, before, call.answer);
            }
        }
    }

    fn compare(&mut self, operation: &str, one: &Answer, other: &Answer) {
        for (name, value) in &one.headers {
            if other.header(name) != Some(value) {
                self.headers.insert((operation.into(), name.clone()));
            }
        }
        let (Some(one), Some(other)) = (one.json(), other.json()) else {
            return;
        };
        let (one, other) = (leaves(&one), leaves(&other));
        for (left, right) in one.iter().zip(&other) {
            if left.pointer != right.pointer {
                break;
            }
            if left.value != right.value {
                self.fields.insert((operation.into(), left.shape.clone()));
            }
        }
    }

    /// Whether a header's value means nothing.
    pub(crate) fn is_volatile_header(&self, operation: &str, name: &str) -> bool {
        VOLATILE_HEADERS.contains(&name)
            || name.starts_with("x-ratelimit")
            || name.starts_with("ratelimit")
            || self.headers.contains(&(operation.into(), name.into()))
    }

    /// Whether a field's value means nothing.
    pub(crate) fn is_volatile_field(&self, operation: &str, shape: &str) -> bool {
        let field = shape.rsplit('/').find(|part| *part != "*");
        let field: String = field
            .unwrap_or_default()
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect::<String>()
            .to_lowercase();
        VOLATILE_FIELDS.contains(&field.as_str())
            || self.fields.contains(&(operation.into(), shape.into()))
    }

    /// Whether a table changes when something is only read.
    pub(crate) fn is_incidental(&self, table: &str) -> bool {
        self.tables.contains(&table.to_lowercase())
    }

    /// Whether a table changes when somebody only asks at the console.
    pub(crate) fn is_of_logging(&self, table: &str) -> bool {
        self.logging.contains(&table.to_lowercase())
    }

    /// What audit rows say of an operation that was carried out, where that was seen.
    pub(crate) fn events_of(&self, operation: &str) -> Option<&BTreeSet<String>> {
        let events = self.events.get(operation);
        events.filter(|events| !events.is_empty())
    }

    /// Whether everybody may see a value.
    pub(crate) fn is_public(&self, sighting: &Sighting) -> bool {
        self.public.contains(&sighting.value.to_lowercase())
    }
}

impl ApiJudge<'_> {
    /// Whether everybody may see what an operation answers.
    pub(crate) fn is_public(&self, operation: &str) -> bool {
        self.is_among(operation, &self.service.public)
    }
}

#[cfg(test)]
mod tests {
    use crate::api::sample::{self, Sample};

    #[test]
    fn what_differs_without_a_reason_means_nothing() {
        let mut sample = Sample::new();
        sample.service().public = vec!["GET /items".into()];
        let mut judge = sample.judge();
        let mut history = sample::history();
        for (target, body) in [
            ("/items/7", r#"{"name":"a","asked":1}"#),
            ("/items/7", r#"{"name":"a","asked":2}"#),
            ("/items", r#"["for Everybody"]"#),
        ] {
            sample::take(&mut history, sample::get(0, "clerk", target), 200, body);
        }
        // A change between two reads is a reason.
        for body in [r#"{"name":"a","asked":3}"#, r#"{"name":"b","asked":3}"#] {
            sample::take(
                &mut history,
                sample::post(0, "clerk", "/items", "{}"),
                201,
                "",
            );
            sample::take(&mut history, sample::get(0, "clerk", "/items/7"), 200, body);
        }
        judge.learn(&[history]);
        let operation = "GET /items/{id}";
        assert!(judge.noise.is_volatile_field(operation, "/asked"));
        assert!(!judge.noise.is_volatile_field(operation, "/name"));
        assert!(
            judge
                .noise
                .is_volatile_field(operation, "/errors/*/traceId")
        );
        assert!(judge.noise.is_volatile_header(operation, "date"));
        assert!(!judge.noise.is_volatile_header(operation, "location"));
        assert!(judge.noise.public.contains("for everybody"));
    }
}
