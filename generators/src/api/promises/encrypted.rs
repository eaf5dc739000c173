//! A sensitive field lies encrypted, and can be read by its owner, also after the key was changed
//! (S12).

use domain::api::case::{Must, Stance};

use super::{Maker, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.encrypted {
        let Some(operation) = maker.operation(&promise.operation) else {
            continue;
        };
        let rotate = promise
            .rotate
            .as_ref()
            .and_then(|named| maker.operation(named));
        for caller in maker.callers(&operation) {
            maker.case(format!("{operation} hides {}", promise.field), |draft| {
                let request = draft.prepare_with_field(&operation, &caller, &promise.field)?;
                let stance = attack(
                    &["S12"],
                    "encrypted-field",
                    &promise.field,
                    None,
                    Must::Rule,
                );
                let about = request.clone();
                let number = draft.take(&caller, &operation, request, stance);
                draft.look_at_made(&operation, &about, &caller, number);
                if let Some(rotate) = &rotate
                    && let Some(keeper) = caller.tenant.and_then(|tenant| {
                        draft.book.callers_for(rotate, tenant).into_iter().next()
                    })
                {
                    let rotating = draft.prepare(rotate, &keeper)?;
                    draft.take(&keeper, rotate, rotating, Stance::Prepare);
                    draft.look_at_made(&operation, &about, &caller, number);
                }
                Ok(())
            });
        }
    }
}
