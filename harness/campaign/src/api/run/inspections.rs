//! What is looked at instead of attacked: the statements of the service, and its handshakes.

use domain::case::{CaseId, Phase};
use domain::inspection::{Facts, Topic};
use oracles::{INSPECTIONS, Inspection, Judge};

use super::Campaign;
use crate::api::play::Player;
use crate::api::stage::ApiStage;
use crate::course::Ended;
use crate::inspecting::{ask, joined, look_by};
use crate::lanes::Lanes;

impl Campaign<'_, '_> {
    /// Was the tenant applied in every statement that the service has sent by now? The planned
    /// cases have gone through all of it.
    pub(super) async fn inspect_statements<S: ApiStage>(
        &mut self,
        lanes: &mut Lanes<Player<'_, S>>,
    ) -> Result<(), Ended> {
        let Some((id, inspection)) = self.due(Topic::Statements) else {
            return Ok(());
        };
        if lanes.own().stage.below().is_none() {
            let reason = "the statements of the service cannot be seen";
            self.course
                .ledger
                .not_applicable(inspection.controls, reason);
            return Ok(());
        }
        let plan = self.plan;
        self.course.may_go_on(id.phase)?;
        let unseen = plan.resumed.iter().flat_map(|resumed| &resumed.cases);
        let unseen = unseen
            .filter(|line| line.case.phase != Phase::Baseline)
            .count();
        if unseen > 0 {
            self.course.notes.push(format!(
                "{unseen} attacks were made before the run was interrupted: the inspection of statements has not \
                 seen what the service said to the database for them"
            ));
        }
        self.course.begin_phase(id.phase, Some(1));
        let began = self.course.now();
        let judge = Judge::new(plan.system, plan.world, plan.surface);
        let below = plan.below();
        let look = look_by(plan.system, &judge, inspection, async || {
            let mut told = lanes.ask_beside(inspection).await?;
            if let Some(stage) = lanes.own().stage.below() {
                told.push(ask(stage, inspection, &below).await?);
            }
            Ok(joined(told))
        });
        let look = look.await.map_err(Ended::Lost)?;
        self.course.looked(id, inspection, &look, began);
        Ok(())
    }

    /// Which handshakes does the service do? Nobody needs to have called it before.
    pub(super) async fn inspect_transport<S: ApiStage>(
        &mut self,
        player: &mut Player<'_, S>,
    ) -> Result<(), Ended> {
        let Some((id, inspection)) = self.due(Topic::Transport) else {
            return Ok(());
        };
        let plan = self.plan;
        self.course.may_go_on(id.phase)?;
        self.course.begin_phase(id.phase, Some(1));
        let began = self.course.now();
        let judge = Judge::new(plan.system, plan.world, plan.surface);
        let look = look_by(plan.system, &judge, inspection, async || {
            Ok(Facts(vec![player.stage.transport().await]))
        });
        let look = look.await.map_err(Ended::Lost)?;
        self.course.looked(id, inspection, &look, began);
        Ok(())
    }

    /// The inspection of a topic and its number, unless nothing that it looks after is under test or
    /// an interrupted run has done it.
    fn due(&self, topic: Topic) -> Option<(CaseId, &'static Inspection)> {
        let (index, inspection) = (0..)
            .zip(INSPECTIONS)
            .find(|(_, one)| one.topics.contains(&topic))?;
        let phase = Phase::Inspection;
        let id = CaseId { phase, index };
        let is_due = self.course.is_selected(inspection) && !self.course.is_done(id);
        is_due.then_some((id, inspection))
    }
}
