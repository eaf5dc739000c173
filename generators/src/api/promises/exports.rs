//! An export holds all of a tenant's rows and nobody else's (S14), and is made on behalf of who
//! asked for it (D13).

use domain::api::case::{Manner, Must, Stance};

use super::{Maker, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    for promise in &service.promises.exports {
        let (Some(start), Some(download)) = (
            maker.operation(&promise.start),
            maker.operation(&promise.download),
        ) else {
            continue;
        };
        for caller in maker.callers(&start) {
            maker.case(format!("{download} holds all and only"), |draft| {
                let request = draft.prepare(&download, &caller)?;
                let stance = attack(&["S14"], "export", "rows", None, Must::Rule);
                draft.take(&caller, &download, request, stance);
                Ok(())
            });
            let Some(other) = maker.neighbour(&start, &caller) else {
                continue;
            };
            maker.case(format!("{start} by two tenants at once"), |draft| {
                let theirs = draft.prepare(&start, &other)?;
                let own = draft.prepare(&start, &caller)?;
                let number = draft.next() + 1;
                let arm = draft.take(&other, &start, theirs, Stance::Arm { attack: number });
                draft.steps[arm].manner = Manner::WithNext;
                let must = Must::ShowNothing;
                let stance = attack(&["D13"], "job-interleaved", "export", Some(&other), must);
                draft.take(&caller, &start, own, stance);
                // What was made then is looked at, too.
                let given = draft
                    .book
                    .path_parameters(&download)
                    .last()
                    .map(|name| (name.clone(), draft.book.made_by(&start, number)))
                    .into_iter()
                    .collect();
                let reading = draft.prepare_on(&download, &caller, &given)?;
                let stance = Stance::Wander;
                draft.take(&caller, &download, reading, stance);
                Ok(())
            });
        }
    }
}
