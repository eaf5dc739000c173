//! A record in which every name and every text is drawn on its own from what has broken some reader: every view
//! is parsed back, and the record is found in it unchanged.
#![expect(clippy::expect_used, reason = "a test states what must hold")]

mod parsed;
mod staged;

use domain::event::{Event, Summary};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use reports::cards::{Page, whole_card};
use reports::hostile::nasty;
use reports::terminal::{self, Colour};
use serde_json::Value;

/// Stands for a text in the staged record.
const PLACE: &str = "§";

/// Puts another text into each place. Ids of our own have none.
fn filled(value: &mut Value, texts: &mut dyn Iterator<Item = String>) {
    match value {
        Value::String(text) => {
            while text.contains(PLACE) {
                let next = texts.next().expect("texts never end");
                *text = text.replacen(PLACE, &next, 1);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| filled(item, texts)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| filled(member, texts)),
        _ => {}
    }
}

/// Summaries of both planes in which texts follow each other.
fn summaries(texts: &[String]) -> Vec<Summary> {
    let mut texts = texts.iter().map(|text| text.replace(PLACE, "?")).cycle();
    staged::summaries_of_both_planes(PLACE)
        .into_iter()
        .map(|summary| {
            let mut value = serde_json::to_value(summary).expect("a summary prints as JSON");
            filled(&mut value, &mut texts);
            serde_json::from_value(value).expect("and reads back")
        })
        .collect()
}

fn check(texts: &[String]) {
    let summaries = summaries(texts);
    let record = staged::record(&summaries);
    parsed::check(&record, &reports::views(&record).expect("names are unique"));
    let replay = |cause: &domain::cause::Cause| format!("watertight replay {}.yaml", cause.id);
    let page = Page {
        colour: Colour::No,
        width: 100,
    };
    for summary in &summaries {
        parsed::check_console(&terminal::closing(summary, page, &replay));
        for cause in &summary.causes {
            parsed::check_console(&whole_card(cause, &replay));
            let found = Event::Found(Box::new(cause.finding.clone()));
            let line = terminal::event_lines(&found, Colour::No).expect("it is told");
            parsed::check_console(&line);
            assert_eq!(line.lines().count(), 1, "{line:?}");
        }
    }
}

#[test]
fn the_corpus_travels_through_every_sink_and_comes_back() {
    let texts: Vec<String> = nasty()
        .map(|text| text.chars().take(400).collect())
        .collect();
    // Each in many places, beside many others.
    for start in (0..texts.len()).step_by(4) {
        check(&[&texts[start..], &texts[..start]].concat());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 40, failure_persistence: None, rng_seed: RngSeed::Fixed(16), ..ProptestConfig::default() })]

    #[test]
    fn any_names_come_back_from_every_view(texts in proptest::collection::vec(
        prop_oneof![
            3 => proptest::sample::select(nasty().collect::<Vec<_>>()).prop_map(str::to_owned),
            2 => any::<String>(),
            1 => "[a-z]{1,8}",
            1 => (any::<String>(), proptest::sample::select(nasty().collect::<Vec<_>>()))
                .prop_map(|(one, other)| format!("{one}{}", other.chars().take(80).collect::<String>())),
        ],
        1..40,
    )) {
        // Views cut what is longer than anybody reads.
        let texts: Vec<String> = texts.iter().map(|text| text.chars().take(300).collect()).collect();
        check(&texts);
    }
}
