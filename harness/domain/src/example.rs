//! A small system with a database per tenant, for documentation and for the tests of the crates
//! above: four tables, a view, two procedures, three principals with separate duties.

pub mod common;

use std::collections::BTreeMap;

use crate::control::ControlId;
use crate::feature::Feature;
use crate::intent::{Action, AuditTable, Intent, Rule};
use crate::seed::Seed;
use crate::surface::{
    Cell, Column, Database, DatabasePrincipal, ForeignKey, Module, Surface, Table, Temporal,
};
use crate::system::{DatabaseTemplate, Databases, Design, Principal, Secret, System, Thresholds};
use crate::world::{Mark, Tenant, TenantIndex, World};

/// The system as its owner would declare it.
pub fn system(tenants: usize) -> System {
    let template = |name: &str| DatabaseTemplate {
        name: name.into(),
        scripts: Vec::new(),
        tenant_scripts: Vec::new(),
    };
    let principal = |name: &str| {
        let login = format!("{{marker}}_{{tenant}}_{name}");
        (
            name.to_owned(),
            Principal {
                login,
                password: Secret::Generated,
            },
        )
    };
    let rule = |principals: &[&str], actions: &[Action], on: &[&str], except: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Rule {
            principals: owned(principals),
            actions: actions.to_vec(),
            on: owned(on),
            except: owned(except),
        }
    };
    let audit = "dbo.AuditEvents";
    let business: &[&str] = &[
        "dbo.Customers",
        "dbo.Invoices",
        "dbo.InvoiceLines",
        "dbo.InvoiceTotals",
    ];
    System {
        name: "example".into(),
        design: Design::DatabasePerTenant,
        marker: "wt".into(),
        tenants: names(tenants),
        databases: Databases {
            shared: [("registry".to_owned(), template("{marker}_registry"))].into(),
            tenant: Some(template("{marker}_{tenant}")),
        },
        tenancy: None,
        principals: ["app_rw", "audit_admin", "readonly_investigator"]
            .map(principal)
            .into(),
        intent: Intent {
            rules: vec![
                rule(
                    &["app_rw"],
                    &[
                        Action::Select,
                        Action::Insert,
                        Action::Update,
                        Action::Delete,
                    ],
                    business,
                    &[],
                ),
                rule(
                    &["app_rw"],
                    &[Action::Select, Action::Insert],
                    &[audit],
                    &[],
                ),
                rule(&["app_rw"], &[Action::Execute], &["dbo.PostInvoice"], &[]),
                rule(
                    &["audit_admin"],
                    &[Action::Select, Action::Delete],
                    &[audit],
                    &[],
                ),
                rule(
                    &["audit_admin"],
                    &[Action::Execute],
                    &["dbo.PurgeAuditEvents"],
                    &[],
                ),
                rule(
                    &["readonly_investigator"],
                    &[Action::Select],
                    &["dbo.*"],
                    &[],
                ),
            ],
            append_only: vec![audit.into()],
            audit: Some(AuditTable {
                table: audit.into(),
                event: "EventName".into(),
                actor: "Actor".into(),
                time: "OccurredAt".into(),
                purge: None,
            }),
            ..Intent::default()
        },
        controls: ["D01", "D02", "D03", "D04", "B01", "B05"]
            .map(ControlId::new)
            .to_vec(),
        thresholds: Thresholds::default(),
        service: None,
    }
}

/// Its tenants, marked under `seed`.
pub fn world(tenants: usize, seed: Seed) -> World {
    let tenant = |(index, name): (usize, String)| Tenant {
        database: format!("wt_{name}"),
        name,
        mark: Mark::new(seed, index),
        organisation: None,
        departments: Vec::new(),
    };
    World {
        tenants: names(tenants).into_iter().enumerate().map(tenant).collect(),
        shared_databases: vec![("registry".into(), "wt_registry".into())],
    }
}

/// What there is to attack, with a few planted rows in every table.
pub fn surface(world: &World) -> Surface {
    let mut databases: Vec<Database> = world
        .indexes()
        .map(|index| tenant_database(index, world.tenant(index)))
        .collect();
    databases.push(registry(world));
    Surface {
        databases,
        features: Feature::ALL.iter().copied().collect(),
    }
}

fn names(tenants: usize) -> Vec<String> {
    let known = ["acme", "beta", "corvus", "delta"];
    (0..tenants)
        .map(|index| {
            known
                .get(index)
                .map_or(format!("tenant{index}"), |&name| name.into())
        })
        .collect()
}

fn column(name: &str, data_type: &str, length_max: i32) -> Column {
    Column {
        name: name.into(),
        data_type: data_type.into(),
        length_max,
        nullable: false,
        identity: false,
        generated: false,
        has_default: false,
    }
}

fn table(name: &str, columns: Vec<Column>, key: &[&str], rows: Vec<Vec<Cell>>) -> (String, Table) {
    let table = Table {
        schema: "dbo".into(),
        name: name.into(),
        columns,
        primary_key: key.iter().map(|&name| name.into()).collect(),
        unique: Vec::new(),
        foreign_keys: Vec::new(),
        triggers: Vec::new(),
        temporal: Temporal::No,
        rows,
    };
    (table.object(), table)
}

