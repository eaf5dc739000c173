//! Who may call what, as declared.

use contract::Operation;
use domain::api::request::Caller;
use domain::api::service::Service;
use domain::world::{TenantIndex, World};

/// Whether an operation is one of those that patterns name.
pub(crate) fn is_named(operation: &Operation, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| operation.is_named(pattern))
}

/// Actors of a tenant who may call an operation, those of the whole tenant first.
pub(crate) fn who_may(
    service: &Service,
    world: &World,
    operation: &Operation,
    tenant: TenantIndex,
) -> Vec<Caller> {
    callers(service, world, tenant, |may| {
        may.is_none_or(|patterns| is_named(operation, patterns))
    })
}

/// Actors of a tenant who may not; nobody when nothing is declared of them.
pub(crate) fn who_may_not(
    service: &Service,
    world: &World,
    operation: &Operation,
    tenant: TenantIndex,
) -> Vec<Caller> {
    callers(service, world, tenant, |may| {
        may.is_some_and(|patterns| !is_named(operation, patterns))
    })
}

fn callers(
    service: &Service,
    world: &World,
    tenant: TenantIndex,
    is_one: impl Fn(Option<&[String]>) -> bool,
) -> Vec<Caller> {
    let name = &world.tenant(tenant).name;
    let mut found: Vec<(Option<usize>, &String)> = service
        .actors
        .iter()
        .filter(|(_, actor)| actor.tenants.is_empty() || actor.tenants.contains(name))
        .filter(|(_, actor)| is_one(actor.may.as_deref()))
        .map(|(actor, declared)| (declared.department, actor))
        .collect();
    // Stable: `None` is less than any department.
    found.sort_by_key(|(department, _)| *department);
    let callers = found.into_iter();
    callers
        .map(|(_, actor)| Caller::of(tenant, actor))
        .collect()
}
