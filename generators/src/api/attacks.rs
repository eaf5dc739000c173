//! Foreign identifiers: every operation, with another's thing at every place where an identifier
//! goes. The owner looks before and after, and does the same in the end: only then it counts.

use domain::api::case::{Act, Attack, Case, Manner, Must, Stance, Step};
use domain::api::missing::never_existed_text;
use domain::api::request::{Caller, Request};
use domain::case::{CaseId, Phase};
use domain::control::ControlId;
use domain::system::Design;
use domain::world::TenantIndex;

use super::odd;
use super::positions::{Place, Position};
use super::workbook::{Unreachable, Workbook};

/// The relation between who calls and whose thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Between {
    /// Another tenant's.
    Tenants,
    /// Another department's of the same tenant.
    Departments,
}

/// Where a foreign identifier is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// All identifiers of the path: the foreign thing itself.
    WholePath,
    /// One position; the rest stays the caller's own.
    One(Position),
}

impl Target {
    /// Whether it is in the body.
    pub(crate) fn is_in_body(&self) -> bool {
        matches!(self, Self::One(position) if position.place == Place::Body)
    }

    /// Whether it is where a list goes on.
    pub(crate) fn is_cursor(&self) -> bool {
        matches!(self, Self::One(position) if position.name.eq_ignore_ascii_case("cursor"))
    }

    /// For people and fingerprints.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::WholePath => "path".into(),
            Self::One(position) => position.to_string(),
        }
    }
}

/// The places of an operation that are attacked.
pub(crate) fn targets(book: &Workbook<'_>, operation: &str) -> Vec<Target> {
    let positions = book.positions(operation);
    let in_path = positions
        .iter()
        .filter(|position| position.place == Place::Path)
        .count();
    let mut targets = Vec::new();
    if in_path > 0 {
        targets.push(Target::WholePath);
    }
    for position in positions {
        // A path with one identifier is that identifier.
        if position.place != Place::Path || in_path > 1 {
            targets.push(Target::One(position));
        }
    }
    targets
}

/// One attack with a foreign identifier, from nothing.
pub(crate) fn foreign_identifier(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    target: &Target,
    (attacker, victim): (&Caller, &Caller),
    between: Between,
    salt: u64,
) -> Result<Vec<Step>, Unreachable> {
    let mut steps = Vec::new();
    let filled = |caller: &Caller, salt: u64, steps: &mut Vec<Step>| match target {
        // What may be left out is not, here.
        Target::One(position) => book.prepare_filled(operation, caller, salt, steps, position),
        Target::WholePath => book.prepare(operation, caller, salt, steps),
    };
    let theirs = filled(victim, salt, &mut steps)?;
    let mut attempt = filled(attacker, salt + 1, &mut steps)?;
    // A version of the attacker's own would be refused for its age, whoever owns the thing.
    book.borrow_versions(operation, &mut attempt, &theirs);
    let mut missing = attempt.clone();
    let positions: Vec<Position> = match target {
        Target::One(position) => vec![position.clone()],
        Target::WholePath => book
            .positions(operation)
            .into_iter()
            .filter(|position| position.place == Place::Path)
            .collect(),
    };
    for position in &positions {
        let Some(value) = book.position_value(&theirs, position) else {
            let reason = format!("its {position} is not filled");
            return Err(Unreachable { reason });
        };
        book.substitute(&mut attempt, position, &value);
        book.substitute(&mut missing, position, &never_existed(&value));
    }
    let place = positions[0].place;
    let writes = is_unsafe(&attempt.method);
    let must = match place {
        Place::Body => Must::BeRefusedNaming {
            field: positions[0].name.clone(),
        },
        Place::Path => Must::BeRefused,
        Place::Query | Place::Header | Place::Cookie => Must::ShowNothing,
    };
    let witness = book.witness(operation, &theirs);
    let look = |steps: &mut Vec<Step>, attack: usize| {
        if let Some((operation, request)) = &witness {
            let stance = Stance::Witness { attack };
            steps.push(call(victim, operation, request.clone(), stance));
        }
    };
    let number = steps.len() + usize::from(witness.is_some());
    look(&mut steps, number);
    let attack = Attack {
        controls: controls(design, between, place, writes),
        family: "foreign-identifier".into(),
        position: target.name(),
        victim: Some(victim.clone()),
        must,
    };
    steps.push(call(attacker, operation, attempt, Stance::Attack(attack)));
    let stance = Stance::Counterpart { attack: number };
    steps.push(call(attacker, operation, missing, stance));
    look(&mut steps, number);
    steps.push(call(
        victim,
        operation,
        theirs,
        Stance::Arm { attack: number },
    ));
    Ok(steps)
}

