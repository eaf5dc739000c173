//! One card for each cause: the contradiction in words, what shows it, the shortest case, and the command
//! that repeats it.

use std::fmt::Write as _;

use domain::api::case::Act;
use domain::api::request::{Body, Request};
use domain::case::Actor;
use domain::cause::{AnyCase, Standing};
use domain::finding::Confidence;
use domain::world::TenantIndex;
use record::model::CauseRecord;

use super::markup::Markup;
use crate::hostile::{file_name::file_name, shortened};
use crate::mapping;
use crate::overview::{Outcome, Overview, SystemOverview, standing_sentence};
use crate::sarif::severity_word;
use crate::terminal;

/// Steps that are shown of a case; a longer one lies in its file.
const STEPS_MAX: usize = 30;

/// Characters that are shown of a statement or request.
const BATCH_MAX: usize = 4000;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    if overview.causes().next().is_none() {
        page.paragraph("None: nothing that was attempted had a forbidden effect, and nothing that was looked at was amiss.");
        return;
    }
    page.paragraph("One card for each cause: findings that one repair would make disappear. The worst come first.");
    for system in &overview.systems {
        if system.causes.is_empty() {
            continue;
        }
        page.raw("<h3>").theirs(&system.run.name).raw("</h3>\n");
        let mut causes: Vec<&CauseRecord> = system.causes.iter().collect();
        // What counts first, then the worst; the order of the record decides between equals.
        causes.sort_by_key(|cause| {
            (
                cause.standing != Standing::New,
                std::cmp::Reverse(cause.finding.severity),
            )
        });
        for cause in causes {
            card(page, system, cause, overview);
        }
    }
}

/// Where a cause's card stands.
pub(super) fn anchor(system: &SystemOverview<'_>, cause: &CauseRecord) -> String {
    format!(
        "cause-{}-{}",
        file_name(&system.run.key),
        file_name(&cause.id)
    )
}

fn card(
    page: &mut Markup,
    system: &SystemOverview<'_>,
    cause: &CauseRecord,
    overview: &Overview<'_>,
) {
    let finding = &cause.finding;
    let outcome = match cause.standing {
        Standing::New => Outcome::Violated,
        Standing::Known => Outcome::Known,
        Standing::Waived(_) => Outcome::Waived,
    };
    page.raw("<article class=\"card o-")
        .raw(outcome.key())
        .raw("\" id=\"")
        .text(&anchor(system, cause))
        .raw("\">\n<header>");
    page.verdict(outcome)
        .raw("<span class=\"severity s-")
        .raw(severity_word(finding.severity))
        .raw("\">");
    page.raw(severity_word(finding.severity)).raw("</span>");
    for control in &cause.controls {
        page.raw("<span class=\"chip\">")
            .text(&control.0)
            .raw("</span>");
    }
    page.raw("<code class=\"id\">")
        .text(&cause.id)
        .raw("</code></header>\n<h4>")
        .theirs(&shortened(&finding.sentence, 600))
        .raw("</h4>\n");
    if let Some(standing) = standing_sentence(&cause.standing) {
        page.raw("<p class=\"standing\">")
            .text(&standing)
            .raw("</p>\n");
    }
    if !cause.contradiction.is_empty() {
        page.raw("<ol class=\"contradiction\">\n");
        for line in &cause.contradiction {
            page.raw("<li>")
                .theirs(&shortened(line, 600))
                .raw("</li>\n");
        }
        page.raw("</ol>\n");
    }
    page.block(&shortened(&finding.batch, BATCH_MAX));
    evidence(page, cause);
    shortest(page, system, cause);
    blast_radius(page, cause);
    touched(page, cause, overview);
    page.raw("</article>\n");
}

