//! Which defects are planted in this service?

use std::collections::BTreeSet;

use crate::fault::Fault;

/// The planted defects and near misses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    faults: BTreeSet<Fault>,
    near_misses: BTreeSet<Fault>,
}

impl Switches {
    /// These.
    pub fn new(faults: BTreeSet<Fault>, near_misses: BTreeSet<Fault>) -> Self {
        Self {
            faults,
            near_misses,
        }
    }

    /// Whether this defect is planted.
    pub fn fault(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Whether this defect's legitimate neighbour is.
    pub fn near_miss(&self, fault: Fault) -> bool {
        self.near_misses.contains(&fault)
    }
}
