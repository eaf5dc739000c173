//! Which defects can be planted in the service? One switch for each; all are off by default.
//!
//! A fault changes the behaviour where the real mistake would be made. Each has a near miss: a
//! legitimate variant that comes as close as it may.

use crate::options::Design;

/// A defect that can be planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// GET by id ignores the tenant.
    ReadByIdUnscoped,
    /// PATCH by id ignores the tenant.
    UpdateByIdUnscoped,
    /// DELETE ignores the tenant, and answers 404 all the same.
    DeleteByIdUnscoped,
    /// POST takes the tenant from the body.
    BodyOrgTrusted,
    /// A tenant header overrides the token.
    OrgHeaderTrusted,
    /// A product may name another tenant's product as its substitute.
    ForeignReferenceAccepted,
    /// A foreign reference is answered 400, a missing one 404.
    ForeignReferenceReveals,
    /// The 400 does not name the field.
    ReferenceErrorWithoutField,
    /// The search term searches all tenants.
    SearchWidens,
    /// Department scoping is not applied to reading invoices.
    SubOrgIgnored,
    /// The key is looked up without the tenant.
    IdempotencyKeyGlobal,
    /// Same key, other body: answered as if the same.
    IdempotencyBodyIgnored,
    /// 19 characters, or blanks, are enough.
    VoidReasonNotChecked,
    /// PATCH on a posted invoice succeeds.
    PostedInvoiceEditable,
    /// Last writer wins.
    RowVersionIgnored,
    /// A discarded invoice can be posted, an invoice can be posted into a closed period.
    IllegalTransition,
    /// One transition writes no audit row.
    AuditRowMissing,
    /// The audit row goes to the tenant that was served before.
    AuditWrongTenant,
    /// A refused call leaves an audit row that claims success.
    AuditOnRefusal,
    /// Investigation queries leave no audit row.
    ConsoleNotLogged,
    /// The console runs as the application's principal.
    ConsoleAsAppRw,
    /// "Changes" shows another document's rows.
    ChangesViewLeaks,
    /// Voiding an invoice checks no permission.
    PermissionUnchecked,
    /// A uniqueness error quotes the other tenant's value.
    ErrorTellsValue,
    /// A pooled connection keeps the last tenant's context.
    PoolKeepsContext,
    /// Deliveries are signed with a global secret.
    WebhookWrongSecret,
    /// A background job runs with the tenant of the job before it.
    JobLosesTenant,
    /// An export forgets the tenant on one table.
    ExportIncludesOthers,
    /// Erasure forgets temporal history.
    ErasureLeavesHistory,
    /// A connection string is in the health answer.
    SecretInResponse,
    /// Offboarding leaves the login and a file.
    OffboardingIncomplete,
    /// The callback secret works twice.
    CallbackSecretReusable,
    /// One route writes changes without extending the signature chain.
    ChangeChainUnsigned,
    /// A name with an unpaired surrogate gives 500 with SQL text.
    ServerErrorOnUnicode,
    /// The file of an export is found by its number, whosever it is.
    ExportFileUnscoped,
    /// The pages of lists are kept under a key without the tenant.
    AnswersKeptWithoutTenant,
    /// A cursor says whose list it goes on with, and is believed.
    CursorForAnybody,
    /// What is searched for becomes a part of the statement.
    SearchConcatenated,
    /// Bodies of requests are logged, passwords among them.
    PasswordInLog,
    /// The page for developers answers what the service does not understand.
    DebugPageLeftOn,
    /// The pages of lists are kept under the address of whoever asks, as his own row tells it.
    AnswersKeptByAddress,
}

/// What is known of a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Description {
    /// Its name on the command line.
    pub id: &'static str,
    /// What is wrong, in a sentence.
    pub sentence: &'static str,
    /// The legitimate variant that comes nearest.
    pub near_miss: &'static str,
    /// Which promises it breaks.
    pub controls: &'static [&'static str],
    /// In which designs it can be planted.
    pub designs: &'static [Design],
}

use Design::{DatabasePerTenant, SharedDatabase};

const BOTH: &[Design] = &[DatabasePerTenant, SharedDatabase];
const PER_TENANT: &[Design] = &[DatabasePerTenant];
const SHARED: &[Design] = &[SharedDatabase];

