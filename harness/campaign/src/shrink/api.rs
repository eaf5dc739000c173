//! How is a case of the API plane made smaller? Tenants, then steps, then what each request carries.

use std::collections::BTreeSet;
use std::ops::Range;

use domain::api::case::{Act, Attack, Case, Manner, Must, Stance, Step};
use domain::api::request::{Caller, referred_steps, renumbered as with_numbers};
use domain::world::TenantIndex;

use super::request::{self, Place};
use super::search::{Pass, Reducible};
use super::steps::{kept, names, renumbered};

impl Reducible for Case {
    fn size(&self) -> Vec<usize> {
        let tenants: BTreeSet<_> = self.steps.iter().map(tenant).collect();
        let callers: BTreeSet<&Caller> = self.steps.iter().filter_map(Step::caller).collect();
        let races = self
            .steps
            .iter()
            .filter(|step| step.manner != Manner::Alone);
        let requests = || self.steps.iter().filter_map(request_of);
        vec![
            self.steps.len(),
            tenants.len(),
            callers.len(),
            races.count(),
            requests()
                .map(|request| request::places(request).len())
                .sum(),
            requests().map(request::length).sum(),
        ]
    }

    fn identity(&self) -> String {
        format!("{:?}", self.steps)
    }

    fn passes() -> &'static [Pass<Self>] {
        const { &PASSES }
    }
}

const PASSES: [Pass<Case>; 7] = [
    Pass::Drop {
        parts: |case| tenants(case).len(),
        without: without_tenants,
    },
    Pass::Drop {
        parts: |case| case.steps.len(),
        without: |case, range| keeping(case, |step| !range.contains(&step)),
    },
    Pass::Rewrite(merged),
    Pass::Rewrite(armed_before),
    Pass::Rewrite(calmer),
    Pass::Drop {
        parts: |case| places(case).len(),
        without: without_places,
    },
    Pass::Rewrite(with_plainer_values),
];

fn tenant(step: &Step) -> Option<TenantIndex> {
    match &step.act {
        Act::Call { caller, .. } => caller.tenant,
        Act::Batch { actor, .. } => actor.tenant(),
    }
}

fn request_of(step: &Step) -> Option<&domain::api::request::Request> {
    match &step.act {
        Act::Call { request, .. } => Some(request),
        Act::Batch { .. } => None,
    }
}

/// The tenants for whom somebody acts, in the order in which they come up.
fn tenants(case: &Case) -> Vec<TenantIndex> {
    let mut tenants = Vec::new();
    for tenant in case.steps.iter().filter_map(tenant) {
        if !tenants.contains(&tenant) {
            tenants.push(tenant);
        }
    }
    tenants
}

fn without_tenants(case: &Case, range: Range<usize>) -> Option<Case> {
    let tenants = tenants(case);
    keeping(case, |step| {
        !tenant(&case.steps[step]).is_some_and(|tenant| names(&tenants, &range, &tenant))
    })
}

/// The steps that a step makes no sense without, from 0.
fn refers(case: &Case, step: usize) -> Vec<usize> {
    let tried = &case.steps[step];
    let texts = match &tried.act {
        Act::Call { request, .. } => request.texts(),
        Act::Batch { batch, .. } => vec![batch.as_str()],
    };
    let mut refers: Vec<usize> = texts.into_iter().flat_map(referred_steps).collect();
    refers
        .iter_mut()
        .for_each(|number| *number = number.saturating_sub(1));
    match &tried.stance {
        Stance::Arm { attack } | Stance::Witness { attack } | Stance::Counterpart { attack } => {
            refers.push(*attack);
        }
        Stance::Attack(attack) => match &attack.must {
            Must::Repeat { step } => refers.push(*step),
            // It is nothing without those who race it.
            Must::OneOf { count } => refers.extend(step..step + count),
            // What must be refused for the state that its thing is in is nothing without what brought
            // that about: anybody may post a draft that was not discarded before.
            Must::BeRefused | Must::BeRefusedNaming { .. } if attack.victim.is_none() => {
                let own = refers.clone();
                refers.extend((0..step).filter(|&earlier| prepares(case, earlier, &own)));
            }
            _ => {}
        },
        Stance::Prepare | Stance::Wander => {}
    }
    refers
}

