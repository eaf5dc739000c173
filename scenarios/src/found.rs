//! What was found as a case file: the shortest case, written for any world, with its story first.

use domain::api;
use domain::case::{Actor, Claim, Phase, Step};
use domain::cause::{AnyCase, AnyHistory, Cause};
use domain::finding::{Finding, Fingerprint};
use domain::history::Changed;
use domain::surface::Surface;
use domain::system::System;
use domain::world::{TenantIndex, World};

use crate::format::{
    Cast, Duty, Found, Kind, Purpose, Scenario, ScenarioAttack, ScenarioClaim, ScenarioStep,
};
use crate::names::Names;
use crate::request::ScenarioRequest;
use crate::role::{Home, Role, ScenarioActor, Side};
use crate::symbols::Symbols;
use crate::ways;

/// What every case of a refusal promises.
const EXPECTATION: &str =
    "It is refused, or it shows and changes nothing that the actor has no right to.";

/// Where and by what something was found.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The system under test.
    pub system: &'a System,
    /// Its tenants.
    pub world: &'a World,
    /// Its catalog and rows from before the first attack.
    pub surface: &'a Surface,
    /// The target's name.
    pub target: &'a str,
    /// The seed of the campaign.
    pub seed: u64,
    /// The version of the tool.
    pub tool: &'a str,
}

/// The case file of a cause; `None` when neither a case nor an inspection shows it.
pub fn of_cause(cause: &Cause, origin: &Origin<'_>) -> Option<Scenario> {
    let finding = &cause.finding;
    let shrunk = cause.shrunk.as_ref();
    if shrunk.is_none() && finding.case.phase != Phase::Inspection {
        return None;
    }
    let is_armed = shrunk.is_some_and(|shrunk| is_armed(&shrunk.history, finding.step));
    Some(of_case(
        shrunk.map(|shrunk| (&shrunk.case, is_armed)),
        finding,
        (&cause.id, &cause.contradiction),
        origin,
    ))
}

/// Whether the rightful did what a step did, and succeeded.
fn is_armed(history: &AnyHistory, step: usize) -> bool {
    match history {
        AnyHistory::Sql(history) => {
            let tried = history.case.steps.get(step);
            let claim = tried.and_then(|step| step.claim.as_ref());
            // Some provoke an error that comes only where the statement was allowed.
            let is_provoked = claim.is_some_and(|claim| claim.family.contains("error-"));
            let twin = history
                .steps
                .get(step)
                .and_then(|record| record.twin.as_ref());
            twin.is_some_and(|twin| twin.lost.is_none() && (is_provoked || twin.errors.is_empty()))
        }
        AnyHistory::Api(history) => {
            let steps = history.case.steps.iter().enumerate();
            let mut arms = steps
                .filter(|(_, own)| own.stance == (api::case::Stance::Arm { attack: step }))
                .map(|(at, _)| history.answer(at).is_some_and(|own| own.is_success()))
                .peekable();
            arms.peek().is_some() && arms.all(|succeeded| succeeded)
        }
    }
}

/// A case as a file, and whether it was armed; without one, the inspection that shows the finding.
pub fn of_case(
    case: Option<(&AnyCase, bool)>,
    finding: &Finding,
    (id, contradiction): (&str, &[String]),
    origin: &Origin<'_>,
) -> Scenario {
    let is_armed = case.is_some_and(|(_, is_armed)| is_armed);
    let case = case.map(|(case, _)| case);
    let cast = cast(case, finding, origin.world);
    let roles = cast
        .roles()
        .into_iter()
        .map(|(role, position)| (role, TenantIndex(position - 1)))
        .collect();
    let names = Names::new((origin.system, origin.world, origin.surface), roles);
    let writer = Writer {
        names: &names,
        symbols: Symbols::new(&names),
    };
    let title = match case {
        Some(AnyCase::Sql(case)) => &case.title,
        Some(AnyCase::Api(case)) => &case.title,
        None => &finding.sentence,
    };
    let fingerprint = &finding.fingerprint;
    let text = |text: &String| writer.symbols.text(text);
    let mut scenario = Scenario {
        id: id.to_owned(),
        title: text(title),
        story: writer.story(finding, contradiction),
        design: origin.system.design.into(),
        controls: finding.controls.clone(),
        catalogue: Vec::new(),
        precondition: String::new(),
        needs: Vec::new(),
        expectation: EXPECTATION.to_owned(),
        found: Some(Found {
            fingerprint: Fingerprint {
                oracle: text(&fingerprint.oracle),
                attacker: text(&fingerprint.attacker),
                victim: text(&fingerprint.victim),
                action: text(&fingerprint.action),
                place: text(&fingerprint.place),
            },
            severity: finding.severity,
            system: origin.system.name.clone(),
            target: origin.target.to_owned(),
            seed: origin.seed,
            case: finding.case.to_string(),
            step: case
                .is_some_and(|case| finding.step < steps(case))
                .then_some(finding.step + 1),
            through: match case {
                Some(AnyCase::Sql(case)) => {
                    let shows = case.steps.get(finding.step);
                    let ways =
                        shows.map(|step| ways::of_nobody(step, origin.surface, origin.system));
                    ways.unwrap_or_default().iter().map(text).collect()
                }
                _ => Vec::new(),
            },
            armed: is_armed,
            tool: origin.tool.to_owned(),
        }),
        cast: None,
        inspection: case.is_none().then(|| fingerprint.oracle.clone()),
        steps: match case {
            None => Vec::new(),
            Some(AnyCase::Sql(case)) => case.steps.iter().map(|step| writer.step(step)).collect(),
            Some(AnyCase::Api(case)) => case
                .steps
                .iter()
                .map(|step| writer.api_step(step))
                .collect(),
        },
    };
    if let Some(AnyCase::Sql(case)) = case {
        set_id(&mut scenario, &case.id);
    } else if let Some(AnyCase::Api(case)) = case {
        set_id(&mut scenario, &case.id);
    }
    scenario.cast = Some(only_spoken_of(cast, &scenario));
    scenario
}

