//! Why is it a contradiction? What is promised, who did what, what was seen: one line each.

use domain::case::Actor;
use domain::control::control;
use domain::finding::{Confidence, Finding};
use domain::history::{Change, Changed};
use domain::world::World;

/// Characters of a batch, or of a value, that a line holds.
const TOLD_MAX: usize = 160;
/// Things seen that are told; the finding has all of them.
const SEEN_MAX: usize = 2;

/// Two to four lines. They follow from the finding alone, so who replaces its batch, sightings or
/// changes by those of a shorter case asks again.
pub fn contradiction(finding: &Finding, world: &World) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some((id, control)) = finding
        .controls
        .first()
        .and_then(|id| Some((id, control(&id.0)?)))
    {
        lines.push(format!("declared: {} ({id})", control.promise));
    }
    lines.push(format!(
        "did: {}: {}",
        who(&finding.actor, world),
        told(&finding.batch)
    ));
    let mut seen = seen(finding, world);
    if seen.is_empty() {
        seen.push(match finding.confidence {
            Confidence::Unstable { .. } => "it was carried out, once".into(),
            _ => "it was carried out".into(),
        });
    }
    lines.extend(
        seen.into_iter()
            .take(SEEN_MAX)
            .map(|what| format!("seen: {what}")),
    );
    lines
}

fn who(actor: &Actor, world: &World) -> String {
    let name = |tenant| world.tenant(tenant).name.as_str();
    match actor {
        Actor::Principal { tenant, principal }
        | Actor::Scoped {
            tenant, principal, ..
        } => {
            format!("{principal} of {}", name(*tenant))
        }
        Actor::Caller(caller) => match caller.tenant {
            Some(tenant) => format!("{} of {}", caller.actor, name(tenant)),
            None => "somebody without credentials".into(),
        },
        Actor::Administrator { database } | Actor::Keeper { database, .. } => {
            format!("a look at {database}")
        }
    }
}

fn seen(finding: &Finding, world: &World) -> Vec<String> {
    let sightings = finding.sightings.iter().map(|sighting| {
        format!(
            "{}'s {} in {}",
            world.tenant(sighting.tenant).name,
            told(&sighting.value),
            sighting.place
        )
    });
    sightings
        .chain(finding.changes.iter().map(changed))
        .collect()
}

fn changed(change: &Change) -> String {
    let database = &change.database;
    match &change.what {
        Changed::Rows {
            table,
            added,
            removed,
        } => {
            let what = match (removed.len(), added.len()) {
                (0, added) => format!("gained {}", rows(added)),
                (removed, 0) => format!("lost {}", rows(removed)),
                (removed, added) if removed == added => format!("has {} changed", rows(added)),
                (removed, added) => format!("lost {} and gained {}", rows(removed), rows(added)),
            };
            format!("{database}.{table} {what}")
        }
        Changed::Catalog { added, removed } => match (added.first(), removed.first()) {
            (Some(fact), _) => format!("{database} now has {}", told(fact)),
            (None, Some(fact)) => format!("{database} no longer has {}", told(fact)),
            (None, None) => format!("the catalog of {database} changed"),
        },
        Changed::Unreadable { table, error } => {
            format!(
                "{database}.{table} cannot be read any more: {}",
                told(error)
            )
        }
    }
}

fn rows(count: usize) -> String {
    match count {
        1 => "1 row".into(),
        count => format!("{count} rows"),
    }
}

/// One line of at most [`TOLD_MAX`] characters.
fn told(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = line.chars();
    let kept: String = letters.by_ref().take(TOLD_MAX).collect();
    match letters.next() {
        Some(_) => format!("{kept}…"),
        None => kept,
    }
}