/// Whether an attack is still refused, or not, for the same reason: a key that was used before still was, for
/// another request or the same one as before; and where the refusal must name a field, nothing else of the
/// request may become wrong.
pub(super) fn strikes_alike((form, number): (&Case, usize), (whole, step): (&Case, usize)) -> bool {
    let (Some(attack), Some(before), Some(after)) = (
        whole.steps[step].attack(),
        request_of(&whole.steps[step]),
        request_of(&form.steps[number]),
    ) else {
        return true;
    };
    let used = uses_of(whole, step, &attack.position);
    let is_used_alike = used.is_none() || used == uses_of(form, number, &attack.position);
    let is_named = matches!(attack.must, Must::BeRefusedNaming { .. });
    // What arms a refusal does the same to a thing of its own: what the attack used up is none.
    let is_armed_alike = shared(form, number) <= shared(whole, step) || attack.victim.is_some();
    is_used_alike && is_armed_alike && (!is_named || request::is_same_but_for_steps(before, after))
}

/// How many steps an attack and what arms it both refer to. What armed it before the thing was brought to the
/// state in which it is attacked does not count: it found the thing as it must be.
fn shared(case: &Case, attack: usize) -> usize {
    let own = named(&case.steps[attack]);
    let things: Vec<usize> = own.iter().map(|number| number.saturating_sub(1)).collect();
    let brought = (0..attack).find(|&step| prepares(case, step, &things));
    let steps = case.steps.iter().enumerate();
    let arms = steps.filter(|(at, step)| {
        step.stance == Stance::Arm { attack } && brought.is_none_or(|brought| *at > brought)
    });
    arms.map(|(_, step)| named(step).intersection(&own).count())
        .sum()
}

/// The numbers of the steps that a request refers to, from 1.
fn named(step: &Step) -> BTreeSet<usize> {
    let texts = request_of(step).map(|request| request.texts());
    let texts = texts.into_iter().flatten();
    texts.flat_map(referred_steps).collect()
}

/// Whether the header that an attack strikes at had the same value in an earlier request, and if so, whether
/// that had the same body.
fn uses_of(case: &Case, step: usize, position: &str) -> Option<bool> {
    let own = request_of(&case.steps[step])?;
    let value = request::header(own, position)?;
    let earlier = case.steps[..step].iter().rev().filter_map(request_of);
    let mut same = earlier.filter(|other| request::header(other, position) == Some(value));
    same.next().map(|other| other.body == own.body)
}

/// Whether a step prepares one of the things that other steps have made: it changes what it names.
fn prepares(case: &Case, step: usize, things: &[usize]) -> bool {
    let tried = &case.steps[step];
    let Some(request) = request_of(tried).filter(|_| tried.stance == Stance::Prepare) else {
        return false;
    };
    let names = |text: &str| {
        let mut named = referred_steps(text).into_iter();
        named.any(|number| things.contains(&number.saturating_sub(1)))
    };
    !matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") && names(&request.path)
}

/// What is left when only these steps stay, and of them only those that make sense then.
fn keeping(case: &Case, stays: impl Fn(usize) -> bool) -> Option<Case> {
    let kept = kept(
        case.steps.len(),
        |step| !stays(step),
        |step| refers(case, step),
    );
    (!kept.is_empty()).then(|| numbered_anew(case, &kept))
}

/// The steps that stay, in this order, naming each other by their new numbers.
fn numbered_anew(case: &Case, kept: &[usize]) -> Case {
    let new = |old: usize| renumbered(kept, old).unwrap_or(old);
    let number = |number: usize| new(number.saturating_sub(1)) + 1;
    let mut steps = Vec::with_capacity(kept.len());
    for &old in kept {
        let mut step = case.steps[old].clone();
        match &mut step.act {
            Act::Call { request, .. } => {
                request.rewrite_texts(&|text| with_numbers(text, &number));
            }
            Act::Batch { batch, .. } => *batch = with_numbers(batch, &number),
        }
        match &mut step.stance {
            Stance::Arm { attack }
            | Stance::Witness { attack }
            | Stance::Counterpart { attack } => *attack = new(*attack),
            Stance::Attack(attack) => {
                if let Must::Repeat { step } = &mut attack.must {
                    *step = new(*step);
                }
            }
            Stance::Prepare | Stance::Wander => {}
        }
        if step.manner == Manner::WithNext && !kept.contains(&(old + 1)) {
            step.manner = Manner::Alone;
        }
        steps.push(step);
    }
    Case {
        steps,
        ..case.clone()
    }
}

