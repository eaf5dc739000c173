//! How is a case of T-SQL made smaller? Tenants, then steps, then what each batch says.

use std::collections::BTreeSet;
use std::ops::Range;

use domain::api::request::{referred_steps, renumbered as with_numbers};
use domain::case::{Actor, Case, MISSING, Step};
use domain::world::TenantIndex;

use super::batch;
use super::search::{Pass, Reducible};
use super::steps::{kept, names, renumbered};

impl Reducible for Case {
    fn size(&self) -> Vec<usize> {
        let tenants: BTreeSet<_> = self.steps.iter().map(|step| step.actor.tenant()).collect();
        let actors: BTreeSet<&Actor> = self.steps.iter().map(|step| &step.actor).collect();
        let count = |is: fn(&Step) -> bool| self.steps.iter().filter(|step| is(step)).count();
        vec![
            self.steps.len(),
            tenants.len(),
            actors.len(),
            self.steps.iter().map(|step| step.batch.len()).sum(),
            count(|step| step.traits.opaque),
            count(|step| step.traits.controls_transactions),
        ]
    }

    fn identity(&self) -> String {
        let mut identity = String::new();
        for step in &self.steps {
            identity.push_str(&format!(
                "{:?}{:?}{}\0",
                step.actor, step.traits, step.batch
            ));
        }
        identity
    }

    fn passes() -> &'static [Pass<Self>] {
        const { &PASSES }
    }
}

const PASSES: [Pass<Case>; 8] = [
    Pass::Drop {
        parts: |case| tenants(case).len(),
        without: without_tenants,
    },
    Pass::Drop {
        parts: |case| case.steps.len(),
        without: |case, range| keeping(case, |step| !range.contains(&step)),
    },
    Pass::Rewrite(|case| rewritten(case, batch::unwrapped)),
    Pass::Rewrite(|case| rewritten(case, batch::without_statements)),
    Pass::Rewrite(|case| rewritten(case, batch::without_clauses)),
    Pass::Rewrite(|case| rewritten(case, batch::plainer)),
    Pass::Rewrite(|case| rewritten(case, batch::without_tokens)),
    Pass::Rewrite(transparent),
];

/// The tenants for whom somebody acts, in the order in which they come up.
fn tenants(case: &Case) -> Vec<TenantIndex> {
    let mut tenants = Vec::new();
    for tenant in case.steps.iter().filter_map(|step| step.actor.tenant()) {
        if !tenants.contains(&tenant) {
            tenants.push(tenant);
        }
    }
    tenants
}

fn without_tenants(case: &Case, range: Range<usize>) -> Option<Case> {
    let tenants = tenants(case);
    keeping(case, |step| {
        let tenant = case.steps[step].actor.tenant();
        !tenant.is_some_and(|tenant| names(&tenants, &range, &tenant))
    })
}

/// What is left when only these steps stay, and of them only those that make sense then.
fn keeping(case: &Case, stays: impl Fn(usize) -> bool) -> Option<Case> {
    let refers = |step: usize| {
        let mut refers = referred_steps(&case.steps[step].batch);
        refers
            .iter_mut()
            .for_each(|number| *number = number.saturating_sub(1));
        // It asks like the step before it for what never was.
        let claim = case.steps[step].claim.as_ref();
        if claim.is_some_and(|claim| claim.is(MISSING)) {
            refers.extend(step.checked_sub(1));
        }
        refers
    };
    let kept = kept(case.steps.len(), |step| !stays(step), refers);
    if kept.is_empty() {
        return None;
    }
    let steps = kept.iter().map(|&old| {
        let step = &case.steps[old];
        let number = |number: usize| {
            let new = renumbered(&kept, number.saturating_sub(1));
            new.map_or(number, |new| new + 1)
        };
        Step {
            batch: with_numbers(&step.batch, &number),
            ..step.clone()
        }
    });
    Some(Case {
        steps: steps.collect(),
        ..case.clone()
    })
}

/// The case with one batch said in another way.
fn rewritten(case: &Case, ways: fn(&str) -> Vec<String>) -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, step) in case.steps.iter().enumerate().rev() {
        for batch in ways(&step.batch) {
            let mut other = case.clone();
            let other_step = &mut other.steps[index];
            // What was wrapped may reach the session itself now.
            other_step.traits.changes_session |= batch::may_change_session(&batch);
            other_step.traits.controls_transactions &= batch::may_control_transactions(&batch);
            other_step.batch = batch;
            cases.push(other);
        }
    }
    cases
}

/// The case with a batch that does not hide its answers any more.
fn transparent(case: &Case) -> Vec<Case> {
    let mut cases = Vec::new();
    for (index, step) in case.steps.iter().enumerate() {
        if step.traits.opaque {
            let mut other = case.clone();
            other.steps[index].traits.opaque = false;
            cases.push(other);
        }
    }
    cases
}