/// All defects, in the order of the catalogue.
pub const FAULTS: &[(Fault, Description)] = &[
    (
        Fault::ReadByIdUnscoped,
        Description {
            id: "read-by-id-unscoped",
            sentence: "GET by id ignores the tenant",
            near_miss: "the same lookup, then refused unless the row is the caller's",
            controls: &["D01", "S01", "B01"],
            designs: BOTH,
        },
    ),
    (
        Fault::UpdateByIdUnscoped,
        Description {
            id: "update-by-id-unscoped",
            sentence: "PATCH by id ignores the tenant",
            near_miss: "the same lookup, then refused unless the row is the caller's",
            controls: &["D01", "S01", "S03"],
            designs: BOTH,
        },
    ),
    (
        Fault::DeleteByIdUnscoped,
        Description {
            id: "delete-by-id-unscoped",
            sentence: "DELETE ignores the tenant, and answers 404 all the same",
            near_miss: "a 404 that is worded otherwise, for all alike",
            controls: &["D01", "S01", "S03"],
            designs: BOTH,
        },
    ),
    (
        Fault::BodyOrgTrusted,
        Description {
            id: "body-org-trusted",
            sentence: "POST takes the tenant from the body",
            near_miss: "the body's tenant is compared without regard to case or sign, and then ignored",
            controls: &["D01", "S03"],
            designs: BOTH,
        },
    ),
    (
        Fault::OrgHeaderTrusted,
        Description {
            id: "org-header-trusted",
            sentence: "a tenant header overrides the token",
            near_miss: "a header that names the token's own tenant in other letters is accepted",
            controls: &["D01", "S01"],
            designs: BOTH,
        },
    ),
    (
        Fault::ForeignReferenceAccepted,
        Description {
            id: "foreign-reference-accepted",
            sentence: "a product may name another tenant's product as its substitute",
            near_miss: "an own product that is its own substitute is accepted",
            controls: &["S04"],
            designs: SHARED,
        },
    ),
    (
        Fault::ForeignReferenceReveals,
        Description {
            id: "foreign-reference-reveals",
            sentence: "a foreign reference is answered 400, a missing one 404",
            near_miss: "both are answered alike, in other words",
            controls: &["S04", "B03"],
            designs: BOTH,
        },
    ),
    (
        Fault::ReferenceErrorWithoutField,
        Description {
            id: "reference-error-without-field",
            sentence: "the 400 does not name the field",
            near_miss: "the 400 names the field in the detail, too",
            controls: &["S04"],
            designs: SHARED,
        },
    ),
    (
        Fault::SearchWidens,
        Description {
            id: "search-widens",
            sentence: "the search term searches all tenants",
            near_miss: "the search term searches more columns of the own rows",
            controls: &["D01", "S01", "B01"],
            designs: BOTH,
        },
    ),
    (
        Fault::SubOrgIgnored,
        Description {
            id: "sub-org-ignored",
            sentence: "department scoping is not applied to reading invoices",
            near_miss: "users of the whole organisation read all its departments in one list",
            controls: &["S02"],
            designs: SHARED,
        },
    ),
    (
        Fault::IdempotencyKeyGlobal,
        Description {
            id: "idempotency-key-global",
            sentence: "the key is looked up without the tenant",
            near_miss: "recent answers are remembered by tenant and key",
            controls: &["D01", "S10"],
            designs: BOTH,
        },
    ),
    (
        Fault::IdempotencyBodyIgnored,
        Description {
            id: "idempotency-body-ignored",
            sentence: "same key, other body: answered as if the same",
            near_miss: "same key, same body with its fields in another order: answered as the same",
            controls: &["S10"],
            designs: SHARED,
        },
    ),
    (
        Fault::VoidReasonNotChecked,
        Description {
            id: "void-reason-not-checked",
            sentence: "19 characters, or blanks, are enough",
            near_miss: "the refusal says how many characters are missing",
            controls: &["D07"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::PostedInvoiceEditable,
        Description {
            id: "posted-invoice-editable",
            sentence: "PATCH on a posted invoice succeeds",
            near_miss: "PATCH on a posted invoice that changes nothing is answered 409 in other words",
            controls: &["D09"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::RowVersionIgnored,
        Description {
            id: "row-version-ignored",
            sentence: "last writer wins",
            near_miss: "a stale version is answered 409 instead of 412",
            controls: &["D10"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::IllegalTransition,
        Description {
            id: "illegal-transition",
            sentence: "a discarded invoice can be posted, an invoice can be posted into a closed period",
            near_miss: "posting a posted invoice is answered 409 in other words",
            controls: &["D10"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::AuditRowMissing,
        Description {
            id: "audit-row-missing",
            sentence: "one transition writes no audit row",
            near_miss: "the audit row is written with a longer detail",
            controls: &["D04", "S09"],
            designs: BOTH,
        },
    ),
    (
        Fault::AuditWrongTenant,
        Description {
            id: "audit-wrong-tenant",
            sentence: "the audit row goes to the tenant that was served before",
            near_miss: "the audit row is written on a connection of its own, in the right tenant",
            controls: &["D04", "B04"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::AuditOnRefusal,
        Description {
            id: "audit-on-refusal",
            sentence: "a refused call leaves an audit row that claims success",
            near_miss: "a refused call leaves a log line",
            controls: &["D04"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::ConsoleNotLogged,
        Description {
            id: "console-not-logged",
            sentence: "investigation queries leave no audit row",
            near_miss: "the audit row is written after the query instead of before",
            controls: &["D08"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::ConsoleAsAppRw,
        Description {
            id: "console-as-app-rw",
            sentence: "the console runs as the application's principal",
            near_miss: "the console looks first, as the application, whether the database answers",
            controls: &["D08"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::ChangesViewLeaks,
        Description {
            id: "changes-view-leaks",
            sentence: "\"Changes\" shows another document's rows",
            near_miss: "events without a detail show the kind of document instead",
            controls: &["D06"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::PermissionUnchecked,
        Description {
            id: "permission-unchecked",
            sentence: "voiding an invoice checks no permission",
            near_miss: "reading the list of permissions needs no permission",
            controls: &["D18"],
            designs: BOTH,
        },
    ),
    (
        Fault::ErrorTellsValue,
        Description {
            id: "error-tells-value",
            sentence: "a uniqueness error quotes the other tenant's value",
            near_miss: "a uniqueness error names the own row that is in the way",
            controls: &["B05", "B01"],
            designs: BOTH,
        },
    ),
    (
        Fault::PoolKeepsContext,
        Description {
            id: "pool-keeps-context",
            sentence: "a pooled connection keeps the last tenant's context",
            near_miss: "the pool is common, and a connection serves only whom it was checked out for",
            controls: &["B04"],
            designs: BOTH,
        },
    ),
    (
        Fault::WebhookWrongSecret,
        Description {
            id: "webhook-wrong-secret",
            sentence: "deliveries are signed with a global secret",
            near_miss: "deliveries carry a second signature under another key of the tenant's",
            controls: &["D11"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::JobLosesTenant,
        Description {
            id: "job-loses-tenant",
            sentence: "a background job runs with the tenant of the job before it",
            near_miss: "the worker takes note when the tenant changes",
            controls: &["D13"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::ExportIncludesOthers,
        Description {
            id: "export-includes-others",
            sentence: "an export forgets the tenant on one table",
            near_miss: "an export holds the public list of permissions, too",
            controls: &["S14"],
            designs: SHARED,
        },
    ),
    (
        Fault::ErasureLeavesHistory,
        Description {
            id: "erasure-leaves-history",
            sentence: "erasure forgets temporal history",
            near_miss: "erasure forgets the history in a transaction of its own",
            controls: &["S15"],
            designs: SHARED,
        },
    ),
    (
        Fault::SecretInResponse,
        Description {
            id: "secret-in-response",
            sentence: "a connection string is in the health answer",
            near_miss: "the health answer names the server's version",
            controls: &["D12"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::OffboardingIncomplete,
        Description {
            id: "offboarding-incomplete",
            sentence: "offboarding leaves the login and a file",
            near_miss: "offboarding removes the files before the database",
            controls: &["D14"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::CallbackSecretReusable,
        Description {
            id: "callback-secret-reusable",
            sentence: "the callback secret works twice",
            near_miss: "a second use is answered 409 instead of 404",
            controls: &["S11"],
            designs: SHARED,
        },
    ),
    (
        Fault::ChangeChainUnsigned,
        Description {
            id: "change-chain-unsigned",
            sentence: "one route writes changes without extending the signature chain",
            near_miss: "what changes nothing is not signed",
            controls: &["S09"],
            designs: SHARED,
        },
    ),
    (
        Fault::ServerErrorOnUnicode,
        Description {
            id: "server-error-on-unicode",
            sentence: "a name with an unpaired surrogate gives 500 with SQL text",
            near_miss: "a name with an unpaired surrogate is refused in words of its own",
            controls: &["B05", "B06"],
            designs: BOTH,
        },
    ),
    (
        Fault::ExportFileUnscoped,
        Description {
            id: "export-file-unscoped",
            sentence: "the file of an export is found by its number, whosever it is",
            near_miss: "the file's name is told in a header",
            controls: &["S01", "B01", "S14"],
            designs: SHARED,
        },
    ),
    (
        Fault::AnswersKeptWithoutTenant,
        Description {
            id: "answers-kept-without-tenant",
            sentence: "the pages of lists are kept under a key without the tenant",
            near_miss: "pages are kept by tenant and caller, and read anew all the same",
            controls: &["D01", "S01", "B01", "B04"],
            designs: BOTH,
        },
    ),
    (
        Fault::CursorForAnybody,
        Description {
            id: "cursor-for-anybody",
            sentence: "a cursor says whose list it goes on with, and is believed",
            near_miss: "somebody else's cursor begins the own list from its start",
            controls: &["D01", "S01", "B01"],
            designs: BOTH,
        },
    ),
    (
        Fault::SearchConcatenated,
        Description {
            id: "search-concatenated",
            sentence: "what is searched for becomes a part of the statement",
            near_miss: "what is searched for becomes a part of the statement, its quotes doubled",
            controls: &["B05", "B06"],
            designs: BOTH,
        },
    ),
    (
        Fault::PasswordInLog,
        Description {
            id: "password-in-log",
            sentence: "bodies of requests are logged, passwords among them",
            near_miss: "the length of each body is logged",
            controls: &["D12"],
            designs: PER_TENANT,
        },
    ),
    (
        Fault::DebugPageLeftOn,
        Description {
            id: "debug-page-left-on",
            sentence: "the page for developers answers what the service does not understand",
            near_miss: "what is not understood is told with line and column",
            controls: &["B05"],
            designs: BOTH,
        },
    ),
    (
        Fault::AnswersKeptByAddress,
        Description {
            id: "answers-kept-by-address",
            sentence: "the pages of lists are kept under the address of whoever asks, which his tenant can rewrite",
            near_miss: "pages are kept by tenant and address, and read anew all the same",
            controls: &["D01", "B01"],
            designs: PER_TENANT,
        },
    ),
];

impl Fault {
    /// The defect of this name.
    pub fn named(id: &str) -> Option<Self> {
        FAULTS
            .iter()
            .find(|(_, description)| description.id == id)
            .map(|(fault, _)| *fault)
    }

    /// The T-SQL that belongs to it in a design: the migration that came with the mistake. It is
    /// applied as administrator, in each tenant's database.
    pub fn patch(self, design: Design) -> Option<&'static str> {
        match (self, design) {
            (Self::PostedInvoiceEditable, DatabasePerTenant) => {
                Some(include_str!("patches/posted-invoice-editable.sql"))
            }
            _ => None,
        }
    }

    /// Where it has happened, as the public was told, in words of ours; the address is of what we read.
    pub fn incident(self) -> Option<&'static str> {
        Some(match self {
            Self::ReadByIdUnscoped | Self::ExportFileUnscoped => {
                "First American Financial, May 2019 (cpomagazine.com/cyber-security/security-oversight-at-first-\
                 american-causes-data-leak-of-900-million-records): whoever had one link read other customers' \
                 documents by counting its number on."
            }
            Self::DeleteByIdUnscoped => {
                "CVE-2024-1313: a snapshot could be deleted from another organisation, by its key alone."
            }
            Self::BodyOrgTrusted => {
                "GitHub, March 2012 (gist.github.com/1975850): a form took the number of a user that nobody \
                 was meant to give, and a public key became somebody else's."
            }
            Self::ErrorTellsValue => {
                "CVE-2014-8161: messages about violated constraints quoted columns of rows that their \
                 reader had no right to."
            }
            Self::PoolKeepsContext => {
                "OpenAI, 20 March 2023 (openai.com/index/march-20-chatgpt-outage, redis/redis-py issue 2665): \
                 a cancelled request left its answer on a pooled connection, and the next user got it."
            }
            Self::AnswersKeptWithoutTenant => {
                "Steam, 25 December 2015 (modernreaders.com/steampunkd-valve-explains-christmas-chaos-on-steam-\
                 website/36720): pages that were made for one user were kept in a cache and shown \
                 to others."
            }
            Self::CursorForAnybody => {
                "CVE-2020-7019: a search that was scrolled through showed fields that somebody with more \
                 rights had asked for shortly before."
            }
            Self::SearchConcatenated => {
                "CVE-2023-34362: text from requests was concatenated into statements of a file transfer \
                 service, and its customers' files were taken."
            }
            Self::PasswordInLog => {
                "Twitter, May 2018 (vox.com/technology/2018/5/3/17316770): passwords were written to an \
                 internal log before they were hashed."
            }
            Self::AnswersKeptByAddress => {
                "nOAuth, June 2023 (descope.com/blog/post/noauth): services knew their users by an address that \
                 whoever had a tenant of his own could write into an account there."
            }
            Self::DebugPageLeftOn => {
                "Patreon, September 2015 (gigi.nullneuron.net/gigilabs/lessons-learned-from-the-patreon-\
                 security-breach): the site as developers run it, with what it tells them, answered the public."
            }
            _ => return None,
        })
    }

    /// What is known of it.
    pub fn description(self) -> Description {
        FAULTS
            .iter()
            .find(|(fault, _)| *fault == self)
            .map(|(_, description)| *description)
            .expect("every defect is described, as a test holds")
    }
}

#[cfg(test)]
mod tests {
    use super::{FAULTS, Fault};

    #[test]
    fn every_name_finds_its_defect() {
        for (fault, description) in FAULTS {
            assert_eq!(Fault::named(description.id), Some(*fault));
            assert_eq!(fault.description(), *description);
            assert!(!description.controls.is_empty() && !description.designs.is_empty());
        }
        assert_eq!(Fault::named("no-such-fault"), None);
    }
}
