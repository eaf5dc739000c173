use domain::api::case::{Act, Case, Manner, Stance, Step};
use domain::api::request::{Caller, Request};
use domain::case::{Actor, CaseId, Phase};
use domain::cause::{AnyCase, AnyHistory, Cause, Shrunk, Standing, Waiver};
use domain::control::ControlId;
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::history::History;
use domain::world::TenantIndex;

use super::{Page, card, causes, whole_card, wrapped};
use crate::hostile::nasty;
use crate::terminal::Colour;

fn fingerprint(attacker: &str, action: &str, place: &str) -> Fingerprint {
    Fingerprint {
        oracle: "api_containment".into(),
        attacker: attacker.into(),
        victim: "other tenant".into(),
        action: action.into(),
        place: place.into(),
    }
}

fn call(tenant: usize, method: &str, path: &str) -> Step {
    Step {
        act: Act::Call {
            caller: Caller::of(TenantIndex(tenant), "clerk"),
            operation: String::new(),
            request: Request {
                method: method.into(),
                path: path.into(),
                query: vec![("q".into(), "Ada".into())],
                headers: vec![("X-Tenant".into(), "7".into())],
                body: None,
            },
        },
        stance: Stance::Wander,
        manner: Manner::Alone,
    }
}

fn cause() -> Cause {
    let id = CaseId {
        phase: Phase::Sweep,
        index: 12,
    };
    let case = Case {
        id,
        title: "a header".into(),
        steps: vec![call(1, "POST", "/orders"), call(0, "GET", "/orders")],
    };
    let finding = Finding {
        fingerprint: fingerprint("clerk", "GET /orders", "header X-Tenant"),
        controls: vec![ControlId::new("D01")],
        severity: Severity::Critical,
        confidence: Confidence::Confirmed { k: 2, n: 2 },
        sentence:
            "clerk of acme got 98 values of globex with status 200, such as 1001000001 in body \
                   /items/0/id; no value of one tenant may reach another"
                .into(),
        actor: Actor::Caller(Caller::of(TenantIndex(0), "clerk")),
        batch: "curl -X GET '/orders' -H 'X-Tenant: 7'".into(),
        case: id,
        step: 0,
        sightings: Vec::new(),
        changes: Vec::new(),
        occurrences: 17,
    };
    Cause {
        id: "containment-42531ef6".into(),
        controls: ["D01", "B01"].map(ControlId::new).to_vec(),
        blast_radius: ["GET /a", "GET /b", "POST /c", "PUT /d", "PUT /e"]
            .map(|action| fingerprint("admin", action, "header X-Tenant"))
            .to_vec(),
        contradiction: vec![
            "declared: A tenant is a physical database; no query crosses between tenants (D01)"
                .into(),
            "did: clerk of acme: curl -X GET '/orders' -H 'X-Tenant: 7'".into(),
            "seen: globex's 1001000001 in body /items/0/id".into(),
        ],
        standing: Standing::New,
        shrunk: Some(Shrunk {
            case: AnyCase::Api(case),
            history: AnyHistory::Sql(history(id)),
            steps_before: 9,
            steps_after: 2,
            evaluations: 31,
            is_minimal: true,
        }),
        finding,
    }
}

/// Cards do not look at it.
fn history(id: CaseId) -> History {
    History {
        case: domain::case::Case {
            id,
            title: String::new(),
            steps: Vec::new(),
        },
        steps: Vec::new(),
        changes: Vec::new(),
    }
}

fn page(width: usize) -> Page {
    Page {
        colour: Colour::No,
        width,
    }
}

fn replay(cause: &Cause) -> String {
    format!("watertight replay out/cases/{}.yaml", cause.id)
}

