//! Webhooks go to whose they are, signed with his own secret (D11), and background work keeps its
//! tenant (D13).

use domain::api::case::{Manner, Must, Stance};
use serde_json::json;

use super::{Maker, attack, put};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(promise) = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.webhooks.as_ref())
    else {
        return;
    };
    let (Some(register), Some(trigger)) = (
        maker.operation(&promise.register),
        maker.operation(&promise.trigger),
    ) else {
        return;
    };
    for caller in maker.callers(&register) {
        let Some(neighbour) = maker.neighbour(&register, &caller) else {
            continue;
        };
        let (Some(actor), Some(other)) = (
            maker.neighbour(&trigger, &neighbour).and(
                caller
                    .tenant
                    .and_then(|tenant| maker.caller(&trigger, tenant)),
            ),
            neighbour
                .tenant
                .and_then(|tenant| maker.caller(&trigger, tenant)),
        ) else {
            continue;
        };
        maker.case(format!("{trigger} is delivered"), |draft| {
            for who in [&neighbour, &caller] {
                let mut registering = draft.prepare(&register, who)?;
                put(&mut registering, &promise.url, Some(json!("{{hook}}")));
                draft.take(who, &register, registering, Stance::Prepare);
            }
            let request = draft.prepare(&trigger, &actor)?;
            let stance = attack(&["D11"], "webhook-delivery", "delivery", None, Must::Rule);
            draft.take(&actor, &trigger, request, stance);
            Ok(())
        });
        maker.case(format!("{trigger} by two tenants at once"), |draft| {
            for who in [&neighbour, &caller] {
                let mut registering = draft.prepare(&register, who)?;
                put(&mut registering, &promise.url, Some(json!("{{hook}}")));
                draft.take(who, &register, registering, Stance::Prepare);
            }
            let theirs = draft.prepare(&trigger, &other)?;
            let own = draft.prepare(&trigger, &actor)?;
            let number = draft.next() + 1;
            let arm = draft.take(&other, &trigger, theirs, Stance::Arm { attack: number });
            draft.steps[arm].manner = Manner::WithNext;
            let stance = attack(
                &["D13"],
                "job-interleaved",
                "delivery",
                Some(&other),
                Must::ShowNothing,
            );
            draft.take(&actor, &trigger, own, stance);
            Ok(())
        });
    }
}
