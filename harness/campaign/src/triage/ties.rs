//! What ties two findings together: evidence that one repair mends both.
//!
//! Each tie names its promise where the same deed in the same place could break another one through
//! another mistake. Findings that break other promises in other places are never tied.

use std::collections::{BTreeMap, BTreeSet};

use domain::case::CaseId;
use domain::finding::{Finding, Fingerprint};
use domain::inspection::INSPECTOR;
use domain::intent::Intent;
use oracles::UNDECLARED_RIGHTS;

/// Something that findings of one cause have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie<'f> {
    /// What one principal may do to several things against one promise.
    Right {
        attacker: &'f str,
        victim: &'f str,
        action: &'f str,
        control: &'f str,
    },
    /// What one principal may do to so many things that it is one right, whatever it breaks.
    Wide {
        attacker: &'f str,
        victim: &'f str,
        action: &'f str,
    },
    /// Who may change definitions everywhere can do the rest, too.
    Owner { attacker: &'f str, victim: &'f str },
    /// All that one principal may do to one thing.
    Thing {
        attacker: &'f str,
        victim: &'f str,
        place: &'f str,
    },
    /// A thing of others that is open, to whomever and however.
    Open {
        victim: &'f str,
        place: &'f str,
        control: &'f str,
    },
    /// Who may enter a database of others does there what its users may.
    Entered { victim: &'f str },
    /// A thing that was found broken by looking at it, and what comes of that.
    Broken { place: &'f str },
    /// The same defect, in words that name the principal who has too wide a right.
    Defect { inspection: &'f str, kind: &'f str },
    /// One request or batch that had several effects.
    Step {
        case: CaseId,
        step: usize,
        control: &'f str,
    },
    /// One operation of the service, wherever the foreign value stood and whoever sent it.
    Operation {
        operation: &'f str,
        control: &'f str,
    },
    /// The same in so many resources that it lies below their handlers.
    Below {
        oracle: &'f str,
        victim: &'f str,
        position: &'f str,
    },
    /// Values of others came back unasked in so many resources that requests are served for the wrong
    /// tenant, which explains whatever else crosses and breaks the same promises.
    Adrift { victim: &'f str },
}

/// Things to which a principal must be able to do the same before it is put down to one right.
const THINGS_MIN: usize = 3;
/// Resources of a service that must show the same before it is put down to what they have in common.
const RESOURCES_MIN: usize = 3;

/// Victims that are somebody else: what is theirs is closed to every attacker alike, so an opening
/// is a mistake of the thing and not of who came through.
fn is_foreign(fingerprint: &Fingerprint) -> bool {
    matches!(
        fingerprint.victim.as_str(),
        "other tenant" | "other department"
    )
}

fn is_request(fingerprint: &Fingerprint) -> bool {
    fingerprint.oracle.starts_with("api_")
}

/// Every tie of every finding, by the finding's index.
pub(super) fn ties(findings: &[Finding]) -> Vec<(usize, Tie<'_>)> {
    let seen = Seen::of(findings);
    let mut ties = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let own = &finding.fingerprint;
        let mut add = |tie| ties.push((index, tie));
        if own.oracle == UNDECLARED_RIGHTS {
            // One look sees the rights of everybody, and each is a mistake by itself.
            given(finding, &mut add);
            continue;
        }
        for control in &finding.controls {
            add(Tie::Step {
                case: finding.case,
                step: finding.step,
                control: &control.0,
            });
        }
        if own.attacker == INSPECTOR {
            inspected(finding, &mut add);
        } else if is_request(own) {
            requested(finding, &seen, &mut add);
        } else {
            stated(finding, &seen, &mut add);
        }
    }
    ties
}

/// A right that somebody was given is what he attacks with.
fn given<'f>(finding: &'f Finding, add: &mut impl FnMut(Tie<'f>)) {
    let own = &finding.fingerprint;
    let (attacker, actions) = own.action.split_once(" can ").unwrap_or_default();
    let victim = "own tenant";
    add(Tie::Thing {
        attacker,
        victim,
        place: &own.place,
    });
    for action in actions.split(", ").filter(|action| *action != "execute") {
        for control in &finding.controls {
            add(Tie::Right {
                attacker,
                victim,
                action,
                control: &control.0,
            });
        }
    }
}

fn inspected<'f>(finding: &'f Finding, add: &mut impl FnMut(Tie<'f>)) {
    let own = &finding.fingerprint;
    add(Tie::Broken {
        place: module(&own.place),
    });
    if own.action.starts_with(char::is_alphabetic) && own.action.contains(" can ") {
        add(Tie::Defect {
            inspection: &own.oracle,
            kind: &own.action,
        });
    }
}

fn stated<'f>(finding: &'f Finding, seen: &Seen<'f>, add: &mut impl FnMut(Tie<'f>)) {
    let own = &finding.fingerprint;
    let (attacker, victim) = (own.attacker.as_str(), own.victim.as_str());
    // What messages give away is mended where they are made.
    if own.oracle == "error_text" {
        return;
    }
    // Some rows of a table are guarded by what is defined on it.
    let thing = Intent::object_of_rows(&own.place);
    add(Tie::Thing {
        attacker,
        victim,
        place: thing,
    });
    if seen.inspected.contains(thing) {
        add(Tie::Broken { place: thing });
    }
    for control in &finding.controls {
        let control = control.0.as_str();
        if is_foreign(own) {
            add(Tie::Open {
                victim,
                place: &own.place,
                control,
            });
        } else if own.action != "execute" {
            add(Tie::Right {
                attacker,
                victim,
                action: &own.action,
                control,
            });
        }
    }
    if seen.entered.contains(&(attacker, victim)) {
        add(Tie::Entered { victim });
    }
    if is_foreign(own) {
        return;
    }
    let action = own.action.as_str();
    let places = seen.places.get(&(attacker, victim, action));
    if places.is_some_and(|places| places.len() >= THINGS_MIN) {
        add(Tie::Wide {
            attacker,
            victim,
            action,
        });
    }
    let owned = seen.owned.get(&(attacker, victim));
    if owned.is_some_and(|broken| finding.controls.iter().all(|id| broken.contains(&*id.0))) {
        add(Tie::Owner { attacker, victim });
    }
}

