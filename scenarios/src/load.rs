//! From text to scenario: what is wrong with a file, where, and what to do about it.

use crate::format::{Duty, Purpose, Scenario, ScenarioAttack, ScenarioStep};

/// A case file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}")]
pub struct LoadError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a scenario.
///
/// # Errors
/// When the text is no scenario: the place and what was expected.
pub fn load(file: &str, text: &str) -> Result<Scenario, LoadError> {
    let at = |line, column, reason| LoadError {
        file: file.to_owned(),
        line,
        column,
        reason,
    };
    let scenario: Scenario = serde_yaml::from_str(text).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((1, 1), |place| (place.line(), place.column()));
        at(line, column, error.to_string())
    })?;
    let line_of = |key: &str| {
        let opening = format!("{key}:");
        let line = text.lines().position(|line| line.starts_with(&opening));
        line.map_or(1, |line| line + 1)
    };
    if let Some((key, reason)) = mistake(&scenario) {
        return Err(at(line_of(key), 1, reason));
    }
    let is_of_the_api = scenario.is_of_the_api();
    let is_written = scenario.found.is_none();
    for (index, step) in scenario.steps.iter().enumerate() {
        let reason = mistake_in(step, index, is_of_the_api, scenario.steps.len())
            .or_else(|| is_written.then(|| ahead(step, index)).flatten());
        if let Some(reason) = reason {
            return Err(at(line_of_step(text, index), 1, reason));
        }
    }
    Ok(scenario)
}

/// What is wrong with the scenario as a whole, and the key that it belongs to.
fn mistake(scenario: &Scenario) -> Option<(&'static str, String)> {
    let told = |key, reason: &str| Some((key, reason.to_owned()));
    match (&scenario.inspection, scenario.steps.is_empty()) {
        (None, true) => return told("steps", "a scenario has at least one step"),
        (Some(_), false) => {
            return told("inspection", "an inspection looks, and takes no steps");
        }
        (Some(_), true) if scenario.found.is_none() => {
            return told("inspection", "an inspection needs `found`: what it saw");
        }
        _ => {}
    }
    if let Some(found) = &scenario.found
        && domain::case::CaseId::parse(&found.case).is_none()
    {
        let case = &found.case;
        let reason = format!("`case: {case}` is no phase and number, such as sweep-17");
        return Some(("found", reason));
    }
    let steps = scenario.steps.len();
    if let Some(step) = scenario.found.as_ref().and_then(|found| found.step)
        && !(1..=steps).contains(&step)
    {
        let reason = format!("`step: {step}` is none of the {steps} steps, counted from 1");
        return Some(("found", reason));
    }
    if scenario.found.is_none() && scenario.precondition.is_empty() {
        return told(
            "title",
            "a hand-written scenario says its `precondition`: what must be there or open",
        );
    }
    let cast = scenario.cast.as_ref()?;
    let mut positions: Vec<usize> = cast.roles().iter().map(|(_, position)| *position).collect();
    positions.sort_unstable();
    if positions.first() == Some(&0) {
        return told("cast", "tenants are counted from 1");
    }
    let is_double = positions.windows(2).any(|pair| pair[0] == pair[1]);
    if is_double {
        return told("cast", "no tenant plays two roles");
    }
    None
}

/// What is wrong with one step.
fn mistake_in(
    step: &ScenarioStep,
    index: usize,
    is_of_the_api: bool,
    count: usize,
) -> Option<String> {
    let told = |reason: &str| Some(reason.to_owned());
    match (&step.batch, &step.request) {
        (Some(_), None) | (None, Some(_)) => {}
        _ => return told("a step has a `batch` or a `request`, and not both"),
    }
    if let Some(reason) = step.request.as_ref().and_then(|request| request.mistake()) {
        return told(reason);
    }
    if !is_of_the_api {
        if step.request.is_some() {
            return told("a request needs a `stance`, such as `stance: attack`");
        }
        if step.twin.is_some() && (step.claim.is_none() || !step.actor.is_principal()) {
            return told("a step with a twin is an attack: it needs an attacker and a claim");
        }
        return None;
    }
    let Some(stance) = step.stance else {
        return told(
            "where there are requests every step has a `stance`, such as `stance: prepare`",
        );
    };
    if step.claim.is_some() || step.twin.is_some() {
        return told(
            "where there are requests, `stance` says what a step is for; no claim, no twin",
        );
    }
    if step.operation.is_some() && step.request.is_none() {
        return told("`operation` belongs to a request");
    }
    match (stance.is_about_an_attack(), step.about) {
        (false, None) => {}
        (true, Some(about)) if (1..=count).contains(&about) => {}
        (true, Some(about)) => {
            return Some(format!(
                "`about: {about}` names no step; there are {count}, counted from 1"
            ));
        }
        (true, None) => return told("it needs `about`: the number of the attack, from 1"),
        (false, Some(_)) => {
            return told("`about` belongs to the stances arm, witness and counterpart");
        }
    }
    match (stance == Purpose::Attack, &step.attack) {
        (true, None) => told("an attack says under `attack` what it tries"),
        (false, Some(_)) => told("`attack` belongs to `stance: attack`"),
        (true, Some(attack)) => mistake_in_attack(attack, index),
        (false, None) => None,
    }
}

