use domain::case::{Actor, CaseId, Phase};
use domain::cause::Cause;
use domain::control::ControlId;
use domain::example;
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::seed::Seed;
use domain::world::{TenantIndex, World};
use proptest::prelude::*;

use super::causes;

fn world() -> World {
    World::new(&example::system(3), Seed(1))
}

/// `oracle/attacker/victim/action/place`, controls, and the case in which it was first seen.
fn finding(words: &str, controls: &str, case: CaseId) -> Finding {
    let parts: Vec<&str> = words.split('|').collect();
    let [oracle, attacker, victim, action, place] = parts[..] else {
        panic!("a fingerprint has five parts: {words}");
    };
    Finding {
        fingerprint: Fingerprint {
            oracle: oracle.into(),
            attacker: attacker.into(),
            victim: victim.into(),
            action: action.into(),
            place: place.into(),
        },
        controls: controls.split(' ').map(ControlId::new).collect(),
        severity: match victim {
            "other tenant" => Severity::Critical,
            _ => Severity::High,
        },
        confidence: Confidence::Confirmed { k: 2, n: 2 },
        sentence: words.into(),
        actor: Actor::Principal {
            tenant: TenantIndex(0),
            principal: attacker.into(),
        },
        batch: "SELECT 1;".into(),
        case,
        step: 0,
        sightings: Vec::new(),
        changes: Vec::new(),
        occurrences: 1,
    }
}

/// A finding of its own case for each row.
fn found(rows: &[(&str, &str)]) -> Vec<Finding> {
    (0..)
        .zip(rows)
        .map(|(index, (words, controls))| {
            let phase = Phase::Sweep;
            finding(words, controls, CaseId { phase, index })
        })
        .collect()
}

#[test]
fn one_mistake_is_one_cause() {
    for (mistake, rows) in [
        (
            "the application is db_owner",
            &[
                (
                    "confinement|app|own tenant|alter|dbo.AuditEvents",
                    "D03 D04",
                ),
                ("confinement|app|own tenant|alter|dbo.Accounts", "D02 D05"),
                ("confinement|app|own tenant|alter|dbo.States", "D02"),
                ("authorization|app|own tenant|drop|dbo.wt_report", "D02"),
                (
                    "authorization|app|own tenant|impersonate|user audit_admin",
                    "D02",
                ),
                (
                    "versions|app|own tenant|break the history|History.Accounts",
                    "D05",
                ),
                (
                    "irreversibility|app|own tenant|delete|frozen rows of dbo.States",
                    "D09",
                ),
                (
                    "system_versioning|inspection|inspected|app can switch versioning off|dbo.Accounts",
                    "D05",
                ),
                (
                    "system_versioning|inspection|inspected|app can switch versioning off|dbo.Users",
                    "D05",
                ),
            ][..],
        ),
        (
            "one right too many",
            &[
                ("authorization|app|own tenant|update|dbo.AuditEvents", "D03"),
                (
                    "undeclared_rights|inspection|inspected|app can update|dbo.AuditEvents",
                    "D03",
                ),
                ("immutability|app|own tenant|update|dbo.AuditEvents", "D03"),
            ],
        ),
        (
            "one role too many",
            &[
                (
                    "authorization|reader|own tenant|select|dbo.Customers",
                    "D02",
                ),
                ("authorization|reader|own tenant|select|dbo.Accounts", "D02"),
                (
                    "undeclared_rights|inspection|inspected|reader can select|role db_datareader",
                    "D02",
                ),
            ],
        ),
        (
            "guest may enter",
            &[
                ("authorization|app|other tenant|connect|the database", "D01"),
                (
                    "authorization|reader|other tenant|connect|the database",
                    "D01",
                ),
                (
                    "containment|reader|other tenant|select|dbo.Customers",
                    "D01 B01",
                ),
                ("containment|app|other tenant|select|dbo.Users", "D01 B01"),
            ],
        ),
        (
            "a module forgets the tenant",
            &[
                (
                    "statements|inspection|inspected|OrgId not applied to dbo.Customers|org.History line 11",
                    "S05",
                ),
                (
                    "containment|service|other tenant|execute|org.History",
                    "S01 S08 B01",
                ),
                (
                    "containment|console|other tenant|execute|org.History",
                    "S01 S08 B01",
                ),
            ],
        ),
        (
            "a handler forgets the tenant",
            &[
                (
                    "api_containment|clerk|other tenant|GET /orders/{id}|path",
                    "D01 B01",
                ),
                (
                    "api_containment|admin|other tenant|GET /orders/{id}|path",
                    "D01 B01",
                ),
                (
                    "api_witness|clerk|other tenant|GET /orders/{id}|query sort",
                    "B01 B03",
                ),
            ],
        ),
        (
            "a header is believed, whatever the operation",
            &[
                (
                    "api_containment|clerk|other tenant|GET /orders|header X-Tenant",
                    "D01",
                ),
                (
                    "api_containment|clerk|other tenant|GET /lines|header X-Tenant",
                    "B01",
                ),
                (
                    "api_containment|admin|other tenant|POST /users|header X-Tenant",
                    "D04",
                ),
            ],
        ),
        (
            "references of others are told apart from missing ones, in every body",
            &[
                (
                    "api_indistinguishability|clerk|other tenant|POST /a|body customerId",
                    "B03 S04",
                ),
                (
                    "api_indistinguishability|clerk|other tenant|POST /b|body productId",
                    "B03 S04",
                ),
                (
                    "api_indistinguishability|admin|other tenant|POST /c|body roleId",
                    "B03 S04",
                ),
            ],
        ),
        (
            "connections are handed on with the last caller's tenant",
            &[
                (
                    "api_containment|clerk|other tenant|GET /a|answer",
                    "D01 B01",
                ),
                (
                    "api_containment|clerk|other tenant|POST /b|connection",
                    "D01 B04",
                ),
                (
                    "api_confinement|clerk|other tenant|POST /b|dbo.T",
                    "D01 S03",
                ),
                (
                    "api_containment|admin|other tenant|GET /c|answer",
                    "D01 B01",
                ),
                (
                    "api_indistinguishability|admin|other tenant|GET /c|query q",
                    "B01 B03",
                ),
                ("api_witness|clerk|other tenant|GET /d/{x}|path", "B01 B03"),
            ],
        ),
    ] {
        let causes = causes(&found(rows), &world());
        let told: Vec<&str> = causes.iter().map(|one| &*one.finding.sentence).collect();
        assert_eq!(causes.len(), 1, "{mistake}: {told:#?}");
        assert_eq!(causes[0].blast_radius.len(), rows.len() - 1, "{mistake}");
    }
}

