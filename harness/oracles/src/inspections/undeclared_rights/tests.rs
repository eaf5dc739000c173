use domain::example;
use domain::inspection::{Answer, Fact, Facts, Inspected, Seen, Topic};
use domain::seed::Seed;

use crate::inspections::tests::set;
use crate::judge::Judge;

/// Control, place and kind of everything that is wrong.
fn found(members: &[&[&str]], owned: &[&[&str]], permissions: &[&[&str]]) -> Vec<String> {
    let system = example::system(1);
    let world = example::world(1, Seed(7));
    let surface = example::surface(&world);
    let judge = Judge::new(&system, &world, &surface);
    let users: [&[&str]; 3] = [&["app_rw", "S"], &["audit_admin", "S"], &["clerks", "R"]];
    let facts = Facts(vec![Fact {
        topic: Topic::Rights,
        database: "wt_acme".into(),
        asked: "SELECT 1".into(),
        answer: Answer::Sets(vec![
            set(&users),
            set(members),
            set(owned),
            set(permissions),
        ]),
    }]);
    let Inspected::Items(items) = super::inspect(&judge, &facts) else {
        panic!("there is always something to look at");
    };
    assert!(
        items.len() >= 2 && !items.iter().any(|one| one.place.contains("readonly")),
        "each principal that is a user is looked at: {items:?}"
    );
    let failed = items.iter().filter_map(|item| match &item.seen {
        Seen::Failed(defect) => Some(format!(
            "{} {}: {}",
            item.control.0, item.place, defect.kind
        )),
        _ => None,
    });
    failed.collect()
}

#[test]
fn what_was_granted_must_be_declared() {
    let grant = |right: &'static str, class, schema, object, grantee| {
        ["GRANT", right, class, schema, object, grantee]
    };
    let deny = |right: &'static str, class, schema, object, grantee| {
        ["DENY", right, class, schema, object, grantee]
    };
    for (says, permissions, expected) in [
        ("nothing", vec![], vec![]),
        (
            "what is declared",
            vec![grant("UPDATE", "1", "dbo", "Customers", "app_rw")],
            vec![],
        ),
        (
            "an object that is not declared",
            vec![grant("DELETE", "1", "dbo", "Customers", "audit_admin")],
            vec!["D02 dbo.Customers: audit_admin can delete"],
        ),
        (
            "a view through which nothing can be changed",
            vec![grant("INSERT", "1", "dbo", "InvoiceTotals", "audit_admin")],
            vec!["D02 dbo.InvoiceTotals: audit_admin can insert"],
        ),
        (
            "what must only grow",
            vec![grant("UPDATE", "1", "dbo", "AuditEvents", "app_rw")],
            vec!["D03 dbo.AuditEvents: app_rw can update"],
        ),
        (
            "it was denied as well",
            vec![
                grant("UPDATE", "1", "dbo", "AuditEvents", "app_rw"),
                deny("UPDATE", "3", "dbo", "-", "public"),
            ],
            vec![],
        ),
        (
            "it was denied to somebody else",
            vec![
                grant("UPDATE", "1", "dbo", "AuditEvents", "app_rw"),
                deny("UPDATE", "1", "dbo", "AuditEvents", "audit_admin"),
            ],
            vec!["D03 dbo.AuditEvents: app_rw can update"],
        ),
        (
            "to a role that he is in",
            vec![grant("EXECUTE", "1", "dbo", "PurgeAuditEvents", "clerks")],
            vec!["D02 dbo.PurgeAuditEvents: app_rw can execute"],
        ),
        (
            "on a whole schema, of which only a part is declared",
            vec![grant("EXECUTE", "3", "dbo", "-", "app_rw")],
            vec!["D02 schema dbo: app_rw can execute"],
        ),
        (
            "the whole database can be carried away",
            vec![grant("BACKUP DATABASE", "0", "-", "-", "audit_admin")],
            vec!["D02 the database: audit_admin can backup"],
        ),
        (
            "rights that no rule can name",
            vec![
                grant("VIEW DEFINITION", "0", "-", "-", "app_rw"),
                grant("REFERENCES", "1", "dbo", "Invoices", "public"),
                grant("CONNECT", "0", "-", "-", "app_rw"),
            ],
            vec![],
        ),
        (
            "nobody who is declared",
            vec![grant("DELETE", "1", "dbo", "AuditEvents", "others")],
            vec![],
        ),
    ] {
        let permissions: Vec<&[&str]> = permissions.iter().map(|row| &row[..]).collect();
        assert_eq!(
            found(&[&["clerks", "app_rw"]], &[], &permissions),
            expected,
            "{says}"
        );
    }
}

#[test]
fn what_comes_with_a_fixed_role_or_with_ownership_must_be_declared() {
    for (says, members, owned, expected) in [
        (
            "backups",
            vec![["db_backupoperator", "app_rw"]],
            vec![],
            vec!["D02 role db_backupoperator: app_rw can backup"],
        ),
        (
            "what it reads apart from what is declared",
            vec![["db_datareader", "audit_admin"]],
            vec![],
            vec!["D02 role db_datareader: audit_admin can select"],
        ),
        (
            "what was given is withheld",
            vec![
                ["db_datawriter", "audit_admin"],
                ["db_denydatawriter", "audit_admin"],
            ],
            vec![],
            vec![],
        ),
        (
            "a role of nobody's",
            vec![["db_owner", "chief"]],
            vec![],
            vec![],
        ),
        (
            "a table of one's own",
            vec![],
            vec![["dbo", "Invoices", "app_rw"]],
            vec!["D02 dbo.Invoices: app_rw can alter"],
        ),
    ] {
        let members: Vec<&[&str]> = members.iter().map(|row| &row[..]).collect();
        let owned: Vec<&[&str]> = owned.iter().map(|row| &row[..]).collect();
        assert_eq!(found(&members, &owned, &[]), expected, "{says}");
    }
}
