//! Random cases: a few principals of one or two tenants take six to twenty-four steps; most are
//! attacks in disguise, some are honest work in between.
//!
//! A step is assembled from three independent choices: how the name is written
//! ([`spellings`]), which statement does it ([`reads`], [`writes`], [`definitions`], [`detours`],
//! [`storage`], [`guards`], [`rights`], [`hiding`], [`past`], [`forgeries`], [`carriers`],
//! [`probes`]), and what it is wrapped in ([`wrappings`]). Each case switches a random part of
//! all families off, so that rare combinations come up (swarm testing).

mod carriers;
mod definitions;
mod detours;
mod forgeries;
mod goal;
mod guards;
mod hiding;
mod past;
mod probes;
mod reads;
mod rights;
mod spellings;
mod storage;
mod strangers;
mod thaws;
mod tree;
mod wrappings;
mod writes;

use domain::case::{BatchTraits, Case, CaseId, Claim, Phase, Step};
use domain::intent::Action;
use domain::seed::Seed;
use domain::surface::{Database, Table};
use proptest::strategy::ValueTree as _;

use crate::access::Way;
use crate::draw::Draw;
use crate::terrain::{Attacker, Need, Terrain};
use goal::{Draft, Family, Goal, Securable};
pub use tree::CaseTree;

/// Steps of a case.
const STEPS: std::ops::Range<usize> = 6..25;
/// Per cent of the steps that are honest work.
const HONEST: usize = 15;
/// Per cent of the attacks that only look around and claim nothing.
const PROBES: usize = 6;
/// Per cent of the attacks that go for a row which the case itself has made, where there is one.
const REFERENCES: usize = 25;
/// Per cent of the attacks that go for rows which nobody may change any more, where there are some.
const FROZEN: usize = 12;
/// Per cent of the honest work that adds a row.
const HONEST_INSERTS: usize = 30;
/// Per cent of the families that stay on in a case.
const SWARM: usize = 65;
/// Draws before a step is given up: a goal may have no statement, a wrapping may not fit.
const ATTEMPTS: usize = 40;

/// The actions that random attacks choose among, by weight.
const ACTIONS: &[(Action, usize)] = &[
    (Action::Select, 30),
    (Action::Insert, 12),
    (Action::Update, 16),
    (Action::Delete, 18),
    (Action::Truncate, 3),
    (Action::Execute, 4),
    (Action::Alter, 6),
    (Action::Drop, 3),
    (Action::Create, 4),
    (Action::Grant, 6),
    (Action::TakeOwnership, 2),
    (Action::Impersonate, 4),
    (Action::Connect, 2),
];

/// The families of statements.
const STATEMENTS: [&[Family]; 12] = [
    reads::FAMILIES,
    writes::FAMILIES,
    definitions::FAMILIES,
    detours::FAMILIES,
    probes::FAMILIES,
    storage::FAMILIES,
    guards::FAMILIES,
    rights::FAMILIES,
    hiding::FAMILIES,
    past::FAMILIES,
    forgeries::FAMILIES,
    carriers::FAMILIES,
];

/// The `index`-th random case under `seed`.
pub fn fuzz(terrain: &Terrain<'_>, seed: Seed, index: u64) -> Case {
    assembled(terrain, seed, index, false).current()
}

/// The same as a value tree, which knows how each statement was before it was spelled and wrapped.
pub fn fuzz_tree(terrain: &Terrain<'_>, seed: Seed, index: u64) -> CaseTree {
    assembled(terrain, seed, index, true)
}