#[test]
fn two_mistakes_stay_apart() {
    for (mistakes, rows) in [
        (
            "two rights, two promises, two tables",
            [
                (
                    "immutability|app|own tenant|update|dbo.AuditEvents",
                    "D03 D04",
                ),
                ("irreversibility|app|own tenant|update|dbo.Invoices", "D09"),
            ],
        ),
        (
            "two principals with a right each",
            [
                ("immutability|app|own tenant|update|dbo.AuditEvents", "D03"),
                (
                    "immutability|admin|own tenant|update|dbo.AuditEvents",
                    "D03",
                ),
            ],
        ),
        (
            "two principals with a right each to one thing",
            [
                (
                    "undeclared_rights|inspection|inspected|app can update|dbo.Rates",
                    "D02",
                ),
                (
                    "undeclared_rights|inspection|inspected|admin can update|dbo.Rates",
                    "D02",
                ),
            ],
        ),
        (
            "two modules that forget the tenant",
            [
                (
                    "containment|service|other tenant|execute|org.History",
                    "S01",
                ),
                ("containment|service|other tenant|execute|org.Search", "S01"),
            ],
        ),
        (
            "two tables without history",
            [
                (
                    "system_versioning|inspection|inspected|not system-versioned|dbo.A",
                    "D05",
                ),
                (
                    "system_versioning|inspection|inspected|not system-versioned|dbo.B",
                    "D05",
                ),
            ],
        ),
        (
            "two promises of one operation",
            [
                (
                    "api_containment|clerk|other tenant|POST /orders|header X-Tenant",
                    "D01",
                ),
                ("api_console|clerk|own tenant|POST /orders|log", "D08"),
            ],
        ),
        (
            "what a message tells, and what a right allows",
            [
                ("error_text|app|other tenant|select|dbo.Customers", "B05"),
                ("containment|app|other tenant|select|dbo.Customers", "D01"),
            ],
        ),
    ] {
        assert_eq!(causes(&found(&rows), &world()).len(), 2, "{mistakes}");
    }
}

#[test]
fn a_cause_breaks_what_its_findings_break_and_is_shown_by_what_every_seed_finds() {
    let at = |phase| CaseId { phase, index: 7 };
    let rows = [
        finding(
            "containment|a|other tenant|select|dbo.T",
            "D01 B01",
            at(Phase::Fuzz),
        ),
        finding(
            "containment|b|other tenant|select|dbo.T",
            "S01 B01",
            at(Phase::Sweep),
        ),
    ];
    let causes = causes(&rows, &world());
    assert_eq!(causes.len(), 1);
    let cause = &causes[0];
    assert_eq!(cause.finding.fingerprint.attacker, "b");
    let controls: Vec<&str> = cause.controls.iter().map(|id| &*id.0).collect();
    assert_eq!(controls, ["S01", "B01", "D01"]);
    assert!(cause.id.starts_with("containment-"), "{}", cause.id);
    assert_eq!(cause.id.len(), "containment-".len() + 8);
}

