//! Random sequences of requests: several callers of several tenants, in an order of their own, with
//! identifiers of all kinds at every place, an attack that counts, and T-SQL of the tenants' principals
//! among them.

use domain::api::case::{Case, Manner, Must, Stance, Step};
use domain::api::request::{Body, Caller, Request};
use domain::case::Phase;
use domain::seed::Seed;
use domain::system::Design;
use domain::world::TenantIndex;

use super::attacks::{
    Between, call, case, foreign_identifier, foreign_search, interleaved, smuggled_tenant, targets,
};
use super::statements::{Statements, between_requests};
use super::sweep::{neighbours, salt};
use super::workbook::Workbook;
use crate::draw::Draw;

/// Steps of wandering before the attack, at most.
const WANDERING_MAX: usize = 4;
/// Tries to find an attack that can be made.
const TRIES: usize = 8;
/// In how many of a hundred principals speak T-SQL in between.
const MIXED: usize = 40;
/// How far the values of what is mixed in are from those of the rest.
const MIXED_SALT: u64 = 8;

/// The `index`-th random case.
pub fn sequence(
    book: &Workbook<'_>,
    design: Option<Design>,
    statements: &Statements,
    tenants: usize,
    seed: Seed,
    index: u64,
) -> Case {
    let mut draw = Draw::new(seed.child("sequences").nth(index));
    let salt = salt(Phase::Sequences, index);
    let mut steps = Vec::new();
    for number in 0..draw.within(0..WANDERING_MAX + 1) {
        wander(
            book,
            tenants,
            &mut draw,
            salt + 2 + number as u64,
            &mut steps,
        );
    }
    let mut title = "wandering".to_owned();
    for _ in 0..TRIES {
        if let Some((what, attack)) = attack(book, design, tenants, &mut draw, salt) {
            let shift = steps.len();
            steps.extend(attack.into_iter().map(|step| shifted(step, shift)));
            title = what;
            break;
        }
    }
    // Choices of their own, so that the requests are the same with and without T-SQL between them.
    let mut draw = Draw::new(seed.child("statements").nth(index));
    if !statements.is_empty()
        && draw.chance(MIXED)
        && let Some((what, mixed)) = {
            let salt = salt + MIXED_SALT;
            between_requests(book, design, statements, tenants, &mut draw, salt)
        }
    {
        let shift = steps.len();
        steps.extend(mixed.into_iter().map(|step| shifted(step, shift)));
        title = format!("{title}, then {what}");
    }
    case(Phase::Sequences, index, title, steps)
}

/// One request by somebody, with identifiers that may be anybody's.
fn wander(book: &Workbook<'_>, tenants: usize, draw: &mut Draw, salt: u64, steps: &mut Vec<Step>) {
    let Some(operation) = draw.pick(book.operations()).cloned() else {
        return;
    };
    let Some(caller) = somebody(book, &operation, tenants, draw) else {
        return;
    };
    let before = steps.len();
    let Ok(mut request) = book.prepare(&operation, &caller, salt, steps) else {
        steps.truncate(before);
        return;
    };
    for step in &mut steps[before..] {
        // What wanders need not arrive.
        step.stance = Stance::Wander;
    }
    if draw.chance(40) {
        let mut negatives = book.negative_bodies(&operation, &request);
        negatives.extend(book.odd_bodies(&operation, &request));
        if let Some((_, negative)) = draw.pick(&negatives) {
            request = negative.clone();
        }
    }
    let positions = book.positions(&operation);
    if draw.chance(30)
        && let Some(position) = draw.pick(&positions)
        && let Some(value) = book.position_value(&request, position)
    {
        let suffix = if draw.chance(50) {
            " missing}}"
        } else {
            " malformed}}"
        };
        book.substitute(&mut request, position, &value.replace("}}", suffix));
    }
    if draw.chance(30) {
        twist(&mut request, draw);
    }
    let mut step = call(&caller, &operation, request, Stance::Wander);
    if draw.chance(5) {
        step.manner = Manner::Abandoned;
    }
    steps.push(step);
}