/// Whether a step still aims at what it aimed at: it names the object of its claim, where it did so in plain
/// words, and two questions that are compared differ in nothing in which they did not differ before.
pub(super) fn aims_alike((form, number): (&Case, usize), (whole, step): (&Case, usize)) -> bool {
    let (was, is) = (&whole.steps[step], &form.steps[number]);
    let object = was.claim.as_ref().map_or("", |claim| &claim.object);
    let name = object.rsplit([' ', '.']).next().unwrap_or_default();
    let names = |batch: &str| batch.to_lowercase().contains(&name.to_lowercase());
    (!names(&was.batch) || names(&is.batch))
        && differences(form, number).is_subset(&differences(whole, step))
}

/// The words that a step and the question which it is compared with do not have in common; none where it is
/// not compared.
fn differences(case: &Case, step: usize) -> BTreeSet<&str> {
    let compared = case.steps.get(step + 1);
    let compared = compared.filter(|next| next.claim.as_ref().is_some_and(|own| own.is(MISSING)));
    let Some(other) = compared else {
        return BTreeSet::new();
    };
    let said = |batch| -> BTreeSet<&str> { words_of(batch).collect() };
    let (one, other) = (said(&case.steps[step].batch), said(&other.batch));
    one.symmetric_difference(&other).copied().collect()
}

/// Words and numbers.
fn words_of(batch: &str) -> impl Iterator<Item = &str> {
    let words = batch.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::case::{Actor, BatchTraits, Case, CaseId, Claim, MISSING, Phase, Step};
    use domain::intent::Action;
    use domain::world::TenantIndex;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;

    use super::super::search::Search;

    fn step(tenant: usize, batch: &str) -> Step {
        Step {
            actor: Actor::Principal {
                tenant: TenantIndex(tenant),
                principal: "app_rw".into(),
            },
            batch: batch.into(),
            claim: None,
            twin: None,
            traits: BatchTraits::default(),
        }
    }

    fn case(steps: Vec<Step>) -> Case {
        Case {
            id: CaseId {
                phase: Phase::Fuzz,
                index: 0,
            },
            title: String::new(),
            steps,
        }
    }

    fn shrunk(case: Case, shows: impl Fn(&Case) -> bool) -> Case {
        let mut search = Search::new(case);
        let mut goes_on = search.simplify();
        while goes_on {
            goes_on = if shows(&search.current()) {
                search.simplify()
            } else {
                search.complicate()
            };
        }
        search.current()
    }

    fn batches(case: &Case) -> Vec<&str> {
        case.steps.iter().map(|step| step.batch.as_str()).collect()
    }

    #[test]
    fn steps_that_others_refer_to_go_only_together_with_them() {
        let long = case(vec![
            step(0, "SELECT 1 AS Id"),
            step(1, "SELECT 2 AS Id"),
            step(2, "SELECT {{step 1 column Id}} AS Other"),
            step(0, "DELETE FROM dbo.T WHERE Id = {{step 2 column Id}}"),
            step(1, "SELECT {{step 3 column Other}}"),
        ]);
        let short = shrunk(long, |case| {
            case.steps.iter().any(|step| {
                step.batch
                    .starts_with("DELETE FROM dbo.T WHERE Id = {{step ")
            })
        });
        assert_eq!(
            batches(&short),
            [
                "SELECT 2",
                "DELETE FROM dbo.T WHERE Id = {{step 1 column Id}}"
            ]
        );
    }

    #[test]
    fn a_question_about_nothing_goes_with_the_one_it_is_compared_with() {
        let mut missing = step(0, "SELECT 3");
        missing.claim = Some(Claim {
            action: Action::Select,
            database: "d".into(),
            tenant: None,
            object: "dbo.T".into(),
            family: MISSING.into(),
        });
        let long = case(vec![step(0, "SELECT 1"), step(0, "SELECT 2"), missing]);
        let short = shrunk(long, |case| {
            case.steps.iter().any(|step| step.claim.is_some())
        });
        assert_eq!(batches(&short), ["SELECT 2", "SELECT 3"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn references_stay_valid_whatever_is_dropped(
            referred in prop::collection::vec(any::<prop::sample::Index>(), 2..12),
            wanted in any::<prop::sample::Index>(),
        ) {
            let mut steps = vec![step(0, "SELECT 0 AS Id")];
            for (number, referred) in referred.iter().enumerate() {
                let earlier = referred.index(number + 1) + 1;
                let text = format!("SELECT {} AS Id, {{{{step {earlier} column Id}}}}", number + 1);
                steps.push(step(number % 3, &text));
            }
            let marker = format!("SELECT {} AS Id", wanted.index(referred.len()) + 1);
            let short = shrunk(case(steps), |case| {
                for (number, step) in case.steps.iter().enumerate() {
                    for earlier in domain::api::request::referred_steps(&step.batch) {
                        assert!(1 <= earlier && earlier <= number, "{:?}", batches(case));
                    }
                }
                case.steps.iter().any(|step| step.batch.starts_with(&marker))
            });
            prop_assert_eq!(batches(&short), [marker.as_str()]);
        }
    }
}
