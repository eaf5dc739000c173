//! Scripts that show a finding without us: T-SQL for sqlcmd, a shell script with curl, a Rust test.
//!
//! Each is made of a case and of one play of it, and says what it needs and who runs which part.
//! Everything that comes from the case is hostile text: each language has its own quoting, and a test
//! that reads it back.

mod quoting;
mod rust;
mod shell;
mod tsql;

use domain::cause::AnyHistory;
use domain::finding::Finding;
use domain::surface::Surface;
use domain::system::System;
use domain::world::World;
use scenarios::Scenario;

use self::quoting::plain;

/// A script's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Language {
    /// T-SQL for sqlcmd.
    Sql,
    /// A POSIX shell script with curl.
    Curl,
    /// A Rust test.
    Rust,
}

/// A case, one play of it, and the place where it was played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exhibit<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) system: &'a System,
    pub(crate) world: &'a World,
    pub(crate) surface: &'a Surface,
    pub(crate) history: &'a AnyHistory,
    /// What the play showed, if it did.
    pub(crate) finding: Option<&'a Finding>,
    /// The step that shows it, from 0.
    pub(crate) step: usize,
    /// What every step came to.
    pub(crate) outcomes: &'a [String],
}

/// The script, or why there is none in this language.
pub(crate) fn script(exhibit: &Exhibit<'_>, language: Language) -> anyhow::Result<String> {
    match (language, exhibit.history) {
        (Language::Sql, AnyHistory::Sql(history)) => Ok(tsql::script(exhibit, history)),
        (Language::Curl, AnyHistory::Api(history)) => Ok(shell::script(exhibit, history)),
        (Language::Rust, AnyHistory::Sql(history)) => Ok(rust::of_sql(exhibit, history)),
        (Language::Rust, AnyHistory::Api(history)) => Ok(rust::of_api(exhibit, history)),
        (Language::Sql, AnyHistory::Api(_)) => Err(anyhow::anyhow!(
            "the case sends requests: export it as curl or rust"
        )),
        (Language::Curl, AnyHistory::Sql(_)) => Err(anyhow::anyhow!(
            "the case speaks T-SQL: export it as sql or rust"
        )),
    }
}

impl Exhibit<'_> {
    /// What stands above every script: the story, what is needed, what was seen. Plain lines without
    /// characters that end a comment's line.
    fn heading(&self) -> Vec<String> {
        let scenario = self.scenario;
        let controls: Vec<&str> = scenario.controls.iter().map(|own| own.0.as_str()).collect();
        let mut lines = vec![format!("{}: {}", scenario.id, scenario.title)];
        lines.extend(scenario.story.lines().map(str::to_owned));
        lines.push(format!("Promises: {}", controls.join(" ")));
        lines.push(format!("A sound system: {}", scenario.expectation));
        if let Some(found) = &scenario.found {
            lines.push(format!(
                "Found by Watertight {} in {} with seed {}; who is who here:",
                found.tool, found.system, found.seed
            ));
        }
        if let Some(cast) = &scenario.cast {
            for (role, position) in cast.roles() {
                if let Some(tenant) = self.world.tenants.get(position - 1) {
                    lines.push(format!("  {role} is {}", tenant.name));
                }
            }
        }
        lines.push(String::new());
        lines.push("What came of each step when this was written:".to_owned());
        for (at, outcome) in self.outcomes.iter().enumerate() {
            lines.push(format!("  step {}: {outcome}", at + 1));
        }
        lines.iter().map(|line| plain(line)).collect()
    }
}
