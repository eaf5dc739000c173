//! Where a case is played and judged, on either plane.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Range;

use domain::case::CaseId;
use domain::cause::{AnyCase, AnyHistory};
use domain::finding::Finding;
use domain::seed::Seed;
use domain::{api, case, history};
use generators::Terrain;
use oracles::Judge;
use oracles::api::ApiJudge;
use proptest::strategy::ValueTree;

use super::api::strikes_alike;
use super::search::Reducible;
use super::sql::aims_alike;
use crate::api::judging::judge as judge_api;
use crate::api::play::{Player as ApiPlayer, has_succeeded};
use crate::api::stage::ApiStage;
use crate::judging::judge;
use crate::lanes::{Lane, Plays as _};
use crate::play::Player;
use crate::stage::{Stage, StageError};

/// A value tree of whatever kind.
pub(crate) type Tree<C> = Box<dyn ValueTree<Value = C>>;

/// A case that was played and judged.
#[derive(Debug, Clone)]
pub(crate) struct Played<H> {
    /// What happened.
    pub(crate) history: H,
    /// What the oracles say of it.
    pub(crate) findings: Vec<Finding>,
    /// The steps whose attempts count.
    pub(crate) armed: BTreeSet<usize>,
    /// Whether all that was to be made ready was.
    pub(crate) is_prepared: bool,
}

/// Somebody who plays cases of one plane from clean state, and judges them.
pub(crate) trait Bench {
    /// What is played.
    type Case: Reducible;
    /// What happens.
    type History: Clone;

    /// Whether every case begins from clean state.
    fn can_restore(&self) -> bool;

    /// Plays a case and judges it.
    fn play(
        &mut self,
        case: &Self::Case,
    ) -> impl Future<Output = Result<Played<Self::History>, StageError>>;

    /// Parts of a case, the smallest first, that are likely to show a finding at this step. The last
    /// is the most that is needed.
    fn likely(case: &Self::Case, step: usize) -> Vec<Range<usize>>;

    /// A case of these steps alone.
    fn cut(case: &Self::Case, steps: Range<usize>) -> Self::Case;

    /// The generator's value tree of these steps of a case, where it has one.
    fn tree(&self, case: CaseId, steps: Range<usize>) -> Option<Tree<Self::Case>>;

    /// How many steps are in it.
    fn length(case: &Self::Case) -> usize;

    /// Whether a form still has a step like this one of the whole case, with all that arms it. If not,
    /// it need not be played.
    fn could_show(form: &Self::Case, whole: &Self::Case, step: usize) -> bool;

    /// Its steps, what arms them included.
    fn steps(case: &Self::Case) -> usize;

    /// For those who need not know which plane it was.
    fn any_case(case: Self::Case) -> AnyCase;

    /// The same for what happened.
    fn any_history(history: Self::History) -> AnyHistory;
}

/// Plays T-SQL.
pub(crate) struct SqlBench<'b, 'p, 'j, S: Stage> {
    pub(crate) lane: &'b mut Lane<Player<'p, S>>,
    pub(crate) judge: &'b Judge<'j>,
    /// What random cases were drawn from.
    pub(crate) terrain: &'b Terrain<'j>,
    pub(crate) seed: Seed,
}

impl<S: Stage> Bench for SqlBench<'_, '_, '_, S> {
    type Case = case::Case;
    type History = history::History;

    fn can_restore(&self) -> bool {
        self.lane.can_restore()
    }

    async fn play(&mut self, case: &case::Case) -> Result<Played<history::History>, StageError> {
        let history = self.lane.play(case).await?;
        let findings = judge(self.judge, &history).findings;
        let attempts = self.judge.attempts(&history, &findings);
        let armed = attempts.iter().filter(|one| one.armed);
        Ok(Played {
            armed: armed.map(|one| one.step).collect(),
            is_prepared: true,
            history,
            findings,
        })
    }

    fn likely(case: &case::Case, step: usize) -> Vec<Range<usize>> {
        // A question that is compared with the next one is nothing without it.
        let next = case.steps.get(step + 1);
        let claim = next.and_then(|next| next.claim.as_ref());
        let is_compared = claim.is_some_and(|claim| claim.is(case::MISSING));
        let end = (step + 1 + usize::from(is_compared)).min(case.steps.len());
        vec![step.min(end)..end, 0..end]
    }

    fn cut(case: &case::Case, steps: Range<usize>) -> case::Case {
        case::Case {
            steps: case.steps.get(steps).unwrap_or_default().to_vec(),
            ..case.clone()
        }
    }

    fn tree(&self, case: CaseId, steps: Range<usize>) -> Option<Tree<case::Case>> {
        if case.phase != case::Phase::Fuzz {
            return None;
        }
        let tree = generators::fuzz_tree(self.terrain, self.seed, case.index);
        Some(Box::new(tree.narrowed(steps)?))
    }

    fn length(case: &case::Case) -> usize {
        case.steps.len()
    }

    fn could_show(form: &case::Case, whole: &case::Case, step: usize) -> bool {
        // By which route it is done, and who may then arm it, is another question.
        let aim = |step: &case::Step| {
            let claim = step.claim.as_ref();
            claim.map(|claim| (claim.action, claim.tenant, claim.object.clone()))
        };
        whole.steps.get(step).is_none_or(|wanted| {
            let is_like = |(number, one): (usize, &case::Step)| {
                one.actor == wanted.actor
                    && one.twin.is_some() == wanted.twin.is_some()
                    && aim(one) == aim(wanted)
                    && aims_alike((form, number), (whole, step))
            };
            form.steps.iter().enumerate().any(is_like)
        })
    }

    fn steps(case: &case::Case) -> usize {
        let twins = case.steps.iter().filter(|step| step.twin.is_some());
        case.steps.len() + twins.count()
    }

    fn any_case(case: case::Case) -> AnyCase {
        AnyCase::Sql(case)
    }

    fn any_history(history: history::History) -> AnyHistory {
        AnyHistory::Sql(history)
    }
}

