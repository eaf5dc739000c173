//! The service as its owner declares it: who calls, what each may do, and what is promised beyond
//! that. The only source of right and wrong on the API plane.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::system::Secret;

/// The declared service.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Service {
    /// Who calls: each exists in every tenant, by name.
    pub actors: BTreeMap<String, ApiActor>,
    /// Names under which a tenant could be smuggled into a request, beside those that the contract
    /// suggests: `OrgId`, `X-Tenant` …
    pub tenant_fields: Vec<String>,
    /// Operations (keys or operationIds, `*` at the end) whose answers everybody may see.
    pub public: Vec<String>,
    /// Operations that are left out, such as those that end the service.
    pub excluded: Vec<String>,
    /// Operations that end the caller's session; kept for last.
    pub last: Vec<String>,
    /// A request that works for everybody whose session lives, as `GET /me`: by it a dead session is
    /// told from a refusal. Without it, the first that worked is repeated.
    #[serde(default)]
    pub probe: Option<String>,
    /// What is promised beyond isolation.
    pub promises: Promises,
}

/// One kind of caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiActor {
    /// How it proves who it is; `$(Variable)` is filled for each tenant.
    pub authentication: Authentication,
    /// Position of the department that it acts for, among the tenant's; `None` for the whole tenant.
    pub department: Option<usize>,
    /// Operations (keys or operationIds, `*` at the end) that it may call. `None` when nothing is declared:
    /// then roles are not judged.
    pub may: Option<Vec<String>>,
    /// The tenants that have it; empty for all.
    pub tenants: Vec<String>,
}

/// How a caller proves who it is. Texts may hold `$(Variable)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Nothing is sent.
    None,
    /// `Authorization: Bearer …`, by tenant name; `*` for all.
    Bearer(BTreeMap<String, Source>),
    /// Basic.
    Basic {
        /// User name.
        user: String,
        /// Password by tenant name; `*` for all.
        password: BTreeMap<String, Source>,
    },
    /// A value in a header, a query parameter or a cookie.
    Key {
        /// Where.
        place: KeyPlace,
        /// Name.
        name: String,
        /// What stands before the value, such as `Token `.
        prefix: String,
        /// Value by tenant name; `*` for all.
        value: BTreeMap<String, Source>,
    },
    /// A request whose answer holds a token.
    Login(Box<Login>),
    /// By all of these at once, such as a session and the key of a gateway before it.
    All(Vec<Authentication>),
}

impl Authentication {
    /// The login request, if there is one.
    pub fn login(&self) -> Option<&Login> {
        match self {
            Self::Login(login) => Some(login),
            Self::All(several) => several.iter().find_map(Self::login),
            _ => None,
        }
    }
}

/// A text of the configuration, or a secret that it only refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A text with `$(Variable)`.
    Text(String),
    /// A secret.
    Secret(Secret),
}

/// Where an API key goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// A header.
    Header,
    /// A query parameter.
    Query,
    /// A cookie.
    Cookie,
}

/// A login request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Method.
    pub method: String,
    /// Path below the base URL.
    pub path: String,
    /// Media type of the body: JSON or form.
    pub media_type: String,
    /// Fields of the body, by tenant name (`*` for all) where they differ.
    pub fields: BTreeMap<String, BTreeMap<String, Source>>,
    /// Where the token is in the answer: a JSON pointer, `header NAME` or `cookie NAME`.
    pub token: String,
    /// How it is sent afterwards: name of the header.
    pub header: String,
    /// What stands before it there, `Bearer ` for most.
    pub prefix: String,
}

