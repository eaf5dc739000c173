//! The matrix principal × action × object × relation: which cell an attempt belongs to, and which
//! promises the cell counts for.

use domain::case::{
    Actor, Claim, FOREIGN_BESIDE_MISSING, OTHER_DEPARTMENT, PAST, Step, TAKEN_BESIDE_FREE,
};
use domain::control::ControlId;
use domain::event::Coordinates;
use domain::intent::Action;
use domain::system::System;
use domain::world::{TenantIndex, World};

/// Whose data is attacked, seen from the attacker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// The attacker's own tenant: a matter of duties.
    Own,
    /// Another department of the attacker's own tenant.
    Department,
    /// Another tenant.
    Other,
    /// A database that belongs to nobody.
    Shared,
}

impl Relation {
    /// Seen by a principal of `attacker`.
    pub fn of(attacker: TenantIndex, owner: Option<TenantIndex>) -> Self {
        match owner {
            Some(owner) if owner == attacker => Self::Own,
            Some(_) => Self::Other,
            None => Self::Shared,
        }
    }

    /// Of whoever makes a claim, seen by a principal of `attacker`.
    pub fn of_claim(attacker: TenantIndex, claim: &Claim) -> Self {
        match Self::of(attacker, claim.tenant) {
            Self::Own if claim.is(OTHER_DEPARTMENT) => Self::Department,
            relation => relation,
        }
    }

    /// As in fingerprints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own tenant",
            Self::Department => "other department",
            Self::Other => "other tenant",
            Self::Shared => "shared",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The attacker's principal name, whatever its tenant.
    pub principal: String,
    /// What is attempted.
    pub action: Action,
    /// `schema.object`, or what else; empty for the database.
    pub object: String,
    /// On whom.
    pub relation: Relation,
    /// Key of the shared database, when it is one.
    pub shared: Option<String>,
    /// What else the attempt puts to the test.
    pub aspect: Aspect,
}

/// What an attempt puts to the test besides its action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord)]
pub struct Aspect {
    /// A foreign row beside a row that never was.
    pub compared: bool,
    /// A key value that another tenant uses beside one that nobody uses.
    pub taken: bool,
    /// Rows of the past.
    pub past: bool,
}

impl Aspect {
    /// As the claim tells it.
    pub fn of(claim: &Claim) -> Self {
        Self {
            compared: claim.is(FOREIGN_BESIDE_MISSING),
            taken: claim.is(TAKEN_BESIDE_FREE),
            past: claim.is(PAST),
        }
    }
}

impl Cell {
    /// The cell of a step, when it is an attack by a principal.
    pub fn of_attack(world: &World, step: &Step) -> Option<Self> {
        step.twin.as_ref()?;
        Self::of_claim(world, &step.actor, step.claim.as_ref()?)
    }

    /// The cell of a claim by a principal.
    pub fn of_claim(world: &World, actor: &Actor, claim: &Claim) -> Option<Self> {
        let (tenant, principal) = actor.principal()?;
        let relation = Relation::of_claim(tenant, claim);
        let shared = world
            .shared_databases
            .iter()
            .find(|(_, name)| relation == Relation::Shared && *name == claim.database)
            .map(|(key, _)| key.clone());
        Some(Self {
            principal: principal.to_owned(),
            action: claim.action,
            object: claim.object.clone(),
            relation,
            shared,
            aspect: Aspect::of(claim),
        })
    }

    /// Unique and stable, for people.
    pub fn name(&self) -> String {
        let object = if self.object.is_empty() {
            "the database"
        } else {
            &self.object
        };
        let whose = match self.relation {
            Relation::Own => "of its own tenant".to_owned(),
            Relation::Department => "of another department".to_owned(),
            Relation::Other => "of another tenant".to_owned(),
            Relation::Shared => {
                format!(
                    "of the shared {}",
                    self.shared.as_deref().unwrap_or("server")
                )
            }
        };
        let mut name = format!("{} {} {object} {whose}", self.principal, self.action.name());
        for (is, words) in [
            (self.aspect.compared, ", beside a row that never was"),
            (self.aspect.taken, ", with a key that another tenant uses"),
            (self.aspect.past, ", as it was"),
        ] {
            if is {
                name.push_str(words);
            }
        }
        name
    }

    /// Where it lies in the matrix.
    pub fn coordinates(&self) -> Coordinates {
        Coordinates {
            who: self.principal.clone(),
            what: if self.object.is_empty() {
                "the database".to_owned()
            } else {
                self.object.clone()
            },
            how: self.action.name().to_owned(),
            whose: self.whose().to_owned(),
        }
    }