/// Sends requests.
pub(crate) struct ApiBench<'b, 'p, 'j, S: ApiStage> {
    pub(crate) lane: &'b mut Lane<ApiPlayer<'p, S>>,
    pub(crate) judge: &'b ApiJudge<'j>,
}

impl<S: ApiStage> Bench for ApiBench<'_, '_, '_, S> {
    type Case = api::case::Case;
    type History = api::history::History;

    fn can_restore(&self) -> bool {
        self.lane.can_restore()
    }

    async fn play(
        &mut self,
        case: &api::case::Case,
    ) -> Result<Played<api::history::History>, StageError> {
        let history = self.lane.play(case).await?;
        let (findings, _) = judge_api(self.judge, &history);
        let attempts = self.judge.attempts(&history, &findings);
        let armed = attempts.iter().filter(|one| one.armed);
        let steps = case.steps.iter().zip(&history.steps);
        let mut prepares = steps.filter(|(step, _)| step.stance == api::case::Stance::Prepare);
        Ok(Played {
            armed: armed.map(|one| one.step).collect(),
            is_prepared: prepares.all(|(_, record)| has_succeeded(record)),
            history,
            findings,
        })
    }

    fn likely(case: &api::case::Case, _: usize) -> Vec<Range<usize>> {
        std::iter::once(0..case.steps.len()).collect()
    }

    fn cut(case: &api::case::Case, steps: Range<usize>) -> api::case::Case {
        api::case::Case {
            steps: case.steps.get(steps).unwrap_or_default().to_vec(),
            ..case.clone()
        }
    }

    fn tree(&self, _: CaseId, _: Range<usize>) -> Option<Tree<api::case::Case>> {
        None
    }

    fn length(case: &api::case::Case) -> usize {
        case.steps.len()
    }

    fn could_show(form: &api::case::Case, whole: &api::case::Case, step: usize) -> bool {
        let arms = |case: &api::case::Case, attack: usize| {
            let arm = api::case::Stance::Arm { attack };
            case.steps.iter().filter(|one| one.stance == arm).count()
        };
        whole.steps.get(step).is_none_or(|wanted| {
            let is_like = |(number, one): (usize, &api::case::Step)| {
                one.caller() == wanted.caller()
                    && one.operation() == wanted.operation()
                    && one.attack().is_some() == wanted.attack().is_some()
                    && arms(form, number) >= arms(whole, step).min(1)
                    && strikes_alike((form, number), (whole, step))
            };
            form.steps.iter().enumerate().any(is_like)
        })
    }

    fn steps(case: &api::case::Case) -> usize {
        case.steps.len()
    }

    fn any_case(case: api::case::Case) -> AnyCase {
        AnyCase::Api(case)
    }

    fn any_history(history: api::history::History) -> AnyHistory {
        AnyHistory::Api(history)
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::seed::Seed;
    use generators::Terrain;
    use proptest::strategy::ValueTree as _;

    use super::{Bench, SqlBench};
    use crate::live::Live;

    #[test]
    fn the_plain_form_of_a_step_is_worth_a_try_and_a_case_without_the_step_is_not() {
        type Sql<'t> = SqlBench<'t, 't, 't, Live>;
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let (mut alike, mut all) = (0, 0);
        for index in 0..20 {
            let mut tree = generators::fuzz_tree(&terrain, Seed(7), index);
            let whole = tree.current();
            while tree.simplify() {}
            let plain = tree.current();
            for step in 0..whole.steps.len() {
                let form = Sql::cut(&plain, step..step + 1);
                all += 1;
                alike += usize::from(Sql::could_show(&form, &whole, step));
                assert!(!Sql::could_show(&Sql::cut(&whole, 0..0), &whole, step));
            }
        }
        assert!(alike * 10 > all * 9, "{alike} of {all}");
    }
}