/// What is promised beyond isolation, as far as it is declared. Operations are named by key
/// (`POST /invoices/{invoiceId}/void`) or operationId.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Promises {
    /// Transitions that need a reason (D07).
    pub reasons: Vec<ReasonPromise>,
    /// Optimistic concurrency (D10).
    pub versions: Option<VersionPromise>,
    /// States and the operations between them (D09, D10).
    pub lifecycles: Vec<LifecyclePromise>,
    /// Operations that need a key and answer a repeat as the original (S10).
    pub idempotency: Vec<IdempotencyPromise>,
    /// Operations that leave exactly one audit row when they succeed (D04).
    pub audit: Option<AuditPromise>,
    /// Webhooks (D11).
    pub webhooks: Option<WebhookPromise>,
    /// The investigation console (D08).
    pub console: Option<ConsolePromise>,
    /// Views of a document's changes (D06).
    pub changes: Vec<ChangesPromise>,
    /// Exports (S14).
    pub exports: Vec<ExportPromise>,
    /// Erasure of a subject (S15).
    pub erasure: Vec<ErasurePromise>,
    /// Callbacks with secrets (S11).
    pub callbacks: Option<CallbackPromise>,
    /// The signed chain of changes (S09).
    pub chain: Option<ChainPromise>,
    /// Fields that are encrypted at rest (S12).
    pub encrypted: Vec<EncryptedPromise>,
    /// Provisioning and offboarding (D14).
    pub provisioning: Option<ProvisioningPromise>,
    /// Views of a tenant's health (D16).
    pub health: Option<HealthPromise>,
}

/// A transition that needs a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonPromise {
    /// The operation.
    pub operation: String,
    /// JSON pointer of the reason in the body.
    pub field: String,
    /// Characters that count, at least.
    pub length_min: usize,
    /// JSON pointer in the answer of the operation's parent where the reason is read back, if it is.
    pub stored_at: Option<String>,
}

/// How versions travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionPromise {
    /// Operations that need the version that they change.
    pub operations: Vec<String>,
    /// Where the version comes from in the answer of a read: `header ETag` or a JSON pointer.
    pub read: String,
    /// Where it goes: `header If-Match` or a JSON pointer of the body.
    pub send: String,
}

/// States of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecyclePromise {
    /// Operation that reads the document.
    pub read: String,
    /// JSON pointer of its state.
    pub state: String,
    /// What leads from which states to which: everything else must be refused.
    pub transitions: Vec<Transition>,
    /// States in which `edits` must be refused.
    pub frozen: Vec<String>,
    /// Operations that change the document without a transition.
    pub edits: Vec<String>,
}

/// One allowed transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// The operation.
    pub operation: String,
    /// From these states.
    pub from: Vec<String>,
    /// To this one.
    pub to: String,
}

/// An operation that is idempotent by a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdempotencyPromise {
    /// The operation.
    pub operation: String,
    /// Name of the header that carries the key.
    pub header: String,
    /// Whether a request without a key is refused.
    pub required: bool,
}

/// What is audited, and how an audit row says who and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPromise {
    /// Operations that leave exactly one row when they succeed; every unsafe operation of the contract when
    /// empty.
    pub operations: Vec<String>,
    /// Except these.
    pub except: Vec<String>,
    /// `schema.table`.
    pub table: String,
    /// Column of the acting user; its value is compared with the actor's `user` below.
    pub actor: String,
    /// What stands there for an actor, with `$(Variable)`, by actor.
    pub users: BTreeMap<String, String>,
    /// Column of the entity's id, if there is one.
    pub entity: Option<String>,
}

/// Webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPromise {
    /// Operation that registers one.
    pub register: String,
    /// JSON pointer of the URL in its body.
    pub url: String,
    /// JSON pointer of the secret: in the answer, or in the body when `secret_sent`.
    pub secret: String,
    /// Whether the secret is chosen by the caller.
    pub secret_sent: bool,
    /// Header of the signature.
    pub signature: String,
    /// Headers whose values are signed before the body, in order, each followed by a dot; none when the
    /// body alone is signed.
    pub signed: Vec<String>,
    /// What stands before the hexadecimal digits of HMAC-SHA256.
    pub prefix: String,
    /// Operation that shows the deliveries.
    pub log: Option<String>,
    /// An operation that leads to a delivery.
    pub trigger: String,
}

/// The investigation console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsolePromise {
    /// The operation.
    pub operation: String,
    /// JSON pointer of the query in its body.
    pub query: String,
    /// `schema.table` where each query leaves a row.
    pub table: String,
    /// A query that must work, with `$(Variable)`.
    pub works: String,
    /// The principal as which it must run: what `CURRENT_USER` says there.
    pub principal: String,
}

