//! A small system whose tenants share one database: three tables, scoped views and procedures,
//! departments, three principals with one login each.

use std::collections::BTreeMap;

use crate::control::ControlId;
use crate::feature::Feature;
use crate::intent::{Action, Intent, Rule};
use crate::seed::Seed;
use crate::surface::{
    Cell, Column, Database, DatabasePrincipal, ForeignKey, Module, Surface, Table,
};
use crate::system::{
    DatabaseTemplate, Databases, DepartmentTenancy, Design, Principal, Secret, System, Tenancy,
    Thresholds,
};
use crate::world::{Mark, Tenant, World};

/// The system as its owner would declare it.
pub fn system(tenants: usize) -> System {
    let principal = |name: &str| {
        (
            name.to_owned(),
            Principal {
                login: format!("{{marker}}_{name}"),
                password: Secret::Generated,
            },
        )
    };
    let rule = |principals: &[&str], actions: &[Action], on: &[&str]| {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Rule {
            principals: owned(principals),
            actions: actions.to_vec(),
            on: owned(on),
            except: Vec::new(),
        }
    };
    System {
        design: Design::SharedDatabase,
        tenants: super::names(tenants),
        databases: Databases {
            shared: [(
                "erp".to_owned(),
                DatabaseTemplate {
                    name: "{marker}_erp".into(),
                    scripts: Vec::new(),
                    tenant_scripts: Vec::new(),
                },
            )]
            .into(),
            tenant: None,
        },
        tenancy: Some(Tenancy {
            database: "erp".into(),
            column: "OrgId".into(),
            value: "$(MarkNumber)".into(),
            checkout: "EXEC sys.sp_set_session_context N'OrgId', $(Organisation), @read_only = 1;"
                .into(),
            department: Some(DepartmentTenancy {
                column: "SubOrgId".into(),
                checkout: "EXEC sys.sp_set_session_context N'SubOrgId', $(Department);".into(),
            }),
            denials: vec![550, 50403, 50404],
            tables: Vec::new(),
            arguments: BTreeMap::new(),
        }),
        principals: ["service", "operations", "investigation"]
            .map(principal)
            .into(),
        intent: Intent {
            rules: vec![
                rule(
                    &["service", "investigation"],
                    &[Action::Select],
                    &["org.Customers", "org.StockLedger"],
                ),
                rule(
                    &["service"],
                    &[Action::Update, Action::Delete],
                    &["org.Customers"],
                ),
                rule(
                    &["service"],
                    &[Action::Execute],
                    &["org.GetCustomer", "org.CreateCustomer", "org.CustomerAsOf"],
                ),
                rule(
                    &["investigation"],
                    &[Action::Execute],
                    &["org.GetCustomer", "org.CustomerAsOf"],
                ),
            ],
            append_only: vec!["dbo.StockLedger".into(), "org.StockLedger".into()],
            audit: None,
            ..Intent::default()
        },
        controls: [
            "S01", "S02", "S03", "S06", "S07", "S08", "B01", "B03", "B05",
        ]
        .map(ControlId::new)
        .to_vec(),
        thresholds: Thresholds::default(),
        service: None,
        ..super::system(tenants)
    }
}

/// Its tenants, marked under `seed`.
pub fn world(tenants: usize, seed: Seed) -> World {
    let tenant = |(index, name): (usize, String)| {
        let mark = Mark::new(seed, index);
        Tenant {
            database: "wt_erp".into(),
            name,
            organisation: Some(mark.number.to_string()),
            departments: [11, 12].map(|k| (mark.number + k).to_string()).to_vec(),
            mark,
        }
    };
    World {
        tenants: super::names(tenants)
            .into_iter()
            .enumerate()
            .map(tenant)
            .collect(),
        shared_databases: vec![("erp".into(), "wt_erp".into())],
    }
}

