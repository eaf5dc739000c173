//! The keys under `api: promises:`, as written: what the service promises beyond isolation.
//!
//! Operations are named by key (`POST /invoices/{invoiceId}/void`) or operationId; places in bodies
//! and answers by JSON pointer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::api::Operations;
use crate::positioned::Spanned;

/// What is promised beyond isolation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Promises {
    /// Transitions that need a reason (D07).
    pub(crate) reasons: Vec<Reason>,
    /// Optimistic concurrency (D10).
    pub(crate) versions: Option<Versions>,
    /// States of documents and what leads from one to another (D09, D10).
    pub(crate) lifecycles: Vec<Lifecycle>,
    /// Operations that answer a repeat as the original (S10).
    pub(crate) idempotency: Vec<Idempotency>,
    /// Operations that leave exactly one audit row when they succeed (D04).
    pub(crate) audit: Option<Audit>,
    /// Webhooks (D11).
    pub(crate) webhooks: Option<Webhooks>,
    /// The investigation console (D08).
    pub(crate) console: Option<Console>,
    /// Views of a document's changes (D06).
    pub(crate) changes: Vec<Changes>,
    /// Exports (S14).
    pub(crate) exports: Vec<Export>,
    /// Erasure of a subject (S15).
    pub(crate) erasure: Vec<Erasure>,
    /// Callbacks with single-use secrets (S11).
    pub(crate) callbacks: Option<Callbacks>,
    /// The signed chain of changes (S09).
    pub(crate) chain: Option<Chain>,
    /// Fields that are encrypted at rest (S12).
    pub(crate) encrypted: Vec<Encrypted>,
    /// Provisioning and offboarding of tenants (D14).
    pub(crate) provisioning: Option<Provisioning>,
    /// A view of the tenant's health (D16).
    pub(crate) health: Option<Health>,
}

/// A transition that needs a reason.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// Where the reason is in its body.
    #[serde(default = "reason")]
    pub(crate) field: Spanned<String>,
    /// Characters that count, at least.
    #[serde(default = "twenty")]
    pub(crate) length_min: u16,
    /// Where the reason is read back in the answer of the document's read, if it is.
    #[serde(default)]
    pub(crate) stored_at: Option<Spanned<String>>,
}

/// How versions travel.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Versions {
    /// Operations that need the version that they change.
    pub(crate) operations: Operations,
    /// Where a read shows the version: `header NAME` or a JSON pointer.
    #[serde(default = "etag")]
    pub(crate) read: Spanned<String>,
    /// Where a change states it: `header NAME` or a JSON pointer of its body.
    #[serde(default = "if_match")]
    pub(crate) send: Spanned<String>,
}

/// States of a document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lifecycle {
    /// The operation that reads the document.
    pub(crate) read: Spanned<String>,
    /// Where its answer tells the state.
    #[serde(default = "state")]
    pub(crate) state: Spanned<String>,
    /// What leads from which states to which; everything else must be refused.
    pub(crate) transitions: Vec<Transition>,
    /// States in which the document must not change any more.
    #[serde(default)]
    pub(crate) frozen: Vec<String>,
    /// Operations that change the document and leave its state.
    #[serde(default)]
    pub(crate) edits: Operations,
}

/// One allowed transition.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transition {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// From these states.
    pub(crate) from: Vec<String>,
    /// To this one.
    pub(crate) to: String,
}

/// An operation that is idempotent by a key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Idempotency {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// The header that carries the key.
    #[serde(default = "idempotency_key")]
    pub(crate) header: String,
    /// Whether a request without a key is refused.
    #[serde(default = "yes")]
    pub(crate) required: bool,
}

/// What is audited, and how an audit row says who and what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Audit {
    /// Operations that leave exactly one row when they succeed; every operation that changes something
    /// when left out.
    #[serde(default)]
    pub(crate) operations: Operations,
    /// Except these.
    #[serde(default)]
    pub(crate) except: Operations,
    /// `schema.table`.
    pub(crate) table: Spanned<String>,
    /// Column of the acting user.
    pub(crate) actor: String,
    /// What stands there for an actor; it knows `$(Actor)` and the tenant's variables.
    pub(crate) user: Spanned<String>,
    /// What stands there for an actor for whom it is something else.
    #[serde(default)]
    pub(crate) users: BTreeMap<String, Spanned<String>>,
    /// Column of the entity's id, if there is one.
    #[serde(default)]
    pub(crate) entity: Option<String>,
}

/// Webhooks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhooks {
    /// The operation that registers one.
    pub(crate) register: Spanned<String>,
    /// Where the URL is in its body.
    #[serde(default = "url")]
    pub(crate) url: Spanned<String>,
    /// Where the secret is: in the answer, or in the body when the caller chooses it.
    #[serde(default = "secret")]
    pub(crate) secret: Spanned<String>,
    /// Whether the caller chooses the secret.
    #[serde(default)]
    pub(crate) secret_sent: bool,
    /// The header of a delivery's signature: HMAC-SHA256 in hexadecimal digits.
    pub(crate) signature: String,
    /// Headers whose values stand before the body in what is signed, in order, each followed by a dot.
    #[serde(default)]
    pub(crate) signed: Vec<String>,
    /// What stands before the digits, such as `sha256=`.
    #[serde(default)]
    pub(crate) prefix: String,
    /// The operation that shows a webhook's deliveries.
    #[serde(default)]
    pub(crate) log: Option<Spanned<String>>,
    /// An operation that leads to a delivery.
    pub(crate) trigger: Spanned<String>,
}

