//! `waivers.json`: what somebody decided to live with for a while. An expired waiver is not applied.

use domain::cause::{Standing, Waiver};
use domain::event::Summary;
use serde::{Deserialize, Serialize};

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waivers {
    /// [`Waivers::SCHEMA`].
    pub schema: String,
    /// All that were declared, in order.
    pub waivers: Vec<WaiverRecord>,
}

/// One waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverRecord {
    /// It.
    pub waiver: Waiver,
    /// SHA-256 of it, as one line of JSON.
    pub sha256: String,
    /// Whether a cause of this run stands under it.
    pub applied: bool,
}

impl Waivers {
    /// Its schema.
    pub const SCHEMA: &str = "watertight/waivers/v1";

    /// The declared waivers, and which of them a cause stands under.
    pub fn new(declared: &[Waiver], summaries: &[Summary]) -> Self {
        let applied = |waiver: &Waiver| {
            let mut causes = summaries.iter().flat_map(|summary| &summary.causes);
            causes.any(
                |cause| matches!(&cause.standing, Standing::Waived(own) if own.id == waiver.id),
            )
        };
        let record = |waiver: &Waiver| WaiverRecord {
            waiver: waiver.clone(),
            sha256: crate::canonical::sha256_hex(&crate::canonical::line(waiver)),
            applied: applied(waiver),
        };
        Self {
            schema: Self::SCHEMA.to_owned(),
            waivers: declared.iter().map(record).collect(),
        }
    }
}
