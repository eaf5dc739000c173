//! Who changes something must have seen what he changes (D10).

use domain::api::case::{Manner, Must, Stance};

use super::{Maker, attack, put};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(promise) = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.versions.as_ref())
    else {
        return;
    };
    for named in &promise.operations {
        let Some(operation) = maker.operation(named) else {
            continue;
        };
        // A transition cannot be made twice, so a stale one proves nothing of versions.
        if !operation.starts_with("PATCH ") && !operation.starts_with("PUT ") {
            continue;
        }
        for caller in maker.callers(&operation) {
            maker.case(format!("{operation} with a stale version"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                draft.take(&caller, &operation, request.clone(), Stance::Prepare);
                let stance = attack(
                    &["D10"],
                    "stale-version",
                    &promise.send,
                    None,
                    Must::BeRefused,
                );
                let number = draft.take(&caller, &operation, request.clone(), stance);
                let given = draft.given(&operation, &request);
                let fresh = draft.prepare_on(&operation, &caller, &given)?;
                let stance = Stance::Arm { attack: number };
                draft.take(&caller, &operation, fresh, stance);
                Ok(())
            });
            maker.case(format!("{operation} without a version"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let mut blind = request.clone();
                put(&mut blind, &promise.send, None);
                let stance = attack(
                    &["D10"],
                    "missing-version",
                    &promise.send,
                    None,
                    Must::BeRefused,
                );
                let number = draft.take(&caller, &operation, blind, stance);
                let stance = Stance::Arm { attack: number };
                draft.take(&caller, &operation, request, stance);
                Ok(())
            });
            maker.case(format!("{operation} raced by itself"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let must = Must::OneOf { count: 2 };
                let stance = attack(&["D10"], "racing-versions", &promise.send, None, must);
                let number = draft.take(&caller, &operation, request.clone(), stance);
                draft.steps[number].manner = Manner::WithNext;
                draft.take(&caller, &operation, request, Stance::Wander);
                Ok(())
            });
        }
    }
}
