//! What do all trials come to?

use domain::selftest::{Detection, Ending, PlantedFault, Selftest, Silence, Spread, Sum, Trial};

use statistics::{Level, Sample};

use super::catalogue::Layer;
use crate::exit_code::Exit;

/// Sums of all faults and of each layer.
pub(crate) fn sums(faults: &[PlantedFault]) -> Vec<Sum> {
    let all = sum("all", faults.iter());
    let layers = Layer::ALL.map(|layer| {
        let own = faults.iter().filter(|fault| fault.layer == layer.name());
        sum(layer.name(), own)
    });
    std::iter::once(all)
        .chain(layers)
        .filter(|sum| sum.planted > 0)
        .collect()
}

fn sum<'a>(of: &str, faults: impl Iterator<Item = &'a PlantedFault> + Clone) -> Sum {
    let ended = |wanted: Ending| {
        let own = faults.clone().filter(|one| one.ending() == Some(wanted));
        own.count() as u64
    };
    let trials = || faults.clone().flat_map(|fault| &fault.trials);
    let caught = trials().filter(|trial| trial.ending == Ending::Caught);
    let found: Vec<(&Trial, &Detection)> = caught
        .filter_map(|trial| Some((trial, trial.detection.as_ref()?)))
        .collect();
    let detections = || found.iter().map(|(_, detection)| *detection);
    let shrunk = found.iter().filter(|(_, one)| one.steps_after.is_some());
    let shrinking =
        |(trial, one): &(&Trial, &Detection)| (trial.prepared_ms + trial.ms).saturating_sub(one.ms);
    let replays: Vec<bool> = detections()
        .filter_map(|one| Some(one.replayed.as_ref()?.is_right()))
        .collect();
    let counts = [
        Ending::Caught,
        Ending::CaughtByAnother,
        Ending::Missed,
        Ending::Unfinished,
    ]
    .map(ended);
    let [caught, caught_by_another, missed, unfinished] = counts;
    let finished = caught + caught_by_another + missed;
    Sum {
        of: of.to_owned(),
        planted: counts.iter().sum(),
        caught,
        caught_by_another,
        missed,
        unfinished,
        lower_bound: Sample::new(caught, finished)
            .filter(|_| finished > 0)
            .map(|sample| sample.lower(Level::P95)),
        detection_ms: Spread::of(detections().map(|one| one.ms)),
        steps: Spread::of(detections().filter_map(|one| one.steps_after.map(|steps| steps as u64))),
        shrinking_ms: Spread::of(shrunk.map(shrinking)),
        replayed: replays.len() as u64,
        replayed_rightly: replays.iter().filter(|right| **right).count() as u64,
    }
}

/// Puts everything into its order and adds it up.
pub(crate) fn finish(selftest: &mut Selftest) {
    for fault in &mut selftest.faults {
        let by_place = |trial: &Trial| (trial.design.clone(), trial.seed);
        fault.trials.sort_by_key(by_place);
    }
    for silences in [&mut selftest.near_misses, &mut selftest.clean] {
        silences.sort_by_key(place);
    }
    selftest.sums = sums(&selftest.faults);
}

fn place(silence: &Silence) -> (String, String, u64, Vec<String>) {
    (
        silence.design.clone(),
        silence.layer.clone(),
        silence.seed,
        silence.planted.clone(),
    )
}

/// Two selftests of one catalogue as one; what was done in both counts as it was done later.
pub(crate) fn joined(earlier: Selftest, later: Selftest) -> anyhow::Result<Selftest> {
    let mut whole = earlier;
    for fault in later.faults {
        let Some(known) = whole.faults.iter_mut().find(|own| own.id == fault.id) else {
            whole.faults.push(fault);
            continue;
        };
        anyhow::ensure!(
            known.controls == fault.controls && known.sentence == fault.sentence,
            "{} is not the same fault in both files; run the selftest again",
            fault.id
        );
        for trial in fault.trials {
            known
                .trials
                .retain(|own| (&own.design, own.seed) != (&trial.design, trial.seed));
            known.trials.push(trial);
        }
    }
    for (silences, more) in [
        (&mut whole.near_misses, later.near_misses),
        (&mut whole.clean, later.clean),
    ] {
        for silence in more {
            silences.retain(|own| place(own) != place(&silence));
            silences.push(silence);
        }
    }
    whole.seeds.extend(later.seeds);
    whole.seeds.sort_unstable();
    whole.seeds.dedup();
    whole.is_complete &= later.is_complete;
    whole.budget_per_fault_ms = whole.budget_per_fault_ms.max(later.budget_per_fault_ms);
    whole.catalogue = later.catalogue;
    whole.tool = later.tool;
    finish(&mut whole);
    Ok(whole)
}

/// What the shell learns.
pub(crate) fn exit(selftest: &Selftest) -> Exit {
    let is_wrong =
        |ending: Option<Ending>| matches!(ending, Some(Ending::Missed | Ending::CaughtByAnother));
    let tells_wrong = |sum: &Sum| sum.replayed_rightly < sum.replayed;
    if selftest.faults.iter().any(|fault| is_wrong(fault.ending()))
        || selftest.sums.iter().any(tells_wrong)
        || selftest.false_alarms().next().is_some()
    {
        Exit::Violated
    } else if !selftest.is_complete {
        Exit::Inconclusive
    } else {
        Exit::Held
    }
}
