//! Does every call end as promised? Each line of the table is one caller's calls.

use crate::stage::Expected::{Refused, Row, Rows};
use crate::stage::{
    ACME, ADMINISTRATOR, Caller, Expected, GLOBEX, INVESTIGATION, NOBODYS, NORTH, OPERATIONS,
    SOUTH, all_rows, check, provisioned, run, session, with_numbers,
};

/// One call, or several by the same caller, each in the state that the last one left. `@a` stands
/// for acme's first number, `@g` for globex's.
struct Line {
    says: &'static str,
    caller: Caller,
    calls: &'static [(&'static str, Expected)],
}

#[rustfmt::skip]
const TABLE: &[Line] = &[
    Line { says: "an organisation reads its own invoice and the lines of it", caller: ACME, calls: &[
        ("EXEC org.GetInvoice @a, @a4;", Rows(3)),
        ("EXEC org.GetInvoice @OrgId = @a, @InvoiceId = @a4, @SubOrgId = @a12;", Rows(3)),
    ] },
    Line { says: "another organisation's invoice and one that never was are both nothing", caller: ACME, calls: &[
        ("EXEC org.GetInvoice @a, @g4;", Rows(0)),
        ("EXEC org.GetInvoice @a, @a99;", Rows(0)),
        ("EXEC org.PostInvoice @a, @g4;", Refused(50404)),
        ("EXEC org.PostInvoice @a, @a99;", Refused(50404)),
        ("EXEC org.UpdateCustomer @a, @g1, N'x';", Refused(50404)),
        ("EXEC org.DeleteCustomer @a, @g9;", Refused(50404)),
        ("EXEC org.CreateInvoice @a, @g1, @a2, '2200-03-01';", Refused(50404)),
        ("EXEC org.CreateInvoice @a, @a1, @g2, '2200-03-01';", Refused(50404)),
        ("EXEC org.AddInvoiceLine @a, @a4, @g1, 1;", Refused(50404)),
        ("EXEC org.SetPrice @a, @a1, @g1, 1;", Refused(50404)),
        ("EXEC org.SetPrice @a, @g1, @a1, 1;", Refused(50404)),
        ("EXEC org.CreateCustomer @a, @g11, N'x', 'x', '2200-01-01';", Refused(50404)),
        ("EXEC org.RecordStockMovement @a, @g11, 'k', @a1, N'x', 1, N'x';", Refused(50404)),
        ("EXEC org.CompleteCallback @a, @g3, N'secret of callback 3 wtmark01';", Refused(50404)),
    ] },
    Line { says: "whoever names another organisation is refused at the boundary", caller: ACME, calls: &[
        ("EXEC org.GetInvoice @g, @g4;", Refused(50403)),
        ("EXEC org.GetInvoice NULL, @g4;", Refused(50403)),
        ("EXEC org.ListInvoices @g;", Refused(50403)),
        ("EXEC org.SearchCustomers @g;", Refused(50403)),
        ("EXEC org.CreateCustomer @g, @g11, N'x', 'x', '2200-01-01';", Refused(50403)),
        ("EXEC org.PostInvoice @g, @g4;", Refused(50403)),
        ("EXEC org.RecordStockMovement @g, @g11, 'k', @g1, N'x', 1, N'x';", Refused(50403)),
        ("EXEC org.ExportOrganisation @g;", Refused(50403)),
        ("EXEC org.CustomerHistory @g, @g1;", Refused(50403)),
        ("EXEC org.VerifyChanges @g;", Refused(50403)),
    ] },
    Line { says: "a connection that was checked out for nobody sees nothing", caller: NOBODYS, calls: &[
        ("SELECT * FROM org.Customers;", Rows(0)),
        ("EXEC org.GetInvoice @a, @a4;", Refused(50403)),
        ("EXEC org.GetInvoice NULL, @a4;", Refused(50403)),
    ] },
    Line { says: "the caller of a connection cannot be changed", caller: ACME, calls: &[
        ("EXEC sys.sp_set_session_context N'OrgId', @g;", Refused(15664)),
        ("SELECT DISTINCT OrgId FROM org.Customers;", Row("1000000000")),
    ] },
    Line { says: "a department sees its own rows and no others", caller: NORTH, calls: &[
        ("SELECT COUNT(*) FROM org.Customers;", Row("7")),
        ("EXEC org.GetCustomer @a, @a1, @a11;", Rows(1)),
        ("EXEC org.GetCustomer @a, @a2, @a11;", Rows(0)),
        ("EXEC org.GetCustomer @a, @a2, @a12;", Refused(50403)),
        ("EXEC org.GetCustomer @a, @a2;", Refused(50403)),
        ("EXEC org.PostInvoice @a, @a4, @a11;", Refused(50404)),
        ("EXEC org.ListProducts @a;", Rows(7)),
        ("EXEC org.ExportOrganisation @a;", Refused(50403)),
        ("EXEC org.SetPrice @a, @a1, @a1, 1;", Refused(50403)),
    ] },
    Line { says: "an organisation as a whole sees all its departments", caller: ACME, calls: &[
        ("SELECT COUNT(*) FROM org.Customers;", Row("13")),
        ("EXEC org.GetCustomer @a, @a1;", Rows(1)),
        ("EXEC org.GetCustomer @a, @a2;", Rows(1)),
        ("EXEC org.GetCustomer @a, @a2, @a12;", Rows(1)),
        ("EXEC org.GetCustomer @a, @a2, @a11;", Rows(0)),
    ] },
    Line { says: "a department posts its own draft", caller: SOUTH, calls: &[
        ("EXEC org.PostInvoice @a, @a4, @a12;", Row("1000000004 | INV4-wtmark00")),
        ("EXEC org.PostInvoice @a, @a4, @a12;", Refused(50404)),
    ] },
    Line { says: "the service has no right on a table", caller: ACME, calls: &[
        ("SELECT * FROM dbo.Customers;", Refused(229)),
        ("SELECT * FROM dbo.CustomersHistory;", Refused(229)),
        ("INSERT INTO dbo.StockLedger (OrgId) VALUES (@a);", Refused(229)),
        ("UPDATE dbo.StockLedger SET Quantity = 1;", Refused(229)),
        ("DELETE FROM dbo.StockLedger;", Refused(229)),
        ("UPDATE org.StockLedger SET Quantity = 1;", Refused(229)),
        ("DELETE FROM org.StockLedger;", Refused(229)),
        ("MERGE dbo.StockLedger AS t USING (SELECT 1 AS x) AS s ON s.x = 1 WHEN MATCHED THEN DELETE;", Refused(229)),
        ("TRUNCATE TABLE dbo.StockLedger;", Refused(1088)),
        ("EXEC dbo.AppendChange @a, NULL, 'x', 'x', 1;", Refused(229)),
        ("SELECT * FROM ops.Migrations;", Refused(229)),
    ] },
    Line { says: "what is written through a view stays in it", caller: ACME, calls: &[
        ("UPDATE org.Customers SET Name = N'New' WHERE CustomerId = @a1; SELECT Name FROM org.Customers WHERE CustomerId = @a1;", Row("New")),
        ("UPDATE org.Customers SET Name = N'New' WHERE CustomerId = @g1; SELECT @@ROWCOUNT;", Row("0")),
        ("UPDATE org.Customers SET OrgId = @g WHERE CustomerId = @a9;", Refused(230)),
        ("UPDATE org.DraftInvoices SET Note = N'New' WHERE InvoiceId = @a1; SELECT @@ROWCOUNT;", Row("0")),
        ("UPDATE org.DraftInvoices SET Status = 2 WHERE InvoiceId = @a4;", Refused(550)),
        ("DELETE FROM org.DraftInvoiceLines WHERE InvoiceId = @a4; SELECT @@ROWCOUNT;", Row("2")),
        ("DELETE FROM org.DraftInvoiceLines WHERE InvoiceId = @a1; SELECT @@ROWCOUNT;", Row("0")),
        ("UPDATE org.DraftInvoiceLines SET Quantity = 2 WHERE InvoiceId = @a5; SELECT @@ROWCOUNT;", Row("2")),
        ("INSERT INTO org.Customers (OrgId) VALUES (@g);", Refused(229)),
    ] },
    Line { says: "not even the administrator changes the ledger", caller: ADMINISTRATOR, calls: &[
        ("UPDATE dbo.StockLedger SET Quantity = 1;", Refused(50451)),
        ("DELETE FROM dbo.StockLedger WHERE OrgId = @a;", Refused(50451)),
        ("UPDATE dbo.ChangeHistory SET Actor = N'x';", Refused(50452)),
        ("DELETE FROM dbo.ChangeHistory;", Refused(50452)),
    ] },
    Line { says: "a repeated movement gives the first one's row", caller: ACME, calls: &[
        ("EXEC org.RecordStockMovement @a, @a11, 'again', @a1, N'Hall', 5, N'Why'; SELECT COUNT(*) FROM org.StockLedger;", Rows(2)),
        ("EXEC org.RecordStockMovement @a, @a11, 'again', @a1, N'Hall', 5, N'Why'; SELECT COUNT(*) FROM org.StockLedger;", Rows(2)),
        ("SELECT COUNT(*) FROM org.StockLedger;", Row("10")),
        ("SELECT OnHand FROM org.StockLevels WHERE Location = N'Hall';", Row("5")),
        ("EXEC org.RecordStockMovement @a, @a11, 'again', @a1, N'Hall', 6, N'Why';", Refused(50409)),
        ("EXEC org.RecordStockMovement @a, @a11, NULL, @a1, N'Hall', 6, N'Why';", Refused(50422)),
        ("EXEC org.RecordStockMovement @a, @a11, 'first-of-month', @a1, N'Hall North wtmark00', @a901, N'Receipt 1 wtmark00'; SELECT COUNT(*) FROM org.StockLedger;", Rows(2)),
        ("SELECT COUNT(*) FROM org.StockLedger;", Row("10")),
    ] },
    Line { says: "two organisations may use the same keys", caller: GLOBEX, calls: &[
        ("EXEC org.RecordStockMovement @g, @g11, 'again', @g1, N'Hall', 7, N'Other';", Rows(1)),
        ("SELECT COUNT(*) FROM org.Products WHERE Sku = 'STANDARD';", Row("1")),
        ("SELECT COUNT(*) FROM org.Invoices WHERE InvoiceNumber = 'INV-0001';", Row("1")),
    ] },
    Line { says: "a void invoice is balanced by its credit note", caller: ACME, calls: &[
        ("EXEC org.VoidInvoice @a, @a1, N'Too short';", Refused(50422)),
        ("EXEC org.VoidInvoice @a, @a4, N'It was never posted at all';", Refused(50404)),
        ("EXEC org.VoidInvoice @a, @a1, N'The customer never ordered it';", Row("1000002000 | INV-0001-C | -1000000601.00")),
        ("SELECT SUM(Total), COUNT(*) FROM org.Invoices WHERE InvoiceId = @a1 OR CreditsInvoiceId = @a1;", Row("0.00 | 2")),
        ("EXEC org.VoidInvoice @a, @a1, N'The customer never ordered it';", Refused(50404)),
        ("EXEC org.VerifyChanges @a;", Rows(0)),
    ] },
    Line { says: "customers come, change and go, and leave their past", caller: ACME, calls: &[
        ("EXEC org.CreateCustomer @a, @a11, N'Lumen', 'TAX-NEW', '2200-05-05';", Rows(1)),
        ("EXEC org.CreateCustomer @a, @a11, N'Lumen', 'TAX-NEW', '2200-05-05';", Refused(50409)),
        ("EXEC org.CreateCustomer @a, @a11, N'Lumen', 'TAX1-wtmark01', '2200-05-05';", Rows(1)),
        ("EXEC org.SearchCustomers @a, N'lum';", Rows(2)),
        ("EXEC org.UpdateCustomer @a, @a1000, N'Lumen Lamps', 1;", Row("1000001000 | Lumen Lamps | NULL | 0.00 | 2")),
        ("EXEC org.UpdateCustomer @a, @a1000, N'Lost update', 1;", Refused(50409)),
        ("EXEC org.DeleteCustomer @a, @a1000;", Rows(0)),
        ("EXEC org.DeleteCustomer @a, @a1;", Refused(50409)),
        ("EXEC org.CustomerHistory @a, @a1000;", Rows(2)),
        ("EXEC org.CustomerHistory @a, @a90;", Rows(1)),
        ("EXEC org.CustomerHistory @a, @g90;", Rows(0)),
        ("EXEC org.CustomerAsOf @a, @a1000, '2001-01-01';", Rows(0)),
        ("EXEC org.ListChanges @a, 'Customer', @a1000;", Rows(3)),
        ("EXEC org.VerifyChanges @a;", Rows(0)),
    ] },
    Line { says: "an invoice is drafted, filled, posted", caller: ACME, calls: &[
        ("EXEC org.CreateInvoice @a, @a1, @a2, '2200-03-01', NULL, N'Hello';", Rows(1)),
        ("EXEC org.AddInvoiceLine @a, @a2000, @a1, 2;", Rows(1)),
        ("EXEC org.AddInvoiceLine @a, @a2000, @a7, 3;", Rows(1)),
        ("EXEC org.GetInvoice @a, @a2000;", Rows(3)),
        ("EXEC org.RemoveInvoiceLine @a, @a2000, 1;", Rows(1)),
        ("EXEC org.PostInvoice @a, @a2000;", Row("1000002000 | INV-1000002000")),
        ("EXEC org.RemoveInvoiceLine @a, @a2000, 2;", Refused(50404)),
        ("EXEC org.DiscardDraft @a, @a2000;", Refused(50404)),
        ("EXEC org.DiscardDraft @a, @a12;", Rows(0)),
        ("EXEC org.InvoiceAsOf @a, @a2000;", Rows(2)),
        ("EXEC org.ListInvoices @a, NULL, 2;", Rows(4)),
        ("EXEC org.PeriodTotals @a;", Rows(12)),
        ("EXEC org.RankDebtors @a;", Rows(3)),
        ("SELECT * FROM org.CustomerBalances;", Rows(13)),
    ] },
    Line { says: "periods are opened, closed and reopened", caller: ACME, calls: &[
        ("EXEC org.OpenPeriod @a, N'Late', '2200-12-01', '2200-12-31';", Rows(1)),
        ("EXEC org.OpenPeriod @a, N'Late', '2200-12-31', '2201-01-31';", Refused(50409)),
        ("EXEC org.ClosePeriod @a, @a6;", Rows(0)),
        ("EXEC org.ClosePeriod @a, @a2;", Refused(50409)),
        ("EXEC org.ReopenPeriod @a, @a6, N'An invoice had been forgotten';", Rows(0)),
    ] },
    Line { says: "prices are set in the own lists alone", caller: ACME, calls: &[
        ("EXEC org.SetPrice @a, @a3, @a1, 5.5;", Row("INSERT | 1000000003 | 1000000001 | 5.5000")),
        ("EXEC org.SetPrice @a, @a3, @a1, 6.5;", Row("UPDATE | 1000000003 | 1000000001 | 6.5000")),
        ("EXEC org.ProductPrices @a, @a1;", Rows(4)),
        ("EXEC org.CreateProduct @a, 'STANDARD', N'x', 1;", Refused(50409)),
        ("EXEC org.CreateProduct @a, 'SKU2-wtmark01', N'x', 1;", Rows(1)),
        ("EXEC org.ReplacePriceList @a, @a1, N'[{\"ProductId\":1000000001,\"UnitPrice\":1.5},{\"ProductId\":1001000002,\"UnitPrice\":2}]';", Row("1000000001 | 1.5000")),
    ] },
    Line { says: "stock is carded, listed and reconciled", caller: ACME, calls: &[
        ("EXEC org.StockCard @a, @a1;", Rows(3)),
        ("EXEC org.StockOnHand @a;", Rows(8)),
        ("EXEC org.ReconcileStock @a, @a11;", Rows(4)),
        ("EXEC org.ReconcileStock @a, @a11;", Rows(0)),
        ("EXEC org.StockAsOf @a, '9999-01-01';", Rows(6)),
    ] },
    Line { says: "a callback's secret is good once", caller: ACME, calls: &[
        ("EXEC org.CompleteCallback @a, @a3, N'secret of callback 4 wtmark00';", Refused(50404)),
        ("EXEC org.CompleteCallback @a, @a3, N'secret of callback 3 wtmark00';", Row("1000000003 | 2")),
        ("EXEC org.CompleteCallback @a, @a3, N'secret of callback 3 wtmark00';", Refused(50404)),
        ("EXEC org.RegisterCallback @a, @a11, N'https://hooks.example', N'0123456789abcdef';", Rows(1)),
        ("EXEC org.CompleteCallback @a, @a6000, N'0123456789abcdef', 0;", Row("1000006000 | 3")),
        ("EXEC org.ListCallbacks @a;", Rows(7)),
        ("EXEC org.ListUsers @a;", Rows(13)),
    ] },
    Line { says: "an erased customer is gone, his past included, and his documents are kept", caller: ACME, calls: &[
        ("EXEC org.SetBankAccount @a, @a1, @a1, 0x01;", Rows(0)),
        ("EXEC org.SetBankAccount @a, @g1, @a1, 0x01;", Refused(50404)),
        ("EXEC org.SetBankAccount @a, @a1, @g1, 0x01;", Refused(50404)),
        ("EXEC org.ForgetCustomerHistory @a, @a1;", Refused(50404)),
        ("EXEC org.EraseCustomer @a, @g1;", Refused(50404)),
        ("EXEC org.EraseCustomer @a, @a1;", Rows(0)),
        ("SELECT Name, Email, TaxNumber FROM org.Customers WHERE CustomerId = @a1;", Row("erased | NULL | erased-1000000001")),
        ("SELECT * FROM org.SealedAccounts WHERE CustomerId = @a1;", Rows(0)),
        ("EXEC org.CustomerHistory @a, @a1;", Rows(4)),
        ("EXEC org.ForgetCustomerHistory @a, @g12;", Refused(50404)),
        ("EXEC org.ForgetCustomerHistory @a, @a1;", Rows(0)),
        ("EXEC org.CustomerHistory @a, @a1;", Rows(1)),
        ("EXEC org.CustomerHistory @a, @a2;", Rows(2)),
        ("UPDATE org.Customers SET Name = N'x' WHERE CustomerId = @a2; SELECT @@ROWCOUNT;", Row("1")),
        ("EXEC org.CustomerHistory @a, @a2;", Rows(3)),
        ("SELECT COUNT(*) FROM org.Invoices WHERE CustomerId = @a1;", Row("2")),
        ("EXEC org.VerifyChanges @a;", Rows(0)),
    ] },
    Line { says: "a job ends once, and keys are numbered by organisation", caller: ACME, calls: &[
        ("EXEC org.QueueJob @a, 'export';", Row("1000008000 | export | queued")),
        ("EXEC org.EndJob @a, @g3, 1;", Refused(50404)),
        ("EXEC org.EndJob @a, @a8000, 1, N'done';", Rows(0)),
        ("EXEC org.EndJob @a, @a8000, 0;", Refused(50404)),
        ("EXEC org.AddTenantKey @a, 0x01;", Row("1000009000")),
        ("EXEC org.AddTenantKey @g, 0x01;", Refused(50403)),
        ("EXEC org.LogQuery @a, N'SELECT 1';", Rows(0)),
        ("EXEC org.VerifyChanges @a;", Rows(0)),
    ] },
    Line { says: "investigation reads and writes nothing", caller: INVESTIGATION, calls: &[
        ("SELECT * FROM org.Customers;", Rows(13)),
        ("EXEC org.InvoiceAsOf @a, @a4;", Rows(3)),
        ("EXEC org.PricesBetween @a, @a1, '2001-01-01', '9999-01-01';", Rows(2)),
        ("EXEC org.PostInvoice @a, @a4;", Refused(229)),
        ("UPDATE org.Customers SET Name = N'x';", Refused(229)),
        ("DELETE FROM org.Customers;", Refused(229)),
        ("SELECT * FROM dbo.Customers;", Refused(229)),
        ("EXEC org.CustomerHistory @g, @g1;", Refused(50403)),
    ] },
    Line { says: "operations sees no organisation's rows", caller: OPERATIONS, calls: &[
        ("SELECT COUNT(*) FROM ops.Migrations;", Row("18")),
        ("EXEC ops.RegisterMigration 'later.sql';", Rows(0)),
        ("EXEC ops.RegisterMigration 'later.sql';", Refused(2627)),
        ("SELECT * FROM org.Customers;", Refused(229)),
        ("SELECT * FROM dbo.Customers;", Refused(229)),
        ("EXEC org.ListInvoices @a;", Refused(229)),
        ("DELETE FROM ops.Migrations;", Refused(229)),
        ("TRUNCATE TABLE dbo.StockLedger;", Refused(1088)),
    ] },
    Line { says: "an export has all of the own rows", caller: ACME, calls: &[
        ("EXEC org.ExportOrganisation @a;", Rows(1 + 2 + 13 + 6 + 13 + 7 + 6 + 12 + 18 + 8 + 9 + 6 + 6)),
    ] },
];

#[test]
fn every_call_ends_as_promised() {
    let server = provisioned();
    let clean = server.snapshot();
    let planted = all_rows(&server);
    let mut wrong = Vec::new();
    for line in TABLE {
        server.restore(&clean);
        let mut rows = planted.clone();
        let mut session = session(&server, line.caller);
        for (call, expected) in line.calls {
            let before = server.snapshot();
            let answer = run(&mut session, &with_numbers(call));
            let mut difference = check(*expected, &answer).err();
            // What was written and taken back counts as touched, too.
            if !server.touched_since(&before).is_empty() {
                let now = all_rows(&server);
                if matches!(expected, Refused(_)) && now != rows {
                    let row = now.iter().find(|row| !rows.contains(row));
                    difference = Some(format!("refused, and yet there is {row:?}"));
                }
                rows = now;
            }
            if let Some(difference) = difference {
                wrong.push(format!("{}\n    {call}\n    {difference}", line.says));
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
