//! A callback's secret works once, for its own callback, and is gone afterwards (S11).

use std::collections::BTreeMap;

use domain::api::case::{Manner, Must, Stance};
use domain::api::request::{Caller, Request};
use domain::api::service::CallbackPromise;
use serde_json::json;

use super::{Draft, Maker, attack, put, reference};
use crate::api::workbook::Unreachable;

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let Some(promise) = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.callbacks.as_ref())
    else {
        return;
    };
    let (Some(register), Some(complete)) = (
        maker.operation(&promise.register),
        maker.operation(&promise.complete),
    ) else {
        return;
    };
    let made = Callback {
        promise,
        register,
        complete,
    };
    let complete = &made.complete;
    for caller in maker.callers(&made.register) {
        maker.case(format!("{complete} twice with one secret"), |draft| {
            let (request, completer) = made.registered(draft, &caller)?;
            draft.take(&completer, complete, request.clone(), Stance::Prepare);
            let stance = attack(
                &["S11"],
                "secret-reused",
                &promise.presented,
                None,
                Must::BeRefused,
            );
            let number = draft.take(&completer, complete, request, stance);
            let (fresh, completer) = made.registered(draft, &caller)?;
            let stance = Stance::Arm { attack: number };
            draft.take(&completer, complete, fresh, stance);
            Ok(())
        });
        maker.case(format!("{complete} raced with one secret"), |draft| {
            let (request, completer) = made.registered(draft, &caller)?;
            let must = Must::OneOf { count: 2 };
            let stance = attack(&["S11"], "racing-secret", &promise.presented, None, must);
            let number = draft.take(&completer, complete, request.clone(), stance);
            draft.steps[number].manner = Manner::WithNext;
            draft.take(&completer, complete, request, Stance::Wander);
            Ok(())
        });
        maker.case(format!("{complete} shows no secret afterwards"), |draft| {
            let (request, completer) = made.registered(draft, &caller)?;
            let stance = attack(&["S11"], "secret-shown", &promise.secret, None, Must::Rule);
            let about = request.clone();
            let number = draft.take(&completer, complete, request, stance);
            draft.look(complete, &about, &caller, number);
            Ok(())
        });
        let Some(victim) = maker.neighbour(&made.register, &caller) else {
            continue;
        };
        maker.case(format!("{complete} with another's secret"), |draft| {
            let (theirs, _) = made.registered(draft, &victim)?;
            let (own, completer) = made.registered(draft, &caller)?;
            let mut borrowed = own.clone();
            put(
                &mut borrowed,
                &promise.presented,
                super::at(&theirs, &promise.presented),
            );
            let stance = attack(
                &["S11"],
                "secret-of-another",
                &promise.presented,
                Some(&victim),
                Must::BeRefused,
            );
            let number = draft.take(&completer, complete, borrowed, stance);
            let stance = Stance::Arm { attack: number };
            draft.take(&completer, complete, own, stance);
            Ok(())
        });
    }
}

struct Callback<'p> {
    promise: &'p CallbackPromise,
    register: String,
    complete: String,
}

impl Callback<'_> {
    /// Registers one; the request that completes it, and who sends that.
    fn registered(
        &self,
        draft: &mut Draft<'_, '_>,
        caller: &Caller,
    ) -> Result<(Request, Caller), Unreachable> {
        let request = draft.prepare(&self.register, caller)?;
        let sent = super::at(&request, &self.promise.secret);
        let step = draft.take(caller, &self.register, request, Stance::Prepare);
        let completer = caller
            .tenant
            .and_then(|tenant| {
                let callers = draft.book.callers_for(&self.complete, tenant);
                callers.into_iter().next()
            })
            .unwrap_or_else(|| caller.clone());
        let parameters = draft.book.path_parameters(&self.complete);
        let given: BTreeMap<String, String> = parameters
            .last()
            .map(|name| (name.clone(), draft.book.made_by(&self.register, step)))
            .into_iter()
            .collect();
        let mut completing = draft.prepare_on(&self.complete, &completer, &given)?;
        let secret = match sent {
            Some(secret) => secret,
            None => json!(reference(step, &self.promise.secret)),
        };
        put(&mut completing, &self.promise.presented, Some(secret));
        Ok((completing, completer))
    }
}
