//! What became of every automatic fault, as a table for the terminal and as a page of the documentation,
//! which a test holds to the fixtures.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Ending, Outcome};

/// The outcomes of each design, by its name.
pub(crate) type Outcomes = BTreeMap<String, Vec<Outcome>>;

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
- *promises nothing*: nothing that is declared is about it, for the reason given; not attacked.
- *survives*: everything planned was tried, and nothing explains it. Each is a hole in the attacks.

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
            let mut reasons: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
            for outcome in outcomes.iter().filter(|one| one.ending == ending) {
                reasons.entry(&outcome.why).or_default().push(outcome);
            }
            if reasons.is_empty() {
                continue;
            }
            let _ = writeln!(text, "\n### {design}: {}", ending.words());
            for (why, outcomes) in reasons {
                let _ = writeln!(text, "\n{}:\n", plain(why));
                for outcome in outcomes {
                    let _ = writeln!(text, "- `{}`", outcome.id);
                }
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
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
    use std::collections::BTreeSet;

    use domain::seed::Seed;

    use super::{Outcomes, page, report};
    use crate::preparation::DEMONSTRATIONS;
    use crate::selftest::automatic::{Ending, Outcome, catalog};
    use crate::selftest::ground::Ground;

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
        assert!(place("- `b`") < place("- `a`"));
        assert!(text.contains("D09, by frozen\\_rows:"));
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
            let told: Vec<&str> = own
                .lines()
                .filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`'))
                .collect();
            let ground = Ground::provision(design, Seed(1), 2)
                .await
                .unwrap_or_else(|failure| panic!("{design}: {:#}", failure.error));
            let mut made = Vec::new();
            for place in ground.places() {
                match catalog::automatic(&ground, &place).await {
                    Ok((all, _)) => made.extend(all.into_iter().map(|one| one.id)),
                    Err(failure) => panic!("{design}: {:#}", failure.error),
                }
            }
            assert_eq!(told.len(), made.len(), "{design}");
            let told: BTreeSet<&str> = told.into_iter().collect();
            let made: BTreeSet<&str> = made.iter().map(String::as_str).collect();
            let difference: Vec<_> = made.symmetric_difference(&told).collect();
            assert!(difference.is_empty(), "{design}: {difference:?}");
            assert!(ground.dispose().await.is_ok());
        }
    }
}