fn evidence(page: &mut Markup, cause: &CauseRecord) {
    let finding = &cause.finding;
    let mut rows: Vec<(&'static str, String)> = Vec::new();
    rows.push((
        "confidence",
        match finding.confidence {
            Confidence::Seen => "seen once, not confirmed".to_owned(),
            Confidence::Confirmed { k, n } => {
                format!("confirmed {k} of {n} times from a clean state")
            }
            Confidence::Unstable { n } => format!("did not show again in {n} tries"),
        },
    ));
    for sighting in finding.sightings.iter().take(4) {
        rows.push((
            "surfaced",
            format!(
                "“{}” in {}",
                shortened(&sighting.value, 120),
                sighting.place
            ),
        ));
    }
    for line in finding
        .changes
        .iter()
        .flat_map(terminal::change_lines)
        .take(6)
    {
        rows.push(("changed", line));
    }
    rows.push((
        "seen",
        format!(
            "{} in the run, first in case {}, step {}",
            terminal::counted(finding.occurrences, "time"),
            finding.case,
            finding.step + 1
        ),
    ));
    let mut weaknesses: Vec<String> = Vec::new();
    for control in &cause.controls {
        for number in mapping::weaknesses(control) {
            let weakness = format!("CWE-{number} {}", mapping::weakness_title(number));
            if !weaknesses.contains(&weakness) {
                weaknesses.push(weakness);
            }
        }
    }
    if !weaknesses.is_empty() {
        rows.push(("weakness", weaknesses.join("; ")));
    }
    page.raw("<dl class=\"evidence\">\n");
    for (name, value) in rows {
        page.raw("<div><dt>")
            .raw(name)
            .raw("</dt><dd>")
            .theirs(&value)
            .raw("</dd></div>\n");
    }
    page.raw("</dl>\n");
}

fn shortest(page: &mut Markup, system: &SystemOverview<'_>, cause: &CauseRecord) {
    let Some(shrunk) = &cause.shrunk else {
        page.raw("<p class=\"repeat\">The case is number <code>")
            .text(&cause.finding.case.to_string())
            .raw("</code> of ");
        for file in system.case_files() {
            page.file(file).raw(" ");
        }
        page.raw("; it was not made shorter.</p>\n");
        return;
    };
    let names = system.plan.map_or(&[][..], |plan| &plan.tenants);
    let steps = steps(&shrunk.case, names);
    page.raw("<details open><summary>The shortest case: ")
        .text(&terminal::counted(shrunk.steps_after as u64, "step"));
    if shrunk.steps_before > shrunk.steps_after {
        page.raw(" instead of ").number(shrunk.steps_before as u64);
    }
    page.raw(if shrunk.is_minimal {
        ", and nothing can be left out"
    } else {
        ", as far as time allowed"
    });
    page.raw("</summary>\n<ol class=\"steps\">\n");
    for (who, what) in steps.iter().take(STEPS_MAX) {
        page.raw("<li><span class=\"who\">")
            .theirs(who)
            .raw("</span>")
            .block(&shortened(what, BATCH_MAX))
            .raw("</li>\n");
    }
    page.raw("</ol>\n");
    if steps.len() > STEPS_MAX {
        page.raw("<p>And ")
            .number((steps.len() - STEPS_MAX) as u64)
            .raw(" more.</p>\n");
    }
    page.raw("</details>\n<p class=\"repeat\">Repeat it: ");
    page.code(&format!("watertight replay {}", shrunk.case_file));
    page.raw(" · judge it without a target: ");
    page.code(&format!("watertight judge {}", shrunk.history_file));
    page.raw("</p>\n");
}

fn steps(case: &AnyCase, names: &[String]) -> Vec<(String, String)> {
    match case {
        AnyCase::Sql(case) => case
            .steps
            .iter()
            .map(|step| (actor(&step.actor, names), step.batch.clone()))
            .collect(),
        AnyCase::Api(case) => case
            .steps
            .iter()
            .map(|step| match &step.act {
                Act::Call {
                    caller,
                    operation,
                    request,
                } => {
                    let who = actor(&Actor::Caller(caller.clone()), names);
                    let stance = match step.attack() {
                        Some(attack) => {
                            format!("attacks ({} in {})", attack.family, attack.position)
                        }
                        None => stance(&step.stance).to_owned(),
                    };
                    (format!("{who} {stance}"), request_text(operation, request))
                }
                Act::Batch {
                    actor: by, batch, ..
                } => (actor(by, names), batch.clone()),
            })
            .collect(),
    }
}

/// A request as people write it down.
fn request_text(operation: &str, request: &Request) -> String {
    let mut text = format!("{} {}", request.method, request.path);
    for (position, (name, value)) in request.query.iter().enumerate() {
        let _ = write!(
            text,
            "{}{name}={value}",
            if position == 0 { '?' } else { '&' }
        );
    }
    for (name, value) in &request.headers {
        let _ = write!(text, "\n{name}: {value}");
    }
    match &request.body {
        Some(Body::Json { value, .. }) => {
            let _ = write!(text, "\n{value}");
        }
        Some(Body::Form(fields)) => {
            for (name, value) in fields {
                let _ = write!(text, "\n{name}={value}");
            }
        }
        Some(_) => text.push_str("\n(a body that is no text)"),
        None => {}
    }
    if operation.is_empty() {
        text.push_str("\n(no operation of the contract)");
    }
    text
}

fn stance(stance: &domain::api::case::Stance) -> &'static str {
    use domain::api::case::Stance;
    match stance {
        Stance::Prepare => "prepares",
        Stance::Attack(_) => "attacks",
        Stance::Arm { .. } => "the rightful owner does the same",
        Stance::Witness { .. } => "the owner looks at what is attacked",
        Stance::Counterpart { .. } => "asks alike for something that never was",
        Stance::Wander => "goes on",
    }
}

