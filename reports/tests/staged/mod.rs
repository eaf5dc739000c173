//! A record for tests, made of what campaigns told; and one in which every text is hostile.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;

use domain::api;
use domain::api::case::{Act, Manner, Stance};
use domain::api::request::{Body, Caller, Request};
use domain::canary::{CanaryKind, Encoding, Sighting};
use domain::case::{Actor, CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory, Cause, Shrunk, Standing, Waiver};
use domain::control::{CONTROLS, ControlId};
use domain::event::{CellResult, CellVerdict, Coordinates, OperationCoverage, Summary};
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::history::{Change, Changed, History};
use domain::surface::Cell;
use domain::system::Design;
use domain::verdict::{ControlResult, Tally, Verdict};
use domain::world::TenantIndex;
use record::Record;
use record::model::{
    CampaignPlan, Causes, Cleanup, ControlPlan, Counts, Coverage, Environment, Extent, Identities,
    Inventory, Leaves, Limitation, Operator, Plan, Rule, Run, RunVerdict, State, SystemCauses,
    SystemCoverage, SystemInventory, SystemPlan, SystemRun, TestControls, Tool, Traces, Waivers,
};

/// What the record does not take from summaries, as a run would have it.
pub(crate) fn record(summaries: &[Summary]) -> Record {
    let counts = Counts::of(summaries);
    let verdict = if counts.causes > 0 {
        RunVerdict::Violated
    } else if counts.inconclusive > 0 {
        RunVerdict::Inconclusive
    } else {
        RunVerdict::Held
    };
    let keys: Vec<String> = (0..summaries.len())
        .map(|index| ["database-per-tenant", "shared-database"][index % 2].to_owned())
        .collect();
    let design = |key: &str| {
        if key == "shared-database" {
            Design::SharedDatabase
        } else {
            Design::DatabasePerTenant
        }
    };
    let each = || keys.iter().zip(summaries);
    let waivers: Vec<Waiver> = summaries
        .iter()
        .flat_map(|summary| &summary.causes)
        .filter_map(|cause| match &cause.standing {
            Standing::Waived(waiver) => Some(waiver.clone()),
            _ => None,
        })
        .collect();
    let tallies: Vec<(String, Tally)> = each()
        .map(|(key, summary)| {
            let mut tally = Tally::default();
            for cell in &summary.cells {
                tally.attempts += cell.attempts;
                tally.armed += cell.armed;
            }
            for control in &summary.controls {
                tally.denied = tally.denied.max(control.tally.denied);
                tally.crossed = tally.crossed.max(control.tally.crossed);
            }
            (key.clone(), tally)
        })
        .collect();
    Record {
        run: Run {
            schema: Run::SCHEMA.to_owned(),
            run_id: "019aa0d1-7c00-7a3e-9b1f-4d2c5e6f7081".to_owned(),
            state: State::Finished,
            verdict,
            exit_code: Some(match verdict {
                RunVerdict::Held => 0,
                RunVerdict::Violated => 1,
                RunVerdict::Inconclusive => 2,
            }),
            gate: vec![Rule {
                rule: "no promise under test is violated by a cause that counts".to_owned(),
                met: verdict == RunVerdict::Held,
                why: Vec::new(),
            }],
            started: "2026-11-28T01:07:36.000Z".to_owned(),
            ended: Some("2026-11-28T01:09:24.488Z".to_owned()),
            // One of the values that a float prints with more than three decimals.
            duration_ms: Some(1118),
            resumptions: 0,
            redacted: BTreeMap::new(),
            clock: "the machine's own".to_owned(),
            tool: Tool {
                name: "watertight".to_owned(),
                version: "0.1.0".to_owned(),
                commit: None,
                binary_sha256: None,
            },
            operator: Operator {
                provider: "local".to_owned(),
                ..Operator::default()
            },
            seed: 1,
            plan_sha256: "0f".repeat(32),
            leaves: Some(Leaves {
                size: 1495,
                root: "a5".repeat(32),
                files: vec![("cases-database-per-tenant.jsonl".to_owned(), 1494)],
            }),
            counts,
            systems: each()
                .map(|(key, summary)| SystemRun::new(key, design(key), summary))
                .collect(),
            limitations: Limitation::all(),
        },
        plan: Plan {
            schema: Plan::SCHEMA.to_owned(),
            tool_version: "0.1.0".to_owned(),
            seed: 1,
            extent: Extent::Cases(5),
            gate: vec!["no promise under test is violated by a cause that counts".to_owned()],
            trace_sample: 50,
            waivers: waivers.clone(),
            systems: each()
                .map(|(key, summary)| SystemPlan {
                    key: key.clone(),
                    name: summary.system.clone(),
                    design: design(key),
                    campaigns: vec![CampaignPlan::new(key, domain::control::Plane::Sql)],
                    tenants: vec!["acme".to_owned(), summary.target.clone()],
                    controls: summary
                        .controls
                        .iter()
                        .map(|result| {
                            let known = CONTROLS.iter().find(|one| one.id == result.control.0);
                            ControlPlan {
                                control: result.control.clone(),
                                promise: known.map_or_else(
                                    || summary.target.clone(),
                                    |one| one.promise.to_owned(),
                                ),
                                attack: known.map_or_else(String::new, |one| one.attack.to_owned()),
                            }
                        })
                        .collect(),
                    thresholds: domain::example::system(2).thresholds,
                    intent: domain::example::system(2).intent,
                    planted: Vec::new(),
                    configuration_sha256: "c0".repeat(32),
                })
                .collect(),
        },
        inventory: Inventory {
            schema: Inventory::SCHEMA.to_owned(),
            systems: each()
                .map(|(key, summary)| {
                    SystemInventory::new(key, &domain::surface::Surface::default(), summary)
                })
                .collect(),
        },
        identities: Identities {
            schema: Identities::SCHEMA.to_owned(),
            canaries: Identities::CANARIES.to_owned(),
            systems: Vec::new(),
        },
        controls: TestControls::new(&tallies, serde_json::Value::Null),
        coverage: Coverage {
            schema: Coverage::SCHEMA.to_owned(),
            systems: each()
                .map(|(key, summary)| SystemCoverage::new(key, summary, Traces::default()))
                .collect(),
        },
        causes: Causes {
            schema: Causes::SCHEMA.to_owned(),
            systems: each()
                .map(|(key, summary)| SystemCauses::new(key, false, summary))
                .collect(),
        },
        statistics: serde_json::Value::Null,
        environment: each()
            .map(|(key, summary)| {
                let environment = Environment {
                    schema: Environment::SCHEMA.to_owned(),
                    target: summary.target.clone(),
                    server_version: Some(format!(
                        "Microsoft SQL Server stand-in {}",
                        summary.target
                    )),
                    equivalence: Some(summary.target.clone()),
                    features: Vec::new(),
                    databases: Vec::new(),
                    contract: None,
                };
                (key.clone(), environment)
            })
            .collect::<BTreeMap<_, _>>(),
        cleanup: Cleanup {
            schema: Cleanup::SCHEMA.to_owned(),
            systems: Vec::new(),
        },
        waivers: Waivers::new(&waivers, summaries),
        cases: BTreeMap::new(),
    }
}