/// Two steps that do the same for the same caller become one: what refers to the one refers to the
/// other instead.
fn merged(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for (gone, step) in case.steps.iter().enumerate().rev() {
        if !matches!(step.stance, Stance::Prepare | Stance::Wander) || step.operation().is_empty() {
            continue;
        }
        let first_use =
            (gone + 1..case.steps.len()).find(|&later| refers(case, later).contains(&gone));
        let stays = |&other: &usize| {
            let (own, other) = (step, (other, &case.steps[other]));
            other.0 != gone
                && first_use.is_some_and(|first| other.0 < first)
                && own.caller() == other.1.caller()
                && own.operation() == other.1.operation()
        };
        for stays in (0..case.steps.len()).filter(stays) {
            let mut one = case.clone();
            let number = |number: usize| {
                if number == gone + 1 {
                    stays + 1
                } else {
                    number
                }
            };
            for step in &mut one.steps {
                if let Act::Call { request, .. } = &mut step.act {
                    request.rewrite_texts(&|text| with_numbers(text, &number));
                }
            }
            cases.extend(keeping(&one, |step| step != gone));
        }
    }
    cases
}

/// What arms an attack on a state is done to the very thing, before it is brought to that state: then no other
/// thing needs to be made for it, and nothing but the state differs between the two.
fn armed_before(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for (arm, step) in case.steps.iter().enumerate() {
        let Stance::Arm { attack } = step.stance else {
            continue;
        };
        let is_of_the_own = |attack: &Attack| {
            let must = &attack.must;
            attack.victim.is_none()
                && matches!(must, Must::BeRefused | Must::BeRefusedNaming { .. })
        };
        let things = things(case, attack);
        let brought = (0..attack).find(|&earlier| prepares(case, earlier, &things));
        let (Some(brought), Some(&thing), Some(&other)) =
            (brought, things.first(), self::things(case, arm).first())
        else {
            continue;
        };
        let is_made_alike = case.steps[thing].operation() == case.steps[other].operation()
            && case.steps[thing].caller() == case.steps[other].caller();
        let is_in_turn = case.steps.iter().all(|step| step.manner == Manner::Alone);
        // Done once to arm, it could not bring the thing to its state any more, were the system sound.
        let is_used_up = (brought..attack).any(|earlier| {
            prepares(case, earlier, &things) && case.steps[earlier].operation() == step.operation()
        });
        if !case.steps[attack].attack().is_some_and(is_of_the_own)
            || !is_in_turn
            || arm < attack
            || thing == other
            || !is_made_alike
            || is_used_up
        {
            continue;
        }
        let mut one = case.clone();
        let number = |number: usize| match number {
            number if number == other + 1 => thing + 1,
            number => number,
        };
        if let Act::Call { request, .. } = &mut one.steps[arm].act {
            request.rewrite_texts(&|text| with_numbers(text, &number));
        }
        if refers(&one, arm)
            .iter()
            .any(|&needed| needed >= brought && needed != attack)
        {
            continue;
        }
        let mut order: Vec<usize> = (0..case.steps.len()).filter(|&step| step != arm).collect();
        order.insert(brought, arm);
        let one = numbered_anew(&one, &order);
        // The other thing stands one step later now.
        let other = other + usize::from(other >= brought && other < arm);
        cases.extend(keeping(&one, |step| step != other));
    }
    cases
}

/// The steps that made what a step's path names, from 0.
fn things(case: &Case, step: usize) -> Vec<usize> {
    let path = request_of(&case.steps[step]).map(|request| request.path.as_str());
    let numbers = path.map(referred_steps).unwrap_or_default();
    numbers
        .into_iter()
        .map(|number| number.saturating_sub(1))
        .collect()
}

/// One race less: what was sent together is sent in turn, and what was dropped is waited for.
fn calmer(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        if step.manner != Manner::Alone {
            let mut other = case.clone();
            other.steps[index].manner = Manner::Alone;
            cases.push(other);
        }
    }
    cases
}

