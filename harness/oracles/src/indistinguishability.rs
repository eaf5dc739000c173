//! Indistinguishability: a row of another and a row that never was are answered alike, and a key
//! that another uses is as good as one that nobody uses.
//!
//! Judged on pairs of steps that say the same words about two values. What is compared is all that
//! the speaker gets: errors, messages, counts, rows. The values in which the two requests differ
//! are the same to it, and so is what the server makes up: times and GUIDs that nobody planted.

use domain::case::{
    Claim, FOREIGN_BESIDE_MISSING, MISSING, OTHER_DEPARTMENT, Phase, TAKEN_BESIDE_FREE,
};
use domain::control::ControlId;
use domain::finding::{Finding, Fingerprint, Severity};
use domain::history::{History, Response, ServerMessage, StepRecord};
use domain::surface::Cell;
use domain::world::World;

use crate::judge::{Judge, place};
use crate::matrix::Relation;

pub(crate) fn judge(judge: &Judge<'_>, history: &History) -> Vec<Finding> {
    let mut findings = Vec::new();
    for step in 1..history.steps.len() {
        let earlier = step - 1;
        let (Some(first), Some(second)) = (
            compared(history, earlier),
            history.case.steps[step].claim.as_ref(),
        ) else {
            continue;
        };
        let same_words = second.is(MISSING)
            && history.case.steps[earlier].actor == history.case.steps[step].actor
            && (&first.object, first.action) == (&second.object, second.action);
        let Some(principal) = judge.principal(&history.case, earlier) else {
            continue;
        };
        // The pair is only asked in one state where cases put things back between steps.
        let moved = history.case.id.phase != Phase::Sweep
            && history
                .changes
                .iter()
                .any(|change| change.step.is_none() || change.step == Some(earlier));
        if !same_words || moved {
            continue;
        }
        let (one, other) = (&history.steps[earlier], &history.steps[step]);
        let Some(difference) = difference(judge.world, one, other) else {
            continue;
        };
        let taken = first.is(TAKEN_BESIDE_FREE);
        let relation = Relation::of_claim(principal.tenant, first);
        let object = place(&first.object);
        let sentence = if taken {
            format!(
                "{} can tell in {object} which keys other tenants use: {difference}",
                judge.who(principal)
            )
        } else {
            let whose = match relation {
                Relation::Department => "another department".to_owned(),
                _ => judge.whose_claim(first),
            };
            format!(
                "{} can tell a row of {whose} in {object} from one that never was: {difference}",
                judge.who(principal)
            )
        };
        let fingerprint = Fingerprint {
            oracle: "indistinguishability".into(),
            attacker: principal.name.into(),
            victim: relation.name().into(),
            action: first.action.name().into(),
            place: object,
        };
        let mut finding = judge.finding(history, earlier, fingerprint, Severity::High, sentence);
        let broken: &[&str] = match (taken, relation) {
            (true, _) => &["S06", "B03"],
            (false, Relation::Department) => &["S02"],
            (false, _) => &["B03"],
        };
        finding.batch = format!("{}\n-- beside\n{}", one.batch, other.batch);
        finding.controls = broken.iter().map(|id| ControlId::new(id)).collect();
        findings.push(finding);
    }
    findings
}

/// What a step that another follows for comparison is about.
fn compared(history: &History, step: usize) -> Option<&Claim> {
    let claim = history.case.steps.get(step)?.claim.as_ref()?;
    let is_first = claim.is(FOREIGN_BESIDE_MISSING)
        || claim.is(TAKEN_BESIDE_FREE)
        || (claim.is(OTHER_DEPARTMENT) && !claim.is(MISSING));
    is_first.then_some(claim)
}

/// How the answers differ, in words; `None` when they are alike, one of them never came, or the two did not
/// ask the same.
fn difference(world: &World, one: &StepRecord, other: &StepRecord) -> Option<String> {
    if one.response.lost.is_some() || other.response.lost.is_some() {
        return None;
    }
    let (left, right) = differing_values(&one.batch, &other.batch)?;
    let left = View::of(world, &one.response, &left);
    let right = View::of(world, &other.response, &right);
    if left.errors != right.errors {
        return Some(format!(
            "the one is answered by {}, the other by {}",
            told(&left.errors),
            told(&right.errors)
        ));
    }
    if left.messages != right.messages {
        return Some("the server's messages differ".into());
    }
    if left.rows.len() != right.rows.len() {
        return Some(format!(
            "the one gives {} rows, the other {}",
            left.rows.len(),
            right.rows.len()
        ));
    }
    if left.affected != right.affected {
        return Some(format!(
            "the one affects {} rows, the other {}",
            left.affected, right.affected
        ));
    }
    (left.rows != right.rows || left.columns != right.columns)
        .then(|| "the rows that come back differ".into())
}

fn told(errors: &[(i32, String)]) -> String {
    match errors.first() {
        None => "no error".into(),
        Some((number, text)) => format!("error {number} ({text})"),
    }
}