fn assembled(terrain: &Terrain<'_>, seed: Seed, index: u64, remembers: bool) -> CaseTree {
    let mut draw = Draw::new(seed.child("fuzz").nth(index));
    let mut case = Assembly::new(terrain, &mut draw);
    case.remembers = remembers;
    let wanted = draw.within(STEPS);
    let mut steps: Vec<Vec<Step>> = Vec::with_capacity(wanted);
    for _ in 0..wanted * ATTEMPTS {
        if steps.len() >= wanted {
            break;
        }
        if !case.ways.is_empty() && draw.chance(strangers::STRANGERS) {
            let asked = case.stranger(&mut draw);
            steps.extend(asked.into_iter().map(|step| vec![step]));
        } else if let Some(forms) = case.step(&mut draw, steps.len() + 1) {
            steps.push(forms);
        }
    }
    let id = CaseId {
        phase: Phase::Fuzz,
        index,
    };
    let title = format!("{} in {} steps", case.cast(), steps.len());
    CaseTree::new(id, title, steps)
}

/// What stays the same within one case.
struct Assembly<'a> {
    terrain: &'a Terrain<'a>,
    attackers: Vec<Attacker<'a>>,
    statements: Vec<&'static Family>,
    spellings: Vec<&'static spellings::Spelling>,
    wrappings: Vec<&'static wrappings::Wrapping>,
    /// Rows that honest steps made.
    made: Vec<Made<'a>>,
    /// Ways to rows in a database that all tenants have in common.
    ways: Vec<Way<'a>>,
    /// Whether what a statement was before it was spelled and wrapped is told as well.
    remembers: bool,
}

/// A row that a step made and answered with.
#[derive(Debug, Clone, Copy)]
struct Made<'a> {
    /// The step, from 1.
    step: usize,
    home: &'a Database,
    table: &'a Table,
}

impl<'a> Assembly<'a> {
    fn new(terrain: &'a Terrain<'a>, draw: &mut Draw) -> Self {
        let tenants: Vec<_> = terrain.world.indexes().collect();
        let mut cast: Vec<_> = draw.pick(&tenants).copied().into_iter().collect();
        if draw.chance(50) {
            cast.extend(
                draw.pick(&tenants)
                    .copied()
                    .filter(|second| !cast.contains(second)),
            );
        }
        let all = STATEMENTS;
        let attackers = cast
            .iter()
            .flat_map(|&tenant| terrain.attackers_of(tenant))
            .collect();
        let statements = all.concat_refs().filter(|_| draw.chance(SWARM)).collect();
        let spellings = spellings::SPELLINGS
            .iter()
            .filter(|_| draw.chance(SWARM))
            .collect();
        let wrappings = wrappings::WRAPPINGS
            .iter()
            .filter(|_| draw.chance(SWARM))
            .collect();
        Self {
            terrain,
            attackers,
            statements,
            spellings,
            wrappings,
            made: Vec::new(),
            ways: strangers::rightful_ways(terrain),
            remembers: false,
        }
    }

    /// The tenants that act, for people.
    fn cast(&self) -> String {
        let mut names: Vec<&str> = self
            .attackers
            .iter()
            .map(|attacker| self.terrain.world.tenant(attacker.tenant).name.as_str())
            .collect();
        names.dedup();
        names.join(" and ")
    }

