//! Facts for inspections: each topic's questions, asked of each database as administrator.

use connection::Connection;
use domain::inspection::{Answer, Fact, Topic};

use crate::error::WatchError;
use crate::questions;

/// Rows of one answer that are recorded; an answer that is longer counts as none, because an
/// inspection of a part would pass for an inspection of the whole.
const ROWS_MAX: usize = 100_000;

/// Asks every database about a topic, in the topic's own words. What a database does not answer is
/// recorded as such; only a lost connection is an error.
///
/// `administrator` ends in `master`.
pub async fn facts(
    administrator: &mut Connection,
    topic: Topic,
    databases: &[String],
) -> Result<Vec<Fact>, WatchError> {
    let statements = questions::statements(topic);
    let statements: Vec<String> = statements.iter().map(|&one| one.to_owned()).collect();
    facts_in_words(administrator, topic, &statements, databases).await
}

/// The same in the words of the configuration: each statement answers with one result set.
pub async fn facts_in_words(
    administrator: &mut Connection,
    topic: Topic,
    statements: &[String],
    databases: &[String],
) -> Result<Vec<Fact>, WatchError> {
    let trimmed = statements
        .iter()
        .map(|one| one.trim().trim_end_matches(';'));
    let asked = trimmed.collect::<Vec<&str>>().join(";\n") + ";";
    let mut facts = Vec::with_capacity(databases.len());
    for database in databases {
        let enter = format!("USE [{}]", database.replace(']', "]]"));
        let mut response = told(administrator, topic, &enter).await?;
        let mut asked = asked.clone();
        if response.errors.is_empty() {
            response = told(administrator, topic, &asked).await?;
            let no_column = response
                .first_error()
                .is_some_and(|error| error.number == 207);
            if let (true, Some(plainer)) = (no_column, questions::plainer(topic)) {
                asked = plainer.join(";\n") + ";";
                response = told(administrator, topic, &asked).await?;
            }
        }
        let answer = match response.first_error() {
            Some(error) => Answer::None {
                reason: format!("error {}: {}", error.number, error.text),
            },
            None if response.results.iter().any(|set| set.rows_dropped > 0) => Answer::None {
                reason: format!("more than {ROWS_MAX} rows"),
            },
            None if response.results.len() != statements.len() => Answer::None {
                reason: format!(
                    "{} result sets instead of {}",
                    response.results.len(),
                    statements.len()
                ),
            },
            None => Answer::Sets(response.results),
        };
        facts.push(Fact {
            topic,
            database: database.clone(),
            asked,
            answer,
        });
    }
    told(administrator, topic, "USE master").await?;
    Ok(facts)
}

async fn told(
    administrator: &mut Connection,
    topic: Topic,
    batch: &str,
) -> Result<domain::history::Response, WatchError> {
    let response = administrator.run_with_limit(batch, ROWS_MAX).await;
    match response.lost {
        Some(loss) => Err(WatchError::Lost {
            doing: format!("ask about {}", topic.name()),
            loss,
        }),
        None => Ok(response),
    }
}