/// What a speaker gets to see, without what is bound to differ.
#[derive(Debug, PartialEq, Eq)]
struct View {
    errors: Vec<(i32, String)>,
    messages: Vec<(i32, String)>,
    affected: u64,
    columns: Vec<Vec<String>>,
    rows: Vec<Vec<String>>,
}

impl View {
    fn of(world: &World, response: &Response, sent: &[String]) -> Self {
        let messages = |all: &[ServerMessage]| -> Vec<(i32, String)> {
            all.iter()
                .map(|message| (message.number, without(&message.text, sent)))
                .collect()
        };
        let rows = response.results.iter().flat_map(|set| &set.rows);
        Self {
            errors: messages(&response.errors),
            messages: messages(&response.messages),
            affected: response.rows_affected,
            columns: response
                .results
                .iter()
                .map(|set| set.columns.clone())
                .collect(),
            rows: rows
                .map(|row| row.iter().map(|cell| shown(world, cell, sent)).collect())
                .collect(),
        }
    }
}

fn shown(world: &World, cell: &Cell, sent: &[String]) -> String {
    match cell {
        Cell::Guid(text) if !is_planted_guid(world, text) => "a guid".into(),
        Cell::Temporal(text) if !is_planted_year(world, text) => "a time".into(),
        cell => without(&cell.literal(), sent),
    }
}

fn is_planted_guid(world: &World, text: &str) -> bool {
    world.tenants.iter().any(|tenant| {
        let [a, b, c, d] = tenant.mark.guid;
        text.starts_with(&format!("{a:02x}{b:02x}{c:02x}{d:02x}"))
    })
}

fn is_planted_year(world: &World, text: &str) -> bool {
    let year = text.get(..4).and_then(|year| year.parse::<i32>().ok());
    let mut tenants = world.tenants.iter();
    tenants.any(|tenant| Some(tenant.mark.year) == year)
}

/// A text with the values in which the requests differ left out, where they stand alone.
fn without(text: &str, values: &[String]) -> String {
    let mut clean = text.to_lowercase();
    for value in values {
        clean = alone(&clean, value);
    }
    clean
}

/// The text with every `value` that is no part of a longer word replaced by an ellipsis.
fn alone(text: &str, value: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let before = rest[..at].chars().next_back().or(clean.chars().next_back());
        let after = rest[at + value.len()..].chars().next();
        clean.push_str(&rest[..at]);
        if before.is_some_and(is_of_word) || after.is_some_and(is_of_word) {
            clean.push_str(value);
        } else {
            clean.push('\u{2026}');
        }
        rest = &rest[at + value.len()..];
    }
    clean.push_str(rest);
    clean
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The values, in small letters, in which two batches differ; `None` when they differ in more than values, so
/// that their answers say nothing of each other.
fn differing_values(one: &str, other: &str) -> Option<(Vec<String>, Vec<String>)> {
    let (left, right) = (words(one), words(other));
    if left.len() != right.len() {
        return None;
    }
    let pairs = left.into_iter().zip(right);
    let differing: Vec<(Word, Word)> = pairs.filter(|(l, r)| l.text != r.text).collect();
    if !differing.iter().all(|(l, r)| l.is_value && r.is_value) {
        return None;
    }
    let (mut left, mut right): (Vec<String>, Vec<String>) =
        differing.into_iter().map(|(l, r)| (l.text, r.text)).unzip();
    // The longest first, so that no value is taken for a part of another.
    for values in [&mut left, &mut right] {
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
    }
    Some((left, right))
}

/// A word, a number, or what stands between quotes.
struct Word {
    text: String,
    is_value: bool,
}

