//! What an answer means: a refusal, something carried out, a failure for another reason, or nothing
//! that anybody could know.

use domain::api::history::{Answer, Record};

use super::leaves;

/// The meaning of an answer to an attack. Whether a refusal of the request itself (400, 422) was one of
/// the attack, only the rightful tells, who sent the same: see [`super::attempts`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It was carried out, as far as the status tells.
    CarriedOut,
    /// It was refused.
    Refused,
    /// It failed for a reason that tells nothing of what is allowed.
    Failed(String),
    /// Nobody knows.
    Unknown,
}

/// What an answer means.
pub(crate) fn meaning(answer: &Answer) -> Meaning {
    if answer.lost.is_some() || answer.dead_session {
        return Meaning::Unknown;
    }
    match answer.status {
        200..=299 => Meaning::CarriedOut,
        // Too many requests, too early, took too long: the same may be allowed a moment later. No such
        // media type to accept: the rightful did not ask for it either.
        408 | 425 | 429 => Meaning::Failed(told(answer)),
        400..=499 => Meaning::Refused,
        501 => Meaning::Failed(told(answer)),
        500..=599 => Meaning::Unknown,
        300..=399 => Meaning::Failed(told(answer)),
        _ => Meaning::Unknown,
    }
}

/// Whether a step succeeded, or why not.
pub(crate) fn success(record: &Record) -> Result<(), String> {
    match record {
        Record::Call { sent, answer } => {
            let what = || {
                let path = sent.target.split('?').next().unwrap_or_default();
                format!("{} {path}", sent.method)
            };
            if answer.lost.is_some() {
                Err(format!("{} was not answered", what()))
            } else if answer.dead_session {
                Err(format!("{} found no living session", what()))
            } else if answer.is_success() {
                Ok(())
            } else {
                Err(format!("{} answered {}", what(), told(answer)))
            }
        }
        Record::Batch { response, .. } => match (&response.lost, response.first_error()) {
            (Some(_), _) => Err("the connection to the server was lost".into()),
            (None, Some(error)) => Err(format!("error {}: {}", error.number, error.text)),
            (None, None) => Ok(()),
        },
        Record::Unresolved { reason } => Err(reason.clone()),
    }
}

/// Status and first words of an answer: `422: The invoice has no lines`. What a success holds may be a
/// token, and is not quoted.
pub(crate) fn told(answer: &Answer) -> String {
    const TOLD_MAX: usize = 120;
    if answer.is_success() {
        return answer.status.to_string();
    }
    let text = match answer.json() {
        Some(body) => {
            let all = leaves::leaves(&body);
            let of = |wanted: &str| {
                let leaf = all.iter().find(|leaf| leaf.field == wanted);
                leaf.and_then(|leaf| leaf.value.as_str())
            };
            let said = ["detail", "message", "error_description", "title", "error"]
                .into_iter()
                .find_map(of)
                .or_else(|| all.iter().find_map(|leaf| leaf.value.as_str()));
            said.unwrap_or_default().to_owned()
        }
        None => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(TOLD_MAX).collect();
    if text.is_empty() {
        answer.status.to_string()
    } else {
        format!("{}: {text}", answer.status)
    }
}

#[cfg(test)]
mod tests {
    use domain::api::history::Answer;
    use domain::history::Loss;

    use super::{Meaning, meaning, told};

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status,
            body: body.into(),
            ..Answer::default()
        }
    }

    #[test]
    fn refused_is_not_failed_and_lost_is_neither() {
        let failed = |text: &str| Meaning::Failed(text.into());
        for (given, expected) in [
            (answer(200, ""), Meaning::CarriedOut),
            (answer(204, ""), Meaning::CarriedOut),
            (answer(302, ""), failed("302")),
            (answer(400, ""), Meaning::Refused),
            (answer(401, ""), Meaning::Refused),
            (answer(404, ""), Meaning::Refused),
            (answer(429, "slow down"), failed("429: slow down")),
            (answer(500, ""), Meaning::Unknown),
            (answer(501, ""), failed("501")),
            (answer(0, ""), Meaning::Unknown),
            (
                Answer {
                    dead_session: true,
                    ..answer(401, "")
                },
                Meaning::Unknown,
            ),
            (
                Answer {
                    lost: Some(Loss::TimedOut),
                    ..answer(404, "")
                },
                Meaning::Unknown,
            ),
        ] {
            assert_eq!(meaning(&given), expected, "{given:?}");
        }
    }

    #[test]
    fn answers_are_told_by_what_they_say() {
        for (body, expected) in [
            (r#"{"title":"Bad","detail":"no lines"}"#, "422: no lines"),
            (r#"{"errors":[{"x":"too short"}]}"#, "422: too short"),
            ("not\n json", "422: not json"),
            ("", "422"),
        ] {
            assert_eq!(told(&answer(422, body)), expected, "{body}");
        }
        assert_eq!(told(&answer(201, r#"{"token":"eyJ0"}"#)), "201");
    }
}