/// A request that names another tenant outside of every identifier: in a header, a parameter, a
/// field of the body.
pub(crate) fn smuggled_tenant(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    which: usize,
    (attacker, victim): (&Caller, &Caller),
    salt: u64,
) -> Result<Option<Vec<Step>>, Unreachable> {
    let Some(tenant) = victim.tenant else {
        return Ok(None);
    };
    let mut steps = Vec::new();
    let theirs = book.prepare(operation, victim, salt, &mut steps)?;
    let own = book.prepare(operation, attacker, salt + 1, &mut steps)?;
    let smuggles = book.tenant_smuggles(operation, &own, tenant);
    let Some((position, attempt)) = smuggles.into_iter().nth(which) else {
        return Ok(None);
    };
    let writes = is_unsafe(&own.method);
    let number = steps.len();
    let attack = Attack {
        controls: controls(design, Between::Tenants, Place::Header, writes),
        family: "smuggled-tenant".into(),
        position,
        victim: Some(victim.clone()),
        must: Must::ShowNothing,
    };
    steps.push(call(attacker, operation, attempt, Stance::Attack(attack)));
    steps.push(call(
        victim,
        operation,
        theirs,
        Stance::Arm { attack: number },
    ));
    Ok(Some(steps))
}

/// What a role may not do, done with everything else right.
pub(crate) fn forbidden_role(
    book: &Workbook<'_>,
    operation: &str,
    (attacker, rightful): (&Caller, &Caller),
    salt: u64,
) -> Result<Vec<Step>, Unreachable> {
    let mut steps = Vec::new();
    let request = book.prepare(operation, rightful, salt, &mut steps)?;
    let number = steps.len();
    let (family, controls, victim) = if attacker.tenant.is_none() {
        let ids = ["D01", "S01", "D18"].map(ControlId::new).to_vec();
        ("no-credentials", ids, Some(rightful.clone()))
    } else {
        ("forbidden-role", vec![ControlId::new("D18")], None)
    };
    let attack = Attack {
        controls,
        family: family.into(),
        position: "role".into(),
        victim,
        must: Must::BeRefused,
    };
    let attempt = request.clone();
    steps.push(call(attacker, operation, attempt, Stance::Attack(attack)));
    let stance = Stance::Arm { attack: number };
    steps.push(call(rightful, operation, request, stance));
    Ok(steps)
}

/// The same operation by two tenants at the same time, and once more after a dropped connection:
/// neither may be given what is the other's.
pub(crate) fn interleaved(
    book: &Workbook<'_>,
    operation: &str,
    (one, other): (&Caller, &Caller),
    rounds: usize,
    salt: u64,
) -> Result<Vec<Step>, Unreachable> {
    let mut steps = Vec::new();
    let theirs = book.prepare(operation, other, salt, &mut steps)?;
    let own = book.prepare(operation, one, salt + 1, &mut steps)?;
    // What changes something cannot always be done twice to the same thing.
    let rounds = if is_unsafe(&own.method) { 1 } else { rounds };
    for round in 0..rounds {
        if round > 0 {
            let mut dropped = call(other, operation, theirs.clone(), Stance::Wander);
            dropped.manner = Manner::Abandoned;
            steps.push(dropped);
        }
        let number = steps.len() + 1;
        let mut beside = call(
            other,
            operation,
            theirs.clone(),
            Stance::Arm { attack: number },
        );
        beside.manner = Manner::WithNext;
        steps.push(beside);
        let attack = Attack {
            controls: vec![ControlId::new("B04")],
            family: "interleaved".into(),
            position: "connection".into(),
            victim: Some(other.clone()),
            must: Must::ShowNothing,
        };
        steps.push(call(one, operation, own.clone(), Stance::Attack(attack)));
    }
    Ok(steps)
}

