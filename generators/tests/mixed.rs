//! Random sequences in which requests and T-SQL of the tenants' principals are mixed.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

use std::collections::{BTreeMap, BTreeSet};

use contract::read;
use domain::api::case::{Act, Case, Stance};
use domain::api::service::{ApiActor, Authentication, Service};
use domain::example;
use domain::seed::Seed;
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
