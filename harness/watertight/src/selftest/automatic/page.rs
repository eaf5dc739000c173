//! What became of every automatic fault, as a table for the terminal and as a page of the documentation,
//! which a test holds to the fixtures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Ending, Outcome};

/// The outcomes of each design, by its name.
pub(crate) type Outcomes = BTreeMap<String, Vec<Outcome>>;

/// How many of those with the same reason are named, unless something is left to be done about them.
const SHOWN_MAX: usize = 3;

/// The closing report.
pub(crate) fn report(all: &Outcomes) -> String {
    let mut text = String::new();
    for (design, outcomes) in all {
        let _ = writeln!(text, "{design}: {} automatic faults", outcomes.len());
        for ((kind, ending), count) in counts(outcomes) {
            let _ = writeln!(text, "  {kind:<20} {:<36} {count:>5}", ending.words());
        }
        for outcome in outcomes {
            if matches!(
                outcome.ending,
                Ending::Survives | Ending::ToldAsInconclusive
            ) {
                let words = outcome.ending.words();
                let _ = writeln!(text, "  {words}: {} ({})", outcome.id, outcome.why);
            }
        }
    }
    text
}

fn counts(outcomes: &[Outcome]) -> BTreeMap<(&str, Ending), usize> {
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        *counts
            .entry((outcome.kind.as_str(), outcome.ending))
            .or_default() += 1;
    }
    counts
}

