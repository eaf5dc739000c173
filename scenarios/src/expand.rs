//! A scenario as cases: between the tenants of its cast, or for every tenant as attacker with its
//! neighbour as victim.

use domain::api;
use domain::case::{Actor, Case, CaseId, Claim, Phase, Step};
use domain::cause::AnyCase;
use domain::feature::Feature;
use domain::finding::Fingerprint;
use domain::surface::Surface;
use domain::system::System;
use domain::world::{TenantIndex, World};
use serde_json::Value;

use crate::format::{Duty, Found, Purpose, Scenario, ScenarioAttack, ScenarioClaim, ScenarioStep};
use crate::names::Names;
use crate::role::{Home, Role, ScenarioActor, Side};
use crate::symbols::{number_named, number_placeholder};

/// The system has nothing that the scenario could attack. To be read after "does not apply:".
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{0}")]
pub struct NotApplicable(pub String);

impl From<String> for NotApplicable {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

/// The cases of a scenario in T-SQL, numbered from `first`.
///
/// # Errors
/// When the system has another design, or lacks a feature, a principal, a table or a second tenant
/// that the scenario speaks of; or when the scenario speaks with a service.
pub fn expand(
    scenario: &Scenario,
    system: &System,
    world: &World,
    surface: &Surface,
    first: u64,
) -> Result<Vec<Case>, NotApplicable> {
    let cases = expand_any(scenario, system, world, surface, (Phase::Scenarios, first))?;
    let of_sql = |case| match case {
        AnyCase::Sql(case) => Ok(case),
        AnyCase::Api(_) => Err(NotApplicable("it speaks with a service".into())),
    };
    cases.into_iter().map(of_sql).collect()
}

/// The cases of a scenario of either plane, numbered from `first` in this phase. What was found keeps
/// the number that it was found under.
///
/// # Errors
/// As [`expand`].
pub fn expand_any(
    scenario: &Scenario,
    system: &System,
    world: &World,
    surface: &Surface,
    first: (Phase, u64),
) -> Result<Vec<AnyCase>, NotApplicable> {
    if !scenario.design.includes(system.design) {
        let reason = format!("it is for the design {}", scenario.design.name());
        return Err(NotApplicable(reason));
    }
    let lacking = |need: &&Feature| !surface.features.contains(*need);
    if let Some(need) = scenario.needs.iter().find(lacking) {
        return Err(NotApplicable(format!("the target has no {}", need.noun())));
    }
    let casts = casts(scenario, world)?;
    let mut cases = Vec::with_capacity(casts.len());
    for (index, roles) in (first.1..).zip(casts) {
        let phase = first.0;
        let id = match &scenario.found {
            Some(found) => CaseId::parse(&found.case).unwrap_or(CaseId { phase, index }),
            None => CaseId { phase, index },
        };
        let names = Names::new((system, world, surface), roles);
        let stage = OnStage {
            names: &names,
            scenario,
        };
        cases.push(stage.case(id)?);
    }
    Ok(cases)
}

/// What was found, in the words of this world: what it is known again by, and the ways that it went.
///
/// # Errors
/// When the world has no such tenants.
pub fn expected(
    found: &Found,
    scenario: &Scenario,
    (system, world, surface): (&System, &World, &Surface),
) -> Result<Found, NotApplicable> {
    let roles = casts(scenario, world)?.into_iter().next();
    let names = Names::new((system, world, surface), roles.unwrap_or_default());
    let filled = |text: &String| names.fill(text).map_err(NotApplicable);
    let fingerprint = &found.fingerprint;
    Ok(Found {
        fingerprint: Fingerprint {
            oracle: filled(&fingerprint.oracle)?,
            attacker: filled(&fingerprint.attacker)?,
            victim: filled(&fingerprint.victim)?,
            action: filled(&fingerprint.action)?,
            place: filled(&fingerprint.place)?,
        },
        through: found.through.iter().map(filled).collect::<Result<_, _>>()?,
        ..found.clone()
    })
}

/// Who plays which role, once for each case.
fn casts(
    scenario: &Scenario,
    world: &World,
) -> Result<Vec<Vec<(Role, TenantIndex)>>, NotApplicable> {
    let tenants = world.tenants.len();
    if let Some(cast) = &scenario.cast {
        let roles = cast.roles();
        let most = roles.iter().map(|(_, position)| *position).max();
        if let Some(needed) = most.filter(|needed| *needed > tenants) {
            let reason =
                format!("it needs {needed} tenants, and there are {tenants}: see --tenants");
            return Err(NotApplicable(reason));
        }
        let index = |(role, position): (Role, usize)| (role, TenantIndex(position - 1));
        return Ok(vec![roles.into_iter().map(index).collect()]);
    }
    if scenario.speaks_of(Role::Victim) && tenants < 2 {
        return Err(NotApplicable("there is one tenant only".into()));
    }
    let cast = |attacker: TenantIndex| {
        let other = |distance: usize| TenantIndex((attacker.0 + distance) % tenants);
        let victim = (Role::Victim, other(1));
        let others = (2..tenants).map(|distance| (Role::Bystander(distance - 1), other(distance)));
        [(Role::Attacker, attacker), victim]
            .into_iter()
            .chain(others)
            .collect()
    };
    Ok(world.indexes().map(cast).collect())
}

struct OnStage<'a> {
    names: &'a Names<'a>,
    scenario: &'a Scenario,
}

