//! Where a case is played and judged, on either plane.

use std::collections::BTreeSet;
use std::future::Future;

use domain::cause::{AnyCase, AnyHistory};
use domain::finding::Finding;
use domain::{api, case, history};
use oracles::Judge;
use oracles::api::ApiJudge;

use super::search::Reducible;
use crate::api::judging::judge as judge_api;
use crate::api::play::Player as ApiPlayer;
use crate::api::stage::ApiStage;
use crate::judging::judge;
use crate::play::Player;
use crate::stage::{Stage, StageError};

/// A case that was played and judged.
#[derive(Debug, Clone)]
pub(crate) struct Played<H> {
    /// What happened.
    pub(crate) history: H,
    /// What the oracles say of it.
    pub(crate) findings: Vec<Finding>,
    /// The steps whose attempts count.
    pub(crate) armed: BTreeSet<usize>,
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

    /// Forms of a case, the smallest first, that are likely to show a finding at this step.
    fn likely(case: &Self::Case, step: usize) -> Vec<Self::Case>;

    /// Its steps, what arms them included.
    fn steps(case: &Self::Case) -> usize;

    /// For those who need not know which plane it was.
    fn any_case(case: Self::Case) -> AnyCase;

    /// The same for what happened.
    fn any_history(history: Self::History) -> AnyHistory;
}

/// Plays T-SQL.
pub(crate) struct SqlBench<'b, 'p, 'j, S> {
    pub(crate) player: &'b mut Player<'p, S>,
    pub(crate) judge: &'b Judge<'j>,
}

impl<S: Stage> Bench for SqlBench<'_, '_, '_, S> {
    type Case = case::Case;
    type History = history::History;

    fn can_restore(&self) -> bool {
        self.player.stage.can_restore()
    }

    async fn play(&mut self, case: &case::Case) -> Result<Played<history::History>, StageError> {
        let history = self.player.play(case).await?;
        let findings = judge(self.judge, &history).findings;
        let attempts = self.judge.attempts(&history, &findings);
        let armed = attempts.iter().filter(|one| one.armed);
        Ok(Played {
            armed: armed.map(|one| one.step).collect(),
            history,
            findings,
        })
    }

    fn likely(case: &case::Case, step: usize) -> Vec<case::Case> {
        // A question that is compared with the next one is nothing without it.
        let next = case.steps.get(step + 1);
        let claim = next.and_then(|next| next.claim.as_ref());
        let is_compared = claim.is_some_and(|claim| claim.is(case::MISSING));
        let end = step + usize::from(is_compared);
        let of = |steps: Option<&[case::Step]>| {
            steps.map(|steps| case::Case {
                steps: steps.to_vec(),
                ..case.clone()
            })
        };
        [of(case.steps.get(step..=end)), of(case.steps.get(..=end))]
            .into_iter()
            .flatten()
            .collect()
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
pub(crate) struct ApiBench<'b, 'p, 'j, S> {
    pub(crate) player: &'b mut ApiPlayer<'p, S>,
    pub(crate) judge: &'b ApiJudge<'j>,
}

impl<S: ApiStage> Bench for ApiBench<'_, '_, '_, S> {
    type Case = api::case::Case;
    type History = api::history::History;

    fn can_restore(&self) -> bool {
        self.player.stage.can_restore()
    }

    async fn play(
        &mut self,
        case: &api::case::Case,
    ) -> Result<Played<api::history::History>, StageError> {
        let history = self.player.play(case).await?;
        let (findings, _) = judge_api(self.judge, &history);
        let attempts = self.judge.attempts(&history, &findings);
        let armed = attempts.iter().filter(|one| one.armed);
        Ok(Played {
            armed: armed.map(|one| one.step).collect(),
            history,
            findings,
        })
    }

    fn likely(case: &api::case::Case, _: usize) -> Vec<api::case::Case> {
        vec![case.clone()]
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
