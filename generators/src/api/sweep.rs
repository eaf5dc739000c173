//! The phases of the API plane that are the same for every seed: what each operation does for its
//! owner, and every attack once.

use domain::api::case::{Case, Stance};
use domain::api::request::Caller;
use domain::case::Phase;
use domain::system::Design;
use domain::world::TenantIndex;

use super::attacks::{
    Between, call, case, forbidden_role, foreign_identifier, foreign_search, interleaved,
    is_unsafe, odd_body, pair, smuggled_tenant, targets,
};
use super::renamed;
use super::statements::Statements;
use super::taken::taken_value;
use super::workbook::{Unreachable, Workbook};

/// How often a reference in a body is attacked in the sweep, by one pair of tenants after the other.
const BODY_ROUNDS: usize = 6;
/// How often each place is attacked between departments, there and back.
const DEPARTMENT_ROUNDS: usize = 4;
/// Odd bodies that each operation gets in the sweep.
const ODD_BODIES: usize = 5;
/// Rounds of an interleaving in the sweep.
const ROUNDS: usize = 2;
/// Fields of one operation that are given a value of another's.
const FIELDS_MAX: usize = 3;

/// Attacks that were planned, and those that cannot be made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sweep {
    /// The cases.
    pub cases: Vec<Case>,
    /// What could not be made into a case, and why: (what, reason).
    pub unreachable: Vec<(String, String)>,
}

impl Sweep {
    /// Enters a case, or why there is none; tells whether there is one.
    pub(crate) fn enter(
        &mut self,
        phase: Phase,
        title: String,
        steps: Result<Vec<domain::api::case::Step>, Unreachable>,
    ) -> bool {
        match steps {
            Ok(steps) => {
                let index = self.cases.len() as u64;
                self.cases.push(case(phase, index, title, steps));
                true
            }
            Err(Unreachable { reason }) => {
                self.unreachable.push((title, reason));
                false
            }
        }
    }

    fn next(&self) -> u64 {
        self.cases.len() as u64
    }

    /// What the next case of the sweep makes is named by this.
    pub(crate) fn salt(&self) -> u64 {
        salt(Phase::Sweep, self.next())
    }
}

/// What one operation does for who may call it, from nothing: the case of `index`.
///
/// # Errors
/// When nothing gives what it needs.
pub fn honest(
    book: &Workbook<'_>,
    operation: &str,
    caller: &Caller,
    index: u64,
) -> Result<Case, Unreachable> {
    let mut steps = Vec::new();
    let request = book.prepare(operation, caller, salt(Phase::Baseline, index), &mut steps)?;
    let is_safe = !is_unsafe(&request.method);
    steps.push(call(caller, operation, request.clone(), Stance::Prepare));
    if is_safe {
        // Asked twice: what differs then differs by itself.
        steps.push(call(caller, operation, request, Stance::Prepare));
    }
    let title = format!("{} does {operation}", caller.actor);
    Ok(case(Phase::Baseline, index, title, steps))
}

/// Every operation, done by its owner: by each of the tenants in turn, and by each actor who may.
pub fn baseline(book: &Workbook<'_>, tenants: usize) -> Sweep {
    let mut sweep = Sweep::default();
    for (turn, operation) in book.operations().iter().enumerate() {
        // Some actors are in one tenant only.
        let callers = (0..tenants)
            .map(|next| TenantIndex((turn + next) % tenants))
            .map(|tenant| book.callers_for(operation, tenant))
            .find(|callers| !callers.is_empty())
            .unwrap_or_default();
        if callers.is_empty() {
            let reason = "no declared actor may call it".to_owned();
            sweep.unreachable.push((operation.clone(), reason));
        }
        for caller in callers {
            let index = sweep.next();
            match honest(book, operation, &caller, index) {
                Ok(case) => sweep.cases.push(case),
                Err(Unreachable { reason }) => {
                    sweep.unreachable.push((operation.clone(), reason));
                }
            }
        }
    }
    sweep
}

/// Every attack once: operation × place of an identifier, every smuggled tenant, every search,
/// every role that may not, everybody without credentials, each operation interleaved, and each list under
/// another tenant's name.
pub fn sweep(
    book: &Workbook<'_>,
    design: Option<Design>,
    statements: &Statements,
    tenants: usize,
) -> Sweep {
    let mut sweep = Sweep::default();
    for operation in book.operations() {
        between_tenants(book, design, operation, tenants, &mut sweep);
        between_departments(book, design, operation, tenants, &mut sweep);
        roles(book, operation, tenants, &mut sweep);
        odd_bodies(book, operation, tenants, &mut sweep);
    }
    renamed::cases(book, design, &statements.renamers, tenants, &mut sweep);
    sweep
}

fn odd_bodies(book: &Workbook<'_>, operation: &str, tenants: usize, sweep: &mut Sweep) {
    for which in 0..ODD_BODIES {
        let turn = usize::try_from(sweep.next()).unwrap_or_default();
        let tenant = TenantIndex(turn % tenants.max(1));
        let Some(caller) = book.callers_for(operation, tenant).into_iter().next() else {
            return;
        };
        let salt = salt(Phase::Sweep, sweep.next());
        match odd_body(book, operation, which, &caller, salt) {
            Ok(Some((label, steps))) => {
                sweep.enter(Phase::Sweep, format!("{operation} with {label}"), Ok(steps));
            }
            Ok(None) | Err(_) => return,
        }
    }
}

