//! How is hostile text said so that sqlcmd and a shell read it as it is?

use std::fmt::Write as _;

/// A text as one line without control characters.
pub(super) fn plain(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            ' '
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}

/// A text as a shell reads it as one word, whatever is in it; a NUL cannot be said and is left out.
pub(super) fn word_of_shell(text: &str) -> String {
    format!("'{}'", text.replace('\0', "").replace('\'', "'\\''"))
}

/// A comment of sqlcmd.
pub(super) fn comment(text: &mut String, line: &str) {
    // Variables are replaced in comments, too.
    let line = plain(line).replace("$(", "$ (");
    let _ = writeln!(text, "-- {}", line.trim_end());
}

/// A batch and its `GO`. What sqlcmd would take for its own is said by a text that is put together.
pub(super) fn batch(words: &str) -> String {
    if is_safe(words) {
        return format!("{}\nGO\n", words.trim_end_matches('\n'));
    }
    format!(
        "-- Put together, because sqlcmd would read a part of it as its own.\n\
         DECLARE @watertight nvarchar(max) = {};\nEXEC (@watertight);\nGO\n",
        literal(words)
    )
}

/// Whether sqlcmd sends a batch as it is.
fn is_safe(words: &str) -> bool {
    let is_command = |line: &str| {
        let line = line.trim().to_ascii_lowercase();
        let mut parts = line.split_whitespace();
        let is_go = parts.next() == Some("go");
        is_go || line.starts_with(':') || line.starts_with("!!") || is_old_command(&line)
    };
    let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    !words.trim().is_empty()
        && words.chars().all(is_plain)
        && !words.contains("$(")
        && !words.lines().any(is_command)
}

/// Commands that sqlcmd knows without a colon.
fn is_old_command(line: &str) -> bool {
    ["reset", "ed", "exit", "quit"].iter().any(|command| {
        line.strip_prefix(command)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// A text as an expression that stands on one line and holds nothing of sqlcmd's.
fn literal(words: &str) -> String {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let close = |piece: &mut String, pieces: &mut Vec<String>| {
        if !piece.is_empty() {
            pieces.push(format!("N'{}'", piece.replace('\'', "''")));
            piece.clear();
        }
    };
    let mut before = ' ';
    for c in words.chars() {
        if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            close(&mut piece, &mut pieces);
            pieces.push(format!("NCHAR({})", u32::from(c)));
        } else {
            if before == '$' && c == '(' {
                close(&mut piece, &mut pieces);
            }
            piece.push(c);
        }
        before = c;
    }
    close(&mut piece, &mut pieces);
    if pieces.is_empty() {
        return "N''".to_owned();
    }
    // A concatenation of short texts alone would be cut at 4,000 characters.
    format!("CAST(N'' AS nvarchar(max)) + {}", pieces.join(" + "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{batch, comment, word_of_shell};

    /// What sqlcmd sends: batches cut at GO, with `None` for a line that it takes for its own.
    fn sent(script: &str) -> Vec<Option<String>> {
        let mut batches = Vec::new();
        let mut lines: Vec<&str> = Vec::new();
        for line in script.split('\n') {
            let word = line.trim();
            let first = word.split_whitespace().next().unwrap_or_default();
            if first.eq_ignore_ascii_case("go") {
                batches.push(Some(lines.join("\n")));
                lines.clear();
            } else if word.starts_with(':') || word.starts_with("!!") || line.contains("$(") {
                batches.push(None);
            } else {
                lines.push(line);
            }
        }
        assert!(lines.iter().all(|line| line.is_empty()), "{lines:?}");
        batches
    }

    /// The text that a put-together batch says.
    fn said(batch: &str) -> String {
        let expression = batch
            .lines()
            .find_map(|line| line.strip_prefix("DECLARE @watertight nvarchar(max) = "))
            .expect("a put-together batch")
            .trim_end_matches(';');
        let mut said = String::new();
        let mut rest = expression;
        while !rest.is_empty() {
            rest = rest.trim_start_matches([' ', '+']);
            if let Some(cast) = rest.strip_prefix("CAST(N'' AS nvarchar(max))") {
                rest = cast;
            } else if let Some(number) = rest.strip_prefix("NCHAR(") {
                let end = number.find(')').expect("closed");
                let code: u32 = number[..end].parse().expect("a number");
                said.push(char::from_u32(code).expect("a character"));
                rest = &number[end + 1..];
            } else {
                let text = rest.strip_prefix("N'").expect("a literal");
                let mut end = 0;
                let bytes = text.as_bytes();
                loop {
                    if bytes[end] == b'\'' && bytes.get(end + 1) == Some(&b'\'') {
                        end += 2;
                    } else if bytes[end] == b'\'' {
                        break;
                    } else {
                        end += 1;
                    }
                }
                said.push_str(&text[..end].replace("''", "'"));
                rest = &text[end + 1..];
            }
        }
        said
    }

    fn check(words: &str) {
        let printed = batch(words);
        let sent = sent(&printed);
        let [Some(sent)] = sent.as_slice() else {
            panic!("{printed:?} is {sent:?}");
        };
        if sent.contains("@watertight") {
            assert_eq!(said(sent), words);
        } else {
            assert_eq!(sent, words.trim_end_matches('\n'));
        }
    }

    #[test]
    fn what_sqlcmd_would_take_for_its_own_is_put_together() {
        for words in [
            "SELECT 1",
            "SELECT N'a\nGO\nb'",
            "SELECT 1\n  go 5\n",
            "SELECT '$(Password1)'",
            ":r /etc/passwd",
            "!!rm -rf /",
            "exit",
            "EXECUTE AS USER = 'a'",
            "SELECT 'a\rGO\rb'",
            "",
            "\u{0}",
        ] {
            check(words);
        }
    }

    proptest! {
        #[test]
        fn any_words_arrive_as_they_are(words in "(go|GO 3|:r x|!!|\\$\\(|\n|'|''| |\t|\r|SELECT|[a-z]|\\PC){0,12}") {
            prop_assume!(!words.contains("@watertight"));
            check(&words);
        }

        #[test]
        fn a_shell_reads_one_word(text in "[^\0]{0,20}") {
            let script = format!("printf '%s' {}", word_of_shell(&text));
            let output = std::process::Command::new("sh")
                .arg("-c")
                .arg(script)
                .output()
                .expect("there is a shell");
            prop_assert_eq!(String::from_utf8_lossy(&output.stdout), text);
        }

        #[test]
        fn comments_stay_comments(line in any::<String>()) {
            let mut text = String::new();
            comment(&mut text, &line);
            prop_assert!(text.starts_with("--") && text.ends_with('\n'));
            prop_assert_eq!(text.lines().count(), 1);
            prop_assert!(!text.contains("$("));
        }
    }
}
