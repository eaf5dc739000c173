//! Does any history make an oracle crash? One that crashes knows nothing of its promises.

use domain::api::case::{Manner, Must, Stance};
use domain::api::service::{
    AuditPromise, CallbackPromise, ChainColumns, ChainPromise, ChangesPromise, ConsolePromise,
    EncryptedPromise, ErasurePromise, ExportPromise, HealthPromise, IdempotencyPromise,
    LifecyclePromise, Promises, ReasonPromise, Transition, VersionPromise, WebhookPromise,
};
use domain::history::{Change, Changed};
use domain::surface::Cell;
use proptest::prelude::*;

use crate::api::sample::{self, Asked, Sample};
use crate::api::{API_ORACLES, Timings};

/// A service that promises everything of its few operations.
fn promises() -> Promises {
    let (make, read) = ("POST /items".to_owned(), "GET /items/{id}".to_owned());
    let (edit, end) = (
        "PATCH /items/{id}".to_owned(),
        "DELETE /items/{id}".to_owned(),
    );
    let close = "POST /items/{id}/close".to_owned();
    let audit = "dbo.AuditEvents".to_owned();
    Promises {
        reasons: vec![ReasonPromise {
            operation: close.clone(),
            field: "/reason".into(),
            length_min: 20,
            stored_at: None,
        }],
        versions: Some(VersionPromise {
            operations: vec![edit.clone()],
            read: "header ETag".into(),
            send: "/version".into(),
        }),
        lifecycles: vec![LifecyclePromise {
            read: read.clone(),
            state: "/name".into(),
            transitions: vec![Transition {
                operation: close.clone(),
                from: vec!["open".into()],
                to: "closed".into(),
            }],
            frozen: vec!["closed".into()],
            edits: vec![edit.clone()],
        }],
        idempotency: vec![IdempotencyPromise {
            operation: make.clone(),
            header: "Key".into(),
            required: true,
        }],
        audit: Some(AuditPromise {
            operations: vec![],
            except: vec![],
            table: audit.clone(),
            actor: "Actor".into(),
            users: [("clerk".to_owned(), "clerk@$(Tenant)".to_owned())].into(),
            entity: Some("AuditEventId".into()),
        }),
        webhooks: Some(WebhookPromise {
            register: make.clone(),
            url: "/url".into(),
            secret: "/name".into(),
            secret_sent: false,
            signature: "X".into(),
            signed: vec![],
            prefix: String::new(),
            log: None,
            trigger: close.clone(),
        }),
        console: Some(ConsolePromise {
            operation: close.clone(),
            query: "/name".into(),
            table: audit.clone(),
            works: "SELECT 1".into(),
            principal: "reader".into(),
        }),
        changes: vec![ChangesPromise {
            operation: "GET /items/{id}/changes".into(),
            entries: "/items".into(),
            time: "/at".into(),
        }],
        exports: vec![ExportPromise {
            start: make.clone(),
            download: read,
            tables: vec!["dbo.Invoices".into(), "dbo.Nothing".into()],
        }],
        erasure: vec![ErasurePromise {
            create: make.clone(),
            personal: vec!["/name".into()],
            change: Some(edit.clone()),
            erase: end,
        }],
        callbacks: Some(CallbackPromise {
            register: make.clone(),
            secret: "/name".into(),
            complete: close,
            presented: "/name".into(),
        }),
        chain: Some(ChainPromise {
            table: audit,
            operations: vec![],
            verify: None,
            columns: ChainColumns {
                number: "AuditEventId".into(),
                signature: "Actor".into(),
                previous: "EventName".into(),
            },
        }),
        encrypted: vec![EncryptedPromise {
            operation: edit,
            field: "/name".into(),
            rotate: None,
        }],
        health: Some(HealthPromise {
            operation: "GET /items".into(),
            numbers: vec!["/id".into()],
        }),
        provisioning: None,
    }
}

/// One step, its answer, and rows that change with it.
#[derive(Debug, Clone)]
struct Drawn {
    tenant: usize,
    actor: &'static str,
    what: usize,
    status: u16,
    body: String,
    stance: Stance,
    manner: Manner,
    row: Option<(usize, Vec<Cell>)>,
}