/// The investigation console.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Console {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// Where the query is in its body.
    #[serde(default = "query")]
    pub(crate) query: Spanned<String>,
    /// `schema.table` where each query leaves a row.
    pub(crate) table: Spanned<String>,
    /// A query that must work; it knows the tenant's variables.
    pub(crate) works: Spanned<String>,
    /// The principal as which it must run: what `CURRENT_USER` says there.
    pub(crate) principal: String,
}

/// A view of a document's changes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// Where the entries are in its answer; empty for the whole answer.
    #[serde(default)]
    pub(crate) entries: Spanned<String>,
    /// Where an entry tells its time.
    pub(crate) time: Spanned<String>,
}

/// An export.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Export {
    /// The operation that begins it.
    pub(crate) start: Spanned<String>,
    /// The operation that downloads it.
    pub(crate) download: Spanned<String>,
    /// Tables of which it holds every row of the tenant's, as `schema.table`.
    #[serde(default)]
    pub(crate) tables: Vec<Spanned<String>>,
}

/// Erasure of a subject.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Erasure {
    /// The operation that makes a subject.
    pub(crate) create: Spanned<String>,
    /// Where the personal values are in its body.
    pub(crate) personal: Vec<Spanned<String>>,
    /// An operation that changes it, so that there is history.
    #[serde(default)]
    pub(crate) change: Option<Spanned<String>>,
    /// The operation that erases it.
    pub(crate) erase: Spanned<String>,
}

/// Callbacks with single-use secrets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Callbacks {
    /// The operation that registers one.
    pub(crate) register: Spanned<String>,
    /// Where the secret is in its answer.
    #[serde(default = "secret")]
    pub(crate) secret: Spanned<String>,
    /// The operation that completes it.
    pub(crate) complete: Spanned<String>,
    /// Where the secret is presented there: a JSON pointer of the body, or `header NAME`.
    #[serde(default = "secret")]
    pub(crate) presented: Spanned<String>,
}

/// The signed chain of changes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chain {
    /// `schema.table` of the chain.
    pub(crate) table: Spanned<String>,
    /// Operations that extend it by one row when they succeed; those of `audit` when left out.
    #[serde(default)]
    pub(crate) operations: Operations,
    /// The operation that checks the chain, if there is one.
    #[serde(default)]
    pub(crate) verify: Option<Spanned<String>>,
    /// Columns that order and join its rows.
    pub(crate) columns: ChainColumns,
}

/// Columns of a chain.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainColumns {
    /// Number within the tenant.
    pub(crate) number: String,
    /// Signature of the row.
    pub(crate) signature: String,
    /// Signature of the row before.
    pub(crate) previous: String,
}

/// A field that is encrypted at rest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Encrypted {
    /// The operation that writes it.
    pub(crate) operation: Spanned<String>,
    /// Where it is in its body.
    pub(crate) field: Spanned<String>,
    /// The operation that rotates the tenant's key, if there is one.
    #[serde(default)]
    pub(crate) rotate: Option<Spanned<String>>,
}

/// Provisioning and offboarding of tenants.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Provisioning {
    /// The operation that makes a tenant.
    pub(crate) provision: Spanned<String>,
    /// JSON pointer of the new tenant's name in its body.
    pub(crate) name: Spanned<String>,
    /// The operation that removes one.
    pub(crate) offboard: Spanned<String>,
    /// The actor that may do both.
    pub(crate) actor: Spanned<String>,
    /// A query for the administrator that lists what belongs to a tenant at the server; `$(Name)` is the
    /// tenant's name.
    pub(crate) leftovers: String,
}

/// A view of the tenant's health.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Health {
    /// The operation.
    pub(crate) operation: Spanned<String>,
    /// Where numbers are in its answer that count the tenant's own things alone.
    pub(crate) numbers: Vec<Spanned<String>>,
}

fn unplaced(text: &str) -> Spanned<String> {
    Spanned::unplaced(text.to_owned())
}

fn reason() -> Spanned<String> {
    unplaced("/reason")
}

fn twenty() -> u16 {
    20
}

fn etag() -> Spanned<String> {
    unplaced("header ETag")
}

fn if_match() -> Spanned<String> {
    unplaced("header If-Match")
}

fn state() -> Spanned<String> {
    unplaced("/state")
}

fn idempotency_key() -> String {
    "Idempotency-Key".to_owned()
}

fn yes() -> bool {
    true
}

fn url() -> Spanned<String> {
    unplaced("/url")
}

fn secret() -> Spanned<String> {
    unplaced("/secret")
}

fn query() -> Spanned<String> {
    unplaced("/query")
}