    /// The step of this number in the forms that it went through, the last being what was drawn; or
    /// nothing when the choices do not fit together.
    fn step(&mut self, draw: &mut Draw, number: usize) -> Option<Vec<Step>> {
        let attacker = *draw.pick(&self.attackers)?;
        let home = self.terrain.home(attacker.tenant)?;
        let honest = draw.chance(HONEST);
        let made = if !honest && draw.chance(REFERENCES) {
            draw.pick(&self.made).copied()
        } else {
            None
        };
        let has_frozen = !self.terrain.system.intent.frozen.is_empty();
        let goal = match made {
            Some(made) => self.goal_on_made(draw, attacker, home, made)?,
            None if !honest && has_frozen && draw.chance(FROZEN) => {
                Goal::on_frozen(draw, self.terrain, attacker, home)?
            }
            None => {
                // Honest rows are what others can then be after.
                let action = if honest && draw.chance(HONEST_INSERTS) {
                    Action::Insert
                } else {
                    draw.weighted(ACTIONS, |(_, weight)| *weight)?.0
                };
                let target = if honest {
                    home
                } else {
                    self.target(draw, home)?
                };
                Goal::draw(draw, self.terrain, attacker, home, target, action)?
            }
        };
        if goal.is_allowed() != honest {
            return None;
        }
        if !honest && draw.chance(PROBES) {
            return Some(vec![self.probe(draw, &goal)?]);
        }
        let fitting: Vec<&Family> = self
            .statements
            .iter()
            .copied()
            .chain(thaws::FAMILIES.iter().filter(|_| goal.frozen))
            .filter(|family| family.does(goal.action))
            .collect();
        let family = draw.weighted(&fitting, |family| family.weight).copied()?;
        let spelling = draw.pick(&self.spellings).copied();
        let plainly = self.remembers.then(|| (draw.clone(), goal.clone()));
        let goal = goal.spelled(draw, spelling);
        let mut draft = (family.build)(draw, &goal)?;
        if made.is_some() && !draft.text.contains("{{step ") {
            // This family does without the key.
            return None;
        }
        draft.families.push(family.name);
        if honest {
            if family.name == "insert-output" && goal.has_whole_number_key() {
                self.made.extend(goal.table().map(|table| Made {
                    step: number,
                    home,
                    table,
                }));
            }
            return Some(vec![self.honest(&goal, draft)]);
        }
        draft = goal.finish(draft);
        let mut forms = Vec::new();
        if let Some((mut draw, goal)) = plainly {
            let goal = goal.spelled(&mut draw, None);
            let plain = (family.build)(&mut draw, &goal);
            forms.extend(plain.and_then(|mut plain| {
                plain.families.push(family.name);
                let says_key = made.is_none() || plain.text.contains("{{step ");
                let plain = goal.finish(plain);
                says_key.then(|| self.attack(&goal, plain)).flatten()
            }));
        }
        for percent in [60, 25] {
            if draw.chance(percent) {
                let Some(wrapping) = draw.weighted(&self.wrappings, |wrapping| wrapping.weight)
                else {
                    break;
                };
                if let Some(wrapped) = (wrapping.wrap)(draw, &goal, &draft) {
                    if self.remembers {
                        forms.extend(self.attack(&goal, draft.clone()));
                    }
                    draft = wrapped;
                    draft.families.push(wrapping.name);
                }
                if draft.families.contains(&"application-role") {
                    // A role is activated at the outermost level only.
                    break;
                }
            }
        }
        forms.push(self.attack(&goal, draft)?);
        Some(forms)
    }

    /// Whose data is attacked: mostly another tenant's.
    fn target(&self, draw: &mut Draw, home: &'a Database) -> Option<&'a Database> {
        let all = &self.terrain.surface.databases;
        match draw.within(0..100) {
            0..35 => Some(home),
            35..50 => {
                let shared: Vec<&Database> = all
                    .iter()
                    .filter(|database| database.tenant.is_none())
                    .collect();
                draw.pick(&shared).copied()
            }
            _ => {
                let others: Vec<&Database> = all
                    .iter()
                    .filter(|database| database.tenant.is_some() && database.name != home.name)
                    .collect();
                draw.pick(&others).copied()
            }
        }
    }

    /// To read, change or remove a row that an honest step has made.
    fn goal_on_made(
        &self,
        draw: &mut Draw,
        attacker: Attacker<'a>,
        home: &'a Database,
        made: Made<'a>,
    ) -> Option<Goal<'a>> {
        let action = *draw.pick(&[Action::Select, Action::Update, Action::Delete])?;
        let place = (home, made.home);
        let table = Securable::Table(made.table);
        let mut goal = Goal::on(draw, self.terrain, attacker, place, table, action);
        goal.made_by = Some(made.step);
        Some(goal)
    }

    fn honest(&self, goal: &Goal<'a>, draft: Draft) -> Step {
        Step {
            actor: goal.attacker.actor(),
            claim: Some(self.claim(
                goal,
                goal.target,
                goal.action,
                &goal.object,
                &draft.families,
            )),
            batch: draft.text,
            twin: None,
            traits: draft.traits,
        }
    }