/// What campaigns tell of two systems when every text is `text`: one cell and one control of each outcome, and a
/// cause of each standing.
pub(crate) fn summaries(text: &str) -> Vec<Summary> {
    vec![
        summary(text, "D01", "D02", "D03"),
        summary(text, "S01", "S02", "S03"),
    ]
}

/// The same with a cause of the API plane.
pub(crate) fn summaries_of_both_planes(text: &str) -> Vec<Summary> {
    let mut summaries = summaries(text);
    summaries[0]
        .causes
        .push(api_cause("attempts-4", "D01", text));
    summaries
}

fn summary(text: &str, violated: &str, waived: &str, known: &str) -> Summary {
    let tally = Tally {
        attempts: 9,
        armed: 9,
        denied: 8,
        crossed: 1,
        cells_planned: 3,
        cells_covered: 2,
        ..Tally::default()
    };
    let control = |id: &str, verdict| ControlResult {
        control: ControlId::new(id),
        verdict,
        tally,
    };
    let reasons = vec![text.to_owned(), "one more".to_owned()];
    let crossed = || CellVerdict::Violated {
        kind: "cross_tenant_read".into(),
        text: text.into(),
    };
    Summary {
        system: format!("system {text}"),
        target: text.into(),
        seed: 7,
        tenants: 4,
        complete: false,
        incomplete_reason: Some(text.into()),
        cases: 2,
        judged: 9,
        requests: 3,
        controls: vec![
            control(violated, Verdict::Violated),
            control(waived, Verdict::Violated),
            control(known, Verdict::Violated),
            control("B03", Verdict::Held),
            control("B04", Verdict::Inconclusive { reasons }),
            control("S16", Verdict::Attested),
            control("S12", Verdict::NotApplicable),
        ],
        notes: vec![text.into()],
        operations: vec![OperationCoverage {
            operation: text.into(),
            reason: Some(text.into()),
            ..OperationCoverage::default()
        }],
        causes: vec![
            cause("containment-1", violated, "select", text, Standing::New),
            cause(
                "containment-2",
                waived,
                "update",
                text,
                Standing::Waived(Waiver {
                    id: text.into(),
                    cause: "containment-2".into(),
                    controls: Vec::new(),
                    owner: text.into(),
                    reason: text.into(),
                    expires: "2027-01-31".into(),
                }),
            ),
            cause("containment-3", known, "delete", text, Standing::Known),
        ],
        findings: vec![finding(violated, "select", text)],
        cells: vec![
            cell("held", "B03", "insert", text, CellVerdict::Held),
            cell(
                &format!("violated {text}"),
                violated,
                "select",
                text,
                crossed(),
            ),
            cell("waived", waived, "update", text, crossed()),
            cell("known", known, "delete", text, crossed()),
            cell(
                "inconclusive",
                "B04",
                "alter",
                text,
                CellVerdict::Inconclusive {
                    kind: "unarmed".into(),
                    text: text.into(),
                },
            ),
            cell(
                "skipped",
                "B03",
                "execute",
                text,
                CellVerdict::NotApplicable {
                    reason: text.into(),
                },
            ),
        ],
        ..Summary::default()
    }
}