/// Whether who may do this can give himself whatever else there is.
fn is_definition(action: &str) -> bool {
    [
        "alter",
        "drop",
        "create",
        "grant",
        "take_ownership",
        "change the catalog",
    ]
    .contains(&action)
}

fn requested<'f>(finding: &'f Finding, seen: &Seen<'f>, add: &mut impl FnMut(Tie<'f>)) {
    let own = &finding.fingerprint;
    for control in &finding.controls {
        add(Tie::Operation {
            operation: &own.action,
            control: &control.0,
        });
    }
    let below = below(own);
    let resources = seen.resources.get(&below);
    if resources.is_some_and(|resources| resources.len() >= RESOURCES_MIN) {
        let (oracle, victim, position) = below;
        add(Tie::Below {
            oracle,
            victim,
            position,
        });
    }
    let adrift = seen.adrift.get(victim(own));
    if adrift.is_some_and(|broken| finding.controls.iter().all(|id| broken.contains(&*id.0))) {
        add(Tie::Adrift {
            victim: victim(own),
        });
    }
}

/// What must be the same in several resources: what was seen, whose it was, and where the foreign
/// value stood. A header has one reader, whatever comes of it; fields of a body go by many names.
fn below(own: &Fingerprint) -> (&str, &str, &str) {
    let (oracle, victim, place) = (&own.oracle, &own.victim, &own.place);
    match place.split(' ').next() {
        Some("header") => ("", victim, place),
        Some("body") => (oracle, victim, "body"),
        _ => (oracle, victim, place),
    }
}

fn victim(fingerprint: &Fingerprint) -> &str {
    &fingerprint.victim
}