/// Words and numbers of a batch, and what stands between quotes as one.
fn words(batch: &str) -> Vec<Word> {
    let folded = batch.to_lowercase();
    let mut words = Vec::new();
    for (position, part) in folded.split('\'').enumerate() {
        if position % 2 == 1 {
            words.push(Word {
                text: part.to_owned(),
                is_value: true,
            });
            continue;
        }
        // The sign of a Unicode literal is no word: N'a' is 'a'.
        let part = part.strip_suffix('n').map_or(part, |rest| {
            match rest.chars().next_back().is_some_and(is_of_word) {
                true => part,
                false => rest,
            }
        });
        let plain = part.split(|letter: char| !is_of_word(letter));
        words.extend(plain.map(|word| Word {
            text: word.to_owned(),
            is_value: word == "null" || word.starts_with(|letter: char| letter.is_ascii_digit()),
        }));
    }
    words.retain(|word| !word.text.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use domain::case::{FOREIGN_BESIDE_MISSING, MISSING, TAKEN_BESIDE_FREE};
    use domain::example;
    use domain::history::{History, Response};
    use domain::intent::Action;
    use domain::seed::Seed;
    use domain::surface::Cell;

    use crate::authorization::tests::{attack, error, rows};
    use crate::judge::Judge;

    /// The same words about a foreign value and about one that nobody uses.
    fn pair(family: &str, tenant: usize, answers: [Response; 2]) -> History {
        let [one, other] = answers;
        let whose = ("wt_erp", Some(tenant));
        let object = "org.Customers";
        let mut history = attack("service", Action::Execute, whose, object, one);
        let second = attack("service", Action::Execute, whose, object, other);
        history.case.steps.extend(second.case.steps);
        history.steps.extend(second.steps);
        for (step, (family, value)) in [(family, 1001000003), (MISSING, 1001987654)]
            .into_iter()
            .enumerate()
        {
            history.steps[step].batch = format!("EXEC org.GetCustomer @CustomerId = {value};");
            let claim = history.case.steps[step].claim.as_mut().expect("claimed");
            claim.family = family.into();
        }
        history.case.steps[1].twin = None;
        history
    }

    #[test]
    fn what_asks_something_else_is_not_compared() {
        for (one, other, compared) in [
            ("EXEC org.Get 1, 2;", "EXEC org.Get 1, 3;", true),
            ("EXEC org.Get 1, N'a b';", "exec org.Get  1, N'c';", true),
            ("EXEC org.Get 1, 2;", "EXEC org.Get 1, NULL;", true),
            ("EXEC org.Get 1, 2;", "EXEC 1;", false),
            ("EXEC org.Get 1, 2;", "EXEC org.Got 1, 2;", false),
            ("SELECT 1 FROM t WHERE i = 2;", "SELECT 1 FROM t;", false),
        ] {
            assert_eq!(
                super::differing_values(one, other).is_some(),
                compared,
                "{one} beside {other}"
            );
        }
    }

    #[test]
    fn a_foreign_row_and_a_missing_one_are_answered_alike() {
        let system = example::common::system(2);
        let world = example::common::world(2, Seed(7));
        let surface = example::common::surface(&world);
        let judge = Judge::new(&system, &world, &surface);
        let none = || rows(&["Name"], vec![]);
        let missing = |id: i64| error(50404, &format!("There is no customer {id}."));
        let one = |cell: Cell| rows(&["Value"], vec![vec![cell]]);
        let foreign = FOREIGN_BESIDE_MISSING;
        for (family, tenant, answers, expected) in [
            // Told apart.
            (
                foreign,
                1,
                [error(50403, "Not yours."), missing(1001987654)],
                Some((&["B03"][..], "error 50403")),
            ),
            (
                foreign,
                1,
                [one(Cell::Integer(1)), none()],
                Some((&["B03"], "1 rows, the other 0")),
            ),
            (
                foreign,
                1,
                [one(Cell::Integer(1)), one(Cell::Integer(0))],
                Some((&["B03"], "rows that come back differ")),
            ),
            (
                TAKEN_BESIDE_FREE,
                0,
                [error(2627, "Violation of UNIQUE KEY"), none()],
                Some((&["S06", "B03"], "error 2627")),
            ),
            // Alike: the value that was asked for, a time, a GUID make no difference.
            (foreign, 1, [missing(1001000003), missing(1001987654)], None),
            (foreign, 1, [none(), none()], None),
            (
                TAKEN_BESIDE_FREE,
                0,
                [
                    one(Cell::Guid("a0000000-0000-4000-8000-000000000001".into())),
                    one(Cell::Guid("b0000000-0000-4000-8000-000000000002".into())),
                ],
                None,
            ),
            (
                foreign,
                1,
                [
                    one(Cell::Temporal("2024-01-02T00:00:00".into())),
                    one(Cell::Temporal("2024-01-03T00:00:00".into())),
                ],
                None,
            ),
            ("direct", 1, [error(50403, "no"), none()], None),
        ] {
            let history = pair(family, tenant, answers);
            let findings = super::judge(&judge, &history);
            let found = findings.first().map(|finding| {
                let ids: Vec<&str> = finding.controls.iter().map(|id| id.0.as_str()).collect();
                (ids, finding.sentence.clone())
            });
            match (found, expected) {
                (None, None) => {}
                (Some((ids, sentence)), Some((controls, words))) => {
                    assert_eq!(ids, controls);
                    assert!(sentence.contains(words), "{sentence}");
                }
                (found, expected) => panic!("{found:?} instead of {expected:?}"),
            }
        }
    }

    #[test]
    fn values_that_differ_are_left_out_and_no_parts_of_words() {
        let (left, right) = super::differing_values(
            "EXEC p @Key = N'receipt-9-x', @Id = 7, @Name = N'same'",
            "EXEC p @Key = 'key-nobodys', @Id = 1001, @Name = N'same'",
        )
        .expect("they differ in values alone");
        assert_eq!(left, ["receipt-9-x", "7"]);
        assert_eq!(right, ["key-nobodys", "1001"]);
        for (text, expected) in [
            ("N'receipt-9-x'", "n'\u{2026}'"),
            ("7", "\u{2026}"),
            ("1000000709", "1000000709"),
            ("no row 7, no row 77", "no row \u{2026}, no row 77"),
        ] {
            assert_eq!(super::without(text, &left), expected, "{text}");
        }
    }
}
