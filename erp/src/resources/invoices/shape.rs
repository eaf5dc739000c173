//! What do invoices and credit notes look like?

use crate::contract::{Field, Schema, TextKind};
use crate::options::Design;

/// The most lines of an invoice.
pub(super) const LINES_MAX: usize = 20;
/// The most pieces on a line.
pub(super) const QUANTITY_MAX: i64 = 10_000;

const TOTAL_MAX: i64 = 900_000_000_000_000;

pub(super) fn line() -> Schema {
    Schema::Object(vec![
        Field::new("lineNumber", Schema::Integer(1, 1_000)),
        Field::new("productId", Schema::id()),
        Field::new("quantity", Schema::Amount(-TOTAL_MAX, TOTAL_MAX)),
        Field::new("unitPrice", Schema::Amount(0, TOTAL_MAX)),
        Field::new("description", Schema::line(0, 200)),
    ])
}

pub(super) fn invoice(design: Design, with_lines: bool) -> Schema {
    let mut fields = vec![Field::new("id", Schema::id())];
    if design == Design::SharedDatabase {
        fields.push(Field::new("subOrgId", Schema::id()).about("The department that owns it"));
    }
    let states: &[&str] = match design {
        Design::DatabasePerTenant => &["draft", "posted", "void", "discarded"],
        Design::SharedDatabase => &["draft", "posted", "void"],
    };
    fields.extend([
        Field::new("key", Schema::text(TextKind::Guid, 36, 36)),
        Field::new("number", Schema::line(1, 40)),
        Field::new("customerId", Schema::id()),
        Field::new("periodId", Schema::id()),
        Field::new("status", Schema::Word(states)),
        Field::new("issuedOn", Schema::Date),
        Field::new("postedAt", Schema::Moment).nullable(),
        Field::new("total", Schema::Amount(-TOTAL_MAX, TOTAL_MAX)),
        Field::new("note", Schema::line(0, 200)).nullable(),
        Field::new("rowVersion", Schema::code(1, 20)),
    ]);
    if with_lines {
        fields.push(Field::new(
            "lines",
            Schema::list(Schema::Named("InvoiceLine"), 0, 1_000),
        ));
    }
    Schema::Object(fields)
}

pub(super) fn credit_note() -> Schema {
    Schema::Object(vec![
        Field::new("id", Schema::id()),
        Field::new("invoiceId", Schema::id()).about("The invoice that it balances"),
        Field::new("issuedAt", Schema::Moment),
        Field::new("total", Schema::Amount(-TOTAL_MAX, TOTAL_MAX))
            .about("The invoice's, with the other sign"),
        Field::new("reason", Schema::line(0, 200)),
    ])
}

/// The lines of a request.
pub(super) fn input_lines() -> Schema {
    let line = Schema::Object(vec![
        Field::new("productId", Schema::id()),
        Field::new("quantity", Schema::Amount(1, QUANTITY_MAX)),
        Field::new("description", Schema::line(1, 100))
            .optional()
            .about("The product's name when left out"),
    ]);
    Schema::list(line, 0, LINES_MAX)
}