/// A body or a search that no client of its own would send.
pub(crate) fn odd_body(
    book: &Workbook<'_>,
    operation: &str,
    which: usize,
    caller: &Caller,
    salt: u64,
) -> Result<Option<(String, Vec<Step>)>, Unreachable> {
    let mut steps = Vec::new();
    let request = book.prepare(operation, caller, salt, &mut steps)?;
    let bodies = book.odd_bodies(operation, &request).into_iter();
    let searched = book.search_parameters(operation);
    let queries = odd::odd_queries(&searched, &request);
    let Some((label, odd)) = bodies.chain(queries).nth(which) else {
        return Ok(None);
    };
    // Before, because it may be carried out, and then the same cannot be done again.
    let number = steps.len() + 1;
    let stance = Stance::Witness { attack: number };
    // What makes something new has nothing yet that could be looked at.
    let witness = (request.method != "POST")
        .then(|| book.witness(operation, &request))
        .flatten();
    match witness {
        Some((reader, reading)) => steps.push(call(caller, &reader, reading, stance)),
        None => steps.push(call(caller, operation, request, stance)),
    }
    let attack = Attack {
        controls: ["B05", "B06"].map(ControlId::new).to_vec(),
        family: "odd-body".into(),
        position: label.clone(),
        victim: None,
        must: Must::ShowNothing,
    };
    steps.push(call(caller, operation, odd, Stance::Attack(attack)));
    Ok(Some((label, steps)))
}

/// A list that is searched for what only another tenant has.
pub(crate) fn foreign_search(
    book: &Workbook<'_>,
    design: Option<Design>,
    operation: &str,
    parameter: &str,
    (attacker, victim): (&Caller, &Caller),
    salt: u64,
) -> Result<Vec<Step>, Unreachable> {
    let Some(tenant) = victim.tenant else {
        let reason = "nobody is searched for".into();
        return Err(Unreachable { reason });
    };
    let mut steps = Vec::new();
    let mut theirs = book.prepare(operation, victim, salt, &mut steps)?;
    let mut attempt = book.prepare(operation, attacker, salt + 1, &mut steps)?;
    let term = format!("{{{{of {} MarkText}}}}", book.tenant_name(tenant));
    for request in [&mut theirs, &mut attempt] {
        request.query.retain(|(name, _)| name != parameter);
        request.query.push((parameter.to_owned(), term.clone()));
    }
    let number = steps.len();
    let attack = Attack {
        controls: controls(design, Between::Tenants, Place::Query, false),
        family: "foreign-search".into(),
        position: format!("query {parameter}"),
        victim: Some(victim.clone()),
        must: Must::ShowNothing,
    };
    steps.push(call(attacker, operation, attempt, Stance::Attack(attack)));
    let stance = Stance::Arm { attack: number };
    steps.push(call(victim, operation, theirs, stance));
    Ok(steps)
}

/// A case of these steps.
pub(crate) fn case(phase: Phase, index: u64, title: String, steps: Vec<Step>) -> Case {
    Case {
        id: CaseId { phase, index },
        title,
        steps,
    }
}

/// A request as a step.
pub(crate) fn call(caller: &Caller, operation: &str, request: Request, stance: Stance) -> Step {
    Step {
        act: Act::Call {
            caller: caller.clone(),
            operation: operation.to_owned(),
            request,
        },
        stance,
        manner: Manner::Alone,
    }
}

/// The value that a reference gives, or that the caller has chosen, changed into one that never existed.
fn never_existed(value: &str) -> String {
    match value.contains("}}") {
        true => value.replace("}}", " missing}}"),
        false => never_existed_text(value),
    }
}

/// Whether a method may change something.
pub(crate) fn is_unsafe(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// The promises that a foreign thing at such a place puts to the test.
fn controls(
    design: Option<Design>,
    between: Between,
    place: Place,
    writes: bool,
) -> Vec<ControlId> {
    let mut ids = Vec::new();
    match (design, between) {
        (_, Between::Departments) => ids.push("S02"),
        (Some(Design::SharedDatabase), Between::Tenants) => {
            ids.push("S01");
            if writes {
                ids.push("S03");
            }
            if place == Place::Body {
                ids.push("S04");
            }
        }
        (Some(Design::DatabasePerTenant), Between::Tenants) => ids.push("D01"),
        (None, Between::Tenants) => {}
    }
    if between == Between::Tenants {
        ids.push("B01");
    }
    if matches!(place, Place::Path | Place::Body) {
        ids.push("B03");
    }
    ids.into_iter().map(ControlId::new).collect()
}

/// The tenants that attack each other in the `index`-th case: in the end everybody everybody.
pub(crate) fn pair(tenants: usize, index: u64) -> Option<(TenantIndex, TenantIndex)> {
    if tenants < 2 {
        return None;
    }
    let count = tenants as u64;
    let attacker = index % count;
    let distance = 1 + (index / count) % (count - 1);
    let number = |value: u64| TenantIndex(usize::try_from(value).unwrap_or_default());
    Some((number(attacker), number((attacker + distance) % count)))
}