/// The step that leads a group of steps which say the same: the attack, for those who arm it and
/// ask like it.
fn leader(case: &Case, step: usize) -> usize {
    let tried = &case.steps[step];
    let lead = match &tried.stance {
        Stance::Arm { attack } | Stance::Counterpart { attack } => *attack,
        _ => step,
    };
    let says_the_same = case
        .steps
        .get(lead)
        .is_some_and(|other| other.operation() == tried.operation());
    if says_the_same { lead } else { step }
}

/// Everything in requests that can be left out: which group of steps, and where. What is in several
/// requests of a group is there once, so that the rightful still does what the attack does.
fn places(case: &Case) -> Vec<(usize, Place)> {
    let mut places: Vec<(usize, Place)> = Vec::new();
    let mut known = BTreeSet::new();
    for (index, step) in case.steps.iter().enumerate() {
        if let Some(request) = request_of(step) {
            let leader = leader(case, index);
            for place in request::places(request) {
                if known.insert((leader, place.clone())) {
                    places.push((leader, place));
                }
            }
        }
    }
    places
}

fn without_places(case: &Case, range: Range<usize>) -> Option<Case> {
    let places = places(case);
    let dropped = places.get(range)?;
    let mut other = case.clone();
    for (index, step) in other.steps.iter_mut().enumerate() {
        let leader = leader(case, index);
        if let Act::Call { request, .. } = &mut step.act {
            // From the end, so that items before keep their numbers.
            for (_, place) in dropped.iter().rev().filter(|(group, _)| *group == leader) {
                request::remove(request, place);
            }
        }
    }
    strikes_still(case, &other).then_some(other)
}

/// Whether every attack still has something where it strikes: without that it is an ordinary request, which
/// is answered otherwise for other reasons.
fn strikes_still(case: &Case, other: &Case) -> bool {
    case.steps.iter().zip(&other.steps).all(|(was, is)| {
        let (Some(attack), Some(before), Some(after)) =
            (was.attack(), request_of(was), request_of(is))
        else {
            return true;
        };
        !request::holds(before, &attack.position) || request::holds(after, &attack.position)
    })
}

/// One value made plain, in all requests of a group that hold the same.
fn with_plainer_values(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for (group, place) in places(case) {
        let Some(own) = request_of(&case.steps[group]) else {
            continue;
        };
        for (old, plain) in request::plainer(own, &place) {
            let mut other = case.clone();
            for (index, step) in other.steps.iter_mut().enumerate() {
                if leader(case, index) == group
                    && let Act::Call { request, .. } = &mut step.act
                {
                    request::replace(request, &place, &old, &plain);
                }
            }
            cases.push(other);
        }
    }
    cases
}

#[cfg(test)]
mod tests {
    use domain::api::case::{Act, Attack, Case, Manner, Must, Stance, Step};
    use domain::api::request::{Body, Caller, Request};
    use domain::case::{CaseId, Phase};
    use domain::world::TenantIndex;

    use super::{armed_before, keeping, request_of, strikes_alike, without_places};

    fn call(method: &str, path: &str, stance: Stance, body: Option<serde_json::Value>) -> Step {
        Step {
            act: Act::Call {
                caller: Caller {
                    tenant: Some(TenantIndex(0)),
                    actor: "clerk".into(),
                },
                operation: format!("{method} {path}"),
                request: Request {
                    method: method.into(),
                    path: path.into(),
                    query: Vec::new(),
                    headers: Vec::new(),
                    body: body.map(|value| Body::Json {
                        media_type: "application/json".into(),
                        value,
                    }),
                },
            },
            stance,
            manner: Manner::Alone,
        }
    }

    fn attack(position: &str) -> Stance {
        Stance::Attack(Attack {
            controls: Vec::new(),
            family: "illegal-transition".into(),
            position: position.into(),
            victim: None,
            must: Must::BeRefused,
        })
    }

    fn case(steps: Vec<Step>) -> Case {
        Case {
            id: CaseId {
                phase: Phase::Promises,
                index: 0,
            },
            title: String::new(),
            steps,
        }
    }

