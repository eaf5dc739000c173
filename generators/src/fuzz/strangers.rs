//! Random questions about rows of others where the rows of all tenants lie in one database: through
//! every view and procedure, about any row, in disguise.
//!
//! A view is taken for a table that holds the victim's rows alone, so that every way of reading and
//! writing a table is tried on it.

use domain::case::{FOREIGN_BESIDE_MISSING, MISSING, Step};
use domain::intent::Action;
use domain::surface::{Column, Table};
use domain::world::TenantIndex;

use crate::access::{Saying, Way, ways};
use crate::boundary::{self, Pair};
use crate::draw::Draw;
use crate::fuzz::Assembly;
use crate::fuzz::goal::{Draft, Family, Goal, Securable};
use crate::terrain::{Attacker, Need, Terrain};

/// Per cent of the steps that go to rows of others, where there is such a database.
pub(super) const STRANGERS: usize = 60;
/// Per cent of those that are honest work of one's own.
const HONEST: usize = 12;
/// Per cent that go between departments.
const DEPARTMENTS: usize = 20;
/// Per cent of what goes through a view that is taken from the ways of reaching a table.
const AS_TABLE: usize = 60;
/// Rows that a question may be about, of each table.
const ROWS: usize = 12;
/// Per cent of the single questions that are wrapped.
const WRAPPED: usize = 50;

/// Every way that somebody may go.
pub(super) fn rightful_ways<'a>(terrain: &'a Terrain<'a>) -> Vec<Way<'a>> {
    let databases = terrain.surface.databases.iter();
    databases
        .filter(|database| terrain.is_common(database))
        .flat_map(|database| {
            let modules = database.modules.values();
            modules.flat_map(move |module| ways(terrain, database, module))
        })
        .filter(|way| {
            let mut names = terrain.system.principals.keys();
            names.any(|name| way.is_rightful(terrain, name))
        })
        .collect()
}

impl<'a> Assembly<'a> {
    /// A question, and the one that belongs to it, or nothing when the choices do not fit together.
    pub(super) fn stranger(&self, draw: &mut Draw) -> Vec<Step> {
        self.question(draw).unwrap_or_default()
    }

    fn question(&self, draw: &mut Draw) -> Option<Vec<Step>> {
        let way = draw.pick(&self.ways)?.clone();
        let rightful: Vec<Attacker<'a>> = self
            .attackers
            .iter()
            .copied()
            .filter(|attacker| way.is_rightful(self.terrain, attacker.principal))
            .collect();
        let attacker = *draw.pick(&rightful)?;
        if draw.chance(HONEST) {
            let step = Step {
                actor: attacker.actor(),
                batch: way.own_words(self.terrain)?,
                claim: Some(way.claim(Some(attacker.tenant), "own-row")),
                twin: None,
                traits: way.traits(),
            };
            return Some(vec![step]);
        }
        let others: Vec<TenantIndex> = self
            .terrain
            .world
            .indexes()
            .filter(|tenant| *tenant != attacker.tenant)
            .collect();
        let pair = Pair {
            attacker: attacker.tenant,
            victim: *draw.pick(&others)?,
            principal: attacker.principal,
        };
        if draw.chance(DEPARTMENTS) {
            let steps = boundary::other_departments(self.terrain, &way, pair);
            return Some(whole_question(draw, &steps));
        }
        if way.module.kind == "V" && draw.chance(AS_TABLE) {
            return self
                .through_view(draw, &way, attacker, pair.victim)
                .map(|step| vec![step]);
        }
        if draw.chance(50) {
            let steps = boundary::foreign_rows(self.terrain, &way, pair);
            return Some(whole_question(draw, &steps));
        }
        self.any_row(draw, &way, attacker, pair.victim)
            .map(|step| vec![step])
    }

    /// Some row of the victim's, in words of any disguise.
    fn any_row(
        &self,
        draw: &mut Draw,
        way: &Way<'a>,
        attacker: Attacker<'a>,
        victim: TenantIndex,
    ) -> Option<Step> {
        let position = if draw.chance(50) {
            way.chosen(self.terrain)
        } else {
            draw.within(0..ROWS)
        };
        let keys = way.keys_of(self.terrain, victim, None, position)?;
        let mut saying = Saying::own(way);
        for (own, foreign) in saying.keys.iter_mut().zip(keys) {
            if draw.chance(80) {
                *own = Some(foreign);
            }
        }
        if saying.keys.iter().all(Option::is_none) || draw.chance(30) {
            saying.organisation = self.terrain.world.tenant(victim).organisation.clone();
        }
        let home = way.database;
        let action = way.action;
        let goal = Goal::on(
            draw,
            self.terrain,
            attacker,
            (home, home),
            Securable::Module(way.module),
            action,
        );
        let draft = Draft {
            text: way.words(self.terrain, position, &saying)?,
            needs: vec![Need::new(home, &way.module.object(), action)],
            traits: way.traits(),
            families: vec!["foreign-row"],
            at_home: true,
            by_administrator: false,
        };
        let draft = self.wrapped(draw, &goal, draft);
        self.against(way, attacker, victim, draft)
    }

