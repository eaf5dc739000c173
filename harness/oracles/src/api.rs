//! Was it right on the API plane? Oracles over what a service answered, what changed underneath
//! and what left it by other ways: one property per file, pure.
//!
//! They know the contract, the declared service and the marks, never the service's inside. Begin
//! with [`ApiJudge`]; [`attempts`] says what every attack came to and whether it counts. A success
//! is no proof and a refusal no acquittal: a violation needs something of the victim's that was
//! seen or changed, or a plain contradiction to what must come of an attack.

mod answers;
pub mod attempts;
mod audit_trail;
mod brought;
mod callbacks;
mod chain;
mod changes_view;
mod confinement;
mod conformance;
mod console;
mod containment;
#[cfg(test)]
mod crashes;
mod departments;
mod echo;
mod encryption;
mod erasure;
mod evidence;
mod exports;
mod idempotency;
mod independence;
mod indistinguishability;
mod judge;
mod leaves;
mod lifecycles;
mod mixtures;
mod noise;
mod offboarding;
mod operations;
mod permissions;
mod positions;
mod races;
mod reasons;
mod refusals;
mod robustness;
mod rows;
mod rules;
#[cfg(test)]
mod sample;
mod secrecy;
mod seen;
mod signatures;
mod state;
mod statements;
mod timing;
mod unpacked;
mod versions;
mod webhooks;
mod witness;

pub use attempts::{ApiAttempt, ApiCell};
pub use judge::{ApiJudge, ApiOracle, Planted};
pub use permissions::Use;
pub use timing::Timings;

/// Every oracle, the one with the most telling evidence first.
pub const API_ORACLES: &[ApiOracle] = &[
    ApiOracle {
        name: "api_containment",
        controls: &["D01", "S01", "S02", "B01", "B05"],
        judge: containment::judge,
    },
    ApiOracle {
        name: "api_confinement",
        controls: &["D01", "D04", "S01", "S02", "S03"],
        judge: confinement::judge,
    },
    ApiOracle {
        name: "api_statements",
        controls: &["D01", "D04", "S01", "S02", "S03", "B01", "B05"],
        judge: statements::judge,
    },
    ApiOracle {
        name: "api_mixtures",
        controls: &["B04", "D13"],
        judge: mixtures::judge,
    },
    ApiOracle {
        name: "api_witness",
        controls: &["D01", "D09", "D10", "S01", "S02", "S03", "B01"],
        judge: witness::judge,
    },
    ApiOracle {
        name: "api_refusals",
        controls: &["D07", "D09", "D10", "S04", "S10", "S11"],
        judge: refusals::judge,
    },
    ApiOracle {
        name: "api_permissions",
        controls: &["D18"],
        judge: permissions::judge,
    },
    ApiOracle {
        name: "api_audit_trail",
        controls: &["D04", "S09"],
        judge: audit_trail::judge,
    },
    ApiOracle {
        name: "api_races",
        controls: &["D10", "S10", "S11"],
        judge: races::judge,
    },
    ApiOracle {
        name: "api_idempotency",
        controls: &["S10"],
        judge: idempotency::judge,
    },
    ApiOracle {
        name: "api_versions",
        controls: &["D10"],
        judge: versions::judge,
    },
    ApiOracle {
        name: "api_reasons",
        controls: &["D07"],
        judge: reasons::judge,
    },
    ApiOracle {
        name: "api_lifecycles",
        controls: &["D09", "D10"],
        judge: lifecycles::judge,
    },
    ApiOracle {
        name: "api_webhooks",
        controls: &["D11"],
        judge: webhooks::judge,
    },
    ApiOracle {
        name: "api_secrecy",
        controls: &["D12"],
        judge: secrecy::judge,
    },
    ApiOracle {
        name: "api_console",
        controls: &["D08"],
        judge: console::judge,
    },
    ApiOracle {
        name: "api_changes_view",
        controls: &["D06"],
        judge: changes_view::judge,
    },
    ApiOracle {
        name: "api_exports",
        controls: &["S14"],
        judge: exports::judge,
    },
    ApiOracle {
        name: "api_erasure",
        controls: &["S15"],
        judge: erasure::judge,
    },
    ApiOracle {
        name: "api_callbacks",
        controls: &["S11"],
        judge: callbacks::judge,
    },
    ApiOracle {
        name: "api_chain",
        controls: &["S09"],
        judge: chain::judge,
    },
    ApiOracle {
        name: "api_encryption",
        controls: &["S12"],
        judge: encryption::judge,
    },
    ApiOracle {
        name: "api_independence",
        controls: &["B02", "D16"],
        judge: independence::judge,
    },
    ApiOracle {
        name: "api_offboarding",
        controls: &["D14"],
        judge: offboarding::judge,
    },
    ApiOracle {
        name: "api_indistinguishability",
        controls: &["B03", "S02", "S04", "S06"],
        judge: indistinguishability::judge,
    },
    ApiOracle {
        name: "api_conformance",
        controls: &["D10"],
        judge: conformance::judge,
    },
    ApiOracle {
        name: "api_robustness",
        controls: &["B05", "B06"],
        judge: robustness::judge,
    },
];
