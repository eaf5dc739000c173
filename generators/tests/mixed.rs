//! Random sequences in which requests and T-SQL of the tenants' principals are mixed.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::collections::{BTreeMap, BTreeSet};

use contract::read;
use domain::api::case::{Act, Case, Stance};
use domain::api::service::{ApiActor, Authentication, Service};
use domain::example;
use domain::seed::Seed;
use domain::surface::Cell;
use domain::system::Design;
use generators::Terrain;
use generators::api::{Statements, Workbook, sequence};

const SEED: Seed = Seed(7);
const CASES: u64 = 200;

/// Random cases of a shop over tenants' databases, without T-SQL and with it.
fn cases() -> Vec<(Case, Case)> {
    let document = include_bytes!("shop.yaml");
    let contract = read(document, None).expect("the document is usable");
    let (system, world) = (example::system(2), example::world(2, SEED));
    let surface = example::surface(&world);
    let clerk = ApiActor {
        authentication: Authentication::None,
        department: None,
        may: None,
        tenants: Vec::new(),
    };
    let service = Service {
        actors: BTreeMap::from([("clerk".to_owned(), clerk)]),
        ..Service::default()
    };
    let book = Workbook::new(&contract, &service, &world, SEED);
    let statements = Statements::of(&Terrain::new(&system, &world, &surface));
    let design = Some(Design::DatabasePerTenant);
    let case = |statements: &Statements, index| sequence(&book, design, statements, 2, SEED, index);
    (0..CASES)
        .map(|index| {
            (
                case(&Statements::default(), index),
                case(&statements, index),
            )
        })
        .collect()
}

#[test]
fn requests_are_the_same_with_and_without_t_sql() {
    let mut mixed = 0;
    for (alone, together) in cases() {
        assert!(together.steps.starts_with(&alone.steps), "{}", alone.title);
        mixed += usize::from(together.steps.len() > alone.steps.len());
    }
    assert!((50..120).contains(&mixed), "{mixed} of {CASES} are mixed");
}

#[test]
fn t_sql_of_one_tenant_follows_work_of_another() {
    let world = example::world(2, SEED);
    let mut said = BTreeSet::new();
    for (alone, together) in cases() {
        let new = alone.steps.len()..together.steps.len();
        for step in new {
            let tried = &together.steps[step];
            let Act::Batch { actor, batch, .. } = &tried.act else {
                continue;
            };
            let (tenant, principal) = actor.principal().expect("nobody else speaks");
            let Some(attack) = tried.attack() else {
                assert_eq!(tried.stance, Stance::Wander);
                continue;
            };
            said.insert((principal.to_owned(), attack.position.clone()));
            let victim = attack.victim.as_ref().expect("somebody worked before");
            let victim = victim.tenant.expect("he has a tenant");
            assert_ne!(tenant, victim);
            let worked = together.steps[..step].iter().rfind(|earlier| {
                let arms = earlier.stance == Stance::Witness { attack: step };
                arms && earlier.caller().and_then(|caller| caller.tenant) == Some(victim)
            });
            assert!(worked.is_some(), "nobody arms {batch:?}");
            let mark = &world.tenant(victim).mark.text;
            assert!(!batch.contains(mark.as_str()), "{batch:?} names {mark}");
        }
    }
    for (principal, position) in [
        ("app_rw", "T-SQL on every table"),
        ("readonly_investigator", "T-SQL on every table"),
        ("app_rw", "T-SQL insert dbo.AuditEvents"),
        ("audit_admin", "T-SQL delete dbo.AuditEvents"),
    ] {
        let wanted = (principal.to_owned(), position.to_owned());
        assert!(said.contains(&wanted), "{wanted:?} is not among {said:?}");
    }
}

#[test]
fn whoever_may_write_his_tenants_name_takes_another_for_as_long_as_he_asks() {
    let document = include_bytes!("shop.yaml");
    let contract = read(document, None).expect("the document is usable");
    let (system, world) = (example::system(2), example::world(2, SEED));
    let clerk = ApiActor {
        authentication: Authentication::None,
        department: None,
        may: None,
        tenants: Vec::new(),
    };
    let service = Service {
        actors: BTreeMap::from([("clerk".to_owned(), clerk)]),
        ..Service::default()
    };
    let book = Workbook::new(&contract, &service, &world, SEED);
    let design = Some(Design::DatabasePerTenant);
    // A name in a table that the application may change, and one in a table that it may only add to.
    let named = |tables: &[&str]| {
        let mut surface = example::surface(&world);
        for (database, tenant) in surface.databases.iter_mut().zip(&world.tenants) {
            for table in tables {
                let table = database.tables.get_mut(*table).expect("there is one");
                let is_text = |cell: &&mut Cell| matches!(cell, Cell::Text(_));
                let cell = table.rows[0].iter_mut().find(is_text);
                *cell.expect("it has a text") =
                    Cell::Text(format!("clerk@{}.example", tenant.name));
            }
        }
        let statements = Statements::of(&Terrain::new(&system, &world, &surface));
        let sweep = generators::api::sweep(&book, design, &statements, 2);
        let taken = sweep.cases.into_iter();
        taken
            .filter(|case| case.title.ends_with("under another tenant's name"))
            .collect::<Vec<Case>>()
    };
    assert_eq!(named(&[]), []);
    assert_eq!(named(&["dbo.AuditEvents"]), []);
    let cases = named(&["dbo.Customers", "dbo.AuditEvents"]);
    assert_eq!(cases.len(), book.lists().len());
    for case in cases {
        let at = |is_one: fn(&Stance) -> bool| {
            let found = case.steps.iter().position(|step| is_one(&step.stance));
            found.expect("there is such a step")
        };
        let attack = at(|stance| matches!(stance, Stance::Attack(_)));
        let own = case.steps[attack].caller().expect("it is a request");
        let own = own.tenant.expect("he has a tenant");
        let names = |tenant: usize| world.tenants[tenant].name.as_str();
        let (own, other) = (names(own.0), names(1 - own.0));
        let said = |step: usize| match &case.steps[step].act {
            Act::Batch { batch, .. } => batch.as_str(),
            Act::Call { .. } => "",
        };
        let rename = |from: &str, to: &str| {
            format!(
                "UPDATE [dbo].[Customers] SET [Code] = REPLACE([Code], N'{from}', N'{to}') \
                 WHERE CHARINDEX(N'{from}', [Code]) > 0;"
            )
        };
        assert_eq!(said(attack - 1), rename(own, other), "{}", case.title);
        assert_eq!(said(attack + 1), rename(other, own), "{}", case.title);
        // The victim asks right before the name is taken, and again when it is given back.
        let asked = |step: usize| case.steps[step].caller().and_then(|caller| caller.tenant);
        let armed = at(|stance| matches!(stance, Stance::Arm { .. }));
        assert_eq!((armed, asked(armed)), (attack + 2, asked(attack - 2)));
        assert_ne!(asked(armed), asked(attack));
    }
}
