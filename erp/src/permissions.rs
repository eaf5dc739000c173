//! What may be allowed, and which role allows it? The only place where either is named.

/// A permission. Operations ask for one of these and never for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// Read customers.
    CustomerRead,
    /// Add, change and remove customers.
    CustomerWrite,
    /// Read products.
    ProductRead,
    /// Add, change and remove products.
    ProductWrite,
    /// Read invoices.
    InvoiceRead,
    /// Draft invoices, save and discard drafts.
    InvoiceDraft,
    /// Post invoices.
    InvoicePost,
    /// Void posted invoices.
    InvoiceVoid,
    /// Read periods.
    PeriodRead,
    /// Open and close periods.
    PeriodClose,
    /// Reopen closed periods.
    PeriodReopen,
    /// Read stock and its movements.
    StockRead,
    /// Record movements of stock.
    StockMove,
    /// Read the journal and the audit log.
    JournalRead,
    /// Read users and their roles.
    UserRead,
    /// Grant and revoke roles.
    UserManage,
    /// Query as the investigator.
    ConsoleQuery,
    /// Read the changes of a document.
    ChangesRead,
    /// Set up webhooks and read their deliveries.
    WebhookManage,
    /// Make and download exports.
    ExportCreate,
    /// Answer and erase data subjects.
    PrivacyManage,
    /// Register callbacks.
    CallbackManage,
    /// Rotate the tenant's keys.
    KeyManage,
    /// See the tenant's health and jobs.
    HealthRead,
    /// Read and write encrypted fields.
    BankDetails,
}

/// A role of a tenant's users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Sells and moves stock.
    Clerk,
    /// Keeps the books.
    Accountant,
    /// Manages users and connections to other systems.
    Administrator,
    /// Investigates; changes nothing.
    Auditor,
}

use Permission as P;

/// Every permission with its name, in order.
pub const PERMISSIONS: &[(Permission, &str)] = &[
    (P::CustomerRead, "customer.read"),
    (P::CustomerWrite, "customer.write"),
    (P::ProductRead, "product.read"),
    (P::ProductWrite, "product.write"),
    (P::InvoiceRead, "invoice.read"),
    (P::InvoiceDraft, "invoice.draft"),
    (P::InvoicePost, "invoice.post"),
    (P::InvoiceVoid, "invoice.void"),
    (P::PeriodRead, "period.read"),
    (P::PeriodClose, "period.close"),
    (P::PeriodReopen, "period.reopen"),
    (P::StockRead, "stock.read"),
    (P::StockMove, "stock.move"),
    (P::JournalRead, "journal.read"),
    (P::UserRead, "user.read"),
    (P::UserManage, "user.manage"),
    (P::ConsoleQuery, "console.query"),
    (P::ChangesRead, "changes.read"),
    (P::WebhookManage, "webhook.manage"),
    (P::ExportCreate, "export.create"),
    (P::PrivacyManage, "privacy.manage"),
    (P::CallbackManage, "callback.manage"),
    (P::KeyManage, "key.manage"),
    (P::HealthRead, "health.read"),
    (P::BankDetails, "bank-details.manage"),
];

/// Every role with its name and what it allows.
pub const ROLES: &[(Role, &str, &[Permission])] = &[
    (
        Role::Clerk,
        "clerk",
        &[
            P::CustomerRead,
            P::CustomerWrite,
            P::ProductRead,
            P::InvoiceRead,
            P::InvoiceDraft,
            P::PeriodRead,
            P::StockRead,
            P::StockMove,
            P::ChangesRead,
        ],
    ),
    (
        Role::Accountant,
        "accountant",
        &[
            P::CustomerRead,
            P::CustomerWrite,
            P::ProductRead,
            P::ProductWrite,
            P::InvoiceRead,
            P::InvoiceDraft,
            P::InvoicePost,
            P::InvoiceVoid,
            P::PeriodRead,
            P::PeriodClose,
            P::PeriodReopen,
            P::StockRead,
            P::StockMove,
            P::JournalRead,
            P::ChangesRead,
            P::ExportCreate,
            P::BankDetails,
        ],
    ),
    (
        Role::Administrator,
        "administrator",
        &[
            P::CustomerRead,
            P::CustomerWrite,
            P::ProductRead,
            P::ProductWrite,
            P::InvoiceRead,
            P::InvoiceDraft,
            P::InvoicePost,
            P::InvoiceVoid,
            P::PeriodRead,
            P::PeriodClose,
            P::PeriodReopen,
            P::StockRead,
            P::StockMove,
            P::JournalRead,
            P::UserRead,
            P::UserManage,
            P::ChangesRead,
            P::WebhookManage,
            P::ExportCreate,
            P::PrivacyManage,
            P::CallbackManage,
            P::KeyManage,
            P::HealthRead,
            P::BankDetails,
        ],
    ),
    (
        Role::Auditor,
        "auditor",
        &[
            P::CustomerRead,
            P::ProductRead,
            P::InvoiceRead,
            P::PeriodRead,
            P::StockRead,
            P::JournalRead,
            P::UserRead,
            P::ConsoleQuery,
            P::ChangesRead,
        ],
    ),
];

impl Permission {
    /// Its name.
    pub fn name(self) -> &'static str {
        PERMISSIONS
            .iter()
            .find(|(known, _)| *known == self)
            .map_or("", |(_, name)| name)
    }
}

impl Role {
    /// The role of this name.
    pub fn named(name: &str) -> Option<Self> {
        ROLES
            .iter()
            .find(|(_, known, _)| *known == name)
            .map(|(role, _, _)| *role)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        ROLES
            .iter()
            .find(|(known, _, _)| *known == self)
            .map_or("", |(_, name, _)| name)
    }

    /// Whether it allows `permission`.
    pub fn allows(self, permission: Permission) -> bool {
        ROLES
            .iter()
            .any(|(role, _, allowed)| *role == self && allowed.contains(&permission))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{PERMISSIONS, ROLES};

    #[test]
    fn every_permission_has_one_name_and_a_role_that_allows_it() {
        let names: BTreeSet<_> = PERMISSIONS.iter().map(|(_, name)| name).collect();
        assert_eq!(names.len(), PERMISSIONS.len());
        for (permission, name) in PERMISSIONS {
            let allowed = ROLES.iter().any(|(role, ..)| role.allows(*permission));
            assert!(allowed, "{name}: name a role that allows it");
        }
    }
}
