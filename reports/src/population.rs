//! What does an auditor draw a sample from? Every cell of every system as one row of a table, none left
//! out, in an order that does not depend on what came out.

use domain::event::CellVerdict;
use record::Record;

use crate::hostile::csv::row;
use crate::overview::Overview;

/// The columns.
const HEAD: [&str; 14] = [
    "system", "cell", "class", "who", "what", "how", "whose", "controls", "attempts", "armed",
    "outcome", "reason", "causes", "record",
];

/// Renders the table.
pub fn render(record: &Record) -> Vec<u8> {
    let overview = Overview::new(record);
    let mut document = row(HEAD);
    for system in &overview.systems {
        let files = system.case_files();
        for one in &system.cells {
            let cell = one.cell;
            let controls: Vec<&str> = cell.controls.iter().map(|id| id.0.as_str()).collect();
            let causes: Vec<&str> = one.causes.iter().map(|cause| cause.id.as_str()).collect();
            let reason = match &cell.result {
                CellVerdict::Held => "",
                CellVerdict::Violated { text, .. } | CellVerdict::Inconclusive { text, .. } => text,
                CellVerdict::NotApplicable { reason } => reason,
            };
            document.push_str(&row([
                system.run.key.as_str(),
                &cell.name,
                &cell.class,
                &cell.at.who,
                &cell.at.what,
                &cell.at.how,
                &cell.at.whose,
                &controls.join(" "),
                &cell.attempts.to_string(),
                &cell.armed.to_string(),
                one.outcome.word(),
                reason,
                &causes.join(" "),
                &files.join(" "),
            ]));
        }
    }
    document.into_bytes()
}
