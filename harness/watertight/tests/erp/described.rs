//! The demonstrations describe their service as it is: what they say of who may what is what the
//! service's own table says, and everybody whom they name can log in.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use domain::api::history::Record;
use domain::api::request::{Caller, Request};
use domain::api::service::Service;
use domain::system::Secret;
use domain::world::TenantIndex;
use erp::Design;
use erp::Switches;
use erp::contract::Access;
use erp::permissions::Role;
use executors::http::{Callers, HttpService};

use crate::stage::Stage;

const DESIGNS: [Design; 2] = [Design::DatabasePerTenant, Design::SharedDatabase];

fn described(design: Design) -> Service {
    let demonstration = configuration::builtin(design.name()).expect("it exists");
    let system = demonstration.expect("it is valid").system;
    system.service.expect("a service is described")
}

#[test]
fn who_may_what_is_what_the_service_says() {
    for design in DESIGNS {
        let routes = erp::resources::routes(design, &Switches::default());
        let service = described(design);
        for (actor, declared) in &service.actors {
            let name = actor.split('-').next().unwrap_or_default();
            // Who is no user of a tenant, such as the operator, has no role.
            let Some(role) = Role::named(name) else {
                continue;
            };
            let is_allowed = |access: Access| match access {
                Access::Public | Access::Token => true,
                Access::Permission(permission) => role.allows(permission),
                Access::Operator => false,
            };
            // What is open to everybody need not be said of anybody.
            let is_open = |id: &str| {
                let mut routes = routes.iter();
                routes.any(|route| {
                    route.operation.id == id && route.operation.access == Access::Public
                })
            };
            let allowed: BTreeSet<&str> = routes
                .iter()
                .filter(|route| is_allowed(route.operation.access))
                .map(|route| route.operation.id)
                .collect();
            let may = declared.may.as_ref().expect("roles are judged");
            let may: BTreeSet<&str> = may.iter().map(String::as_str).collect();
            // A department is kept from what belongs to the whole organisation, whatever the role.
            let missing: Vec<&&str> = match declared.department {
                None => allowed
                    .difference(&may)
                    .filter(|&&id| !is_open(id))
                    .collect(),
                Some(_) => Vec::new(),
            };
            let surplus: Vec<&&str> = may.difference(&allowed).collect();
            assert!(
                missing.is_empty() && surplus.is_empty(),
                "{}: correct `may` of {actor} in its watertight.yaml: add {missing:?}, remove {surplus:?}",
                design.name()
            );
        }
    }
}

#[tokio::test]
async fn everybody_who_is_named_logs_in_and_is_answered() {
    for design in DESIGNS {
        let stage = Stage::new(design, &[], &[]).await;
        let at = HttpService::at(&format!("http://{}", stage.running.address()));
        let world = Arc::new(stage.world.clone());
        let none = |_: &Secret| Err::<String, _>("no secret is needed");
        let now = Arc::new(|| Duration::ZERO);
        let callers = Callers::new(&described(design), &at, world, none, now).await;
        let callers = callers.expect("it is reached");
        let failed = callers.log_in_all().await;
        // The stage has an operator of its own, with another password; `erp_tenants` lets him in.
        let users_failed: Vec<_> = failed
            .iter()
            .filter(|(caller, _)| caller.actor != "operator")
            .collect();
        assert!(users_failed.is_empty(), "{users_failed:?}");
        let request = Request {
            method: "GET".to_owned(),
            path: "/customers".to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
        };
        let users: Vec<Caller> = callers
            .known()
            .filter(|caller| {
                Role::named(caller.actor.split('-').next().unwrap_or_default()).is_some()
            })
            .cloned()
            .collect();
        assert!(users.len() >= 2 * 4, "each tenant has a user of each role");
        for caller in users {
            let record = callers.send(&caller, &request, &[]).await;
            let Record::Call { answer, .. } = record else {
                panic!("it is sent");
            };
            let text = String::from_utf8_lossy(&answer.body);
            let own = stage.mark(caller.tenant.unwrap_or(TenantIndex(0)).0);
            assert_eq!(answer.status, 200, "{caller:?}: {text}");
            assert!(text.contains(own), "{caller:?} sees rows of his own");
        }
        let anonymous = callers.send(&Caller::anonymous(), &request, &[]).await;
        let status = anonymous.answer().map(|answer| answer.status);
        assert_eq!(status, Some(401));
    }
}
