//! Secrecy: no password, token or agreed secret, and nothing that reads like a connection string, is in
//! any answer, log line or row. Findings never quote the secret.

use domain::api::history::History;
use domain::api::service::{Authentication, Login, Service, Source};
use domain::finding::{Finding, Severity};
use domain::surface::Cell;
use domain::world::World;

use super::echo::Echo;
use super::judge::{ApiJudge, Call, NOBODY, Planted, calls, controls, of_anybody};
use super::leaves::{at, leaves, plain};
use super::{rows, webhooks};

/// Shorter values are words.
const SECRET_MIN: usize = 8;

pub(crate) fn judge(judge: &ApiJudge<'_>, history: &History) -> Vec<Finding> {
    let planted: Vec<Planted> = judge
        .secrets
        .iter()
        .filter(|secret| secret.value.len() >= SECRET_MIN)
        .cloned()
        .collect();
    let agreed = agreed(judge, history);
    let mut findings = Vec::new();
    for call in calls(history) {
        if let Some(what) = in_answer(history, &call, &planted, &agreed) {
            let wrong = format!(
                "{} by {} gave away {what}",
                call.operation,
                judge.who(call.caller)
            );
            let operation = call.operation;
            findings.push(finding(
                judge, history, call.step, operation, "answer", &what, wrong,
            ));
        }
    }
    for line in &history.log {
        let known = planted
            .iter()
            .chain(agreed.iter().map(|(_, secret)| secret));
        if let Some(what) = held(&line.text, known).or_else(|| reads_like(&line.text)) {
            let wrong = format!("the service's log holds {what}");
            findings.push(finding(judge, history, line.step, "", "log", &what, wrong));
        }
    }
    for change in &history.changes {
        let (Some(step), Some(moved)) = (change.step, rows::moved(change)) else {
            continue;
        };
        let mut texts = moved.added.iter().flatten().filter_map(|cell| match cell {
            Cell::Text(text) => Some(text),
            _ => None,
        });
        let found = texts.find_map(|text| {
            let secret = planted.iter().find(|secret| text.contains(&secret.value))?;
            Some(secret.what.clone())
        });
        if let Some(what) = found {
            let wrong = format!("a row of {} holds {what}", moved.table);
            findings.push(finding(judge, history, step, "", moved.table, &what, wrong));
        }
    }
    findings.retain(|finding| history.case.steps.len() > finding.step);
    findings
}

/// Which secret an answer gives away.
fn in_answer(
    history: &History,
    call: &Call<'_>,
    planted: &[Planted],
    agreed: &[(usize, Planted)],
) -> Option<String> {
    let text = String::from_utf8_lossy(&call.answer.body);
    let headers = call.answer.headers.iter().map(|(_, value)| value.as_str());
    let parts: Vec<&str> = headers.chain([text.as_ref()]).collect();
    // Who agrees on a secret once more may be told the same again.
    let agreeing: Vec<&str> = agreed
        .iter()
        .filter_map(|(step, _)| Some(history.case.steps.get(*step)?.operation()))
        .collect();
    let given = agreed
        .iter()
        .filter(|_| !agreeing.contains(&call.operation))
        .map(|(_, secret)| secret);
    let known = planted.iter().chain(given);
    if let Some(secret) = parts.iter().find_map(|part| held(part, known.clone())) {
        return Some(secret);
    }
    // What reads like an address with a password may be the caller's own, such as a receiver's.
    let texts: Vec<String> = match call.answer.json() {
        Some(body) => leaves(&body).iter().map(|leaf| plain(leaf.value)).collect(),
        None => text.lines().map(str::to_owned).collect(),
    };
    let headers = call.answer.headers.iter().map(|(_, value)| value.clone());
    let mut suspicious = texts
        .into_iter()
        .chain(headers)
        .filter_map(|text| Some((reads_like(&text)?, text)))
        .peekable();
    suspicious.peek()?;
    let echo = Echo::until(history, call.step, call.caller.tenant);
    let found = suspicious.find(|(_, text)| !echo.holds(text));
    found.map(|(what, _)| what)
}

/// Which known secret a text holds.
fn held<'s>(text: &str, mut known: impl Iterator<Item = &'s Planted>) -> Option<String> {
    let found = known.find(|secret| text.contains(&secret.value));
    found.map(|secret| secret.what.clone())
}

/// What secret a text reads like.
fn reads_like(text: &str) -> Option<String> {
    let folded = text.to_lowercase();
    if is_connection_string(&folded) {
        return Some("a connection string".into());
    }
    (folded.contains("-----begin") && folded.contains("private key-----"))
        .then(|| "a private key".into())
}

/// Whether a text in small letters holds an address with a password.
fn is_connection_string(text: &str) -> bool {
    let is_given = |key: &str| {
        text.match_indices(key).any(|(at, _)| {
            let rest = text[at + key.len()..].trim_start();
            let value: String = rest
                .chars()
                .take_while(|letter| !matches!(letter, ';' | '"' | '\'' | '\n'))
                .collect();
            !value.is_empty() && !value.chars().all(|letter| letter == '*')
        })
    };
    let addressed = [
        "server=",
        "data source=",
        "user id=",
        "uid=",
        "initial catalog=",
    ]
    .iter()
    .any(|key| text.contains(key));
    let in_a_url = text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', '"', ' ', '?']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| {
            user.split_once(':')
                .is_some_and(|(_, word)| !word.is_empty())
        })
    });
    (addressed && (is_given("password=") || is_given("pwd="))) || in_a_url
}