fn stance(steps: usize) -> impl Strategy<Value = Stance> {
    let must = prop_oneof![
        Just(Must::BeRefused),
        Just(Must::ShowNothing),
        Just(Must::Rule),
        Just(Must::BeRefusedNaming {
            field: "name".into()
        }),
        (0..steps).prop_map(|step| Must::Repeat { step }),
        (0..4usize).prop_map(|count| Must::OneOf { count }),
    ];
    let families = prop::sample::select(vec![
        "foreign-identifier",
        "key-of-another",
        "racing-key",
        "noninterference",
        "console-principal",
        "webhook-delivery",
        "stale-version",
    ]);
    let victims = prop::option::of(0..2usize);
    let attack = (must, families, victims).prop_map(|(must, family, victim)| {
        let mut attack = sample::attack(&["S01", "S04", "B04"], must, victim);
        attack.family = family.into();
        Stance::Attack(attack)
    });
    prop_oneof![
        2 => Just(Stance::Prepare),
        1 => Just(Stance::Wander),
        3 => attack,
        1 => (0..steps).prop_map(|attack| Stance::Arm { attack }),
        1 => (0..steps).prop_map(|attack| Stance::Witness { attack }),
        1 => (0..steps).prop_map(|attack| Stance::Counterpart { attack }),
    ]
}

fn body() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("null".to_owned()),
        "[ -~\\p{L}]{0,40}",
        ("[a-z \u{200b}é]{0,30}", any::<i64>()).prop_map(|(name, id)| {
            serde_json::json!({
                "name": name,
                "id": id,
                "items": [{"at": name, "id": id}, 7, null],
            })
            .to_string()
        }),
    ]
}

fn drawn(steps: usize) -> impl Strategy<Value = Drawn> {
    let manner = prop::sample::select(vec![
        Manner::Alone,
        Manner::Alone,
        Manner::WithNext,
        Manner::Abandoned,
    ]);
    let cell = prop_oneof![
        Just(Cell::Null),
        any::<i64>().prop_map(Cell::Integer),
        "[ -~é]{0,12}".prop_map(Cell::Text),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(Cell::Binary),
    ];
    let row = prop::option::of((0..3usize, prop::collection::vec(cell, 0..6)));
    let status = prop::sample::select(vec![0, 200, 201, 204, 302, 400, 404, 409, 429, 500]);
    let actor = prop::sample::select(vec!["clerk", "accountant", "nobody"]);
    (
        (0..2usize, actor, 0..8usize, status),
        (body(), stance(steps), manner, row),
    )
        .prop_map(
            |((tenant, actor, what, status), (body, stance, manner, row))| Drawn {
                tenant,
                actor,
                what,
                status,
                body,
                stance,
                manner,
                row,
            },
        )
}

fn asked(drawn: &Drawn) -> Asked {
    let (tenant, actor, body) = (drawn.tenant, drawn.actor, drawn.body.as_str());
    let asked = match drawn.what {
        0 => sample::get(tenant, actor, "/items?q=x%20y&z"),
        1 => sample::post(tenant, actor, "/items", body).header("Key", "k"),
        2 => sample::get(tenant, actor, "/items/7"),
        3 => sample::patch(tenant, actor, "/items/7", body),
        4 => sample::delete(tenant, actor, "/items/%e9%"),
        5 => sample::post(tenant, actor, "/items/7/close", body),
        6 => sample::get(tenant, actor, "/items/7/changes"),
        _ => sample::get(tenant, actor, "/").anonymous(),
    };
    asked.stance(drawn.stance.clone())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// What no service answers and no case asks for is judged all the same.
    #[test]
    fn no_history_makes_an_oracle_crash(
        steps in prop::collection::vec(drawn(8), 0..8),
        ends_early in any::<bool>(),
    ) {
        let mut sample = Sample::new();
        sample.service().promises = promises();
        let mut judge = sample.judge();
        let mut history = sample::history();
        for (number, drawn) in steps.iter().enumerate() {
            sample::take(&mut history, asked(drawn), drawn.status, &drawn.body);
            history.case.steps[number].manner = drawn.manner;
            if let Some((table, row)) = &drawn.row {
                let table = ["dbo.AuditEvents", "dbo.Invoices", "dbo.Unknown"][*table];
                let database = if number % 2 == 0 { "wt_acme" } else { "wt_beta" };
                history.changes.push(Change {
                    step: (number % 3 != 0).then_some(number),
                    database: database.into(),
                    what: Changed::Rows {
                        table: table.into(),
                        added: vec![row.clone()],
                        removed: vec![row.clone(); number % 2],
                    },
                });
            }
        }
        if ends_early {
            history.steps.truncate(steps.len() / 2);
        }
        for _ in 0..2 {
            let mut findings = Vec::new();
            for oracle in API_ORACLES {
                findings.extend((oracle.judge)(&judge, &history));
            }
            for finding in &findings {
                prop_assert!(finding.step < history.case.steps.len());
                prop_assert!(!finding.controls.is_empty(), "{}", finding.sentence);
            }
            let attempts = judge.attempts(&history, &findings);
            let attacks = history.case.steps.iter().filter(|step| step.attack().is_some());
            prop_assert_eq!(attempts.len(), attacks.count());
            Timings::default().add(&history);
            judge.learn(std::slice::from_ref(&history));
        }
    }
}
