//! What is tried on the API plane: who calls what, in which order, and what each step is for.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::request::{Caller, Request};
use crate::case::{Actor, BatchTraits, CaseId};
use crate::control::ControlId;

/// One executable try. It makes everything that it needs itself, so it replays from an empty
/// service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// A line for people.
    pub title: String,
    /// Its steps, in the order in which they are taken.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// What it is for.
    pub stance: Stance,
    /// How it goes together with the next one.
    #[serde(default)]
    pub manner: Manner,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A request.
    Call {
        /// On whose behalf.
        caller: Caller,
        /// Key of the contract's operation, `METHOD /path/{parameter}`; empty for a request that
        /// the contract does not know.
        operation: String,
        /// What is sent.
        request: Request,
    },
    /// T-SQL of a tenant's principal, between requests.
    Batch {
        /// Who.
        actor: Actor,
        /// The T-SQL.
        batch: String,
        /// How it must be treated.
        traits: BatchTraits,
    },
}

/// How a step goes together with the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// It is answered before the next begins.
    #[default]
    Alone,
    /// It is sent at the same time as the next: a race.
    WithNext,
    /// It is sent, and the connection is dropped before the answer.
    Abandoned,
}

/// What a step is for. Numbers of steps count from 0 here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// It must succeed, or the case proves nothing.
    Prepare,
    /// It tries what is promised to be impossible.
    Attack(Attack),
    /// The rightful does in the same state what the attack did: only if he succeeds, the attack
    /// counts.
    Arm {
        /// The attack.
        attack: usize,
    },
    /// The owner looks at what is attacked. The last one before the attack and the first one after
    /// it are compared.
    Witness {
        /// The attack.
        attack: usize,
    },
    /// It asks like the attack for something that never was, or is gone: both must be answered alike.
    Counterpart {
        /// The attack.
        attack: usize,
    },
    /// Nothing is expected of it; what it shows and changes is judged all the same.
    Wander,
}

/// What an attack tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attack {
    /// The promises that it puts to the test.
    pub controls: Vec<ControlId>,
    /// Its kind, a stable slug: `foreign-identifier`, `short-reason` …
    pub family: String,
    /// Where it strikes, for people and fingerprints: `path customerId`, `body lines[].productId`.
    pub position: String,
    /// Whose thing it is after; `None` when it is the caller's own.
    pub victim: Option<Caller>,
    /// What must come of it.
    pub must: Must,
}

/// What must come of an attack when the promise holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// It must be refused, and must change nothing. For a foreign thing a success alone is no
    /// proof: it must show or change something of the victim's.
    BeRefused,
    /// It must be refused with status 400 (or 422), naming this field.
    BeRefusedNaming {
        /// JSON pointer or name of the field.
        field: String,
    },
    /// It may succeed, but must show nothing of the victim's and change nothing of it.
    ShowNothing,
    /// It must be answered with what that earlier step was answered, and change nothing more.
    Repeat {
        /// The step, from 0.
        step: usize,
    },
    /// Of this many steps, itself and those right after it, exactly one must succeed.
    OneOf {
        /// How many.
        count: usize,
    },
    /// A declared promise decides by a rule of its own; see the oracle of the family's name.
    Rule,
}

impl Case {
    /// The steps that are sent together with this one: itself alone, for most.
    pub fn race(&self, step: usize) -> RangeInclusive<usize> {
        let races = |step: usize| {
            let tried = self.steps.get(step);
            tried.is_some_and(|tried| tried.manner == Manner::WithNext)
        };
        let mut first = step;
        while first > 0 && races(first - 1) {
            first -= 1;
        }
        let mut last = step;
        while races(last) && last + 1 < self.steps.len() {
            last += 1;
        }
        first..=last
    }

    /// Whether a step is sent together with others.
    pub fn is_raced(&self, step: usize) -> bool {
        let race = self.race(step);
        race.start() < race.end()
    }
}

impl Step {
    /// Who calls, when it is a request.
    pub fn caller(&self) -> Option<&Caller> {
        match &self.act {
            Act::Call { caller, .. } => Some(caller),
            Act::Batch { .. } => None,
        }
    }

    /// Key of its operation; empty when it has none.
    pub fn operation(&self) -> &str {
        match &self.act {
            Act::Call { operation, .. } => operation,
            Act::Batch { .. } => "",
        }
    }

    /// What it attacks, if it does.
    pub fn attack(&self) -> Option<&Attack> {
        match &self.stance {
            Stance::Attack(attack) => Some(attack),
            _ => None,
        }
    }
}