#[test]
fn a_card_tells_all_that_matters_in_eighty_columns() {
    let text = card(&cause(), page(80), &replay);
    let expected = "\
D01 B01 violated, critical  containment-42531ef6
  clerk of acme got 98 values of globex with status 200, such as 1001000001 in
  body /items/0/id; no value of one tenant may reach another
  declared   A tenant is a physical database; no query crosses between tenants
             (D01)
  did        clerk of acme: curl -X GET '/orders' -H 'X-Tenant: 7'
  seen       globex's 1001000001 in body /items/0/id
  confidence confirmed 2 of 2 from a clean state; 17 times in the run, first in
             case sweep-12
  shortest   2 steps of 9, nothing smaller shows it
             1 victim's clerk: POST /orders?q=Ada [X-Tenant: 7]
             2 attacker's clerk: GET /orders?q=Ada [X-Tenant: 7]
  also       5 other ways: by admin; GET /a, GET /b, POST /c and 2 more; at
             header X-Tenant
  replay     watertight replay out/cases/containment-42531ef6.yaml
";
    assert_eq!(text, expected);
}

#[test]
fn no_line_is_wider_than_the_page_but_what_is_to_be_copied() {
    for width in [10, 80, 120, 200] {
        let mut cause = cause();
        cause.shrunk = None;
        cause.finding.batch = "x".repeat(1_000);
        cause.finding.sentence.push_str(&"y".repeat(500));
        let text = card(&cause, page(width), &replay);
        for line in text.lines().filter(|line| !line.contains("replay")) {
            assert!(line.chars().count() <= width.max(60), "{width}: {line}");
        }
    }
}

#[test]
fn who_waived_what_until_when_stands_in_the_first_line() {
    let mut cause = cause();
    cause.standing = Standing::Waived(Waiver {
        id: "W-1".into(),
        cause: cause.id.clone(),
        controls: Vec::new(),
        owner: "Ada".into(),
        reason: "until the migration is through".into(),
        expires: "2027-03-31".into(),
    });
    let text = card(&cause, page(80), &replay);
    assert!(
        text.starts_with("D01 B01 violated, waived until 2027-03-31 by Ada (W-1), critical"),
        "{text}"
    );
}

#[test]
fn many_causes_are_no_flood_and_what_counts_comes_first() {
    let mut all: Vec<Cause> = (0..60)
        .map(|number| Cause {
            id: format!("containment-{number:08}"),
            ..cause()
        })
        .collect();
    all[0].standing = Standing::Known;
    let text = causes(&all, page(80), &replay);
    assert!(
        text.starts_with("D01 B01 violated, critical  containment-00000001"),
        "{text}"
    );
    assert_eq!(text.matches("  replay     ").count(), 10);
    assert!(text.lines().count() < 200, "{}", text.lines().count());
    assert!(text.contains("and 30 causes more"), "{text}");
    assert!(text.contains("findings.txt"), "{text}");
    assert_eq!(causes(&[], page(80), &replay), "");
}

#[test]
fn text_of_the_target_gives_no_orders() {
    for nasty in nasty() {
        let mut cause = cause();
        cause.finding.sentence = nasty.to_owned();
        cause.finding.batch = nasty.to_owned();
        let words = "word ".repeat(13);
        cause.contradiction = vec![
            format!("did: {nasty}"),
            format!("seen: {words}::error::{nasty}"),
        ];
        for other in &mut cause.blast_radius {
            other.place = nasty.to_owned();
        }
        let mut bare = cause.clone();
        bare.shrunk = None;
        for text in [
            card(&cause, page(80), &replay),
            card(&bare, page(80), &replay),
            whole_card(&bare, &replay),
        ] {
            for line in text.lines() {
                assert!(
                    !line.chars().any(char::is_control),
                    "{nasty:?} gave {line:?}"
                );
                assert!(
                    !line.trim_start().starts_with("::") && !line.contains("##"),
                    "{nasty:?} gave {line:?}"
                );
            }
        }
    }
}

#[test]
fn lines_break_between_words() {
    for (text, room, expected) in [
        ("one two three", 9, vec!["one two", "three"]),
        ("one", 9, vec!["one"]),
        ("", 9, vec![""]),
        ("abcdefghijkl mn", 8, vec!["abcdefgh", "ijkl mn"]),
        ("ä ö ü ß", 8, vec!["ä ö ü ß"]),
    ] {
        assert_eq!(wrapped(text, room), expected, "{text}");
    }
}
