//! Every change extends the tenant's signed chain (S09).

use domain::api::case::{Must, Stance};

use super::{Maker, attack};

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(service) = &maker.system.service else {
        return;
    };
    let Some(promise) = &service.promises.chain else {
        return;
    };
    let audited = service.promises.audit.as_ref();
    let mut named = promise.operations.clone();
    if named.is_empty() {
        named = audited.map_or_else(Vec::new, |audit| audit.operations.clone());
    }
    for named in &named {
        let Some(operation) = maker.operation(named) else {
            continue;
        };
        for caller in maker.callers(&operation) {
            maker.case(format!("{operation} extends the chain"), |draft| {
                let request = draft.prepare(&operation, &caller)?;
                let stance = attack(&["S09"], "chain-extended", &promise.table, None, Must::Rule);
                draft.take(&caller, &operation, request, stance);
                Ok(())
            });
        }
    }
    let Some(verify) = promise
        .verify
        .as_ref()
        .and_then(|named| maker.operation(named))
    else {
        return;
    };
    for caller in maker.callers(&verify) {
        let changed = named.first().and_then(|named| maker.operation(named));
        maker.case(format!("{verify} finds it whole"), |draft| {
            if let Some(changed) = &changed {
                let request = draft.prepare(changed, &caller)?;
                draft.take(&caller, changed, request, Stance::Prepare);
            }
            let request = draft.prepare(&verify, &caller)?;
            let stance = attack(&["S09"], "chain-verified", &promise.table, None, Must::Rule);
            draft.take(&caller, &verify, request, stance);
            Ok(())
        });
    }
}
