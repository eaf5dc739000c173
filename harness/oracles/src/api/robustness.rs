//! Robustness: no request makes the service fail, hang or drop the connection, and no answer tells of the
//! service's inside.

use aho_corasick::AhoCorasick;
use domain::api::case::Manner;
use domain::api::history::{Answer, History};
use domain::finding::{Finding, Severity};
use domain::history::Loss;

use super::echo::Echo;
use super::judge::{ApiJudge, Call, NOBODY, action, calls, controls, of_anybody, short};
use crate::judge::Judge;

/// What only the inside of a service says, in any answer.
const INSIDE: &[&str] = &[
    "panicked at",
    "stack backtrace",
    "traceback (most recent call last)",
    "unhandled exception",
    "nullreferenceexception",
    "nullpointerexception",
    "segmentation fault",
    "goroutine 1 [",
    "\\src\\",
    ".rs:",
    ".cs:line",
    ".java:",
    "   at system.",
    "   at microsoft.",
    "node_modules/",
];

/// What a server's database says, in a refusal.
const OF_THE_DATABASE: &[&str] = &[
    "incorrect syntax near",
    "invalid object name",
    "invalid column name",
    "violation of primary key",
    "violation of unique key",
    "cannot insert duplicate key",
    "conflicted with the foreign key",
    "conflicted with the check",
    "conversion failed when converting",
    "string or binary data would be truncated",
    "arithmetic overflow error converting",
    "permission was denied on the object",
    "cannot open database",
    "login failed for user",
    "was deadlocked on",
    "tiberius",
    "sqlstate",
    "sqlexception",
    "insert into dbo",
    "insert into [",
    " set @",
];

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for call in calls(history) {
        findings.extend(broken(judge, history, &call));
        findings.extend(told(judge, history, &call));
    }
    findings
}

