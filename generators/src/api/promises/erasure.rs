//! Who is erased is nowhere any more (S15).

use domain::api::case::{Must, Stance};

use super::{Maker, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.erasure {
        let (Some(create), Some(erase)) = (
            maker.operation(&promise.create),
            maker.operation(&promise.erase),
        ) else {
            continue;
        };
        let change = promise
            .change
            .as_ref()
            .and_then(|named| maker.operation(named));
        for caller in maker.callers(&create) {
            let doer = |maker: &Maker<'_, '_>, operation: &str| {
                caller
                    .tenant
                    .and_then(|tenant| maker.caller(operation, tenant))
            };
            let Some(eraser) = doer(maker, &erase) else {
                continue;
            };
            let changer = change
                .as_ref()
                .and_then(|change| Some((change.clone(), doer(maker, change)?)));
            maker.case(format!("{erase} leaves nothing"), |draft| {
                let mut making = draft.prepare(&create, &caller)?;
                for field in &promise.personal {
                    draft.fill_field(&mut making, &create, field, &caller);
                }
                let made = draft.take(&caller, &create, making, Stance::Prepare);
                let thing = draft.book.made_by(&create, made);
                let on = |draft: &super::Draft<'_, '_>, operation: &str| {
                    draft
                        .book
                        .path_parameters(operation)
                        .last()
                        .map(|name| (name.clone(), thing.clone()))
                        .into_iter()
                        .collect()
                };
                if let Some((change, changer)) = &changer {
                    let given = on(draft, change);
                    let mut changing = draft.prepare_on(change, changer, &given)?;
                    for field in &promise.personal {
                        draft.fill_field(&mut changing, change, field, changer);
                    }
                    draft.take(changer, change, changing, Stance::Prepare);
                }
                let given = on(draft, &erase);
                let erasing = draft.prepare_on(&erase, &eraser, &given)?;
                let about = erasing.clone();
                let stance = attack(&["S15"], "erasure", "everywhere", None, Must::Rule);
                draft.take(&eraser, &erase, erasing, stance);
                if let Some((reader, reading)) = draft.book.witness(&erase, &about) {
                    draft.take(&caller, &reader, reading, Stance::Wander);
                }
                Ok(())
            });
        }
    }
}
