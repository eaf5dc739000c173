//! Every operation of the reference ERP, called by its owner as the generators work it out from the
//! published contract alone: each must succeed, in both designs.
#![expect(clippy::expect_used, reason = "a test states what must hold")]
#![allow(dead_code, reason = "the stage serves several tests")]

#[path = "erp/stage.rs"]
mod stage;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::api::case::{Act, Stance, Step};
use domain::api::history::Record;
use domain::seed::Seed;
use domain::world::TenantIndex;
use erp::Design;
use executors::http::{Callers, HttpService, Receiver};
use generators::api::Workbook;

use stage::Stage;

/// Plays the steps; the first one that does not succeed, if any.
async fn play(stage: &Stage, callers: &Callers, steps: &[Step]) -> Result<(), String> {
    let mut records: Vec<Record> = Vec::new();
    for step in steps {
        let Act::Call {
            caller,
            operation,
            request,
        } = &step.act
        else {
            continue;
        };
        let record = callers.send(caller, request, &records).await;
        stage.running.settle().await;
        let failure = match &record {
            Record::Call { answer, .. } if answer.is_success() => None,
            Record::Call { sent, answer } => {
                let said = String::from_utf8_lossy(&sent.body).into_owned();
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                Some(format!(
                    "{} {said} by {}: {} {body} [{request:?}]",
                    sent.target, caller.actor, answer.status
                ))
            }
            Record::Unresolved { reason } => Some(format!("{operation}: {reason}")),
            Record::Batch { .. } => None,
        };
        records.push(record);
        if let Some(failure) = failure {
            return Err(failure);
        }
    }
    Ok(())
}

/// Operations that never succeeded, each with why.
async fn rehearsed(design: Design) -> BTreeMap<String, String> {
    let stage = Stage::new(design, &[], &[]).await;
    let demonstration = configuration::builtin(design.name()).expect("it exists");
    let system = demonstration.expect("it is valid").system;
    let service = system.service.expect("it has a service");
    let document = contract::read(stage.running.document().as_bytes(), None);
    let document = document.expect("the document is usable");
    assert_eq!(document.warnings, [], "the ERP's document is in order");
    let receiver = Receiver::start().await.expect("a free port");
    let at = HttpService::at(&format!("http://{}", stage.running.address()));
    let no_secret = |_: &domain::system::Secret| Err::<String, _>("no secret is declared");
    let now = Arc::new(|| Duration::ZERO);
    let callers = Callers::new(&service, &at, Arc::new(stage.world.clone()), no_secret, now).await;
    let callers = callers
        .expect("the service is declared")
        .with_hooks(&receiver);

    let mut book = Workbook::new(&document, &service, &stage.world, Seed(7));
    let mut failed: BTreeMap<String, String> = BTreeMap::new();
    let mut salt = 0;
    // Twice, because what brings a thing into a state may come after what needs it there.
    for round in 0..2 {
        for key in book.operations().to_vec() {
            if round > 0 && !failed.contains_key(&key) {
                continue;
            }
            let caller = book.callers_for(&key, TenantIndex(0)).into_iter().next();
            // Whose login is no tenant's, and not on this stage.
            if caller
                .as_ref()
                .is_some_and(|caller| caller.actor == "operator")
            {
                continue;
            }
            let Some(caller) = caller else {
                failed.insert(key, "no declared actor may call it".to_owned());
                continue;
            };
            let mut first = None;
            for recipe in 0..book.recipes(&key) {
                book.choose(&key, recipe);
                salt += 1;
                let mut steps = Vec::new();
                let outcome = match book.prepare(&key, &caller, salt, &mut steps) {
                    Err(unreachable) => Err(unreachable.reason),
                    Ok(request) => {
                        steps.push(Step {
                            act: Act::Call {
                                caller: caller.clone(),
                                operation: key.clone(),
                                request,
                            },
                            stance: Stance::Prepare,
                            manner: domain::api::case::Manner::Alone,
                        });
                        play(&stage, &callers, &steps).await
                    }
                };
                match outcome {
                    Ok(()) => {
                        first = None;
                        failed.remove(&key);
                        break;
                    }
                    Err(why) => {
                        first.get_or_insert(why);
                    }
                }
            }
            if let Some(why) = first {
                book.choose(&key, 0);
                failed.insert(key, why);
            }
        }
    }
    failed
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_design_with_a_database_per_tenant_succeeds_for_its_owner() {
    let failed = rehearsed(Design::DatabasePerTenant).await;
    assert_eq!(failed, BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_shared_database_succeeds_for_its_owner() {
    let failed = rehearsed(Design::SharedDatabase).await;
    assert_eq!(failed, BTreeMap::new());
}