fn steps(case: &AnyCase) -> usize {
    match case {
        AnyCase::Sql(case) => case.steps.len(),
        AnyCase::Api(case) => case.steps.len(),
    }
}

fn set_id(scenario: &mut Scenario, id: &domain::case::CaseId) {
    if let Some(found) = &mut scenario.found {
        found.case = id.to_string();
    }
}

/// Every tenant with a role: who acted, whom it was about, and everybody else.
fn cast(case: Option<&AnyCase>, finding: &Finding, world: &World) -> Cast {
    let attacker = finding
        .actor
        .tenant()
        .or_else(|| case.and_then(first_actor));
    let of_case = match case {
        Some(AnyCase::Sql(case)) => case
            .steps
            .get(finding.step)
            .and_then(|step| step.claim.as_ref()?.tenant),
        Some(AnyCase::Api(case)) => attacked(case, finding.step),
        None => None,
    };
    let seen = finding.sightings.iter().map(|sighting| sighting.tenant);
    let changed = finding
        .changes
        .iter()
        .filter_map(|change| world.tenant_of_database(&change.database));
    let victim = of_case
        .into_iter()
        .chain(seen)
        .chain(changed)
        .find(|tenant| Some(*tenant) != attacker);
    let other = || world.indexes().find(|tenant| Some(*tenant) != victim);
    let attacker = attacker.or_else(other).unwrap_or(TenantIndex(0));
    let is_other = |tenant: &TenantIndex| *tenant != attacker && Some(*tenant) != victim;
    Cast {
        attacker: attacker.0 + 1,
        victim: victim.map(|tenant| tenant.0 + 1),
        bystanders: world
            .indexes()
            .filter(is_other)
            .map(|tenant| tenant.0 + 1)
            .collect(),
    }
}

fn first_actor(case: &AnyCase) -> Option<TenantIndex> {
    match case {
        AnyCase::Sql(case) => case.steps.iter().find_map(|step| step.actor.tenant()),
        AnyCase::Api(case) => case.steps.iter().find_map(|step| step.caller()?.tenant),
    }
}

/// Whose thing an attack was after: the step's, or the case's first.
fn attacked(case: &api::case::Case, step: usize) -> Option<TenantIndex> {
    let own = case.steps.get(step).into_iter();
    own.chain(&case.steps)
        .find_map(|step| step.attack()?.victim.as_ref()?.tenant)
}

/// Bystanders up to the last that is spoken of.
fn only_spoken_of(mut cast: Cast, scenario: &Scenario) -> Cast {
    let told = serde_json::to_string(&(&scenario.title, &scenario.story, &scenario.found));
    let told = told.unwrap_or_default();
    while let Some(last) = cast.bystanders.len().checked_sub(1) {
        let role = Role::Bystander(last + 1);
        if scenario.speaks_of(role) || told.contains(&role.to_string()) {
            break;
        }
        cast.bystanders.pop();
    }
    cast
}

struct Writer<'n, 'a> {
    names: &'n Names<'a>,
    symbols: Symbols<'n, 'a>,
}

