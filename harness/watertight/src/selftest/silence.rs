//! Where nothing is wrong, nothing may be found: clean systems, and legitimate variants that come as
//! near to a fault as they may.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use campaign::clock::Clock as _;
use campaign::plan::{Extent, First, Shrinking};
use domain::event::Event;
use domain::selftest::{FalseAlarm, Silence};

use super::catalogue::{Entry, Layer};
use super::ground::{Ground, Planting, Turn};
use super::hunt::millis;
use crate::environment::MachineClock;
use crate::exit_code::Failure;

/// Random cases after the planned ones.
const RANDOM_CASES: u64 = 20;

/// Lets a whole campaign run on one plane of a system with these near misses, or with none.
pub(crate) async fn listen(
    ground: &mut Ground,
    near_misses: &[&Entry],
    (design, layer, seed): (&str, Layer, u64),
    clock: &MachineClock,
    interrupted: &AtomicBool,
) -> Result<Silence, Failure> {
    let planting = Planting {
        near_misses: near_misses
            .iter()
            .map(|entry| entry.near_miss())
            .collect::<Result<_, _>>()?,
        ..Planting::default()
    };
    let started = clock.now();
    let stop = AtomicBool::new(false);
    let turn = Turn {
        layer,
        extent: Extent::Cases(RANDOM_CASES),
        first: First::default(),
        is_known: false,
        shrinking: Shrinking {
            causes_max: 0,
            ..Shrinking::default()
        },
        stop: &stop,
        clock,
    };
    let mut see = |_: Event| {
        if interrupted.load(Ordering::Relaxed) {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let summary = ground.attack(&planting, turn, &mut see).await?;
    Ok(Silence {
        design: design.to_owned(),
        layer: layer.name().to_owned(),
        seed,
        planted: near_misses.iter().map(|entry| entry.id.clone()).collect(),
        is_complete: summary.complete,
        cases: summary.cases,
        judged: summary.judged + summary.requests,
        ms: millis(clock.now().saturating_sub(started)),
        false_alarms: summary.findings.iter().map(FalseAlarm::from).collect(),
    })
}

/// Near misses in groups whose scripts change different objects, so that no one undoes what another has
/// done.
pub(crate) fn groups<'a>(entries: &[&'a Entry]) -> Result<Vec<Vec<&'a Entry>>, Failure> {
    let mut groups: Vec<(BTreeSet<String>, Vec<&Entry>)> = Vec::new();
    for entry in entries {
        let mut objects = BTreeSet::new();
        for script in entry.near_miss()?.scripts {
            objects.extend(objects_of(&script.script.text));
        }
        let free = groups
            .iter_mut()
            .find(|(taken, _)| taken.is_disjoint(&objects));
        match free {
            Some((taken, group)) => {
                taken.extend(objects);
                group.push(entry);
            }
            None => groups.push((objects, vec![entry])),
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// Everything in a script that has a name of two parts, and every trigger's, user's or role's name: more
/// than it changes, never less.
fn objects_of(text: &str) -> BTreeSet<String> {
    let words: Vec<String> = text
        .split(|letter: char| !(letter.is_alphanumeric() || "_.@#".contains(letter)))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let named = |kind: &str| ["trigger", "user", "role", "schema", "member"].contains(&kind);
    let pairs = words.iter().zip(words.iter().skip(1));
    let after_kind = pairs
        .filter(|(kind, _)| named(kind))
        .map(|(_, name)| name.clone());
    let dotted = words
        .iter()
        .filter(|word| word.contains('.') && !word.starts_with("sys.") && !word.contains('@'))
        .map(|word| word.trim_matches('.').to_owned());
    dotted.chain(after_kind).collect()
}

#[cfg(test)]
mod tests {
    use super::{Layer, groups, objects_of};
    use crate::selftest::catalogue::entries;

    #[test]
    fn what_a_script_may_change_is_seen_by_name() {
        let script = "CREATE OR ALTER PROCEDURE org.Get @A INT AS SELECT a.X FROM dbo.T AS a;\n\
                      DISABLE TRIGGER Guard ON dbo.T; EXEC sys.sp_who;";
        let objects = objects_of(script);
        for own in ["org.get", "dbo.t", "guard"] {
            assert!(objects.contains(own), "{own}: {objects:?}");
        }
        assert!(!objects.contains("sys.sp_who"));
    }

    #[test]
    fn each_near_miss_is_in_one_group_and_there_are_few() {
        let entries = entries();
        for design in ["database-per-tenant", "shared-database"] {
            let own: Vec<_> = entries
                .iter()
                .filter(|one| one.layer() == Layer::Sql && one.designs[0] == design)
                .collect();
            let groups = groups(&own).expect("every near miss has its script");
            let grouped: usize = groups.iter().map(Vec::len).sum();
            assert_eq!(grouped, own.len());
            assert!(groups.len() < own.len() / 2, "{} groups", groups.len());
        }
    }
}
