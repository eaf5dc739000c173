//! Does each fault break what it says, and does its near miss leave it whole? One call tells.

use std::fs;
use std::path::Path;

use crate::stage::Expected::{Refused, Row, Rows};
use crate::stage::{
    ACME, ADMINISTRATOR, Caller, DATABASE, Expected, INVESTIGATION, NOBODYS, NORTH, OPERATIONS,
    check, login, provisioned, run, session, with_numbers,
};

struct Line {
    fault: &'static str,
    caller: Caller,
    call: &'static str,
    broken: Expected,
    whole: Expected,
}

#[rustfmt::skip]
const TABLE: &[Line] = &[
    Line { fault: "ledger-trigger-disabled", caller: ADMINISTRATOR,
        call: "UPDATE dbo.StockLedger SET Reason = N'x' WHERE OrgId = @a; SELECT @@ROWCOUNT;",
        broken: Row("9"), whole: Refused(50451) },
    Line { fault: "ledger-delete-trigger-missing", caller: ADMINISTRATOR,
        call: "DELETE FROM dbo.StockLedger WHERE OrgId = @a; SELECT @@ROWCOUNT;",
        broken: Row("9"), whole: Refused(50451) },
    Line { fault: "ledger-alter-granted", caller: ACME,
        call: "TRUNCATE TABLE dbo.StockLedger;",
        broken: Rows(0), whole: Refused(1088) },
    Line { fault: "ledger-rows-cascade", caller: ACME,
        call: "DELETE FROM org.Products WHERE ProductId = @a1;",
        broken: Rows(0), whole: Refused(547) },
    Line { fault: "ledger-reason-editable", caller: ACME,
        call: "UPDATE org.StockLedger SET Reason = N'x';",
        broken: Rows(0), whole: Refused(229) },
    Line { fault: "ledger-corrected-by-procedure", caller: ACME,
        call: "EXEC org.CorrectMovement @a, @a1, 5;",
        broken: Rows(0), whole: Refused(2812) },
    Line { fault: "index-not-tenant-leading", caller: ACME,
        call: "EXEC org.CreateCustomer @a, @a11, N'x', 'TAX1-wtmark01', '2200-01-01';",
        broken: Refused(2627), whole: Rows(1) },
    Line { fault: "search-index-not-tenant-leading", caller: ADMINISTRATOR,
        call: "SELECT COUNT(*) FROM sys.index_columns AS c JOIN sys.indexes AS i ON i.object_id = c.object_id AND i.index_id = c.index_id WHERE i.name = 'IX_Products_Name' AND c.key_ordinal = 1 AND COL_NAME(c.object_id, c.column_id) <> 'OrgId';",
        broken: Row("1"), whole: Row("0") },
    Line { fault: "cascade-without-org", caller: ADMINISTRATOR,
        call: "SELECT COUNT(*) FROM sys.foreign_key_columns AS c JOIN sys.foreign_keys AS k ON k.object_id = c.constraint_object_id WHERE k.name = 'FK_PriceListItems_PriceLists' AND COL_NAME(c.parent_object_id, c.parent_column_id) = 'OrgId';",
        broken: Row("0"), whole: Row("1") },
    Line { fault: "scoped-procedure-forgets-org", caller: ACME,
        call: "EXEC org.GetCustomer @a, @g1;",
        broken: Rows(1), whole: Rows(0) },
    Line { fault: "search-or-without-parentheses", caller: ACME,
        call: "EXEC org.SearchCustomers @a, N'Aurora';",
        broken: Rows(4), whole: Rows(1) },
    Line { fault: "merge-deletes-others", caller: ADMINISTRATOR,
        call: "EXEC sys.sp_set_session_context N'OrgId', @a; EXEC org.ReplacePriceList @a, @a1, N'[]'; SELECT COUNT(*) FROM dbo.PriceListItems WHERE OrgId = @g;",
        broken: Row("0"), whole: Row("5") },
    Line { fault: "update-forgets-org", caller: ACME,
        call: "EXEC org.UpdateCustomer @a, @g1, N'x';",
        broken: Rows(0), whole: Refused(50404) },
    Line { fault: "guard-lets-null-through", caller: NOBODYS,
        call: "EXEC org.ListInvoices @g;",
        broken: Rows(12), whole: Refused(50403) },
    Line { fault: "support-acts-for-anybody", caller: ACME,
        call: "EXEC sys.sp_set_session_context N'ActingFor', @g; EXEC org.ListInvoices @g;",
        broken: Rows(12), whole: Refused(50403) },
    Line { fault: "boundary-not-called", caller: ACME,
        call: "EXEC org.CreateCustomer @g, @g11, N'x', 'x', '2200-01-01';",
        broken: Rows(1), whole: Refused(50403) },
    Line { fault: "dynamic-order-as-owner", caller: ACME,
        call: "EXEC org.SortCustomers @OrgId = @a, @OrderBy = N'1; SELECT * FROM dbo.SigningKeys';",
        broken: Rows(17), whole: Refused(229) },
    Line { fault: "view-without-check-option", caller: ACME,
        call: "UPDATE org.Customers SET OrgId = @g, SubOrgId = @g11 WHERE CustomerId = @a9;",
        broken: Rows(0), whole: Refused(230) },
    Line { fault: "report-view-unscoped", caller: ACME,
        call: "SELECT DISTINCT OrgId FROM org.StockByProduct;",
        broken: Rows(4), whole: Refused(229) },
    Line { fault: "base-table-granted", caller: ACME,
        call: "SELECT DISTINCT OrgId FROM dbo.Customers;",
        broken: Rows(4), whole: Refused(229) },
    Line { fault: "investigation-may-write", caller: INVESTIGATION,
        call: "EXEC org.UpdateCustomer @a, @a1, N'x';",
        broken: Rows(1), whole: Refused(229) },
    Line { fault: "operations-reads-rows", caller: OPERATIONS,
        call: "SELECT DISTINCT OrgId FROM dbo.Customers;",
        broken: Rows(4), whole: Refused(229) },
    Line { fault: "department-forgotten", caller: NORTH,
        call: "EXEC org.ListInvoices @a, @a11;",
        broken: Rows(12), whole: Rows(7) },
    Line { fault: "view-forgets-department", caller: NORTH,
        call: "SELECT DISTINCT SubOrgId FROM org.StockLevels;",
        broken: Rows(2), whole: Rows(1) },
    Line { fault: "history-unscoped", caller: ACME,
        call: "EXEC org.CustomerHistory @a, @g90;",
        broken: Rows(1), whole: Rows(0) },
    Line { fault: "past-lines-unscoped", caller: ACME,
        call: "EXEC org.InvoiceAsOf @a, @g4;",
        broken: Rows(2), whole: Rows(0) },
    Line { fault: "history-table-granted", caller: INVESTIGATION,
        call: "SELECT DISTINCT OrgId FROM dbo.CustomersHistory;",
        broken: Rows(4), whole: Refused(229) },
    Line { fault: "existence-told", caller: ACME,
        call: "EXEC org.UpdateCustomer @a, @g1, N'x';",
        broken: Refused(50403), whole: Refused(50404) },
    Line { fault: "uniqueness-asked-of-all", caller: ACME,
        call: "EXEC org.CreateCustomer @a, @a11, N'x', 'TAX1-wtmark01', '2200-01-01';",
        broken: Refused(50409), whole: Rows(1) },
];

#[test]
fn each_fault_breaks_what_its_near_miss_keeps() {
    let server = provisioned();
    let clean = server.snapshot();
    let mut wrong = Vec::new();
    for line in TABLE {
        for (suffix, expected) in [("", line.broken), (".near-miss", line.whole)] {
            server.restore(&clean);
            let name = format!("{}{suffix}.sql", line.fault);
            let path = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("faults")
                .join(&name);
            let patch = fs::read_to_string(path).expect("each fault has its two files");
            let mut administrator = login(&server, "sa", DATABASE);
            for batch in tsql::split_batches(&patch) {
                if let Some(error) = run(&mut administrator, &batch.text).error {
                    wrong.push(format!("{name}: {} {}", error.number, error.message));
                }
            }
            let mut session = session(&server, line.caller);
            let answer = run(&mut session, &with_numbers(line.call));
            if let Err(difference) = check(expected, &answer) {
                wrong.push(format!("{name}\n    {}\n    {difference}", line.call));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