#[test]
fn a_contradiction_is_short_and_says_what_is_declared_done_and_seen() {
    let mut one = found(&[("containment|app|other tenant|select|dbo.T", "D01")]).remove(0);
    one.batch = format!("SELECT\n  {}", "x".repeat(1_000));
    let lines = super::contradiction(&one, &world());
    let heads: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(heads, ["declared", "did", "seen"]);
    assert!(
        lines.iter().all(|line| line.chars().count() < 220),
        "{lines:#?}"
    );
    assert!(lines.iter().all(|line| !line.contains('\n')), "{lines:#?}");
}

/// Findings over a vocabulary so small that ties abound; no two of them are the same deed.
fn findings() -> impl Strategy<Value = Vec<Finding>> {
    let row = (
        prop::sample::select(vec![
            "containment",
            "confinement",
            "authorization",
            "error_text",
            "statements",
            "api_containment",
            "api_witness",
        ]),
        prop::sample::select(vec!["app", "reader", "inspection"]),
        prop::sample::select(vec![
            "own tenant",
            "other tenant",
            "other department",
            "shared",
        ]),
        prop::sample::select(vec![
            "select",
            "alter",
            "connect",
            "execute",
            "GET /a",
            "GET /b/{x}",
        ]),
        prop::sample::select(vec![
            "dbo.T",
            "dbo.U line 3",
            "dbo.U",
            "the database",
            "path",
        ]),
        prop::sample::subsequence(vec!["D01", "D02", "D03", "B01"], 1..=3),
        prop::sample::select(vec![Phase::Sweep, Phase::Fuzz]),
        0_u64..6,
    );
    prop::collection::vec(row, 0..24).prop_map(|rows| {
        let mut findings: Vec<Finding> = Vec::new();
        for (oracle, attacker, victim, action, place, controls, phase, index) in rows {
            let words = [oracle, attacker, victim, action, place].join("|");
            let new = finding(&words, &controls.join(" "), CaseId { phase, index });
            let is_known = findings.iter().any(|known| {
                crate::ledger::deed(&known.fingerprint) == crate::ledger::deed(&new.fingerprint)
            });
            if !is_known {
                findings.push(new);
            }
        }
        findings
    })
}

fn members(causes: &[Cause]) -> Vec<Fingerprint> {
    let mut members: Vec<Fingerprint> = causes
        .iter()
        .flat_map(|cause| std::iter::once(&cause.finding.fingerprint).chain(&cause.blast_radius))
        .cloned()
        .collect();
    members.sort();
    members
}

proptest! {
    #[test]
    fn every_finding_is_in_exactly_one_cause(findings in findings()) {
        let causes = causes(&findings, &world());
        let mut expected: Vec<Fingerprint> =
            findings.iter().map(|one| one.fingerprint.clone()).collect();
        expected.sort();
        prop_assert_eq!(members(&causes), expected);
        let ids: std::collections::BTreeSet<&str> =
            causes.iter().map(|cause| &*cause.id).collect();
        prop_assert_eq!(ids.len(), causes.len());
        for cause in &causes {
            prop_assert!(cause.controls.starts_with(&cause.finding.controls));
        }
    }

    #[test]
    fn the_order_of_discovery_does_not_matter(
        (findings, shuffled) in findings().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(causes(&findings, &world()), causes(&shuffled, &world()));
    }

    #[test]
    fn ids_outlive_other_values(findings in findings(), salt in "[a-z]{1,8}") {
        let mut others = findings.clone();
        for finding in &mut others {
            finding.batch = format!("SELECT '{salt}';");
            finding.sentence.push_str(&salt);
            finding.occurrences += salt.len() as u64;
        }
        let ids = |findings: &[Finding]| -> Vec<String> {
            causes(findings, &world()).into_iter().map(|cause| cause.id).collect()
        };
        prop_assert_eq!(ids(&findings), ids(&others));
    }

    #[test]
    fn two_findings_are_one_only_for_a_reason(findings in findings()) {
        for pair in findings.windows(2) {
            if causes(pair, &world()).len() > 1 {
                continue;
            }
            let [one, other] = pair else { unreachable!("windows of two") };
            let place = |finding: &Finding| {
                finding.fingerprint.place.split(" line ").next().map(str::to_owned)
            };
            let shared = one.controls.iter().any(|id| other.controls.contains(id));
            let entered = one.fingerprint.victim == other.fingerprint.victim
                && pair.iter().any(|one| one.fingerprint.action == "connect");
            prop_assert!(shared || entered || place(one) == place(other), "{:#?}", pair);
        }
    }
}