impl Writer<'_, '_> {
    /// Who did what to whom, why that is a contradiction, and what surfaced and changed where.
    fn story(&self, finding: &Finding, contradiction: &[String]) -> String {
        let mut lines = vec![finding.sentence.clone()];
        lines.extend(contradiction.iter().cloned());
        // The contradiction says what was seen, and shorter.
        let is_told = !contradiction.is_empty();
        for sighting in finding.sightings.iter().filter(|_| !is_told) {
            lines.push(format!(
                "Surfaced: {:?} of {} in {}, as {:?}.",
                sighting.kind,
                self.names.world.tenant(sighting.tenant).name,
                sighting.place,
                sighting.encoding
            ));
        }
        for change in finding.changes.iter().filter(|_| !is_told) {
            let what = match &change.what {
                Changed::Rows {
                    table,
                    added,
                    removed,
                } => format!(
                    "{table}: {} rows added, {} gone",
                    added.len(),
                    removed.len()
                ),
                Changed::Catalog { added, removed } => format!(
                    "the catalog: {} facts added, {} gone",
                    added.len(),
                    removed.len()
                ),
                Changed::Unreadable { table, .. } => format!("{table} cannot be read any more"),
            };
            lines.push(format!("Changed in {}: {what}.", change.database));
        }
        lines.dedup();
        let told = lines.iter().map(|line| self.plain(line));
        told.map(|line| line + "\n").collect()
    }

    /// A line about the roles: what belongs to a tenant is told as the role's.
    fn plain(&self, line: &str) -> String {
        let mut told = self.symbols.text(line);
        for (role, _) in &self.names.roles {
            for (name, words) in [
                ("database.name}}.", format!("{role}'s ")),
                ("database}}.", format!("{role}'s ")),
                ("database.name}}", format!("{role}'s database")),
                ("database}}", format!("{role}'s database")),
                ("tenant}}", role.to_string()),
                ("organisation}}", format!("{role}'s organisation")),
            ] {
                told = told.replace(&format!("{{{{{role}.{name}"), &words);
            }
        }
        told.replace('\n', " ")
    }

    fn role(&self, tenant: TenantIndex) -> Role {
        // Everybody in the world has a role here.
        self.names.role(tenant).unwrap_or(Role::Attacker)
    }

    fn step(&self, step: &Step) -> ScenarioStep {
        ScenarioStep {
            claim: step.claim.as_ref().map(|claim| self.claim(claim)),
            twin: step.twin.as_ref().map(|twin| self.actor(twin)),
            treatment: step.traits.into(),
            batch: Some(
                self.symbols
                    .batch(&step.batch, &step.actor, step.claim.as_ref()),
            ),
            ..plain_step(self.actor(&step.actor))
        }
    }

    fn claim(&self, claim: &Claim) -> ScenarioClaim {
        let side = match claim.tenant {
            Some(tenant) => Side::Tenant(self.role(tenant)),
            None if claim.database.is_empty() => Side::Server,
            None => Side::Shared,
        };
        let own = match side {
            Side::Server => String::new(),
            side => self
                .names
                .database(side)
                .map(|own| own.0)
                .unwrap_or_default(),
        };
        // A database that belongs to nobody must not need another that is shared.
        let side = match side {
            Side::Shared if own != claim.database => Side::Server,
            side => side,
        };
        let is_own = own == claim.database;
        let mut family = claim.family.as_str();
        let mut kinds: Vec<Kind> = Vec::new();
        while let Some((rest, kind)) = Kind::ALL.iter().find_map(|kind| {
            let rest = family.strip_suffix(kind.name())?.strip_suffix('+')?;
            Some((rest, *kind))
        }) {
            kinds.insert(0, kind);
            family = rest;
        }
        ScenarioClaim {
            action: claim.action,
            of: side,
            database: (!is_own).then(|| self.symbols.text(&claim.database)),
            object: self.symbols.text(&claim.object),
            family: Some(family.to_owned()),
            kinds,
        }
    }

    fn actor(&self, actor: &Actor) -> ScenarioActor {
        let principal = |tenant: &TenantIndex, name: &String, scope| ScenarioActor::Principal {
            role: self.role(*tenant),
            name: name.clone(),
            scope,
        };
        match actor {
            Actor::Principal {
                tenant,
                principal: name,
            } => principal(tenant, name, None),
            Actor::Scoped {
                tenant,
                principal: name,
                scope,
            } => principal(tenant, name, Some(*scope)),
            Actor::Administrator { database } => {
                ScenarioActor::Administrator(self.workplace(database))
            }
            Actor::Keeper {
                database,
                tenant,
                unguarded,
            } => ScenarioActor::Keeper {
                place: self.post(database, *tenant),
                unguarded: unguarded.as_ref().map(|table| self.symbols.text(table)),
            },
            Actor::Caller(caller) => self.caller(caller),
        }
    }

