//! Every recorded batch is read as what it is.

mod corpus;

use std::fs;

#[test]
fn every_recorded_batch_is_read_as_recorded() {
    let recorded = corpus::recorded();
    assert!(
        recorded.len() >= 263,
        "only {} batches are recorded",
        recorded.len()
    );
    // BLESS=1 rewrites the expectations; read the difference before committing it.
    #[expect(
        clippy::disallowed_methods,
        reason = "asked by a person, never by a run"
    )]
    let blessed = std::env::var_os("BLESS").is_some();
    if blessed {
        bless(&recorded);
        return;
    }
    let wrong: Vec<String> = recorded
        .iter()
        .filter_map(|entry| {
            let read = corpus::read_as(&entry.script);
            (read != entry.expected).then(|| {
                format!(
                    "{}: {}\n  expected {}\n  read as  {read}",
                    entry.file, entry.script, entry.expected
                )
            })
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} misread:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn bless(recorded: &[corpus::Recorded]) {
    let mut files = std::collections::BTreeMap::<&str, String>::new();
    for entry in recorded {
        let read = corpus::read_as(&entry.script);
        files
            .entry(&entry.file)
            .or_default()
            .push_str(&format!("-- {read}\n{}\n====\n", entry.script));
    }
    for (file, content) in files {
        fs::write(corpus::folder().join(file), content).expect("the folder can be written");
    }
}
