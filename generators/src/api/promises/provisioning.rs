//! A tenant that leaves takes everything of his along, and nothing of anybody else's (D14).

use domain::api::case::{Act, Manner, Must, Stance, Step};
use domain::case::{Actor, BatchTraits};

use super::{Maker, at, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(promise) = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.provisioning.as_ref())
    else {
        return;
    };
    let (Some(provision), Some(offboard)) = (
        maker.operation(&promise.provision),
        maker.operation(&promise.offboard),
    ) else {
        return;
    };
    for caller in maker.callers(&provision).into_iter().take(1) {
        maker.case(format!("{offboard} leaves nothing"), |draft| {
            let request = draft.prepare(&provision, &caller)?;
            let name = at(&request, &promise.name)
                .and_then(|name| name.as_str().map(str::to_owned))
                .unwrap_or_default();
            let count = || Step {
                act: Act::Batch {
                    actor: Actor::Administrator {
                        database: "master".into(),
                    },
                    batch: promise.leftovers.replace("$(Name)", &name),
                    traits: BatchTraits::default(),
                },
                stance: Stance::Wander,
                manner: Manner::Alone,
            };
            draft.steps.push(count());
            let made = draft.take(&caller, &provision, request, Stance::Prepare);
            let given = draft
                .book
                .path_parameters(&offboard)
                .last()
                .map(|name| (name.clone(), draft.book.made_by(&provision, made)))
                .into_iter()
                .collect();
            let leaving = draft.prepare_on(&offboard, &caller, &given)?;
            let stance = attack(&["D14"], "offboarding", "leftovers", None, Must::Rule);
            draft.take(&caller, &offboard, leaving, stance);
            draft.steps.push(count());
            Ok(())
        });
    }
}
