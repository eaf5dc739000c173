//! `watertight selftest --automatic`: what if one safeguard were not there, or one right too many?

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use campaign::clock::Clock as _;
use campaign::plan::{Extent, First};
use domain::control::{CONTROLS, ControlId};
use domain::event::Summary;
use domain::seed::Seed;
use domain::selftest::{Ending as Hunted, Trial};
use domain::system::Script;
use domain::verdict::Verdict;
use executors::PatchTarget;

use crate::environment::MachineClock;
use crate::exit_code::{Exit, Failure};
use crate::planted::Planted;
use crate::progress::Progress;
use crate::selftest::automatic::catalog::{Catalog, automatic};
use crate::selftest::automatic::page::Outcomes;
use crate::selftest::automatic::rights::{Rights, effective};
use crate::selftest::automatic::standing::{
    afterwards, callers, registered, standing, through_service,
};
use crate::selftest::automatic::{Automatic, Change, Ending, Outcome};
use crate::selftest::catalogue::{Layer, Plant};
use crate::selftest::ground::{Ground, Planting};
use crate::selftest::hunt::{Quarry, millis, pursue};

/// What is asked for.
pub(crate) struct Wanted<'a> {
    /// The designs, by name.
    pub(crate) designs: Vec<String>,
    /// Only what has this in its name.
    pub(crate) matching: Option<&'a str>,
    /// The seed.
    pub(crate) seed: u64,
    /// Tenants of each system.
    pub(crate) tenants: u16,
    /// When one is given up.
    pub(crate) budget: Duration,
}

/// Makes them, one by one; the outcomes of each design.
pub(crate) async fn run(
    wanted: &Wanted<'_>,
    progress: &Progress,
    stop: &AtomicBool,
) -> Result<Outcomes, Failure> {
    let clock = MachineClock::start();
    let mut all = Outcomes::new();
    for design in &wanted.designs {
        let mut ground = Ground::provision(design, Seed(wanted.seed), wanted.tenants).await?;
        let mut list = Vec::new();
        for place in ground.places() {
            let (made, catalog) = automatic(&ground, &place).await?;
            let rights = effective(&ground, &place).await?;
            list.push((made, catalog, rights));
        }
        let is_wanted = |one: &Automatic| wanted.matching.is_none_or(|text| one.id.contains(text));
        let mut left: usize = list
            .iter()
            .flat_map(|(made, ..)| made)
            .filter(|one| is_wanted(one))
            .count();
        let mut trap = Trap {
            ground: &mut ground,
            wanted,
            design,
            clock: &clock,
            stop,
            known: None,
        };
        let mut outcomes = Vec::new();
        for (made, catalog, rights) in &list {
            for one in made.iter().filter(|one| is_wanted(one)) {
                if stop.load(Ordering::Relaxed) {
                    outcomes.push(one.ends(Ending::Unfinished, "not tried", 0));
                    continue;
                }
                let outcome = trap.outcome(one, (catalog, rights)).await?;
                left -= 1;
                progress.line(&format!(
                    "{left:>4} left  {} in {design}: {} ({})",
                    outcome.id,
                    outcome.ending.words(),
                    outcome.why
                ));
                outcomes.push(outcome);
            }
        }
        ground.dispose().await?;
        all.insert(design.clone(), outcomes);
    }
    Ok(all)
}

/// What earlier runs wrote, put together; what a later one found out about a fault counts.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Outcomes, Failure> {
    let mut all = Outcomes::new();
    for path in paths {
        let one: Outcomes = std::fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()))
            .and_then(|text| {
                serde_json::from_str(&text).with_context(|| {
                    format!(
                        "{} is not what `watertight selftest --automatic --json` writes",
                        path.display()
                    )
                })
            })
            .map_err(Failure::usage)?;
        for (design, outcomes) in one {
            let own = all.entry(design).or_default();
            for outcome in outcomes {
                match own.iter_mut().find(|known| known.id == outcome.id) {
                    Some(known) if outcome.ending != Ending::Unfinished => *known = outcome,
                    Some(_) => {}
                    None => own.push(outcome),
                }
            }
        }
    }
    Ok(all)
}