/// A cell of the T-SQL plane.
pub(crate) fn cell(
    name: &str,
    control: &str,
    how: &str,
    text: &str,
    result: CellVerdict,
) -> CellResult {
    CellResult {
        name: name.into(),
        class: "isolation.other.dbo_Customers".into(),
        at: Coordinates {
            who: text.into(),
            what: text.into(),
            how: how.into(),
            whose: "other".into(),
        },
        controls: vec![ControlId::new(control)],
        armed: 3,
        attempts: 3,
        result,
    }
}

fn finding(control: &str, action: &str, text: &str) -> Finding {
    Finding {
        fingerprint: Fingerprint {
            oracle: "containment".into(),
            attacker: text.into(),
            victim: "other tenant".into(),
            action: action.into(),
            place: text.into(),
        },
        controls: vec![ControlId::new(control), ControlId::new("B01")],
        severity: Severity::Critical,
        confidence: Confidence::Confirmed { k: 2, n: 2 },
        sentence: format!("{text} read what is globex's"),
        actor: Actor::Principal {
            tenant: TenantIndex(0),
            principal: text.into(),
        },
        batch: format!("SELECT * FROM {text}"),
        case: CaseId {
            phase: Phase::Sweep,
            index: 41,
        },
        step: 0,
        sightings: vec![Sighting {
            tenant: TenantIndex(1),
            kind: CanaryKind::Text,
            encoding: Encoding::Plain,
            value: text.into(),
            place: text.into(),
        }],
        changes: [
            Changed::Rows {
                table: text.into(),
                // More than are told one by one.
                added: vec![vec![Cell::Text(text.into())]; 3],
                removed: vec![vec![Cell::Guid(text.into()), Cell::Null]],
            },
            Changed::Catalog {
                added: vec![text.into()],
                removed: vec![text.into()],
            },
            Changed::Unreadable {
                table: text.into(),
                error: text.into(),
            },
        ]
        .map(|what| Change {
            step: Some(0),
            database: text.into(),
            what,
        })
        .to_vec(),
        occurrences: 3,
    }
}

/// A cause of the API plane: path, query, header and body hold the text.
fn api_cause(id: &str, control: &str, text: &str) -> Cause {
    let caller = Caller::of(TenantIndex(0), text);
    let call = |body| api::case::Step {
        act: Act::Call {
            caller: caller.clone(),
            operation: text.into(),
            request: Request {
                method: "PUT".into(),
                path: format!("/things/{text}"),
                query: vec![(text.into(), text.into())],
                headers: vec![(text.into(), text.into())],
                body: Some(body),
            },
        },
        stance: Stance::Wander,
        manner: Manner::Alone,
    };
    let case = api::case::Case {
        id: CaseId {
            phase: Phase::Sweep,
            index: 42,
        },
        title: text.into(),
        steps: vec![
            call(Body::Json {
                media_type: text.into(),
                value: serde_json::json!({ "name": text, "others": [text] }),
            }),
            call(Body::Form(vec![(text.into(), text.into())])),
            call(Body::Text {
                media_type: text.into(),
                text: text.into(),
            }),
        ],
    };
    let history = AnyHistory::Api(api::history::History {
        case: case.clone(),
        steps: Vec::new(),
        changes: Vec::new(),
        sees_rows: false,
        deliveries: Vec::new(),
        log: Vec::new(),
        statements: Vec::new(),
    });
    let mut cause = cause(id, control, "PUT /things/{id}", text, Standing::New);
    cause.finding.actor = Actor::Caller(caller);
    cause.shrunk = Some(Shrunk {
        history,
        case: AnyCase::Api(case),
        steps_before: 3,
        steps_after: 3,
        evaluations: 20,
        is_minimal: false,
    });
    cause
}

fn cause(id: &str, control: &str, action: &str, text: &str, standing: Standing) -> Cause {
    let case = domain::case::Case {
        id: CaseId {
            phase: Phase::Sweep,
            index: 41,
        },
        title: text.into(),
        steps: vec![domain::case::Step {
            actor: Actor::Principal {
                tenant: TenantIndex(0),
                principal: text.into(),
            },
            batch: text.into(),
            claim: None,
            twin: None,
            traits: domain::case::BatchTraits::default(),
        }],
    };
    Cause {
        id: id.into(),
        controls: vec![ControlId::new(control)],
        finding: finding(control, action, text),
        blast_radius: vec![finding(control, "insert", text).fingerprint],
        contradiction: vec![text.into(), format!("but {text}")],
        standing,
        shrunk: Some(Shrunk {
            history: AnyHistory::Sql(History {
                case: case.clone(),
                steps: Vec::new(),
                changes: Vec::new(),
            }),
            case: AnyCase::Sql(case),
            steps_before: 9,
            steps_after: 1,
            evaluations: 20,
            is_minimal: true,
        }),
    }
}