    fn attack(&self, goal: &Goal<'a>, draft: Draft) -> Option<Step> {
        let missing = draft.needs.iter().find(|need| {
            !self
                .terrain
                .allows(goal.attacker, std::slice::from_ref(*need))
        })?;
        let database = self.terrain.database(&missing.database)?;
        let context = if draft.at_home {
            goal.home
        } else {
            goal.target
        };
        let twin = if draft.by_administrator {
            self.terrain.administrator(&draft.needs, goal.home)
        } else {
            self.terrain.twin(goal.attacker, &draft.needs, context)
        };
        Some(Step {
            actor: goal.attacker.actor(),
            claim: Some(self.claim(
                goal,
                database,
                missing.action,
                &missing.object,
                &draft.families,
            )),
            batch: draft.text,
            twin: Some(twin),
            traits: draft.traits,
        })
    }

    /// A look around that claims nothing: judged by what comes back.
    fn probe(&self, draw: &mut Draw, goal: &Goal<'a>) -> Option<Step> {
        let text = probes::look_around(draw, goal)?;
        Some(Step {
            actor: goal.attacker.actor(),
            batch: text,
            claim: None,
            twin: None,
            traits: BatchTraits {
                opaque: true,
                ..BatchTraits::default()
            },
        })
    }

    fn claim(
        &self,
        goal: &Goal<'_>,
        database: &Database,
        action: Action,
        object: &str,
        families: &[&'static str],
    ) -> Claim {
        Claim {
            action,
            database: database.name.clone(),
            tenant: self.terrain.owner(database, goal.attacker),
            object: object.into(),
            family: families.join("+"),
        }
    }
}

/// Flattens the families' tables.
trait ConcatRefs {
    fn concat_refs(self) -> impl Iterator<Item = &'static Family>;
}

impl<const N: usize> ConcatRefs for [&'static [Family]; N] {
    fn concat_refs(self) -> impl Iterator<Item = &'static Family> {
        self.into_iter().flat_map(<[Family]>::iter)
    }
}