fn actor(actor: &Actor, names: &[String]) -> String {
    let of = |tenant: &TenantIndex| {
        names
            .get(tenant.0)
            .map_or_else(|| format!("tenant {}", tenant.0 + 1), Clone::clone)
    };
    match actor {
        Actor::Principal { tenant, principal }
        | Actor::Scoped {
            tenant, principal, ..
        } => {
            format!("{principal} of {}", of(tenant))
        }
        Actor::Administrator { .. } => "the administrator".to_owned(),
        Actor::Keeper { .. } => "the administrator, with everything out of the way".to_owned(),
        Actor::Caller(caller) => match &caller.tenant {
            Some(tenant) => format!("{} of {}", caller.actor, of(tenant)),
            None => caller.actor.clone(),
        },
    }
}

fn blast_radius(page: &mut Markup, cause: &CauseRecord) {
    if cause.blast_radius.is_empty() {
        return;
    }
    page.raw("<details><summary>Blast radius: ")
        .text(&terminal::counted(
            cause.blast_radius.len() as u64 + 1,
            "way",
        ))
        .raw(" in which the same mistake shows</summary>\n<ul>\n");
    let own = std::iter::once(&cause.finding.fingerprint);
    for one in own.chain(&cause.blast_radius).take(100) {
        page.raw("<li>")
            .theirs(&format!(
                "{}: {} on {} of {}",
                one.attacker, one.action, one.place, one.victim
            ))
            .raw("</li>\n");
    }
    page.raw("</ul></details>\n");
}

fn touched(page: &mut Markup, cause: &CauseRecord, _overview: &Overview<'_>) {
    let mut last = String::new();
    let mut any = false;
    for one in mapping::requirements() {
        if !one.promises.iter().any(|id| cause.controls.contains(id)) {
            continue;
        }
        if !any {
            page.raw("<details><summary>Requirements that this is an exception to</summary>\n<ul class=\"touched\">\n");
        }
        let framework = format!("{} {}", one.framework, one.version);
        if framework != last {
            page.raw(if any {
                "</li>\n<li><strong>"
            } else {
                "<li><strong>"
            });
            page.text(&framework).raw("</strong>: ");
        } else {
            page.raw(", ");
        }
        page.text(&one.id);
        last = framework;
        any = true;
    }
    if any {
        page.raw("</li>\n</ul></details>\n");
    }
}