    fn caller(&self, caller: &api::request::Caller) -> ScenarioActor {
        match caller.tenant {
            None => ScenarioActor::Anonymous,
            Some(tenant) => ScenarioActor::Principal {
                role: self.role(tenant),
                name: caller.actor.clone(),
                scope: None,
            },
        }
    }

    /// The database in which an administrator works; whose it is does not matter to him.
    fn workplace(&self, database: &str) -> Home {
        let of_roles = self.names.roles.iter().map(|(role, _)| Side::Tenant(*role));
        let mut sides = of_roles.chain([Side::Shared, Side::Server]);
        let is_here = |side: &Side| {
            self.names
                .database(*side)
                .is_ok_and(|(own, _)| own == database)
        };
        match sides.find(is_here) {
            Some(side) => Home::of(side),
            None => self.home(Side::Server, database),
        }
    }

    /// The database in which a keeper works, who is checked out for somebody or for nobody.
    fn post(&self, database: &str, tenant: Option<TenantIndex>) -> Home {
        let side = match tenant {
            Some(tenant) => Side::Tenant(self.role(tenant)),
            None => Side::Shared,
        };
        match self.names.database(side) {
            Ok((own, _)) if own == database => Home::of(side),
            Ok(_) if tenant.is_some() => self.home(side, database),
            _ => self.home(Side::Server, database),
        }
    }

    fn home(&self, side: Side, database: &str) -> Home {
        Home {
            side,
            database: Some(self.symbols.text(database)),
        }
    }

    fn api_step(&self, step: &api::case::Step) -> ScenarioStep {
        let mut written = match &step.act {
            api::case::Act::Call {
                caller,
                operation,
                request,
            } => ScenarioStep {
                operation: (!operation.is_empty()).then(|| operation.clone()),
                request: Some(ScenarioRequest::of(
                    request,
                    &|text| self.symbols.text(text),
                    &|value| self.symbols.document(value),
                )),
                ..plain_step(self.caller(caller))
            },
            api::case::Act::Batch {
                actor,
                batch,
                traits,
            } => ScenarioStep {
                treatment: (*traits).into(),
                batch: Some(self.symbols.batch(batch, actor, None)),
                ..plain_step(self.actor(actor))
            },
        };
        written.manner = step.manner;
        let (stance, about) = match &step.stance {
            api::case::Stance::Prepare => (Purpose::Prepare, None),
            api::case::Stance::Wander => (Purpose::Wander, None),
            api::case::Stance::Arm { attack } => (Purpose::Arm, Some(attack + 1)),
            api::case::Stance::Witness { attack } => (Purpose::Witness, Some(attack + 1)),
            api::case::Stance::Counterpart { attack } => (Purpose::Counterpart, Some(attack + 1)),
            api::case::Stance::Attack(attack) => {
                written.attack = Some(self.attack(attack));
                (Purpose::Attack, None)
            }
        };
        written.stance = Some(stance);
        written.about = about;
        written
    }

    fn attack(&self, attack: &api::case::Attack) -> ScenarioAttack {
        let (mut field, mut step, mut count) = (None, None, None);
        let must = match &attack.must {
            api::case::Must::BeRefused => Duty::BeRefused,
            api::case::Must::BeRefusedNaming { field: named } => {
                field = Some(named.clone());
                Duty::BeRefusedNaming
            }
            api::case::Must::ShowNothing => Duty::ShowNothing,
            api::case::Must::Repeat { step: earlier } => {
                step = Some(earlier + 1);
                Duty::Repeat
            }
            api::case::Must::OneOf { count: racers } => {
                count = Some(*racers);
                Duty::OneOf
            }
            api::case::Must::Rule => Duty::Rule,
        };
        ScenarioAttack {
            controls: attack.controls.clone(),
            family: attack.family.clone(),
            position: self.symbols.text(&attack.position),
            victim: attack.victim.as_ref().map(|victim| self.caller(victim)),
            must,
            field,
            step,
            count,
        }
    }
}

/// A step in which nothing is said but who takes it.
fn plain_step(actor: ScenarioActor) -> ScenarioStep {
    ScenarioStep {
        actor,
        claim: None,
        twin: None,
        stance: None,
        about: None,
        attack: None,
        manner: api::case::Manner::Alone,
        treatment: crate::format::Treatment::default(),
        operation: None,
        request: None,
        batch: None,
    }
}