/// Where a request holds nothing of the victim's.
fn is_unasked(fingerprint: &Fingerprint) -> bool {
    is_foreign(fingerprint) && matches!(fingerprint.place.as_str(), "answer" | "connection")
}

/// What has to be known of all findings before one of them can be tied.
#[derive(Default)]
struct Seen<'f> {
    /// Things that were found broken by looking.
    inspected: BTreeSet<&'f str>,
    /// Who entered databases of whom.
    entered: BTreeSet<(&'f str, &'f str)>,
    /// Where a principal did the same to his own tenant; procedures apart, each of which is its own
    /// mistake.
    places: BTreeMap<(&'f str, &'f str, &'f str), BTreeSet<&'f str>>,
    /// The promises that a principal broke by changing definitions in many places.
    owned: BTreeMap<(&'f str, &'f str), BTreeSet<&'f str>>,
    /// Resources of the service by oracle, victim and position.
    resources: BTreeMap<(&'f str, &'f str, &'f str), BTreeSet<&'f str>>,
    /// Promises that are broken by operations which answer with values of others unasked, by victim.
    adrift: BTreeMap<&'f str, BTreeSet<&'f str>>,
}

impl<'f> Seen<'f> {
    fn of(findings: &'f [Finding]) -> Self {
        let mut seen = Self::default();
        for own in findings.iter().map(|finding| &finding.fingerprint) {
            if own.oracle == UNDECLARED_RIGHTS {
                // Nothing is wrong with the thing itself.
            } else if own.attacker == INSPECTOR {
                seen.inspected.insert(module(&own.place));
            } else if is_request(own) {
                seen.resources
                    .entry(below(own))
                    .or_default()
                    .insert(resource(&own.action));
            } else if own.action == "connect" && is_foreign(own) {
                seen.entered.insert((&own.attacker, &own.victim));
            } else if !is_foreign(own) && own.action != "execute" && own.oracle != "error_text" {
                seen.places
                    .entry((&own.attacker, &own.victim, &own.action))
                    .or_default()
                    .insert(&own.place);
            }
        }
        let mut unasked: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for own in findings.iter().map(|finding| &finding.fingerprint) {
            if is_request(own) && is_unasked(own) {
                unasked.entry(&own.victim).or_default().insert(&own.action);
            }
        }
        unasked.retain(|_, operations| {
            let resources: BTreeSet<&str> = operations.iter().map(|one| resource(one)).collect();
            resources.len() >= RESOURCES_MIN
        });
        for finding in findings {
            let own = &finding.fingerprint;
            let operations = unasked.get(own.victim.as_str());
            if is_request(own) && operations.is_some_and(|all| all.contains(own.action.as_str())) {
                seen.adrift
                    .entry(&own.victim)
                    .or_default()
                    .extend(finding.controls.iter().map(|id| id.0.as_str()));
            }
            let places = seen.places.get(&(
                own.attacker.as_str(),
                own.victim.as_str(),
                own.action.as_str(),
            ));
            let is_wide = places.is_some_and(|places| places.len() >= THINGS_MIN);
            if is_wide && is_definition(&own.action) {
                seen.owned
                    .entry((&own.attacker, &own.victim))
                    .or_default()
                    .extend(finding.controls.iter().map(|id| id.0.as_str()));
            }
        }
        seen
    }
}

/// `org.CustomerHistory line 11` lies in `org.CustomerHistory`.
fn module(place: &str) -> &str {
    let module = place.split(" line ").next().unwrap_or(place);
    Intent::object_of_rows(module)
}

/// `GET /invoices/{invoiceId}` and `GET /api/v2/invoices` are of `invoices`.
fn resource(operation: &str) -> &str {
    let is_version = |part: &str| {
        let number = part.strip_prefix('v').unwrap_or_default();
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
    };
    let mut parts = operation.split('/').skip(1);
    let found = parts.find(|part| !matches!(*part, "api" | "rest") && !is_version(part));
    found.unwrap_or(operation)
}