    #[test]
    fn an_attack_on_a_state_goes_with_what_brought_it_about() {
        let of = "/drafts/{{step 1 /id}}";
        let case = case(vec![
            call("POST", "/drafts", Stance::Prepare, None),
            call("POST", "/drafts", Stance::Prepare, None),
            call("POST", &format!("{of}/discard"), Stance::Prepare, None),
            call("GET", of, Stance::Prepare, None),
            call("POST", &format!("{of}/post"), attack("discarded"), None),
        ]);
        for (dropped, left) in [(1, 4), (3, 4), (2, 3), (0, 1)] {
            let other = keeping(&case, |step| step != dropped).expect("something stays");
            let attacks = other.steps.iter().filter(|step| step.attack().is_some());
            assert_eq!(
                (other.steps.len(), attacks.count()),
                (left, usize::from(left == 4)),
                "without step {dropped}"
            );
        }
    }

    #[test]
    fn what_arms_an_attack_on_a_state_may_be_done_before_it_and_not_within_it() {
        let of = |number: usize| format!("/drafts/{{{{step {number} /id}}}}");
        let made = || call("POST", "/drafts", Stance::Prepare, None);
        let whole = case(vec![
            made(),
            call("POST", &format!("{}/discard", of(1)), Stance::Prepare, None),
            call("GET", &of(1), Stance::Witness { attack: 3 }, None),
            call("PATCH", &of(1), attack("discarded"), None),
            call("GET", &of(1), Stance::Witness { attack: 3 }, None),
            made(),
            call("PATCH", &of(6), Stance::Arm { attack: 3 }, None),
        ]);
        let shorter = armed_before(&whole);
        let [before] = shorter.as_slice() else {
            panic!("{shorter:?}");
        };
        let lines: Vec<String> = before
            .steps
            .iter()
            .map(|step| format!("{:?} {}", step.stance, request_of(step).expect("one").path))
            .collect();
        assert_eq!(before.steps.len(), 6, "{lines:?}");
        assert_eq!(
            before.steps[1].stance,
            Stance::Arm { attack: 4 },
            "{lines:?}"
        );
        assert!(before.steps[4].attack().is_some(), "{lines:?}");
        assert_eq!(before.steps[3].stance, Stance::Witness { attack: 4 });
        for step in &before.steps[1..] {
            let path = &request_of(step).expect("one").path;
            assert!(path.starts_with(&of(1)), "{lines:?}");
        }
        assert!(strikes_alike((before, 4), (&whole, 3)));
        // On the discarded draft itself it would prove nothing of drafts.
        for within in [3, 5] {
            let mut merged = before.clone();
            let arm = merged.steps.remove(1);
            merged.steps.insert(within, arm);
            let attack = merged.steps.iter().position(|step| step.attack().is_some());
            let attack = attack.expect("it stays");
            merged.steps[within].stance = Stance::Arm { attack };
            assert!(!strikes_alike((&merged, attack), (&whole, 3)), "{within}");
        }
    }

    #[test]
    fn what_can_be_done_once_does_not_arm_before_it_is_done() {
        let made = || call("POST", "/callbacks", Stance::Prepare, None);
        let completed = |number: usize, stance: Stance| {
            let path = format!("/callbacks/{{{{step {number} /id}}}}/completion");
            let mut step = call("POST", &path, stance, None);
            if let Act::Call { operation, .. } = &mut step.act {
                *operation = "POST /callbacks/{callbackId}/completion".into();
            }
            step
        };
        let whole = case(vec![
            made(),
            completed(1, Stance::Prepare),
            completed(1, attack("/secret")),
            made(),
            completed(4, Stance::Arm { attack: 2 }),
        ]);
        assert_eq!(armed_before(&whole), []);
    }

    #[test]
    fn what_an_attack_strikes_at_stays() {
        let body = serde_json::json!({"name": "x", "productId": 7});
        let case = case(vec![call(
            "POST",
            "/items",
            attack("body productId"),
            Some(body),
        )]);
        // The body itself, its name, its product.
        for (dropped, is_left) in [(0, false), (1, true), (2, false)] {
            let other = without_places(&case, dropped..dropped + 1);
            assert_eq!(other.is_some(), is_left, "{dropped}");
        }
    }
}
