//! Markdown, as a forge reads it: headings, tables and blocks are ours, and a text is none of them.

use record::Record;
use reports::hostile::{seen, shortened};

/// A line without its spans of code.
fn without_code(line: &str) -> String {
    let mut rest = line;
    let mut kept = String::new();
    while let Some(at) = rest.find('`') {
        let before = &rest[..at];
        if before.ends_with('\\') {
            kept.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        let run = rest[at..].chars().take_while(|c| *c == '`').count();
        let after = &rest[at + run..];
        let mut search = 0;
        let end = loop {
            let Some(found) = after[search..].find('`') else {
                panic!("a span of code is not closed in {line:?}");
            };
            let start = search + found;
            let length = after[start..].chars().take_while(|c| *c == '`').count();
            if length == run {
                break start + length;
            }
            search = start + length;
        };
        kept.push_str(before);
        rest = &after[end..];
    }
    kept + rest
}

/// How many bars of a line separate cells.
fn bars(line: &str) -> usize {
    let mut count = 0;
    let mut escaped = false;
    for character in line.chars() {
        if character == '|' && !escaped {
            count += 1;
        }
        escaped = character == '\\' && !escaped;
    }
    count
}

pub(super) fn check(record: &Record, page: &str) {
    let mut blocks = Vec::new();
    let mut headings = 0;
    let mut rows = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let fence: String = line.chars().take_while(|c| *c == '`').collect();
        if fence.len() >= 3 && line == fence {
            let mut block = Vec::new();
            loop {
                match lines.next() {
                    Some(line) if line == fence => break,
                    Some(line) => block.push(line),
                    None => panic!("a block is not closed"),
                }
            }
            blocks.push(block.join("\n"));
            continue;
        }
        let told = without_code(line);
        assert!(!told.contains(['<', '>']), "{line:?} is markup");
        let mut escaped = false;
        for (at, character) in told.char_indices() {
            let is_ours = match character {
                // A heading of ours, and bold letters of ours.
                '#' => told[..at].chars().all(|c| c == '#'),
                '*' => told.contains("**violated**"),
                '[' | ']' | '`' | '@' | '~' | '_' => false,
                _ => true,
            };
            assert!(escaped || is_ours, "{line:?} holds {character}");
            escaped = character == '\\' && !escaped;
        }
        if told.starts_with('#') {
            headings += 1;
        }
        if told.starts_with('|') {
            rows.push(bars(&told));
        }
    }
    let causes: Vec<_> = record
        .causes
        .systems
        .iter()
        .flat_map(|system| system.causes.iter().take(40))
        .collect();
    let systems = &record.run.systems;
    assert_eq!(headings, 2 + systems.len() + causes.len(), "headings");
    let controls: usize = systems.iter().map(|system| system.controls.len()).sum();
    assert_eq!(rows.len(), 7 + 2 * systems.len() + controls, "rows");
    assert!(rows.iter().all(|bars| matches!(bars, 3 | 6)), "{rows:?}");
    assert_eq!(blocks.len(), causes.len(), "blocks");
    for (block, cause) in blocks.iter().zip(causes) {
        let batch = seen(
            &shortened(&cause.finding.batch, 2000)
                .replace("\r\n", "\n")
                .replace('\r', "\n"),
        );
        assert_eq!(*block, batch);
    }
}
