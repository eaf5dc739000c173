//! Text in a terminal or a build log: which lines are obeyed there?

use super::seen_line;

/// One line for a terminal or a build log.
///
/// Line breaks become `⏎`; what cannot be seen (escape sequences and overrides of the direction
/// among it) becomes U+FFFD, and commands are broken.
pub fn console_line(text: &str) -> String {
    without_commands(&seen_line(text))
}

/// Several lines, each made harmless by itself, with a line break after each.
pub fn console_text(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        all.push_str(&console_line(line));
        all.push('\n');
        all
    })
}

/// Text in which no line is a command: `##vso[…]` and `[[ATTACHMENT|…]]`, which are obeyed anywhere in a
/// line, and `::command::`, which is obeyed where a line begins, are broken by a space without width.
pub(super) fn without_commands(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut begins = 0;
    for character in text.chars() {
        let is_command = match character {
            '#' => broken.ends_with('#'),
            '[' => broken.ends_with('['),
            ':' => broken[begins..].trim_start() == ":",
            _ => false,
        };
        if is_command {
            broken.push('\u{200B}');
        }
        broken.push(character);
        if character == '\n' {
            begins = broken.len();
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::console_line;
    use crate::hostile::nasty;

    #[test]
    fn no_line_is_a_command() {
        for text in nasty() {
            let line = console_line(text);
            assert!(
                !line.chars().any(char::is_control),
                "{text:?} gave {line:?}"
            );
            assert!(!line.contains("##"), "{text:?} gave {line:?}");
            assert!(!line.contains("[["), "{text:?} gave {line:?}");
            assert!(
                !line.trim_start().starts_with("::"),
                "{text:?} gave {line:?}"
            );
        }
        assert_eq!(
            console_line("GRANT SELECT ON OBJECT::dbo.T"),
            "GRANT SELECT ON OBJECT::dbo.T"
        );
    }
}
