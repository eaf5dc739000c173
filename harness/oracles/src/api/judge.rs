//! What the oracles of the API plane know besides the history, and how they say what they found.

use contract::Contract;
use domain::api::case::{Act, Attack, Manner, Step};
use domain::api::history::{Answer, History, Record, Sent};
use domain::api::request::Caller;
use domain::api::service::Service;
use domain::case::Actor;
use domain::control::ControlId;
use domain::finding::{Confidence, Finding, Fingerprint, Severity};
use domain::surface::Surface;
use domain::system::{Design, System};
use domain::world::{TenantIndex, World};

use super::noise::Noise;
use super::operations;
use super::robustness::Inside;
use super::secrecy;
use crate::judge::{Judge, Principal};
use crate::matrix::Relation;

/// What oracles know besides the history.
#[derive(Debug)]
pub struct ApiJudge<'a> {
    /// Rows, owners and marks, as on the other plane.
    pub(crate) plane: Judge<'a>,
    pub(crate) contract: &'a Contract,
    pub(crate) service: Service,
    pub(crate) noise: Noise,
    pub(crate) secrets: Vec<Planted>,
    pub(crate) inside: Inside,
}

/// A secret that must surface nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// What it is, for people: `the password of clerk of acme`.
    pub what: String,
    /// The secret itself. Findings never quote it.
    pub value: String,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub struct ApiOracle {
    /// Its name in fingerprints.
    pub name: &'static str,
    /// The promises that nothing is known about when it crashes.
    pub controls: &'static [&'static str],
    /// Its findings in a history.
    pub judge: fn(&ApiJudge<'_>, &History) -> Vec<Finding>,
}

/// One request that was sent, and what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'h> {
    pub(crate) step: usize,
    pub(crate) tried: &'h Step,
    pub(crate) caller: &'h Caller,
    /// Key of the operation that was asked; empty when the request as it was sent is none that the
    /// contract knows, such as one by another method.
    pub(crate) operation: &'h str,
    pub(crate) sent: &'h Sent,
    pub(crate) answer: &'h Answer,
}

/// An attacker's name where the attacker does not matter.
pub(crate) const ANYBODY: &str = "anybody";
/// The victim's name where there is none.
pub(crate) const NOBODY: &str = "nobody";
/// Characters of a body that a finding quotes.
const QUOTED_MAX: usize = 400;

impl<'a> ApiJudge<'a> {
    /// A judge of histories of this system's service. `surface` may be empty: then the database
    /// cannot be seen.
    pub fn new(
        system: &'a System,
        world: &'a World,
        surface: &'a Surface,
        contract: &'a Contract,
    ) -> Self {
        let plane = Judge::new(system, world, surface);
        let service = system.service.clone().unwrap_or_default();
        Self {
            contract,
            noise: Noise::default(),
            secrets: secrecy::of_configuration(&service, world),
            inside: Inside::new(&plane),
            plane,
            service,
        }
    }

    /// The same judge, knowing secrets that must surface nowhere, besides those of the
    /// configuration.
    #[must_use]
    pub fn with_secrets(mut self, secrets: Vec<Planted>) -> Self {
        self.secrets.extend(secrets);
        self
    }

    /// Learns what is public and what differs from answer to answer by itself, from histories in
    /// which nobody attacks.
    pub fn learn(&mut self, baseline: &[History]) {
        let mut noise = std::mem::take(&mut self.noise);
        for history in baseline {
            noise.learn(self, history);
        }
        self.noise = noise;
    }

    /// The tenants.
    pub(crate) fn world(&self) -> &'a World {
        self.plane.world
    }

    /// How the tenants are kept apart.
    pub(crate) fn design(&self) -> Design {
        self.plane.system.design
    }

    /// `clerk of acme`, `somebody without credentials`.
    pub(crate) fn who(&self, caller: &Caller) -> String {
        match caller.tenant {
            Some(tenant) => format!("{} of {}", caller.actor, self.world().tenant(tenant).name),
            None => "somebody without credentials".into(),
        }
    }

    /// The department that a caller acts for, by its position among his tenant's.
    pub(crate) fn department(&self, caller: &Caller) -> Option<usize> {
        self.service.actors.get(&caller.actor)?.department
    }

    /// Where `victim` stands, seen from `caller`.
    pub(crate) fn relation(&self, caller: &Caller, victim: Option<&Caller>) -> Relation {
        let Some(victim) = victim else {
            return Relation::Own;
        };
        if caller.tenant != victim.tenant {
            return Relation::Other;
        }
        match (self.department(caller), self.department(victim)) {
            (Some(own), Some(other)) if own != other => Relation::Department,
            _ => Relation::Own,
        }
    }

    /// A caller as the row oracles know him.
    pub(crate) fn principal<'c>(&self, caller: &'c Caller) -> Option<Principal<'c>> {
        Some(Principal {
            tenant: caller.tenant?,
            name: &caller.actor,
            department: self.department(caller),
        })
    }

    /// A finding of one step, to be filled in.
    pub(crate) fn finding(
        &self,
        history: &History,
        step: usize,
        fingerprint: Fingerprint,
        severity: Severity,
        sentence: String,
    ) -> Finding {
        let tried = &history.case.steps[step];
        let actor = match &tried.act {
            Act::Call { caller, .. } => Actor::Caller(caller.clone()),
            Act::Batch { actor, .. } => actor.clone(),
        };
        Finding {
            fingerprint,
            controls: Vec::new(),
            severity,
            confidence: Confidence::Seen,
            sentence,
            actor,
            batch: told(tried, history.steps.get(step)),
            case: history.case.id,
            step,
            sightings: Vec::new(),
            changes: Vec::new(),
            occurrences: 1,
        }
    }

    /// A finding of a call about the caller's own things.
    pub(crate) fn own(
        &self,
        history: &History,
        call: &Call<'_>,
        oracle: &str,
        place: &str,
        broken: &[&str],
        wrong: &str,
    ) -> Finding {
        let fingerprint = Self::fingerprint(oracle, call, Relation::Own, place);
        let sentence = format!(
            "{} by {}, which was answered {}, {wrong}",
            action(call.operation, call.sent),
            self.who(call.caller),
            call.answer.status
        );
        let mut finding = self.finding(history, call.step, fingerprint, Severity::High, sentence);
        finding.controls = controls(broken);
        finding
    }

    /// The fingerprint of something that a call did.
    pub(crate) fn fingerprint(
        oracle: &str,
        call: &Call<'_>,
        relation: Relation,
        place: &str,
    ) -> Fingerprint {
        Fingerprint {
            oracle: oracle.into(),
            attacker: attacker(call.caller),
            victim: relation.name().into(),
            action: action(call.operation, call.sent),
            place: place.into(),
        }
    }
}