/// A view of a document's changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesPromise {
    /// The operation.
    pub operation: String,
    /// JSON pointer of the entries in its answer.
    pub entries: String,
    /// Pointer of an entry's time within it.
    pub time: String,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportPromise {
    /// Operation that begins it.
    pub start: String,
    /// Operation that downloads it, once it is ready.
    pub download: String,
    /// Tables of which it holds every row of the tenant's, as `schema.table`.
    pub tables: Vec<String>,
}

/// Erasure of a subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasurePromise {
    /// Operation that makes a subject.
    pub create: String,
    /// JSON pointers of the personal values in its body.
    pub personal: Vec<String>,
    /// Operation that changes it, so that there is history.
    pub change: Option<String>,
    /// Operation that erases it.
    pub erase: String,
}

/// Callbacks with single-use secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackPromise {
    /// Operation that registers one.
    pub register: String,
    /// JSON pointer of the secret in its answer.
    pub secret: String,
    /// Operation that completes it.
    pub complete: String,
    /// JSON pointer of the secret in its body, or `header NAME`.
    pub presented: String,
}

/// The signed chain of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainPromise {
    /// `schema.table` of the chain.
    pub table: String,
    /// Operations that extend it by one row when they succeed; those of the audit promise when empty.
    pub operations: Vec<String>,
    /// Operation that checks the chain, if there is one.
    pub verify: Option<String>,
    /// Columns that order it and join it: number, signature, previous signature.
    pub columns: ChainColumns,
}

/// Columns of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainColumns {
    /// Number within the tenant.
    pub number: String,
    /// Signature of the row.
    pub signature: String,
    /// Signature of the row before.
    pub previous: String,
}

/// A field that is encrypted at rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptedPromise {
    /// Operation that writes it.
    pub operation: String,
    /// JSON pointer in its body.
    pub field: String,
    /// Operation that rotates the tenant's key, if there is one.
    pub rotate: Option<String>,
}

/// Provisioning and offboarding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisioningPromise {
    /// Operation that makes a tenant.
    pub provision: String,
    /// JSON pointer of the new tenant's name in its body.
    pub name: String,
    /// Operation that removes one.
    pub offboard: String,
    /// Actor that may do both.
    pub actor: String,
    /// A query for the administrator that lists what belongs to a tenant at the server, with `$(Name)`.
    pub leftovers: String,
}

/// Views of a tenant's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthPromise {
    /// The operation.
    pub operation: String,
    /// JSON pointers of numbers that count the tenant's own things alone.
    pub numbers: Vec<String>,
}

impl Service {
    /// What a control needs to be declared and is not, in words; `None` when nothing is missing.
    pub fn lacks(&self, control: &str) -> Option<&'static str> {
        let promises = &self.promises;
        let (is_declared, what) = match control {
            "D04" => (promises.audit.is_some(), "audit table of the API"),
            "D06" => (!promises.changes.is_empty(), "view of a document's changes"),
            "D07" => (
                !promises.reasons.is_empty(),
                "transition that needs a reason",
            ),
            "D08" => (promises.console.is_some(), "investigation console"),
            "D09" => (!promises.lifecycles.is_empty(), "lifecycle of a document"),
            "D11" => (promises.webhooks.is_some(), "webhooks"),
            "D14" => (promises.provisioning.is_some(), "provisioning"),
            "D16" => (promises.health.is_some(), "view of a tenant's health"),
            "D18" => (
                self.actors.values().any(|actor| actor.may.is_some()),
                "roles",
            ),
            "S02" => (
                self.actors.values().any(|actor| actor.department.is_some()),
                "actors of departments",
            ),
            "S09" => (promises.chain.is_some(), "signed chain of changes"),
            "S10" => (!promises.idempotency.is_empty(), "idempotent operation"),
            "S11" => (promises.callbacks.is_some(), "callbacks"),
            "S12" => (!promises.encrypted.is_empty(), "encrypted field"),
            "S14" => (!promises.exports.is_empty(), "export"),
            "S15" => (!promises.erasure.is_empty(), "erasure"),
            _ => (true, ""),
        };
        (!is_declared).then_some(what)
    }
}
