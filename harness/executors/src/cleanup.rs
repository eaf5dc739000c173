//! Removes what runs with this marker made, and nothing else.

use crate::error::ExecutorError;
use crate::ledger::{self, Kind};
use crate::quote;
use crate::target::Target;

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Removed {
    /// Databases, the ledger's own included.
    pub databases: usize,
    /// Logins.
    pub logins: usize,
}

/// Drops everything that the ledger of `marker` names, then the ledger.
pub async fn cleanup(target: &Target, marker: &str) -> Result<Removed, ExecutorError> {
    let mut administrator = ledger::administrator(target, "master").await?;
    let databases = ledger::databases(&mut administrator).await?;
    let Some(entries) = ledger::read(&mut administrator, marker, &databases).await? else {
        return Ok(Removed::default());
    };
    ledger::drop_recorded(&mut administrator, marker, &entries).await?;
    let name = quote::name(&ledger::database(marker));
    let doing = "drop the run's ledger";
    ledger::tell(&mut administrator, doing, &format!("DROP DATABASE {name}")).await?;
    let count = |kind| entries.iter().filter(|(own, _)| *own == kind).count();
    Ok(Removed {
        databases: count(Kind::Database) + 1,
        logins: count(Kind::Login),
    })
}
