//! T-SQL between requests: honest work of one tenant through the service, and what a principal of another
//! may say in its own database right after it.
//!
//! What is said is what the baseline of the other plane says: whoever may do it does it at home, so all
//! that shows or changes something of the other tenant's crosses.

use domain::api::case::{Act, Attack, Manner, Must, Stance, Step};
use domain::api::request::Caller;
use domain::case::{Actor, BatchTraits};
use domain::control::ControlId;
use domain::intent::Action;
use domain::system::Design;
use domain::world::TenantIndex;

use super::attacks::call;
use super::renamed::{Renamer, renamers};
use super::workbook::Workbook;
use crate::baseline::baseline;
use crate::draw::Draw;
use crate::terrain::Terrain;

/// In how many of a hundred attacks a principal reads all that it may, instead of saying one thing.
const READS: usize = 60;
/// In how many of a hundred the victim's own principal says something before.
const HOUSEKEEPING: usize = 30;
/// Tries to find work that can be done.
const TRIES: usize = 8;

/// What the tenants' principals may say; nothing where there are no databases.
#[derive(Debug, Clone, Default)]
pub struct Statements {
    single: Vec<Spoken>,
    /// For each principal of each tenant, one batch that reads everything.
    reading: Vec<Spoken>,
    /// In each tenant, who can give its rows another tenant's name.
    pub(crate) renamers: Vec<Renamer>,
}

#[derive(Debug, Clone)]
struct Spoken {
    tenant: TenantIndex,
    actor: Actor,
    batch: String,
    traits: BatchTraits,
    /// What it does, for people and fingerprints.
    what: String,
}

impl Statements {
    /// What principals may say in this terrain.
    pub fn of(terrain: &Terrain<'_>) -> Self {
        let mut statements = Self {
            renamers: renamers(terrain),
            ..Self::default()
        };
        for step in baseline(terrain).into_iter().flat_map(|case| case.steps) {
            let (Some(claim), Some(tenant)) = (&step.claim, step.actor.tenant()) else {
                continue;
            };
            // What only the other plane's player fills in cannot be said here.
            if claim.action == Action::Connect || step.batch.contains("{{") {
                continue;
            }
            let reads_all = claim.action == Action::Select && step.batch.starts_with("SELECT *");
            let spoken = Spoken {
                tenant,
                what: format!("T-SQL {} {}", claim.action.name(), claim.object),
                actor: step.actor,
                batch: step.batch,
                traits: step.traits,
            };
            if reads_all {
                statements.read(spoken);
            } else {
                statements.single.push(spoken);
            }
        }
        statements
    }

    /// Adds to what a principal reads in one batch.
    fn read(&mut self, spoken: Spoken) {
        match self.reading.last_mut() {
            Some(last) if last.actor == spoken.actor => {
                last.batch.push('\n');
                last.batch.push_str(&spoken.batch);
            }
            _ => self.reading.push(Spoken {
                what: "T-SQL on every table".into(),
                ..spoken
            }),
        }
    }

    /// Whether there is nobody who could say anything.
    pub fn is_empty(&self) -> bool {
        self.single.is_empty() && self.reading.is_empty()
    }

    fn draw(
        &self,
        of: impl Fn(TenantIndex) -> bool,
        reads: bool,
        draw: &mut Draw,
    ) -> Option<Spoken> {
        let list = if reads { &self.reading } else { &self.single };
        let own: Vec<&Spoken> = list.iter().filter(|one| of(one.tenant)).collect();
        draw.pick(&own).map(|&spoken| spoken.clone())
    }
}

/// Work of one tenant, T-SQL of another's principal, and a look of the first at its work, from nothing.
pub(crate) fn between_requests(
    book: &Workbook<'_>,
    design: Option<Design>,
    statements: &Statements,
    tenants: usize,
    draw: &mut Draw,
    salt: u64,
) -> Option<(String, Vec<Step>)> {
    if tenants < 2 {
        return None;
    }
    (0..TRIES).find_map(|_| {
        let operation = draw.pick(book.operations())?.clone();
        let victim = TenantIndex(draw.within(0..tenants));
        let callers = book.callers_for(&operation, victim);
        let caller = draw.pick(&callers)?.clone();
        let reads = draw.chance(READS);
        let spoken = statements.draw(|tenant| tenant != victim, reads, draw)?;
        let before = draw.chance(HOUSEKEEPING);
        let before = before
            .then(|| statements.draw(|tenant| tenant == victim, false, draw))
            .flatten();
        let who = (&caller, spoken);
        let steps = steps(book, design, &operation, who, before, salt)?;
        let title = match &steps[..] {
            [
                ..,
                Step {
                    act: Act::Batch { actor, .. },
                    ..
                },
            ]
            | [
                ..,
                Step {
                    act: Act::Batch { actor, .. },
                    ..
                },
                _,
            ] => {
                let (_, name) = actor.principal()?;
                format!("T-SQL of {name} after {operation} of another tenant")
            }
            _ => return None,
        };
        Some((title, steps))
    })
}

fn steps(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    (victim, spoken): (&Caller, Spoken),
    before: Option<Spoken>,
    salt: u64,
) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let request = book.prepare(operation, victim, salt, &mut steps).ok()?;
    let attack = steps.len() + 1 + usize::from(before.is_some());
    let made = steps.len();
    let read = book.reading_of_made(operation, &request, made);
    let stance = Stance::Witness { attack };
    steps.push(call(victim, operation, request, stance.clone()));
    if let Some(before) = before {
        steps.push(said(before, Stance::Wander));
    }
    let writes = spoken.traits.writes;
    let attack = Attack {
        controls: controls(design, writes),
        family: "statement".into(),
        position: spoken.what.clone(),
        victim: Some(victim.clone()),
        must: Must::ShowNothing,
    };
    steps.push(said(spoken, Stance::Attack(attack)));
    if let Some((reader, reading)) = read {
        steps.push(call(victim, &reader, reading, stance));
    }
    Some(steps)
}

fn said(spoken: Spoken, stance: Stance) -> Step {
    Step {
        act: Act::Batch {
            actor: spoken.actor,
            batch: spoken.batch,
            traits: spoken.traits,
        },
        stance,
        manner: Manner::Alone,
    }
}

/// The promises that T-SQL at home puts to the test when others have worked.
fn controls(design: Option<Design>, writes: bool) -> Vec<ControlId> {
    let ids: &[&str] = match (design, writes) {
        (Some(Design::SharedDatabase), true) => &["S01", "S03", "B01"],
        (Some(Design::SharedDatabase), false) => &["S01", "B01"],
        _ => &["D01", "B01"],
    };
    ids.iter().map(|id| ControlId::new(id)).collect()
}