fn mistake_in_attack(attack: &ScenarioAttack, index: usize) -> Option<String> {
    let needs = |duty: Duty, is_there: bool, key: &str| {
        let wanted = attack.must == duty;
        (wanted != is_there).then(|| {
            let name = Duty::NAMES[duty as usize];
            if wanted {
                format!("`must: {name}` needs `{key}`")
            } else {
                format!("`{key}` belongs to `must: {name}`")
            }
        })
    };
    needs(Duty::BeRefusedNaming, attack.field.is_some(), "field")
        .or_else(|| needs(Duty::Repeat, attack.step.is_some(), "step"))
        .or_else(|| needs(Duty::OneOf, attack.count.is_some(), "count"))
        .or_else(|| {
            let step = attack.step?;
            let is_earlier = (1..=index).contains(&step);
            (!is_earlier).then(|| format!("`step: {step}` is no earlier step, counted from 1"))
        })
}

/// A reference to a step that is not over when this one begins.
fn ahead(step: &ScenarioStep, index: usize) -> Option<String> {
    let text = serde_json::to_string(step).ok()?;
    text.split("{{step ").skip(1).find_map(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let number: usize = digits.parse().ok()?;
        (number == 0 || number > index).then(|| {
            format!(
                "step {} refers to step {number}, which is none before it",
                index + 1
            )
        })
    })
}

/// The line on which the `index`-th step begins.
fn line_of_step(text: &str, index: usize) -> usize {
    text.lines()
        .enumerate()
        .filter(|(_, line)| line.starts_with("- ") || line.starts_with("  - "))
        .skip_while(|(_, line)| !line.contains("actor:"))
        .filter(|(_, line)| line.contains("actor:"))
        .nth(index)
        .map_or(1, |(number, _)| number + 1)
}

#[cfg(test)]
mod tests {
    use super::load;
    use crate::print;

    const SMALL: &str = "\
id: small
title: Small
story: |
  Two
  lines.
design: database-per-tenant
controls:
- D03
catalogue:
- A01
precondition: None.
needs:
- ledger
expectation: Refused.
steps:
- actor:
    attacker: app_rw
  claim:
    action: delete
    of: attacker
    object: dbo.AuditEvents
  twin:
    administrator: attacker
  treatment:
    writes: true
  batch: |
    DELETE FROM dbo.AuditEvents
    WHERE 1 = 1;
";

    #[test]
    fn what_is_printed_reads_back_the_same() {
        let scenario = load("small.yaml", SMALL).expect("valid");
        assert_eq!(print(&scenario), SMALL);
        assert_eq!(load("small.yaml", &print(&scenario)), Ok(scenario));
    }