    /// A view as a table of the victim's rows.
    fn through_view(
        &self,
        draw: &mut Draw,
        way: &Way<'a>,
        attacker: Attacker<'a>,
        victim: TenantIndex,
    ) -> Option<Step> {
        let table = as_table(self.terrain, way, victim)?;
        let home = way.database;
        let fitting: Vec<&Family> = self
            .statements
            .iter()
            .copied()
            .filter(|family| family.does(way.action))
            .collect();
        let family = draw.weighted(&fitting, |family| family.weight).copied()?;
        let spelling = draw.pick(&self.spellings).copied();
        let goal = Goal::on(
            draw,
            self.terrain,
            attacker,
            (home, home),
            Securable::Table(&table),
            way.action,
        )
        .spelled(draw, spelling);
        let mut draft = (family.build)(draw, &goal)?;
        draft.families.push(family.name);
        let draft = goal.finish(draft);
        let draft = self.wrapped(draw, &goal, draft);
        self.against(way, attacker, victim, draft)
    }

    fn wrapped(&self, draw: &mut Draw, goal: &Goal<'_>, draft: Draft) -> Draft {
        // What is resolved to text would end the text that it is wrapped in.
        if draft.text.contains("{{own row") || !draw.chance(WRAPPED) {
            return draft;
        }
        let Some(wrapping) = draw.weighted(&self.wrappings, |wrapping| wrapping.weight) else {
            return draft;
        };
        match (wrapping.wrap)(draw, goal, &draft) {
            Some(mut wrapped) => {
                wrapped.families.push(wrapping.name);
                wrapped
            }
            None => draft,
        }
    }

    /// The attack, if it takes no right that the victim's principal has not.
    fn against(
        &self,
        way: &Way<'_>,
        attacker: Attacker<'a>,
        victim: TenantIndex,
        draft: Draft,
    ) -> Option<Step> {
        let rightful = !draft.by_administrator && self.terrain.allows(attacker, &draft.needs);
        rightful.then(|| Step {
            actor: attacker.actor(),
            batch: draft.text,
            claim: Some(way.claim(Some(victim), &draft.families.join("+"))),
            twin: Some(
                Attacker {
                    tenant: victim,
                    ..attacker
                }
                .actor(),
            ),
            traits: draft.traits,
        })
    }
}

/// One of several questions, with the one that follows it for comparison.
fn whole_question(draw: &mut Draw, steps: &[Step]) -> Vec<Step> {
    let begins = |step: &Step| !step.claim.as_ref().is_some_and(|claim| claim.is(MISSING));
    let firsts: Vec<usize> = (0..steps.len()).filter(|&at| begins(&steps[at])).collect();
    let Some(&first) = draw.pick(&firsts) else {
        return Vec::new();
    };
    let mut question = vec![steps[first].clone()];
    if let Some(next) = steps.get(first + 1)
        && !begins(next)
    {
        question.push(next.clone());
    } else if let Some(claim) = &mut question[0].claim {
        // Nothing follows to compare it with.
        claim.family = claim.family.replace(FOREIGN_BESIDE_MISSING, "foreign-row");
    }
    question
}

/// The view as a table that holds the victim's rows alone, with columns that may not be changed
/// as such.
fn as_table(terrain: &Terrain<'_>, way: &Way<'_>, victim: TenantIndex) -> Option<Table> {
    let tenancy = terrain.system.tenancy.as_ref()?;
    let behind = way.subject?;
    let shown: Vec<(usize, &Column)> = way
        .module
        .columns
        .iter()
        .filter_map(|column| Some((behind.position(&column.name)?, column)))
        .collect();
    let updatable = &way.module.updatable;
    let columns = shown.iter().map(|(at, _)| {
        let column = &behind.columns[*at];
        let given = updatable.is_empty()
            || updatable
                .iter()
                .any(|name| name.eq_ignore_ascii_case(&column.name));
        Column {
            generated: column.generated || (way.action == Action::Update && !given),
            ..column.clone()
        }
    });
    let rows = behind
        .rows
        .iter()
        .filter(|row| tenancy.holder(terrain.world, behind, row) == Some(victim))
        .map(|row| shown.iter().map(|(at, _)| row[*at].clone()).collect());
    let is_shown = |name: &String| {
        shown
            .iter()
            .any(|(_, own)| own.name.eq_ignore_ascii_case(name))
    };
    Some(Table {
        schema: way.module.schema.clone(),
        name: way.module.name.clone(),
        columns: columns.collect(),
        rows: rows.collect(),
        primary_key: behind
            .primary_key
            .iter()
            .filter(|name| is_shown(name))
            .cloned()
            .collect(),
        unique: behind
            .unique
            .iter()
            .filter(|set| set.iter().all(is_shown))
            .cloned()
            .collect(),
        foreign_keys: behind
            .foreign_keys
            .iter()
            .filter(|key| key.columns.iter().all(is_shown))
            .cloned()
            .collect(),
        triggers: Vec::new(),
        temporal: domain::surface::Temporal::No,
    })
}
