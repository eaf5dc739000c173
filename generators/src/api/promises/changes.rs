//! The view of a document's changes shows that document's, in order (D06).

use domain::api::case::{Must, Stance};

use super::{Maker, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.changes {
        let Some(operation) = maker.operation(&promise.operation) else {
            continue;
        };
        for caller in maker.callers(&operation) {
            maker.case(format!("{operation} shows one document's"), |draft| {
                let own = draft.prepare(&operation, &caller)?;
                let given = draft.given(&operation, &own);
                // A second document of the same kind, changed like the first.
                let other = draft.prepare(&operation, &caller)?;
                let theirs = draft.given(&operation, &other);
                for about in [&given, &theirs] {
                    let Some(change) = draft.book.changer_of(&operation) else {
                        continue;
                    };
                    let Some(doer) = caller.tenant.and_then(|tenant| {
                        draft.book.callers_for(&change, tenant).into_iter().next()
                    }) else {
                        continue;
                    };
                    let request = draft.prepare_on(&change, &doer, about)?;
                    draft.take(&doer, &change, request, Stance::Prepare);
                }
                let stance = attack(&["D06"], "changes-view", &promise.entries, None, Must::Rule);
                draft.take(&caller, &operation, own, stance);
                Ok(())
            });
        }
    }
}
