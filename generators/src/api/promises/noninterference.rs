//! One tenant's answers do not depend on what another does (B02), nor do the numbers of its health
//! (D16).

use domain::api::case::{Must, Stance};

use super::{Maker, attack};
use crate::api::attacks::is_unsafe;

pub(super) fn cases(maker: &mut Maker<'_, '_>) {
    let operations: Vec<String> = maker
        .book
        .operations()
        .iter()
        .filter(|operation| !is_unsafe(operation.split(' ').next().unwrap_or_default()))
        .cloned()
        .collect();
    let health = maker
        .system
        .service
        .as_ref()
        .and_then(|service| service.promises.health.as_ref())
        .map(|promise| promise.operation.clone())
        .and_then(|named| maker.operation(&named));
    for operation in operations {
        for caller in maker.callers(&operation) {
            let Some(other) = maker.neighbour(&operation, &caller) else {
                continue;
            };
            let is_health = Some(&operation) == health.as_ref();
            maker.case(format!("{operation} while another works"), |draft| {
                let own = draft.prepare(&operation, &caller)?;
                // Everything that the other needs for the same happens in between.
                let number = {
                    let mut rehearsal = Vec::new();
                    let salt = draft.fresh();
                    draft
                        .book
                        .prepare(&operation, &other, salt, &mut rehearsal)?;
                    draft.next() + 1 + rehearsal.len()
                };
                let stance = Stance::Witness { attack: number };
                draft.take(&caller, &operation, own.clone(), stance);
                let theirs = draft.prepare(&operation, &other)?;
                let (controls, family): (&[&str], _) = if is_health {
                    (&["B02", "D16"], "health-unmoved")
                } else {
                    (&["B02"], "noninterference")
                };
                let stance = attack(controls, family, "answer", Some(&other), Must::Rule);
                draft.take(&caller, &operation, own, stance);
                let stance = Stance::Arm { attack: number };
                draft.take(&other, &operation, theirs, stance);
                Ok(())
            });
        }
    }
}