fn tenant_database(index: TenantIndex, tenant: &Tenant) -> Database {
    let mark = &tenant.mark;
    let number = |k: i64| Cell::Integer(mark.number + k);
    let text = |word: &str, k: i64| Cell::Text(format!("{word} {} {k}", mark.text));
    let money = |k: i64| Cell::Decimal(format!("{}.5000", mark.number + k));
    let date = |k: i64| Cell::Temporal(format!("{:04}-01-{:02}", mark.year, k + 1));
    let guid = |k: i64| {
        let [a, b, c, d] = mark.guid;
        Cell::Guid(format!(
            "{a:02x}{b:02x}{c:02x}{d:02x}-0000-4000-8000-{k:012x}"
        ))
    };
    let customers = (0..5).map(|k| {
        vec![
            number(k),
            text("code", k),
            text("customer", k),
            money(k),
            date(k),
            guid(k),
        ]
    });
    let invoices = (0..4).map(|k| vec![number(100 + k), number(k % 2), money(20 + k)]);
    let lines = (0..4).map(|k| vec![number(100 + k / 2), Cell::Integer(k % 2 + 1), money(40 + k)]);
    let events = (0..4).map(|k| {
        vec![
            Cell::Integer(k + 1),
            date(k),
            text("actor", k),
            Cell::Text("InvoicePosted".into()),
        ]
    });
    let foreign = |columns: &[&str], table: &str| ForeignKey {
        columns: columns.iter().map(|&name| name.into()).collect(),
        table: table.into(),
        referenced: columns.iter().map(|&name| name.into()).collect(),
    };
    let mut tables: BTreeMap<String, Table> = [
        table(
            "Customers",
            vec![
                column("CustomerId", "int", 4),
                column("Code", "nvarchar", 60),
                column("Name", "nvarchar", 200),
                column("Balance", "decimal", 9),
                column("Since", "date", 3),
                column("PublicId", "uniqueidentifier", 16),
            ],
            &["CustomerId"],
            customers.collect(),
        ),
        table(
            "Invoices",
            vec![
                column("InvoiceId", "int", 4),
                column("CustomerId", "int", 4),
                column("Amount", "decimal", 9),
            ],
            &["InvoiceId"],
            invoices.collect(),
        ),
        table(
            "InvoiceLines",
            vec![
                column("InvoiceId", "int", 4),
                column("LineNumber", "int", 4),
                column("Amount", "decimal", 9),
            ],
            &["InvoiceId", "LineNumber"],
            lines.collect(),
        ),
        table(
            "AuditEvents",
            vec![
                Column {
                    identity: true,
                    ..column("AuditEventId", "bigint", 8)
                },
                Column {
                    has_default: true,
                    ..column("OccurredAt", "datetime2", 8)
                },
                column("Actor", "nvarchar", 200),
                column("EventName", "varchar", 60),
            ],
            &["AuditEventId"],
            events.collect(),
        ),
    ]
    .into();
    for (name, key) in [
        ("dbo.Invoices", foreign(&["CustomerId"], "dbo.Customers")),
        ("dbo.InvoiceLines", foreign(&["InvoiceId"], "dbo.Invoices")),
    ] {
        tables
            .get_mut(name)
            .expect("listed above")
            .foreign_keys
            .push(key);
    }
    tables
        .get_mut("dbo.Customers")
        .expect("listed above")
        .unique
        .push(vec!["Code".into()]);
    let module = |name: &str, kind: &str, parameters: &[(&str, &str)]| {
        let parameters = parameters
            .iter()
            .map(|&(name, kind)| (name.into(), kind.into()))
            .collect();
        let module = Module {
            schema: "dbo".into(),
            name: name.into(),
            kind: kind.into(),
            parameters,
            outputs: Vec::new(),
            columns: Vec::new(),
            updatable: Vec::new(),
            past: false,
        };
        (format!("dbo.{name}"), module)
    };
    let user = |name: &str| {
        (
            name.to_owned(),
            DatabasePrincipal {
                kind: "S".into(),
                roles: Vec::new(),
            },
        )
    };
    Database {
        name: tenant.database.clone(),
        tenant: Some(index),
        tables,
        modules: [
            module("InvoiceTotals", "V", &[]),
            module("PostInvoice", "P", &[("@InvoiceId", "int")]),
            module("PurgeAuditEvents", "P", &[("@Before", "datetime2")]),
        ]
        .into(),
        principals: ["app_rw", "audit_admin", "readonly_investigator"]
            .map(user)
            .into(),
        schemas: vec!["dbo".into()],
        session_keys: Vec::new(),
    }
}

fn registry(world: &World) -> Database {
    let rows = world.tenants.iter().zip(1..).map(|(tenant, id)| {
        vec![
            Cell::Integer(id),
            Cell::Text(tenant.name.clone()),
            Cell::Text(format!("{} Ltd", tenant.mark.text)),
        ]
    });
    let tenants = table(
        "Tenants",
        vec![
            column("TenantId", "int", 4),
            column("Name", "nvarchar", 100),
            column("LegalName", "nvarchar", 200),
        ],
        &["TenantId"],
        rows.collect(),
    );
    Database {
        name: "wt_registry".into(),
        tenant: None,
        tables: [tenants].into(),
        modules: BTreeMap::new(),
        principals: BTreeMap::new(),
        schemas: vec!["dbo".into()],
        session_keys: Vec::new(),
    }
}