fn finding(
    judge: &ApiJudge<'_>,
    history: &History,
    step: usize,
    operation: &str,
    place: &str,
    what: &str,
    wrong: String,
) -> Finding {
    let fingerprint = of_anybody(
        "api_secrecy",
        NOBODY,
        operation.to_owned(),
        format!("{what} in {place}"),
    );
    let step = step.min(history.case.steps.len().saturating_sub(1));
    let mut finding = judge.finding(history, step, fingerprint, Severity::High, wrong);
    finding.controls = controls(&["D12"]);
    finding
}

/// Secrets that came about in a history, with the step that told them to whom they belong.
fn agreed(judge: &ApiJudge<'_>, history: &History) -> Vec<(usize, Planted)> {
    let mut found = Vec::new();
    let promises = &judge.service.promises;
    if let Some(promise) = &promises.webhooks {
        let known = webhooks::secrets(judge, promise, history);
        for call in calls(history).filter(|call| judge.is(call.operation, &promise.register)) {
            for (_, value) in &known {
                let answer = String::from_utf8_lossy(&call.answer.body);
                let sent = String::from_utf8_lossy(&call.sent.body);
                if answer.contains(value) || sent.contains(value) {
                    let what = "the secret of a webhook".to_owned();
                    found.push((
                        call.step,
                        Planted {
                            what,
                            value: value.clone(),
                        },
                    ));
                }
            }
        }
    }
    for call in calls(history).filter(Call::succeeded) {
        for (name, actor) in &judge.service.actors {
            let Some(login) = actor.authentication.login() else {
                continue;
            };
            if !is_login(&call, login) {
                continue;
            }
            let body = call.answer.json();
            if let Some(value) = body.and_then(|body| at(&body, &login.token)) {
                let what = format!("a token of {name}");
                found.push((call.step, Planted { what, value }));
                break;
            }
        }
    }
    found.retain(|(_, secret)| secret.value.len() >= SECRET_MIN);
    found
}

fn is_login(call: &Call<'_>, login: &Login) -> bool {
    let path = call.sent.target.split('?').next().unwrap_or_default();
    call.sent.method == login.method && path.ends_with(login.path.as_str())
}

/// What a way of proving oneself is made of, by tenant.
fn sources(authentication: &Authentication) -> Vec<(&String, &Source)> {
    match authentication {
        Authentication::None => Vec::new(),
        Authentication::Bearer(values)
        | Authentication::Basic {
            password: values, ..
        }
        | Authentication::Key { value: values, .. } => values.iter().collect(),
        Authentication::Login(login) => login
            .fields
            .iter()
            .flat_map(|(tenant, fields)| {
                fields
                    .iter()
                    .filter(|(field, _)| is_secret_field(field))
                    .map(move |(_, source)| (tenant, source))
            })
            .collect(),
        Authentication::All(several) => several.iter().flat_map(sources).collect(),
    }
}

/// The secrets that the configuration tells.
pub(crate) fn of_configuration(service: &Service, world: &World) -> Vec<Planted> {
    let mut found = Vec::new();
    for (name, actor) in &service.actors {
        let sources = sources(&actor.authentication);
        for (whose, source) in sources {
            let Source::Text(text) = source else { continue };
            for tenant in &world.tenants {
                if whose == "*" || *whose == tenant.name {
                    found.push(Planted {
                        what: format!("a password of {name}"),
                        value: tenant.fill(text),
                    });
                }
            }
        }
    }
    found
}

fn is_secret_field(field: &str) -> bool {
    let field = field.to_lowercase();
    ["pass", "pwd", "secret", "key", "pin"]
        .iter()
        .any(|part| field.contains(part))
}

#[cfg(test)]
mod tests {
    use domain::api::history::LogLine;
    use domain::api::service::{Authentication, Source};

    use super::is_connection_string;
    use crate::api::sample::{self, Sample};

    #[test]
    fn connection_strings_are_known_by_their_password() {
        for (text, expected) in [
            ("server=db;user id=sa;password=geheim1", true),
            ("data source=db;pwd=x;", true),
            ("postgres://app:secret@db/erp", true),
            ("server=db;user id=sa;password=****", false),
            ("server=db;integrated security=true", false),
            ("the password=x of somebody", false),
            ("https://example.org/a@b:c", false),
        ] {
            assert_eq!(is_connection_string(text), expected, "{text}");
        }
    }

    #[test]
    fn secrets_surface_nowhere() {
        let mut sample = Sample::new();
        let actor = sample.service().actors.get_mut("clerk").expect("declared");
        actor.authentication = Authentication::Bearer(
            [("*".to_owned(), Source::Text("secret-$(MarkText)".into()))].into(),
        );
        let judge = sample.judge();
        let secret = format!("secret-{}", sample.world.tenants[0].mark.text);
        for (title, answer, log, found) in [
            ("in an answer", secret.as_str(), "", true),
            ("in the log", "{}", secret.as_str(), true),
            ("in an address", "server=a;uid=b;password=c", "", true),
            ("nowhere", "{}", "clerk logged in", false),
        ] {
            let mut history = sample::history();
            sample::take(
                &mut history,
                sample::get(0, "clerk", "/items/7"),
                200,
                answer,
            );
            history.log.push(LogLine {
                step: 0,
                text: log.into(),
            });
            let findings = super::judge(&judge, &history);
            assert_eq!(findings.len(), usize::from(found), "{title}");
            let told = format!("{findings:?}");
            assert!(!told.contains(&secret), "{told}");
        }
    }
}
