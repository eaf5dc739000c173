//! Was it right on the API plane? Oracles over what a service answered, what changed underneath
//! and what left it by other ways: one property per file, pure.
//!
//! They know the contract, the declared service and the marks, never the service's inside. Begin
//! with [`ApiJudge`]; [`attempts`] says what every attack came to and whether it counts. A success
//! is no proof and a refusal no acquittal: a violation needs something of the victim's that was
//! seen or changed, or a plain contradiction to what must come of an attack.

mod answers;
pub mod attempts;
mod audit_trail;
mod callbacks;
mod chain;
mod changes_view;
mod confinement;
mod conformance;
mod console;
mod containment;
mod departments;
mod echo;
mod encryption;
mod erasure;
mod evidence;
mod exports;
mod idempotency;
mod independence;
mod indistinguishability;
mod judge;
mod leaves;
mod lifecycles;
mod mixtures;
mod noise;
mod offboarding;
mod operations;
mod permissions;
mod positions;
mod races;
mod reasons;
mod refusals;
mod robustness;
mod rows;
mod rules;
#[cfg(test)]
mod sample;
mod secrecy;
mod seen;
mod signatures;
mod state;
mod timing;
mod unpacked;
mod versions;
mod webhooks;
mod witness;

pub use attempts::{ApiAttempt, ApiCell};
pub use judge::{ApiJudge, ApiOracle, Planted};
pub use permissions::Use;
pub use timing::Timings;

/// Every oracle, the one with the most telling evidence first.
pub const API_ORACLES: &[ApiOracle] = &[
    ApiOracle {
        name: "api_containment",
        controls: &["D01", "S01", "S02", "B01", "B05"],
        judge: containment::judge,
    },
    ApiOracle {
        name: "api_confinement",
        controls: &["D01", "D04", "S01", "S02", "S03"],
        judge: confinement::judge,
    },
    ApiOracle {
        name: "api_mixtures",
        controls: &["B04", "D13"],
        judge: mixtures::judge,
    },
    ApiOracle {
        name: "api_witness",
        controls: &["D01", "D09", "D10", "S01", "S02", "S03", "B01"],
        judge: witness::judge,
    },
    ApiOracle {
        name: "api_refusals",
        controls: &["D07", "D09", "D10", "S04", "S10", "S11"],
        judge: refusals::judge,
    },
    ApiOracle {
        name: "api_permissions",
        controls: &["D18"],
        judge: permissions::judge,
    },
    ApiOracle {
        name: "api_audit_trail",
        controls: &["D04", "S09"],
        judge: audit_trail::judge,
    },
    ApiOracle {
        name: "api_races",
        controls: &["D10", "S10", "S11"],
        judge: races::judge,
    },
    ApiOracle {
        name: "api_idempotency",
        controls: &["S10"],
        judge: idempotency::judge,
    },
    ApiOracle {
        name: "api_versions",
        controls: &["D10"],
        judge: versions::judge,
    },
    ApiOracle {
        name: "api_reasons",
        controls: &["D07"],
        judge: reasons::judge,
    },
    ApiOracle {
        name: "api_lifecycles",
        controls: &["D09", "D10"],
        judge: lifecycles::judge,
    },
    ApiOracle {
        name: "api_webhooks",
        controls: &["D11"],
        judge: webhooks::judge,
    },
    ApiOracle {
        name: "api_secrecy",
        controls: &["D12"],
        judge: secrecy::judge,
    },
    ApiOracle {
        name: "api_console",
        controls: &["D08"],
        judge: console::judge,
    },
    ApiOracle {
        name: "api_changes_view",
        controls: &["D06"],
        judge: changes_view::judge,
    },
    ApiOracle {
        name: "api_exports",
        controls: &["S14"],
        judge: exports::judge,
    },
    ApiOracle {
        name: "api_erasure",
        controls: &["S15"],
        judge: erasure::judge,
    },
    ApiOracle {
        name: "api_callbacks",
        controls: &["S11"],
        judge: callbacks::judge,
    },
    ApiOracle {
        name: "api_chain",
        controls: &["S09"],
        judge: chain::judge,
    },
    ApiOracle {
        name: "api_encryption",
        controls: &["S12"],
        judge: encryption::judge,
    },
    ApiOracle {
        name: "api_independence",
        controls: &["B02", "D16"],
        judge: independence::judge,
    },
    ApiOracle {
        name: "api_offboarding",
        controls: &["D14"],
        judge: offboarding::judge,
    },
    ApiOracle {
        name: "api_indistinguishability",
        controls: &["B03", "S02", "S04", "S06"],
        judge: indistinguishability::judge,
    },
    ApiOracle {
        name: "api_conformance",
        controls: &["D10"],
        judge: conformance::judge,
    },
    ApiOracle {
        name: "api_robustness",
        controls: &["B05", "B06"],
        judge: robustness::judge,
    },
];

#[cfg(test)]
mod tests {
    use domain::api::case::{Manner, Must, Stance};
    use domain::api::service::{
        AuditPromise, CallbackPromise, ChainColumns, ChainPromise, ChangesPromise, ConsolePromise,
        EncryptedPromise, ErasurePromise, ExportPromise, HealthPromise, IdempotencyPromise,
        LifecyclePromise, Promises, ReasonPromise, Transition, VersionPromise, WebhookPromise,
    };
    use domain::history::{Change, Changed};
    use domain::surface::Cell;
    use proptest::prelude::*;

    use super::sample::{self, Asked, Sample};
    use super::{API_ORACLES, Timings};

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
}