fn attack(
    book: &Workbook<'_>,
    design: Option<Design>,
    tenants: usize,
    draw: &mut Draw,
    salt: u64,
) -> Option<(String, Vec<Step>)> {
    let operation = draw.pick(book.operations())?.clone();
    if book.is_lacking(&operation) {
        // Its owner arms nothing.
        return None;
    }
    let attacker = TenantIndex(draw.within(0..tenants.max(1)));
    let kind = draw.within(0..10);
    if kind == 0 {
        let (one, other) = neighbours(book, &operation, attacker)?;
        let targets = targets(book, &operation);
        let target = draw.pick(&targets)?;
        let who = (&one, &other);
        let between = Between::Departments;
        let steps =
            foreign_identifier(book, design, &operation, target, who, between, salt).ok()?;
        return Some((
            format!("{operation} with another department's {}", target.name()),
            steps,
        ));
    }
    if tenants < 2 {
        return None;
    }
    let victim = TenantIndex((attacker.0 + 1 + draw.within(0..tenants - 1)) % tenants);
    let callers = book.callers_for(&operation, attacker);
    let one = draw.pick(&callers)?.clone();
    let callers = book.callers_for(&operation, victim);
    let other = draw.pick(&callers)?.clone();
    let who = (&one, &other);
    let (title, steps) = match kind {
        1 => {
            let which = draw.within(0..6);
            let made = smuggled_tenant(book, design, &operation, which, who, salt).ok()??;
            (format!("{operation} in another tenant's name"), made)
        }
        2 => {
            let parameters = book.search_parameters(&operation);
            let parameter = draw.pick(&parameters)?;
            let made = foreign_search(book, design, &operation, parameter, who, salt).ok()?;
            (format!("{operation} searched for another tenant's"), made)
        }
        3 | 4 => {
            let rounds = 1 + draw.within(0..3);
            let made = interleaved(book, &operation, who, rounds, salt).ok()?;
            (format!("{operation} interleaved"), made)
        }
        _ => {
            let targets = targets(book, &operation);
            let target = draw.pick(&targets)?;
            let between = Between::Tenants;
            let mut made =
                foreign_identifier(book, design, &operation, target, who, between, salt).ok()?;
            if draw.chance(40) {
                twist_attack(&mut made, draw);
            }
            let title = format!("{operation} with another tenant's {}", target.name());
            (title, made)
        }
    };
    Some((title, steps))
}

/// The attack and its counterpart, asked in an unusual way; the owner asks as he always does.
fn twist_attack(steps: &mut [Step], draw: &mut Draw) {
    let kind = draw.within(0..TWISTS);
    for step in steps {
        let is_asked = matches!(step.stance, Stance::Attack(_) | Stance::Counterpart { .. });
        if let (true, domain::api::case::Act::Call { request, .. }) = (is_asked, &mut step.act) {
            twist_by(request, kind);
        }
        // What is asked in an unusual way may be refused for that alone, without naming a field.
        if let Stance::Attack(attack) = &mut step.stance
            && matches!(attack.must, Must::BeRefusedNaming { .. })
        {
            attack.must = Must::BeRefused;
        }
    }
}

fn twist(request: &mut Request, draw: &mut Draw) {
    let kind = draw.within(0..TWISTS);
    twist_by(request, kind);
}

/// Kinds of unusual requests.
const TWISTS: usize = 6;

/// The same request in another form: another method in a header, a parameter twice, another media
/// type, a slash at the end.
fn twist_by(request: &mut Request, kind: usize) {
    match kind {
        0 => {
            let method = request.method.clone();
            let header = ("X-HTTP-Method-Override".to_owned(), method);
            request.headers.push(header);
            request.method = "POST".into();
        }
        1 => {
            if let Some(first) = request.query.first().cloned() {
                request.query.push(first);
            }
        }
        2 => {
            if let Some(Body::Json { value, .. }) = &request.body {
                request.body = Some(Body::Text {
                    media_type: "text/plain".into(),
                    text: value.to_string(),
                });
            }
        }
        3 => request.path.push('/'),
        4 => request
            .headers
            .push(("Accept".into(), "text/html, */*;q=0.1".into())),
        _ => {
            let original = request.path.clone();
            for name in ["X-Original-URL", "X-Rewrite-URL"] {
                // References are resolved in paths alone, so a template is not sent.
                if !original.contains("{{") {
                    request.headers.push((name.to_owned(), original.clone()));
                }
            }
        }
    }
}

fn somebody(
    book: &Workbook<'_>,
    operation: &str,
    tenants: usize,
    draw: &mut Draw,
) -> Option<Caller> {
    let tenant = TenantIndex(draw.within(0..tenants.max(1)));
    let mut callers = book.callers_for(operation, tenant);
    if draw.chance(10) {
        callers = book.callers_without(operation, tenant);
    }
    draw.pick(&callers).cloned()
}

/// A step whose numbers of others are counted from further on.
fn shifted(mut step: Step, shift: usize) -> Step {
    match &mut step.stance {
        Stance::Arm { attack } | Stance::Witness { attack } | Stance::Counterpart { attack } => {
            *attack += shift;
        }
        Stance::Attack(attack) => {
            if let Must::Repeat { step } = &mut attack.must {
                *step += shift;
            }
        }
        Stance::Prepare | Stance::Wander => {}
    }
    if let domain::api::case::Act::Call { request, .. } = &mut step.act {
        domain::api::request::shift_references(request, shift);
    }
    step
}