/// Answered with 5xx, or not at all.
fn broken(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Option<Finding> {
    let answer = call.answer;
    let (what, how) = match (answer.lost, answer.status) {
        _ if call.tried.manner == Manner::Abandoned => return None,
        (Some(Loss::TimedOut), _) => ("no answer in time", "got no answer in time".to_owned()),
        (Some(Loss::ConnectionLost), _) => (
            "connection dropped",
            "had its connection dropped".to_owned(),
        ),
        // Nobody is there, which is the target's state and no answer to the request.
        (Some(Loss::NotConnected), _) => return None,
        (None, status @ 500..=599) => ("5xx", format!("was answered {status}")),
        _ => return None,
    };
    let fingerprint = of_anybody(
        "api_robustness",
        NOBODY,
        action(call.operation, call.sent),
        what.into(),
    );
    let said = super::answers::told(answer);
    let sentence = format!(
        "{} by {} {how} ({said}); no input may break the service",
        action(call.operation, call.sent),
        judge.who(call.caller),
    );
    let mut finding = judge.finding(history, call.step, fingerprint, Severity::Medium, sentence);
    finding.controls = controls(&["B06"]);
    Some(finding)
}

/// Tells of the inside: the service's, its database's.
fn told(judge: &ApiJudge<'_>, history: &History, call: &Call<'_>) -> Option<Finding> {
    let console = judge.service.promises.console.as_ref();
    let is_console = console.is_some_and(|console| judge.is(call.operation, &console.operation));
    // Whoever may ask the database in its own words is answered in them.
    let of_refusals = !call.answer.is_success() && !is_console;
    let text = text_of(call.answer);
    let own = Echo::of(call.sent);
    let at = judge.inside.find(&text, of_refusals, &own)?;
    let fingerprint = of_anybody(
        "api_robustness",
        NOBODY,
        action(call.operation, call.sent),
        "tells of the inside".into(),
    );
    let quoted: String = text[at..].chars().take(80).collect();
    let sentence = format!(
        "{} told {} \"{}\" with status {}; no answer may tell of the service's inside",
        action(call.operation, call.sent),
        judge.who(call.caller),
        short(&quoted),
        call.answer.status,
    );
    let mut finding = judge.finding(history, call.step, fingerprint, Severity::Medium, sentence);
    finding.controls = controls(&["B05"]);
    Some(finding)
}

/// Words of the inside, found in one pass.
#[derive(Debug)]
pub(crate) struct Inside {
    automaton: AhoCorasick,
    words: Vec<String>,
}

impl Inside {
    /// The words of every service, and the names of this system's tables, databases and logins.
    pub(crate) fn new(plane: &Judge<'_>) -> Self {
        let owned = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        let mut words = owned(INSIDE);
        words.extend(owned(OF_THE_DATABASE));
        words.extend(names(plane));
        let automaton = AhoCorasick::new(&words).expect("words are short and few");
        Self { automaton, words }
    }

    /// Where a text in small letters tells of the inside in words that were not sent.
    fn find(&self, text: &str, of_refusals: bool, own: &Echo) -> Option<usize> {
        self.automaton
            .find_overlapping_iter(text)
            .find(|found| {
                let index = found.pattern().as_usize();
                (of_refusals || index < INSIDE.len()) && !own.holds(&self.words[index])
            })
            .map(|found| found.start())
    }
}

/// Headers and body, in small letters.
fn text_of(answer: &Answer) -> String {
    let mut text = String::new();
    for (_, value) in &answer.headers {
        text.push_str(&value.to_lowercase());
        text.push('\n');
    }
    text.push_str(&String::from_utf8_lossy(&answer.body).to_lowercase());
    text
}

/// Names of tables with their schema, of databases and of logins.
fn names(plane: &Judge<'_>) -> Vec<String> {
    let surface = plane.surface;
    let world = plane.world;
    let tables = surface
        .databases
        .iter()
        .flat_map(|database| database.tables.keys().chain(database.modules.keys()))
        .map(|name| name.to_lowercase());
    let system = plane.system;
    let marked =
        |name: &String| name.starts_with(&system.marker) && name.len() > system.marker.len();
    let databases = world
        .databases()
        .into_iter()
        .map(|(name, _)| name.to_lowercase())
        .filter(marked)
        .collect::<Vec<_>>();
    let logins = system.principals.values().flat_map(|principal| {
        system
            .tenants
            .iter()
            .map(|tenant| system.expand(&principal.login, Some(tenant)).to_lowercase())
    });
    tables.chain(databases).chain(logins).collect()
}

#[cfg(test)]
mod tests {
    use domain::history::Loss;

    use crate::api::sample::{self, Sample};

    #[test]
    fn nothing_breaks_the_service_and_nothing_makes_it_talk() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (target, status, body, expected) in [
            (
                "/items/7",
                500,
                r#"{"title":"Internal error"}"#,
                &["B06"][..],
            ),
            (
                "/items/7",
                500,
                "Invalid object name 'dbo.Items'",
                &["B06", "B05"],
            ),
            (
                "/items/7",
                409,
                r#"{"detail":"Violation of UNIQUE KEY constraint"}"#,
                &["B05"],
            ),
            ("/items/7", 400, r#"{"detail":"dbo.Invoices"}"#, &["B05"]),
            ("/items/7", 400, r#"{"detail":"wt_beta"}"#, &["B05"]),
            (
                "/items/7",
                200,
                "thread 'main' panicked at src/x.rs",
                &["B05"],
            ),
            // Near misses.
            ("/items/7", 404, r#"{"title":"Not found"}"#, &[]),
            ("/items/7", 200, r#"{"query":"DELETE FROM x"}"#, &[]),
            (
                "/items/dbo.Invoices",
                404,
                r#"{"detail":"no item dbo.Invoices"}"#,
                &[],
            ),
        ] {
            let mut history = sample::history();
            sample::take(&mut history, sample::get(0, "clerk", target), status, body);
            let ids: Vec<String> = super::judge(&judge, &history)
                .into_iter()
                .flat_map(|finding| finding.controls)
                .map(|id| id.0)
                .collect();
            assert_eq!(ids, expected, "{status} {body}");
        }
    }

    #[test]
    fn a_request_without_an_answer_is_a_hang_and_an_abandoned_one_is_not() {
        let sample = Sample::new();
        let judge = sample.judge();
        for (loss, found) in [
            (Loss::TimedOut, true),
            (Loss::ConnectionLost, true),
            (Loss::NotConnected, false),
        ] {
            let mut history = sample::history();
            sample::take(&mut history, sample::get(0, "clerk", "/items/7"), 0, "");
            sample::answer_mut(&mut history, 0).lost = Some(loss);
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{loss:?}");
            history.case.steps[0].manner = domain::api::case::Manner::Abandoned;
            assert_eq!(super::judge(&judge, &history), []);
        }
    }
}
