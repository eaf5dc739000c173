//! What is known of one system apart from what its campaigns found.

use domain::event::Summary;
use domain::system::Design;
use record::model::{
    ContractRecord, Ended, Environment, SystemCleanup, SystemIdentities, SystemInventory,
};
use record::redaction::Redaction;

use crate::preparation::Prepared;

/// The facts.
#[derive(Debug)]
pub(crate) struct SystemFacts {
    pub(crate) key: String,
    pub(crate) design: Design,
    pub(crate) inventory: SystemInventory,
    pub(crate) identities: SystemIdentities,
    pub(crate) environment: Environment,
    pub(crate) cleanup: SystemCleanup,
    pub(crate) redaction: Redaction,
}

impl SystemFacts {
    /// What is known while the target is still there.
    pub(crate) fn new(
        key: &str,
        prepared: &Prepared,
        summary: &Summary,
        contract: Option<ContractRecord>,
        redaction: Redaction,
    ) -> Self {
        let (system, world) = (&prepared.system, &*prepared.world);
        let version = prepared.version.clone();
        let mut environment = Environment::new(&summary.target, version, world, &prepared.surface);
        environment.contract = contract;
        let databases = prepared.surface.databases.iter();
        Self {
            key: key.to_owned(),
            design: system.design,
            inventory: SystemInventory::new(key, &prepared.surface, summary),
            identities: SystemIdentities::new(key, system, world),
            environment,
            cleanup: SystemCleanup {
                key: key.to_owned(),
                databases: databases.map(|one| one.name.clone()).collect(),
                marker: system.marker.clone(),
                ended: Ended::Service,
            },
            redaction,
        }
    }
}