/// What there is to attack, with a few rows of every tenant in every table.
pub fn surface(world: &World) -> Surface {
    let columns = |names: &[(&str, &str)]| -> Vec<Column> {
        names
            .iter()
            .map(|&(name, kind)| super::column(name, kind, 4))
            .collect()
    };
    let rows = |of: fn(&Mark, i64) -> Vec<Cell>, count: i64| -> Vec<Vec<Cell>> {
        let tenants = world.tenants.iter();
        tenants
            .flat_map(|tenant| (1..=count).map(move |k| of(&tenant.mark, k)))
            .collect()
    };
    let number = |mark: &Mark, k: i64| Cell::Integer(mark.number + k);
    let customer: fn(&Mark, i64) -> Vec<Cell> = |mark, k| {
        vec![
            Cell::Integer(mark.number),
            Cell::Integer(mark.number + k),
            Cell::Integer(mark.number + 11 + k % 2),
            Cell::Text(format!("customer {} {k}", mark.text)),
        ]
    };
    let movement: fn(&Mark, i64) -> Vec<Cell> = |mark, k| {
        vec![
            Cell::Integer(mark.number),
            Cell::Integer(mark.number + k),
            Cell::Integer(mark.number + 11 + k % 2),
            Cell::Integer(mark.number + k),
            Cell::Integer(mark.number + 900 + k),
        ]
    };
    let organisations = world.tenants.iter().map(|tenant| {
        let name = Cell::Text(format!("{} Ltd", tenant.mark.text));
        vec![number(&tenant.mark, 0), name]
    });
    let customers = columns(&[
        ("OrgId", "int"),
        ("CustomerId", "int"),
        ("SubOrgId", "int"),
        ("Name", "nvarchar"),
    ]);
    let ledger = columns(&[
        ("OrgId", "int"),
        ("LedgerId", "int"),
        ("SubOrgId", "int"),
        ("CustomerId", "int"),
        ("Quantity", "int"),
    ]);
    let mut tables: BTreeMap<String, Table> = [
        super::table(
            "Organisations",
            columns(&[("OrgId", "int"), ("Name", "nvarchar")]),
            &["OrgId"],
            organisations.collect(),
        ),
        super::table(
            "Customers",
            customers.clone(),
            &["OrgId", "CustomerId"],
            rows(customer, 6),
        ),
        super::table(
            "StockLedger",
            ledger.clone(),
            &["OrgId", "LedgerId"],
            rows(movement, 4),
        ),
    ]
    .into();
    let ledger_table = tables.get_mut("dbo.StockLedger").expect("listed above");
    ledger_table.triggers.push("StockLedgerNoUpdate".into());
    ledger_table.foreign_keys.push(ForeignKey {
        columns: vec!["OrgId".into(), "CustomerId".into()],
        table: "dbo.Customers".into(),
        referenced: vec!["OrgId".into(), "CustomerId".into()],
    });
    let module = |name: &str, kind: &str, parameters: &[(&str, &str)], columns: &[Column]| {
        let module = Module {
            schema: "org".into(),
            name: name.into(),
            kind: kind.into(),
            parameters: parameters
                .iter()
                .map(|&(name, kind)| (name.into(), kind.into()))
                .collect(),
            outputs: Vec::new(),
            columns: columns.to_vec(),
            updatable: Vec::new(),
            past: name.ends_with("AsOf"),
        };
        (module.object(), module)
    };
    let key = [
        ("@OrgId", "int"),
        ("@CustomerId", "int"),
        ("@SubOrgId", "int"),
    ];
    let modules = [
        module("Customers", "V", &[], &customers),
        module("StockLedger", "V", &[], &ledger),
        module("GetCustomer", "P", &key, &[]),
        module(
            "CreateCustomer",
            "P",
            &[
                ("@OrgId", "int"),
                ("@SubOrgId", "int"),
                ("@Name", "nvarchar"),
            ],
            &[],
        ),
        module(
            "CustomerAsOf",
            "P",
            &[
                ("@OrgId", "int"),
                ("@CustomerId", "int"),
                ("@AsOf", "datetime2"),
            ],
            &[],
        ),
    ];
    let user = |name: &str| {
        let kind = "S".into();
        let roles = Vec::new();
        (name.to_owned(), DatabasePrincipal { kind, roles })
    };
    let database = Database {
        name: "wt_erp".into(),
        tenant: None,
        tables,
        modules: modules.into(),
        principals: ["service", "operations", "investigation"].map(user).into(),
        schemas: vec!["dbo".into(), "org".into()],
        session_keys: Vec::new(),
    };
    Surface {
        databases: vec![database],
        features: Feature::ALL.iter().copied().collect(),
    }
}
