//! Which cases of a campaign are kept whole? What `record::traces` says, up to its limits.

use std::collections::BTreeMap;
use std::io;

use campaign::journal::{CaseLine, Traces};
use domain::cause::AnyHistory;
use record::bundle::Bundle;
use record::canonical::document;
use record::traces::{Kept, Trace, path, why};

/// Keeps cases of one campaign.
#[derive(Debug)]
pub(crate) struct Keeping {
    bundle: Bundle,
    campaign: String,
    plan_sha256: String,
    sample: u64,
    kept: BTreeMap<Kept, u64>,
}

impl Keeping {
    pub(crate) fn new(bundle: Bundle, campaign: &str, plan_sha256: &str, sample: u64) -> Self {
        Self {
            bundle,
            campaign: campaign.to_owned(),
            plan_sha256: plan_sha256.to_owned(),
            sample,
            kept: BTreeMap::new(),
        }
    }

    /// Counts what an interrupted run kept.
    pub(crate) fn resume(&mut self, lines: &[CaseLine]) {
        for line in lines {
            if let Some(kept) = why(&self.plan_sha256, &self.campaign, line, self.sample) {
                *self.kept.entry(kept).or_default() += 1;
            }
        }
    }
}

impl Traces for Keeping {
    fn keep(&mut self, line: &CaseLine, history: &mut dyn FnMut() -> AnyHistory) -> io::Result<()> {
        let Some(kept) = why(&self.plan_sha256, &self.campaign, line, self.sample) else {
            return Ok(());
        };
        let count = self.kept.entry(kept).or_default();
        *count += 1;
        if *count > kept.limit() {
            return Ok(());
        }
        let trace = Trace {
            schema: Trace::SCHEMA.to_owned(),
            campaign: self.campaign.clone(),
            case: line.case,
            kept,
            history: history(),
        };
        self.bundle
            .write(&path(&self.campaign, line.case), &document(&trace))
            .map_err(io::Error::other)
    }
}
