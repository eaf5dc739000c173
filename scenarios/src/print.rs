//! From scenario to text, as a person would have written it: T-SQL stands in literal blocks.

use crate::format::{Scenario, ScenarioStep};
use crate::role::{ScenarioActor, Side};

/// Prints a scenario; what is printed reads back the same.
///
/// # Panics
/// Never: a scenario is text, lists and maps.
pub fn print(scenario: &Scenario) -> String {
    let yaml = |scenario: &Scenario| {
        serde_yaml::to_string(scenario).expect("a scenario is text, lists and maps")
    };
    let plain = yaml(scenario);
    // A word that stands nowhere else holds the place of each block.
    let mut holder = String::from("batch-block");
    while plain.contains(&holder) {
        holder.push('-');
    }
    let mut held = scenario.clone();
    let mut blocks = Vec::new();
    for step in &mut held.steps {
        if let Some(batch) = &mut step.batch
            && let Some(block) = block(batch)
        {
            blocks.push(block);
            holder.clone_into(batch);
        }
    }
    let held = yaml(&held);
    let line = format!("  batch: {holder}\n");
    let mut pieces = held.split(&line);
    let mut printed = pieces.next().unwrap_or_default().to_owned();
    for (piece, block) in pieces.zip(blocks) {
        printed.push_str("  batch: ");
        printed.push_str(&block);
        printed.push_str(piece);
    }
    printed
}

/// A step for people: who takes it, and what he says.
pub fn told(step: &ScenarioStep) -> (String, String) {
    let side = |side: Side| match side {
        Side::Tenant(role) => role.to_string(),
        Side::Shared => "the shared database".to_owned(),
        Side::Server => "the server".to_owned(),
    };
    let who = match &step.actor {
        ScenarioActor::Principal { role, name, .. } => format!("{name} of {role}"),
        ScenarioActor::Administrator(home) => format!("administrator at {}", side(home.side)),
        ScenarioActor::Keeper { place, .. } => format!("keeper at {}", side(place.side)),
        ScenarioActor::Anonymous => "somebody without credentials".to_owned(),
    };
    let what = match (&step.request, &step.batch) {
        (Some(request), _) => format!("{} {}", request.method, request.path),
        (None, Some(batch)) => batch.clone(),
        (None, None) => String::new(),
    };
    (who, what)
}

/// A text as a literal block, indented for a step; `None` when it must be quoted.
fn block(text: &str) -> Option<String> {
    let (lines, marker) = match text.strip_suffix('\n') {
        Some(lines) => (lines, "|"),
        None => (text, "|-"),
    };
    let first = lines.chars().next()?;
    let is_printable = |c: char| {
        matches!(c, '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{2027}' | '\u{202a}'..='\u{d7ff}')
            || matches!(c, '\u{e000}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
            || c >= '\u{10000}'
    };
    if first.is_whitespace() || lines.ends_with('\n') || !text.chars().all(is_printable) {
        return None;
    }
    let mut block = format!("{marker}\n");
    for line in lines.split('\n') {
        if !line.is_empty() {
            block.push_str("    ");
            block.push_str(line);
        }
        block.push('\n');
    }
    Some(block)
}
