//! The causes that were there before: a file that people read in reviews, so it is sorted, and each
//! cause has its sentence.

use std::fmt::Write as _;

use domain::cause::KnownCause;
use domain::control::ControlId;
use domain::finding::Severity;
use serde::Deserialize;

use crate::diagnostic::ConfigurationError;
use crate::load::shown_faults;
use crate::positioned::{Fault, Spanned, parse};
use crate::waivers::is_cause;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: Spanned<u32>,
    causes: Vec<WrittenCause>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCause {
    id: Spanned<String>,
    system: String,
    controls: Vec<String>,
    severity: Severity,
    sentence: String,
}

/// Reads a baseline; `file` is its name for messages.
pub fn read_baseline(file: &str, text: &str) -> Result<Vec<KnownCause>, ConfigurationError> {
    read(text).map_err(|fault| shown_faults(file, text, vec![fault]))
}

fn read(text: &str) -> Result<Vec<KnownCause>, Fault> {
    let written = Written::deserialize(&parse(text)?)?;
    if written.version.value != 1 {
        let message = format!(
            "version {} of baselines is not known to this release; expected 1",
            written.version.value
        );
        return Err(Fault::new(written.version.place, message));
    }
    let mut known: Vec<KnownCause> = Vec::new();
    for cause in written.causes {
        let id = &cause.id.value;
        if !is_cause(id) {
            let message =
                format!("`{id}` is no id of a cause; expected one such as containment-3f9a1c02");
            return Err(Fault::new(cause.id.place, message));
        }
        if known
            .iter()
            .any(|own| own.id == *id && own.system == cause.system)
        {
            let message = format!("the cause {id} stands here twice");
            return Err(Fault::new(cause.id.place, message));
        }
        known.push(KnownCause {
            system: cause.system,
            id: cause.id.value,
            controls: cause.controls.into_iter().map(ControlId).collect(),
            severity: cause.severity,
            sentence: cause.sentence,
        });
    }
    Ok(known)
}

/// Prints a baseline. What [`read_baseline`] reads is printed again the same.
pub fn print_baseline(known: &[KnownCause]) -> String {
    let mut known: Vec<&KnownCause> = known.iter().collect();
    known.sort();
    let mut text = String::from(
        "# Causes that were there before. With `watertight run --baseline`, others fail the run, and so\n\
         # does one of these that breaks more than it says here or has become more severe.\n\
         version: 1\n",
    );
    if known.is_empty() {
        text.push_str("causes: []\n");
        return text;
    }
    text.push_str("causes:\n");
    for cause in known {
        let controls: Vec<&str> = cause.controls.iter().map(|id| id.0.as_str()).collect();
        let severity = match cause.severity {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        };
        let _ = write!(
            text,
            "  - id: {}\n    system: {}\n    controls: [{}]\n    severity: {severity}\n    sentence: {}\n",
            cause.id,
            quoted(&cause.system),
            controls.join(", "),
            quoted(&cause.sentence),
        );
    }
    text
}

/// A double-quoted scalar of YAML. Its escapes are JSON's; what else a reader could take for a line
/// break or refuse is escaped, too.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            ' '..='~' | '\u{A1}'..='\u{D7FF}' if !matches!(letter, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{2066}'..='\u{2069}') =>
            {
                quoted.push(letter);
            }
            other => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(other));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use domain::cause::KnownCause;
    use domain::control::ControlId;
    use domain::finding::Severity;

    use super::{print_baseline, read_baseline};

    fn known(id: &str, sentence: &str) -> KnownCause {
        KnownCause {
            system: "Shop: \"east\"".into(),
            id: id.into(),
            controls: vec![ControlId::new("D01"), ControlId::new("B01")],
            severity: Severity::Critical,
            sentence: sentence.into(),
        }
    }

    #[test]
    fn a_baseline_is_printed_sorted_and_read_back_the_same() {
        let nasty =
            "a\u{0}b\u{1b}[2K \u{202e} \u{2028}\n# \"quoted\": [x] \\ \u{1F600} \u{85} ä – 東";
        let causes = vec![
            known("witness-ffffffff", nasty),
            known("containment-00000001", "it leaked"),
        ];
        let text = print_baseline(&causes);
        let read = read_baseline("b.yaml", &text).expect("what was printed can be read");
        assert_eq!(read, [causes[1].clone(), causes[0].clone()]);
        assert_eq!(print_baseline(&read), text);
        assert!(text.lines().all(|line| !line.contains(char::is_control)));
        let none = print_baseline(&[]);
        assert_eq!(read_baseline("b.yaml", &none).expect("readable"), []);
    }

    #[test]
    fn what_is_wrong_with_a_baseline_is_told_with_its_place() {
        let cause = "  - id: a-00000001\n    system: s\n    controls: []\n    severity: low\n    sentence: x\n";
        for (text, message) in [
            (
                "version: 2\ncauses: []\n".to_owned(),
                "b.yaml:1:10: version 2",
            ),
            (
                format!(
                    "version: 1\ncauses:\n{}",
                    cause.replace("a-00000001", "leak")
                ),
                "b.yaml:3:9: `leak` is no id",
            ),
            (
                format!("version: 1\ncauses:\n{cause}{cause}"),
                "b.yaml:8:9: the cause a-00000001 stands here twice",
            ),
            (
                format!("version: 1\ncauses:\n{}", cause.replace("low", "awful")),
                "b.yaml:6:",
            ),
            ("version: 1\n".to_owned(), "causes"),
            ("[".to_owned(), "b.yaml:"),
        ] {
            let error = read_baseline("b.yaml", &text)
                .expect_err("wrong")
                .to_string();
            assert!(error.contains(message), "{message} not in {error}");
        }
    }
}