impl OnStage<'_> {
    fn case(&self, id: CaseId) -> Result<AnyCase, NotApplicable> {
        let title = self.title()?;
        let steps = &self.scenario.steps;
        Ok(if self.scenario.is_of_the_api() {
            let steps = steps.iter().map(|step| self.api_step(step));
            AnyCase::Api(api::case::Case {
                id,
                title,
                steps: steps.collect::<Result<_, _>>()?,
            })
        } else {
            let steps = steps.iter().map(|step| self.step(step));
            AnyCase::Sql(Case {
                id,
                title,
                steps: steps.collect::<Result<_, _>>()?,
            })
        })
    }

    /// What was found has its title; a scenario's says besides who is who.
    fn title(&self) -> Result<String, NotApplicable> {
        let scenario = self.scenario;
        if scenario.cast.is_some() {
            return self.fill(&scenario.title);
        }
        let name = |role| {
            let tenant = self.names.tenant(role);
            tenant.map_or("", |tenant| &self.names.world.tenant(tenant).name)
        };
        let (from, to) = (name(Role::Attacker), name(Role::Victim));
        Ok(if scenario.speaks_of(Role::Victim) {
            format!("{}: {} ({from} against {to})", scenario.id, scenario.title)
        } else {
            format!("{}: {} ({from})", scenario.id, scenario.title)
        })
    }

    fn step(&self, step: &ScenarioStep) -> Result<Step, NotApplicable> {
        let claim = step.claim.as_ref().map(|claim| self.claim(claim));
        let twin = step.twin.as_ref().map(|twin| self.actor(twin));
        Ok(Step {
            actor: self.actor(&step.actor)?,
            batch: self.fill(step.batch.as_deref().unwrap_or_default())?,
            claim: claim.transpose()?,
            twin: twin.transpose()?,
            traits: step.treatment.into(),
        })
    }

    fn claim(&self, claim: &ScenarioClaim) -> Result<Claim, NotApplicable> {
        let (database, tenant) = match claim.of {
            // What belongs to no database is known by having none.
            Side::Server => (String::new(), None),
            side => self.names.database(side)?,
        };
        let database = match &claim.database {
            Some(other) => self.fill(other)?,
            None => database,
        };
        let family = match &claim.family {
            Some(family) => family.clone(),
            None => self.scenario.id.clone(),
        };
        let kinds = claim.kinds.iter().map(|kind| kind.name());
        Ok(Claim {
            action: claim.action,
            database,
            tenant,
            object: self.fill(&claim.object)?,
            family: kinds.fold(family, |family, kind| format!("{family}+{kind}")),
        })
    }

    fn actor(&self, actor: &ScenarioActor) -> Result<Actor, NotApplicable> {
        match actor {
            ScenarioActor::Principal { role, name, scope } => {
                if !self.names.system.principals.contains_key(name) {
                    return Err(NotApplicable(format!("the system has no principal {name}")));
                }
                let (tenant, principal) = (self.tenant(*role)?, name.clone());
                Ok(match *scope {
                    None => Actor::Principal { tenant, principal },
                    Some(scope) => Actor::Scoped {
                        tenant,
                        principal,
                        scope,
                    },
                })
            }
            ScenarioActor::Administrator(place) => Ok(Actor::Administrator {
                database: self.place(place)?.0,
            }),
            ScenarioActor::Keeper { place, unguarded } => {
                let (database, tenant) = self.place(place)?;
                let unguarded = unguarded.as_deref().map(|table| self.fill(table));
                Ok(Actor::Keeper {
                    database,
                    tenant,
                    unguarded: unguarded.transpose()?,
                })
            }
            ScenarioActor::Anonymous => {
                let reason = "nobody speaks T-SQL without a login: `anonymous` sends requests";
                Err(NotApplicable(reason.into()))
            }
        }
    }

    fn api_step(&self, step: &ScenarioStep) -> Result<api::case::Step, NotApplicable> {
        let act = match &step.request {
            None => api::case::Act::Batch {
                actor: self.actor(&step.actor)?,
                batch: self.fill(step.batch.as_deref().unwrap_or_default())?,
                traits: step.treatment.into(),
            },
            Some(request) => api::case::Act::Call {
                caller: self.caller(&step.actor)?,
                operation: step.operation.clone().unwrap_or_default(),
                request: request.filled(&|text| self.fill(text), &|value| self.document(value))?,
            },
        };
        let attack = step.about.unwrap_or_default().saturating_sub(1);
        let stance = match (step.stance, &step.attack) {
            (Some(Purpose::Attack), Some(attack)) => {
                api::case::Stance::Attack(self.attack(attack)?)
            }
            (Some(Purpose::Prepare), _) => api::case::Stance::Prepare,
            (Some(Purpose::Arm), _) => api::case::Stance::Arm { attack },
            (Some(Purpose::Witness), _) => api::case::Stance::Witness { attack },
            (Some(Purpose::Counterpart), _) => api::case::Stance::Counterpart { attack },
            (Some(Purpose::Attack | Purpose::Wander) | None, _) => api::case::Stance::Wander,
        };
        Ok(api::case::Step {
            act,
            stance,
            manner: step.manner,
        })
    }

    fn caller(&self, actor: &ScenarioActor) -> Result<api::request::Caller, NotApplicable> {
        match actor {
            ScenarioActor::Anonymous => Ok(api::request::Caller::anonymous()),
            ScenarioActor::Principal { role, name, .. } => {
                let service = self.names.system.service.as_ref();
                if service.is_none_or(|service| !service.actors.contains_key(name)) {
                    return Err(NotApplicable(format!("the service has no actor {name}")));
                }
                Ok(api::request::Caller::of(self.tenant(*role)?, name))
            }
            ScenarioActor::Administrator(_) | ScenarioActor::Keeper { .. } => {
                let reason = "the server's administrator sends no requests";
                Err(NotApplicable(reason.into()))
            }
        }
    }

    fn attack(&self, attack: &ScenarioAttack) -> Result<api::case::Attack, NotApplicable> {
        let victim = attack.victim.as_ref().map(|victim| self.caller(victim));
        Ok(api::case::Attack {
            controls: attack.controls.clone(),
            family: attack.family.clone(),
            position: self.fill(&attack.position)?,
            victim: victim.transpose()?,
            must: match attack.must {
                Duty::BeRefused => api::case::Must::BeRefused,
                Duty::BeRefusedNaming => api::case::Must::BeRefusedNaming {
                    field: attack.field.clone().unwrap_or_default(),
                },
                Duty::ShowNothing => api::case::Must::ShowNothing,
                Duty::Repeat => api::case::Must::Repeat {
                    step: attack.step.unwrap_or_default().saturating_sub(1),
                },
                Duty::OneOf => api::case::Must::OneOf {
                    count: attack.count.unwrap_or_default(),
                },
                Duty::Rule => api::case::Must::Rule,
            },
        })
    }

    fn tenant(&self, role: Role) -> Result<TenantIndex, NotApplicable> {
        self.names
            .tenant(role)
            .ok_or_else(|| NotApplicable(format!("there is no {role}; see `cast`")))
    }

    fn place(&self, place: &Home) -> Result<(String, Option<TenantIndex>), NotApplicable> {
        let (database, tenant) = self.names.database(place.side)?;
        Ok(match &place.database {
            Some(other) => (self.fill(other)?, tenant),
            None => (database, tenant),
        })
    }

    fn fill(&self, text: &str) -> Result<String, NotApplicable> {
        self.names.fill(text).map_err(NotApplicable)
    }

    /// A document with its placeholders filled in; a text that is one for a number becomes a number.
    fn document(&self, value: &Value) -> Result<Value, NotApplicable> {
        Ok(match value {
            Value::String(text) => match number_placeholder(text) {
                Some(name) => number_named(self.names, name)
                    .map(Value::Number)
                    .ok_or_else(|| NotApplicable(format!("there is no {name}")))?,
                None => Value::String(self.fill(text)?),
            },
            Value::Array(items) => {
                let items = items.iter().map(|item| self.document(item));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let member = |(name, value): (&String, &Value)| {
                    Ok((self.fill(name)?, self.document(value)?))
                };
                Value::Object(
                    members
                        .iter()
                        .map(member)
                        .collect::<Result<_, NotApplicable>>()?,
                )
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }
}