fn between_tenants(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    tenants: usize,
    sweep: &mut Sweep,
) {
    let callers = |sweep: &Sweep| {
        let (attacker, victim) = pair(tenants, sweep.next())?;
        let one = book.callers_for(operation, attacker).into_iter().next()?;
        let other = book.callers_for(operation, victim).into_iter().next()?;
        Some((one, other))
    };
    for target in targets(book, operation) {
        // References in bodies are few, and each is a way of its own into the database.
        let rounds = if target.is_in_body() { BODY_ROUNDS } else { 1 };
        for _ in 0..rounds {
            let Some((one, other)) = callers(sweep) else {
                return;
            };
            let salt = salt(Phase::Sweep, sweep.next());
            let between = Between::Tenants;
            let who = (&one, &other);
            let steps = foreign_identifier(book, design, operation, &target, who, between, salt);
            let title = format!("{operation} with another tenant's {}", target.name());
            if !sweep.enter(Phase::Sweep, title, steps) {
                break;
            }
        }
    }
    for which in 0.. {
        let Some((one, other)) = callers(sweep) else {
            return;
        };
        let salt = salt(Phase::Sweep, sweep.next());
        let smuggled = smuggled_tenant(book, design, operation, which, (&one, &other), salt);
        let title = format!("{operation} in another tenant's name");
        match smuggled {
            Ok(Some(steps)) => {
                sweep.enter(Phase::Sweep, title, Ok(steps));
            }
            Ok(None) => break,
            Err(error) => {
                sweep.enter(Phase::Sweep, title, Err(error));
                break;
            }
        }
    }
    for which in 0..FIELDS_MAX {
        // What is made by a POST may have names and numbers that are used once. Whoever may do it
        // without a session makes one.
        if !operation.starts_with("POST ") || book.is_open(operation) {
            break;
        }
        let Some((one, other)) = callers(sweep) else {
            return;
        };
        let salt = salt(Phase::Sweep, sweep.next());
        match taken_value(book, design, operation, which, (&one, &other), salt) {
            Ok(Some(steps)) => {
                let title = format!("{operation} with a value that another tenant uses");
                sweep.enter(Phase::Sweep, title, Ok(steps));
            }
            // What cannot be made at all, the other attacks tell.
            Ok(None) | Err(_) => break,
        }
    }
    for parameter in book.search_parameters(operation) {
        let Some((one, other)) = callers(sweep) else {
            return;
        };
        let salt = salt(Phase::Sweep, sweep.next());
        let who = (&one, &other);
        let steps = foreign_search(book, design, operation, &parameter, who, salt);
        let title = format!("{operation} searched for another tenant's, by {parameter}");
        sweep.enter(Phase::Sweep, title, steps);
    }
    if let Some((one, other)) = callers(sweep) {
        let salt = salt(Phase::Sweep, sweep.next());
        let steps = interleaved(book, operation, (&one, &other), ROUNDS, salt);
        sweep.enter(Phase::Sweep, format!("{operation} interleaved"), steps);
    }
}

fn between_departments(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    tenants: usize,
    sweep: &mut Sweep,
) {
    for target in targets(book, operation) {
        if target.is_cursor() {
            // A department seldom has a second page.
            continue;
        }
        for round in 0..DEPARTMENT_ROUNDS {
            let turn = usize::try_from(sweep.next()).unwrap_or_default();
            let tenant = TenantIndex(turn % tenants.max(1));
            let Some((one, other)) = neighbours(book, operation, tenant) else {
                return;
            };
            let salt = salt(Phase::Sweep, sweep.next());
            let between = Between::Departments;
            // There and back.
            let who = if round % 2 == 0 {
                (&one, &other)
            } else {
                (&other, &one)
            };
            let steps = foreign_identifier(book, design, operation, &target, who, between, salt);
            let title = format!("{operation} with another department's {}", target.name());
            if !sweep.enter(Phase::Sweep, title, steps) {
                break;
            }
        }
    }
}

/// Two callers of one tenant who act for different departments.
pub(crate) fn neighbours(
    book: &Workbook<'_>,
    operation: &str,
    tenant: TenantIndex,
) -> Option<(Caller, Caller)> {
    let callers: Vec<(Caller, usize)> = book
        .callers_for(operation, tenant)
        .into_iter()
        .filter_map(|caller| {
            let department = book.department(&caller)?;
            Some((caller, department))
        })
        .collect();
    let (one, own) = callers.first()?;
    let (other, _) = callers.iter().find(|(_, department)| department != own)?;
    Some((one.clone(), other.clone()))
}

fn roles(book: &Workbook<'_>, operation: &str, tenants: usize, sweep: &mut Sweep) {
    let tenant = TenantIndex(usize::try_from(sweep.next()).unwrap_or_default() % tenants.max(1));
    let Some(rightful) = book.callers_for(operation, tenant).into_iter().next() else {
        return;
    };
    let mut others = book.callers_without(operation, tenant);
    if !book.is_open(operation) {
        others.push(Caller::anonymous());
    }
    for other in others {
        let salt = salt(Phase::Sweep, sweep.next());
        let steps = forbidden_role(book, operation, (&other, &rightful), salt);
        let who = if other.tenant.is_none() {
            "somebody without credentials"
        } else {
            other.actor.as_str()
        };
        sweep.enter(Phase::Sweep, format!("{operation} by {who}"), steps);
    }
}

/// A number that no two cases of a campaign share; what a case makes is named by it.
pub(crate) fn salt(phase: Phase, index: u64) -> u64 {
    let phase = match phase {
        Phase::Inspection | Phase::Regressions | Phase::Baseline => 0,
        Phase::Scenarios | Phase::Promises => 1,
        Phase::Sweep => 2,
        Phase::Fuzz | Phase::Sequences => 3,
        Phase::Races => 4,
    };
    (phase + index * 5) * 16
}