/// Fingerprints of findings in which it does not matter who asked.
pub(crate) fn of_anybody(oracle: &str, victim: &str, action: String, place: String) -> Fingerprint {
    Fingerprint {
        oracle: oracle.into(),
        attacker: ANYBODY.into(),
        victim: victim.into(),
        action,
        place,
    }
}

/// A caller's name in fingerprints.
pub(crate) fn attacker(caller: &Caller) -> String {
    match caller.tenant {
        Some(_) => caller.actor.clone(),
        None => "anonymous".into(),
    }
}

/// What was done, in fingerprints: the operation, or the method of a request that the contract does
/// not know.
pub(crate) fn action(operation: &str, sent: &Sent) -> String {
    if operation.is_empty() {
        format!("{} of no operation", sent.method)
    } else {
        operation.into()
    }
}

/// Every request of a history that was sent, in order.
pub(crate) fn calls(history: &History) -> impl Iterator<Item = Call<'_>> {
    (0..history.steps.len()).filter_map(|step| call(history, step))
}

/// The request of one step, when it was sent.
pub(crate) fn call(history: &History, step: usize) -> Option<Call<'_>> {
    let tried = history.case.steps.get(step)?;
    match (&tried.act, history.steps.get(step)?) {
        (
            Act::Call {
                caller, operation, ..
            },
            Record::Call { sent, answer },
        ) => Some(Call {
            step,
            tried,
            caller,
            operation: if operations::is_asked(operation, sent) {
                operation
            } else {
                ""
            },
            sent,
            answer,
        }),
        _ => None,
    }
}

impl<'h> Call<'h> {
    /// What it attacks, if it does.
    pub(crate) fn attack(&self) -> Option<&'h Attack> {
        self.tried.attack()
    }

    /// Whether an answer came that says something of what the caller may do.
    pub(crate) fn is_answered(&self) -> bool {
        self.answer.lost.is_none() && self.answer.status != 0 && !self.answer.dead_session
    }

    /// Whether it was carried out.
    pub(crate) fn succeeded(&self) -> bool {
        self.is_answered() && self.answer.is_success()
    }

    /// Whether its method promises to change nothing.
    pub(crate) fn is_safe(&self) -> bool {
        matches!(
            self.sent.method.as_str(),
            "GET" | "HEAD" | "OPTIONS" | "TRACE"
        )
    }
}

/// The ids of promises.
pub(crate) fn controls(ids: &[&str]) -> Vec<ControlId> {
    ids.iter().map(|id| ControlId::new(id)).collect()
}

/// The tenants that act in a step, all those of its race included, and those that abandoned a request
/// right before; empty for the administrator.
pub(crate) fn acting(history: &History, step: usize) -> Vec<TenantIndex> {
    let race = super::rows::group(history, step);
    // What was abandoned before may go on for a while.
    let abandoned = (0..*race.start())
        .rev()
        .take_while(|&earlier| history.case.steps[earlier].manner == Manner::Abandoned);
    race.clone()
        .chain(abandoned)
        .filter_map(|step| history.case.steps.get(step))
        .filter_map(|tried| match &tried.act {
            Act::Call { caller, .. } => caller.tenant,
            Act::Batch { actor, .. } => actor.tenant(),
        })
        .collect()
}

/// A step as one line that could be typed.
fn told(tried: &Step, record: Option<&Record>) -> String {
    match record {
        Some(Record::Call { sent, .. }) => curl(sent),
        Some(Record::Batch { batch, .. }) => batch.clone(),
        Some(Record::Unresolved { .. }) | None => match &tried.act {
            Act::Batch { batch, .. } => batch.clone(),
            Act::Call { request, .. } => format!("{} {}", request.method, request.path),
        },
    }
}

/// A request as a line for a shell.
pub(crate) fn curl(sent: &Sent) -> String {
    let mut line = format!("curl -X {} {}", sent.method, quoted(&sent.target));
    for (name, value) in &sent.headers {
        line.push_str(&format!(" -H {}", quoted(&format!("{name}: {value}"))));
    }
    if !sent.body.is_empty() {
        let body = String::from_utf8_lossy(&sent.body);
        line.push_str(&format!(" -d {}", quoted(&short(&body))));
    }
    line
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A text cut to what a finding quotes.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(QUOTED_MAX) {
        None => text.into(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