/// The page.
pub(crate) fn page(all: &Outcomes) -> String {
    let mut text = String::from(
        "# Automatic faults

Each safeguard of the fixtures, taken away by itself, and each plausible right that nobody declared, given: does a
run show it, and if not, why? This page is written by
`watertight selftest --automatic --docs docs/mutants.md`; a test holds it to the fixtures. The faults are made
from the catalog of the provisioned system, so nobody chose them.

- *caught under a promise*: an inspection or a planned case finds it; random cases are not needed. That a change of the
  schema was not registered (D17) does not count, for what was never written would have been registered like that.
- *told as inconclusive*: the run says that it could not decide about a promise, and so does not pass.
- *equivalent*: nobody may do anything else than before, as the server works it out; not attacked. Or a trigger that
  nobody gets as far as, attacked in vain.
- *cannot be made*: the server refuses to be without it.
- *promises nothing*: nothing that is declared is about it, for the reason given. Rights and constraints are not
  attacked then; a condition was attacked in vain first.
- *survives*: everything planned was tried, and nothing explains it. Each is a hole in the attacks.

Inspections are asked before attacks are made, and the first that shows a fault ends the search: that a right is caught by
`undeclared_rights` does not say that no attack would show it, and where nothing can be done with it as yet, because a
view cannot be changed through or a foreign key stops every DELETE, none does. What only those who deploy may use is
planted together with an ordinary deployment. Every fault with its reason: `--json FILE`.

",
    );
    for (design, outcomes) in all {
        let _ = writeln!(text, "## {design}\n");
        let _ = writeln!(
            text,
            "| how it was made | came to | faults |\n|---|---|---:|"
        );
        for ((kind, ending), count) in counts(outcomes) {
            let _ = writeln!(text, "| {kind} | {} | {count} |", ending.words());
        }
        for ending in Ending::ALL {
            let mut reasons: BTreeMap<String, Vec<&Outcome>> = BTreeMap::new();
            for outcome in outcomes.iter().filter(|one| one.ending == ending) {
                reasons.entry(general(outcome)).or_default().push(outcome);
            }
            if reasons.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n### {design}: {}\n", ending.words());
            let is_open = matches!(ending, Ending::Survives | Ending::ToldAsInconclusive);
            let shown_max = if is_open { usize::MAX } else { SHOWN_MAX };
            for (why, outcomes) in reasons {
                let ids: Vec<String> = outcomes
                    .iter()
                    .take(shown_max)
                    .map(|outcome| format!("`{}`", outcome.id))
                    .collect();
                let eg = if outcomes.len() > ids.len() {
                    "such as "
                } else {
                    ""
                };
                let count = outcomes.len();
                let _ = writeln!(text, "- {}: {count}, {eg}{}", plain(&why), ids.join(", "));
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// The reason without what only this fault has: what stands in parentheses at its end, and between quotes.
fn general(outcome: &Outcome) -> String {
    let why = outcome.why.as_str();
    let why = match (why.split_once(" ("), why.ends_with(')')) {
        (Some((general, _)), true) => general,
        _ => why,
    };
    let mut parts = why.split(" '");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let after = part.split_once('\'').map_or(part, |(_, after)| after);
        text.push_str(" …");
        text.push_str(after);
    }
    text
}

/// A reason as Markdown takes it for text.
fn plain(why: &str) -> String {
    let mut text = String::new();
    for letter in why.chars() {
        if matches!(letter, '*' | '_' | '<' | '`' | '[' | '|') {
            text.push('\\');
        }
        text.push(if letter == '\n' { ' ' } else { letter });
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::seed::Seed;

    use super::{Outcomes, general, page, report};
    use crate::preparation::DEMONSTRATIONS;
    use crate::selftest::automatic::{Ending, Outcome, catalog};
    use crate::selftest::ground::Ground;

    #[test]
    fn alike_reasons_are_told_once() {
        for (why, expected) in [
            (
                "another GRANT gives the same (GRANT A on b)",
                "another GRANT gives the same",
            ),
            ("a (b) goes on", "a (b) goes on"),
            (
                "Cannot drop 'PK' of table 'T'.",
                "Cannot drop … of table ….",
            ),
            (
                "the tenant's rows are his (all)",
                "the tenant's rows are his",
            ),
        ] {
            let outcome = Outcome {
                id: "a".into(),
                kind: "trigger off".into(),
                ending: Ending::CannotBeMade,
                why: why.into(),
                ms: 3,
            };
            assert_eq!(general(&outcome), expected, "{why}");
        }
    }

    #[test]
    fn what_survives_is_told_first_and_everything_is_told() {
        let outcome = |id: &str, ending, why: &str| Outcome {
            id: id.into(),
            kind: "trigger off".into(),
            ending,
            why: why.into(),
            ms: 3,
        };
        let all: Outcomes = [(
            "shared-database".to_owned(),
            vec![
                outcome("a", Ending::Caught, "D09, by frozen_rows"),
                outcome("b", Ending::Survives, "no case"),
            ],
        )]
        .into();
        let text = page(&all);
        let place = |part: &str| text.find(part).expect(part);
        assert!(place("- no case: 1, `b`") < place("- D09, by frozen\\_rows: 1, `a`"));
        assert!(report(&all).contains("survives: a hole in the attacks: b (no case)"));
    }

    /// Write the page anew with `watertight selftest --automatic --docs docs/mutants.md` when a fixture has
    /// other safeguards than before.
    #[tokio::test]
    async fn the_page_tells_of_every_fault_and_of_no_other() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/mutants.md");
        let written = std::fs::read_to_string(path).expect("the page is there");
        for design in DEMONSTRATIONS {
            let heading = format!("## {design}\n");
            let (_, own) = written
                .split_once(&heading)
                .expect("the design has its part");
            let own = own.split("\n## ").next().unwrap_or_default();
            let mut told: BTreeMap<&str, usize> = BTreeMap::new();
            for row in own.lines().filter_map(|line| line.strip_prefix("| ")) {
                let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
                if let [kind, _, count] = cells[..]
                    && let Ok(count) = count.parse::<usize>()
                {
                    *told.entry(kind).or_default() += count;
                }
            }
            let ground = Ground::provision(design, Seed(1), 2)
                .await
                .unwrap_or_else(|failure| panic!("{design}: {:#}", failure.error));
            let mut made: BTreeMap<&str, usize> = BTreeMap::new();
            for place in ground.places() {
                match catalog::automatic(&ground, &place).await {
                    Ok((all, _)) => {
                        for one in all {
                            *made.entry(one.change.kind()).or_default() += 1;
                        }
                    }
                    Err(failure) => panic!("{design}: {:#}", failure.error),
                }
            }
            assert_eq!(told, made, "{design}");
            assert!(ground.dispose().await.is_ok());
        }
    }
}
