//! What is sent twice under one key happens once (S10).

use domain::api::case::{Manner, Must, Stance};
use serde_json::Value;

use super::{Maker, at, attack, put};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.idempotency {
        let Some(operation) = maker.operation(&promise.operation) else {
            continue;
        };
        let place = format!("header {}", promise.header);
        for caller in maker.callers(&operation) {
            if promise.required {
                maker.case(format!("{operation} without a key"), |draft| {
                    let request = draft.prepare(&operation, &caller)?;
                    let mut bare = request.clone();
                    put(&mut bare, &place, None);
                    let must = Must::BeRefused;
                    let stance = attack(&["S10"], "missing-key", &place, None, must);
                    let number = draft.take(&caller, &operation, bare, stance);
                    let stance = Stance::Arm { attack: number };
                    draft.take(&caller, &operation, request, stance);
                    Ok(())
                });
            }
            maker.case(format!("{operation} repeated"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let first = draft.take(&caller, &operation, request.clone(), Stance::Prepare);
                let must = Must::Repeat { step: first };
                let stance = attack(&["S10"], "repeated-key", &place, None, must);
                draft.take(&caller, &operation, request, stance);
                Ok(())
            });
            maker.case(format!("{operation} with a used key"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let other = draft.prepare(&operation, &caller)?;
                let mut reused = other.clone();
                put(&mut reused, &place, at(&request, &place));
                draft.take(&caller, &operation, request, Stance::Prepare);
                let must = Must::BeRefused;
                let stance = attack(&["S10"], "reused-key", &place, None, must);
                let number = draft.take(&caller, &operation, reused, stance);
                let stance = Stance::Arm { attack: number };
                draft.take(&caller, &operation, other, stance);
                Ok(())
            });
            maker.case(format!("{operation} raced by its repeat"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let stance = attack(&["S10"], "racing-key", &place, None, Must::Rule);
                let number = draft.take(&caller, &operation, request.clone(), stance);
                draft.steps[number].manner = Manner::WithNext;
                draft.take(&caller, &operation, request, Stance::Wander);
                Ok(())
            });
            let Some(victim) = maker.neighbour(&operation, &caller) else {
                continue;
            };
            maker.case(format!("{operation} with another's key"), |draft| {
                let theirs = draft.prepare(&operation, &victim)?;
                let own = draft.prepare(&operation, &caller)?;
                let mut borrowed = own.clone();
                let key = at(&theirs, &place).unwrap_or(Value::Null);
                put(&mut borrowed, &place, Some(key));
                draft.take(&victim, &operation, theirs, Stance::Prepare);
                let stance = attack(
                    &["S10"],
                    "key-of-another",
                    &place,
                    Some(&victim),
                    Must::Rule,
                );
                let number = draft.take(&caller, &operation, borrowed, stance);
                let stance = Stance::Arm { attack: number };
                draft.take(&caller, &operation, own, stance);
                Ok(())
            });
        }
    }
}