    fn whose(&self) -> &'static str {
        match self.relation {
            Relation::Own => "own",
            Relation::Department => "department",
            Relation::Other => "other",
            Relation::Shared => "shared",
        }
    }

    /// `isolation.<relation>.<object>`.
    pub fn class(&self) -> String {
        let relation = self.whose();
        let object = if self.object.is_empty() {
            "database"
        } else {
            &self.object
        };
        let object: String = object
            .chars()
            .map(|letter| {
                if letter.is_alphanumeric() || letter == '_' {
                    letter
                } else {
                    '_'
                }
            })
            .collect();
        format!("isolation.{relation}.{object}")
    }

    /// The promises that an attempt in this cell puts to the test.
    pub fn controls(&self, system: &System) -> Vec<ControlId> {
        if system.tenancy.is_some() {
            return self.controls_in_common(system);
        }
        let intent = &system.intent;
        let guarded = intent.is_append_only(&self.object) || intent.is_audit(&self.object);
        let moves_rows = matches!(
            self.action,
            Action::Insert | Action::Update | Action::Delete | Action::Truncate
        );
        let reads = matches!(
            self.action,
            Action::Select | Action::Execute | Action::Connect | Action::Backup
        );
        let mut ids = Vec::new();
        match self.relation {
            Relation::Own if intent.is_frozen_rows(&self.object) => ids.push("D09"),
            Relation::Own if intent.is_history(&self.object) && !reads => ids.push("D05"),
            Relation::Own if guarded => ids.push("D03"),
            Relation::Own | Relation::Department => ids.push("D02"),
            Relation::Other | Relation::Shared => {
                ids.push("D01");
                if matches!(self.action, Action::Select | Action::Execute) {
                    ids.push("B01");
                }
                // Any refusal has a text that could tell something.
                ids.push("B05");
            }
        }
        if guarded && moves_rows {
            ids.push("D04");
        }
        // Who may change the definition of a versioned table may stop it from keeping its history.
        if self.relation == Relation::Own
            && is_of_definitions(self.action)
            && intent.is_system_versioned(&self.object)
        {
            ids.push("D05");
        }
        if self.relation == Relation::Shared && !reads && intent.is_register(&self.object) {
            ids.push("D17");
        }
        ids.into_iter().map(ControlId::new).collect()
    }

    /// The same where the rows of all tenants lie in one database.
    fn controls_in_common(&self, system: &System) -> Vec<ControlId> {
        let intent = &system.intent;
        let guarded = intent.is_append_only(&self.object) || intent.is_audit(&self.object);
        let reads = matches!(self.action, Action::Select | Action::Execute);
        let writes = matches!(
            self.action,
            Action::Insert | Action::Update | Action::Delete | Action::Execute
        );
        let mut ids = match self.relation {
            _ if self.aspect.taken => vec!["S06"],
            Relation::Own if guarded => vec!["S07"],
            // Whoever reaches rows past the views and procedures that apply the context, reaches
            // them without it.
            Relation::Own | Relation::Shared => vec!["S01"],
            Relation::Department => vec!["S02"],
            Relation::Other => vec!["S01"],
        };
        if self.relation == Relation::Other {
            if writes {
                ids.push("S03");
            }
            if guarded && self.action != Action::Select {
                ids.push("S07");
            }
            if reads {
                ids.push("B01");
            }
            ids.push("B05");
        }
        if self.aspect.past {
            ids.push("S08");
        }
        if (self.aspect.compared && self.relation == Relation::Other) || self.aspect.taken {
            ids.push("B03");
        }
        ids.into_iter().map(ControlId::new).collect()
    }
}

/// Whether an action changes a definition or a right.
pub(crate) fn is_of_definitions(action: Action) -> bool {
    matches!(
        action,
        Action::Truncate
            | Action::Alter
            | Action::Drop
            | Action::Create
            | Action::Grant
            | Action::TakeOwnership
    )
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::intent::Action;

    use super::{Aspect, Cell, Relation};

    #[test]
    fn every_cell_counts_for_the_promises_it_tests() {
        let system = example::system(2);
        for (action, object, relation, expected) in [
            (
                Action::Select,
                "dbo.Invoices",
                Relation::Other,
                &["D01", "B01", "B05"][..],
            ),
            (
                Action::Delete,
                "dbo.AuditEvents",
                Relation::Other,
                &["D01", "B05", "D04"],
            ),
            (
                Action::Delete,
                "dbo.AuditEvents",
                Relation::Own,
                &["D03", "D04"],
            ),
            (Action::Alter, "dbo.AuditEvents", Relation::Own, &["D03"]),
            (Action::Delete, "dbo.Invoices", Relation::Own, &["D02"]),
            (Action::Connect, "", Relation::Shared, &["D01", "B05"]),
        ] {
            let cell = Cell {
                principal: "app_rw".into(),
                action,
                object: object.into(),
                relation,
                shared: None,
                aspect: Aspect::default(),
            };
            let ids: Vec<String> = cell
                .controls(&system)
                .into_iter()
                .map(|control| control.0)
                .collect();
            assert_eq!(ids, expected, "{}", cell.name());
        }
    }

    #[test]
    fn names_tell_everything_that_differs() {
        let cell = Cell {
            principal: "app_rw".into(),
            action: Action::Select,
            object: "dbo.Tenants".into(),
            relation: Relation::Shared,
            shared: Some("registry".into()),
            aspect: Aspect::default(),
        };
        assert_eq!(
            cell.name(),
            "app_rw select dbo.Tenants of the shared registry"
        );
        assert_eq!(cell.class(), "isolation.shared.dbo_Tenants");
    }
}