    #[test]
    fn whoever_acts_for_less_than_a_tenant_is_read_and_printed() {
        for (fields, printed) in [
            (
                "attacker: service, department: 1",
                "    attacker: service\n    department: 1\n",
            ),
            (
                "victim: service, checked_out: false",
                "    victim: service\n    checked_out: false\n",
            ),
            (
                "attacker: service, checked_out: true",
                "    attacker: service\n",
            ),
            (
                "keeper: victim, unguarded: dbo.Ledger",
                "    keeper: victim\n    unguarded: dbo.Ledger\n",
            ),
        ] {
            let text = SMALL.replace(
                "    administrator: attacker\n",
                &format!("    {}\n", fields.replace(", ", "\n    ")),
            );
            let scenario = load("small.yaml", &text).expect("valid");
            assert!(print(&scenario).contains(printed), "{fields}");
        }
        for (fields, reason) in [
            (
                "keeper: victim, department: 1",
                "belong to an attacker or a victim",
            ),
            ("attacker: service, unguarded: dbo.T", "belongs to a keeper"),
            ("attacker: service, keeper: victim", "an actor is one of"),
            (
                "attacker: service, department: 1, checked_out: false",
                "exclude each other",
            ),
        ] {
            let text = SMALL.replace(
                "    administrator: attacker\n",
                &format!("    {}\n", fields.replace(", ", "\n    ")),
            );
            let error = load("small.yaml", &text).expect_err(fields);
            assert!(error.reason.contains(reason), "{error}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (from, to, line, part) in [
            ("title:", "titel:", 2, "unknown field `titel`"),
            (
                "    action: delete",
                "    action: remove",
                19,
                "unknown variant `remove`",
            ),
            (
                "    attacker: app_rw",
                "    attaker: app_rw",
                17,
                "unknown field `attaker`",
            ),
            (
                "    attacker: app_rw",
                "    administrator: victim",
                16,
                "needs an attacker",
            ),
            (
                "  claim:\n    action: delete\n    of: attacker\n    object: dbo.AuditEvents\n",
                "",
                16,
                "needs an attacker and a claim",
            ),
            ("- ledger", "- legder", 13, "unknown variant `legder`"),
            ("precondition: None.\n", "", 2, "says its `precondition`"),
            (
                "    DELETE FROM dbo.AuditEvents\n",
                "    DELETE {{step 1 column Id}}\n",
                16,
                "step 1 refers to step 1, which is none before it",
            ),
            (
                "steps:",
                "cast:\n  attacker: 0\nsteps:",
                15,
                "counted from 1",
            ),
            (
                "steps:",
                "cast:\n  attacker: 2\n  victim: 2\nsteps:",
                15,
                "no tenant plays two roles",
            ),
            (
                "  treatment:\n",
                "  stance: arm\n  treatment:\n",
                16,
                "no claim, no twin",
            ),
        ] {
            let text = SMALL.replacen(from, to, 1);
            let error = load("small.yaml", &text).expect_err(to);
            assert!(error.reason.contains(part), "{error}");
            assert_eq!(error.line, line, "{error}");
        }
    }

    #[test]
    fn mistakes_in_requests_are_told_with_their_place() {
        const CALLS: &str = "\
id: small
title: Small
story: Small.
design: both
controls:
- D01
precondition: None.
expectation: Refused.
steps:
- actor:
    victim: clerk
  stance: prepare
  operation: POST /items
  request:
    method: POST
    path: /items
    json:
      name: '{{victim.mark}} one'
- actor:
    attacker: clerk
  stance: attack
  attack:
    controls:
    - D01
    family: foreign-identifier
    position: path id
    victim:
      victim: clerk
    must: be_refused
  operation: GET /items/{id}
  request:
    method: GET
    path: /items/{{step 1 /id}}
- actor:
    victim: clerk
  stance: arm
  about: 2
  operation: GET /items/{id}
  request:
    method: GET
    path: /items/{{step 1 /id}}
";
        let scenario = load("calls.yaml", CALLS).expect("valid");
        assert_eq!(print(&scenario), CALLS);
        for (from, to, line, part) in [
            ("  stance: prepare\n", "", 10, "every step has a `stance`"),
            ("  about: 2\n", "", 34, "needs `about`"),
            ("about: 2", "about: 4", 34, "there are 3"),
            (
                "must: be_refused",
                "must: be_refused_naming",
                19,
                "needs `field`",
            ),
            (
                "must: be_refused",
                "must: repeat\n    step: 2",
                19,
                "no earlier step",
            ),
            (
                "must: be_refused",
                "must: be_refused\n    count: 2",
                19,
                "belongs to `must: one_of`",
            ),
            (
                "    json:",
                "    text: a\n    json:",
                10,
                "a request has one body",
            ),
            (
                "    json:\n      name",
                "    text",
                10,
                "needs a `media_type`",
            ),
            (
                "/items/{{step 1 /id}}",
                "/items/{{step 3 /id}}",
                19,
                "step 2 refers to step 3",
            ),
            (
                "stance: attack",
                "stance: attacks",
                21,
                "unknown variant `attacks`",
            ),
        ] {
            let text = CALLS.replacen(from, to, 1);
            let error = load("calls.yaml", &text).expect_err(to);
            assert!(error.reason.contains(part), "{error}");
            assert_eq!(error.line, line, "{error}");
        }
    }
}