impl Goal<'_> {
    /// Whether intent lets the attacker do it.
    fn is_allowed(&self) -> bool {
        let need = Need::new(self.target, &self.object, self.action);
        self.terrain.allows(self.attacker, &[need])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::case::{Actor, Case};
    use domain::example;
    use domain::seed::Seed;
    use domain::surface::Surface;
    use domain::system::System;
    use domain::world::World;

    use super::{ConcatRefs as _, fuzz};
    use crate::terrain::Terrain;

    /// The example, with tables that keep their history.
    fn system() -> System {
        let mut system = example::system(4);
        system.intent.system_versioned = vec!["dbo.Customers".into(), "dbo.Invoices".into()];
        system
    }

    /// The example, with a trigger on every table of invoices.
    fn surface(world: &World) -> Surface {
        let mut surface = example::surface(world);
        for database in &mut surface.databases {
            if let Some(table) = database.tables.get_mut("dbo.Invoices") {
                table.triggers.push("Guard".into());
            }
        }
        surface
    }

    fn cases(seed: u64, count: u64) -> Vec<Case> {
        let system = system();
        let world = example::world(4, Seed(seed));
        let surface = surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        (0..count)
            .map(|index| fuzz(&terrain, Seed(seed), index))
            .collect()
    }

    #[test]
    fn case_i_of_a_seed_is_the_same_whatever_was_drawn_before() {
        let all = cases(7, 20);
        let again = cases(7, 20);
        assert_eq!(all, again);
        assert_ne!(cases(8, 1), cases(7, 1));
        let system = system();
        let world = example::world(4, Seed(7));
        let surface = surface(&world);
        let alone = fuzz(&Terrain::new(&system, &world, &surface), Seed(7), 13);
        assert_eq!(alone, all[13]);
    }

    #[test]
    fn no_request_carries_another_tenants_text() {
        let world = example::world(4, Seed(7));
        for case in cases(7, 200) {
            for step in &case.steps {
                let Actor::Principal { tenant, .. } = &step.actor else {
                    panic!("administrators do not attack");
                };
                for other in world.indexes().filter(|other| other != tenant) {
                    let mark = &world.tenant(other).mark.text;
                    assert!(!step.batch.contains(mark.as_str()), "{}", step.batch);
                }
            }
        }
    }

    #[test]
    fn all_families_come_up() {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let (mut steps, mut references) = (0, 0);
        for case in cases(7, 1_000) {
            assert!(case.steps.len() >= 6, "{}", case.title);
            for step in &case.steps {
                steps += 1;
                references += usize::from(step.batch.contains("{{step "));
                let Some(claim) = &step.claim else { continue };
                for family in claim.family.split('+') {
                    *seen.entry(family.into()).or_default() += 1;
                }
            }
        }
        assert!(references > 10, "{references} references to earlier steps");
        for name in super::STATEMENTS
            .concat_refs()
            .map(|family| family.name)
            .chain(
                super::wrappings::WRAPPINGS
                    .iter()
                    .map(|wrapping| wrapping.name),
            )
            .chain(
                super::spellings::SPELLINGS
                    .iter()
                    .map(|spelling| spelling.name),
            )
        {
            assert!(
                seen.contains_key(name),
                "{name} never came up in {steps} steps: {seen:#?}"
            );
        }
    }

    #[test]
    fn frozen_rows_are_attacked_by_every_way_and_left_alone_by_honest_work() {
        let (system, surface) = crate::frozen::tests::frozen_example();
        let world = example::world(1, Seed(7));
        let terrain = Terrain::new(&system, &world, &surface);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for case in (0..300).map(|index| fuzz(&terrain, Seed(7), index)) {
            for step in &case.steps {
                let Some(claim) = &step.claim else { continue };
                if claim.object == "frozen rows of dbo.Invoices" {
                    assert!(step.twin.is_some(), "{}", step.batch);
                    for family in claim.family.split('+') {
                        *seen.entry(family.into()).or_default() += 1;
                    }
                } else if claim.object == "dbo.Invoices" && step.twin.is_none() {
                    // The frozen ones have these keys.
                    let frozen = ["1000000100", "1000000101"];
                    let changes = ["UPDATE", "DELETE", "MERGE"];
                    assert!(
                        !changes.iter().any(|verb| step.batch.contains(verb))
                            || !frozen.iter().any(|key| step.batch.contains(key)),
                        "{}",
                        step.batch
                    );
                }
            }
        }
        for family in [
            "thaw",
            "unguard",
            "update-blind",
            "merge-update",
            "update-by-key",
        ] {
            assert!(
                seen.contains_key(family),
                "{family} never came up: {seen:?}"
            );
        }
    }

    #[test]
    fn twenty_samples_for_people() {
        let mut text = String::new();
        for case in cases(7, 2) {
            text.push_str(&format!("-- {}\n", case.title));
            for step in case.steps.iter().take(10) {
                let Actor::Principal { tenant, principal } = &step.actor else {
                    continue;
                };
                let claim = step
                    .claim
                    .as_ref()
                    .map_or("looks around".to_owned(), |claim| {
                        let twin = match &step.twin {
                            None => "honest".to_owned(),
                            Some(Actor::Administrator { database }) => {
                                format!("as the administrator in {database}")
                            }
                            Some(
                                Actor::Principal { principal, .. }
                                | Actor::Scoped { principal, .. },
                            ) => format!("as {principal}"),
                            Some(Actor::Keeper { .. }) => "as the administrator".to_owned(),
                            Some(Actor::Caller(caller)) => format!("as {}", caller.actor),
                        };
                        format!(
                            "{} {}:{} by {}, {twin}",
                            claim.action.name(),
                            claim.database,
                            claim.object,
                            claim.family
                        )
                    });
                text.push_str(&format!(
                    "-- {principal} of {}: {claim}\n{}\n",
                    tenant.0, step.batch
                ));
            }
        }
        let expected = include_str!("fuzz/samples.sql");
        assert!(
            text == expected,
            "the samples changed; when that is meant, put this into src/fuzz/samples.sql:\n{text}"
        );
    }
}