/// What the shell learns.
pub(crate) fn exit(all: &Outcomes) -> Exit {
    let is_any = |ending| all.values().flatten().any(|one| one.ending == ending);
    if is_any(Ending::Survives) {
        Exit::Violated
    } else if is_any(Ending::Unfinished) {
        Exit::Inconclusive
    } else {
        Exit::Held
    }
}

/// A ground on which one after the other is made.
struct Trap<'a> {
    ground: &'a mut Ground,
    wanted: &'a Wanted<'a>,
    design: &'a str,
    clock: &'a MachineClock,
    stop: &'a AtomicBool,
    /// Why promises cannot be decided where nothing was changed; asked once, when it is needed.
    known: Option<BTreeSet<String>>,
}

impl Trap<'_> {
    async fn outcome(
        &mut self,
        one: &Automatic,
        (catalog, rights): (&Catalog, &Rights),
    ) -> Result<Outcome, Failure> {
        let began = self.clock.now();
        let planting = Planting {
            faults: vec![one.plant()],
            ..Planting::default()
        };
        let passed = || millis(self.clock.now().saturating_sub(began));
        if let Err(failure) = self.ground.plant(&planting).await {
            let why = format!("{:#}", failure.error);
            // What the server says comes last.
            let why = why.rsplit(": ").next().unwrap_or(&why);
            return Ok(one.ends(Ending::CannotBeMade, why, passed()));
        }
        let after = if one.change.is_about_rights() {
            effective(self.ground, &one.place).await?
        } else {
            Rights::new()
        };
        let system = self.ground.system();
        if let Some((ending, why)) = standing(one, (rights, &after), catalog, system) {
            return Ok(one.ends(ending, why, passed()));
        }
        if one.change.is_about_rights() {
            // What is seen by looking alone needs no attack.
            let looking = First {
                only: true,
                ..First::default()
            };
            let (trial, summary) = self.look(one, &planting, looking).await?;
            if trial.ending == Hunted::Caught {
                return self.judged(one, &trial, &summary).await;
            }
        }
        let objects = one.change.objects();
        // Where to look is known: a few cases show most of them.
        let first = First {
            objects: &objects,
            only: !objects.is_empty(),
            choices: None,
        };
        let (trial, summary) = self.look(one, &planting, first).await?;
        if trial.ending == Hunted::Caught || !first.only {
            return self.judged(one, &trial, &summary).await;
        }
        let everything = First {
            only: false,
            ..first
        };
        let (trial, summary) = self.look(one, &planting, everything).await?;
        let outcome = self.judged(one, &trial, &summary).await?;
        if outcome.ending != Ending::Survives {
            return Ok(outcome);
        }
        if let Some((ending, why)) = afterwards(one, rights, self.ground.system()) {
            return Ok(one.ends(ending, why, passed()));
        }
        if let Some(deployment) = self.deployment(one) {
            return self.deployed(one, deployment, (first, outcome)).await;
        }
        let is_of_a_module = matches!(one.change, Change::Condition { .. });
        if !(is_of_a_module && self.ground.has_service()) {
            return Ok(outcome);
        }
        // What a module owes to the service is declared there.
        let quarry = (&one.expected(false)[..], false, None);
        let layer = Layer::Service;
        let (trial, summary) = self
            .attack(&planting, layer, First::default(), quarry)
            .await?;
        if trial.ending == Hunted::Caught || !summary.complete {
            return Ok(one.hunted(&trial, summary.complete, &[]));
        }
        Ok(match through_service(one, self.ground.system()) {
            Some((ending, why)) => one.ends(ending, why, passed()),
            None => outcome,
        })
    }

    /// What is deployed to see what a module comes to that nobody but who deploys may use.
    fn deployment(&self, one: &Automatic) -> Option<Plant> {
        let Change::Condition {
            module,
            is_trigger: false,
            ..
        } = &one.change
        else {
            return None;
        };
        let is_for_deployments =
            one.place.key.is_none() && callers(self.ground.system(), module).is_empty();
        let fixture = sql_fixtures::FIXTURES
            .iter()
            .find(|fixture| fixture.name == self.design)?;
        let text = fixture.deployment.filter(|_| is_for_deployments)?;
        Some(Plant {
            scripts: vec![Planted {
                script: Script {
                    file: "deployment.sql".into(),
                    text: text.into(),
                },
                target: PatchTarget::Tenants,
                design: None,
            }],
            switch: None,
        })
    }

    /// What comes of a deployment with what is planted.
    async fn deployed(
        &mut self,
        one: &Automatic,
        deployment: Plant,
        (first, before): (First<'_>, Outcome),
    ) -> Result<Outcome, Failure> {
        let began = self.clock.now();
        let planting = Planting {
            faults: vec![one.plant()],
            near_misses: vec![deployment],
        };
        if let Err(failure) = self.ground.plant(&planting).await {
            let why = format!("{:#}", failure.error);
            let why = why.rsplit(": ").next().unwrap_or(&why);
            let ms = before.ms + millis(self.clock.now().saturating_sub(began));
            let why = format!("no deployment goes through: {why}");
            return Ok(one.ends(Ending::ToldAsInconclusive, why, ms));
        }
        let (trial, summary) = self.look(one, &planting, first).await?;
        // Looking at a part alone leaves much undecided, which says nothing.
        let outcome = one.hunted(&trial, summary.complete, &[]);
        if matches!(outcome.ending, Ending::Caught | Ending::Unfinished) {
            return Ok(outcome);
        }
        Ok(match registered(one, self.ground.system()) {
            Some((ending, why)) => one.ends(ending, why, before.ms + outcome.ms),
            None => before,
        })
    }

    async fn judged(
        &mut self,
        one: &Automatic,
        trial: &Trial,
        summary: &Summary,
    ) -> Result<Outcome, Failure> {
        let mut new = doubts(summary);
        if trial.ending != Hunted::Caught && !new.is_empty() {
            let known = self.known().await?;
            new.retain(|reason| !known.contains(reason));
        }
        Ok(one.hunted(trial, summary.complete, &new))
    }

    /// Why promises cannot be decided where nothing was changed.
    async fn known(&mut self) -> Result<&BTreeSet<String>, Failure> {
        if self.known.is_none() {
            let any: Vec<ControlId> = CONTROLS.iter().map(|one| ControlId::new(one.id)).collect();
            let (_, clean) = self
                .attack(
                    &Planting::default(),
                    Layer::Sql,
                    First::default(),
                    (&any, false, None),
                )
                .await?;
            self.known = Some(doubts(&clean).into_iter().collect());
        }
        Ok(self.known.get_or_insert_default())
    }

    async fn look(
        &mut self,
        one: &Automatic,
        planting: &Planting,
        first: First<'_>,
    ) -> Result<(Trial, Summary), Failure> {
        let is_deployed = !planting.near_misses.is_empty();
        // What was changed by hand is not as it is registered, whatever it does.
        let aside = one.change.objects().into_iter().next();
        let aside = aside.filter(|_| is_deployed);
        let is_known = one.change.is_about_rights();
        let expected = one.expected(is_deployed);
        let quarry = (&expected[..], is_known, aside.as_deref());
        self.attack(planting, Layer::Sql, first, quarry).await
    }

    async fn attack(
        &mut self,
        planting: &Planting,
        layer: Layer,
        first: First<'_>,
        (expected, is_known, aside): (&[ControlId], bool, Option<&str>),
    ) -> Result<(Trial, Summary), Failure> {
        let quarry = Quarry {
            planting,
            layer,
            // What is made of the catalog shows to inspections and planned cases, or not at all.
            extent: Extent::Cases(0),
            first,
            causes_max: 0,
            is_known,
            aside,
            expected,
            budget: self.wanted.budget,
        };
        let who = (self.design, self.wanted.seed);
        pursue(self.ground, quarry, who, self.clock, self.stop).await
    }
}

/// Why promises could not be decided.
fn doubts(summary: &Summary) -> Vec<String> {
    let reasons = summary
        .controls
        .iter()
        .filter_map(|result| match &result.verdict {
            Verdict::Inconclusive { reasons } => Some(reasons),
            _ => None,
        });
    reasons.flatten().cloned().collect()
}
