//! Text in a terminal or a build log: which lines are obeyed there?

use super::seen_line;

/// One line for a terminal or a build log.
///
/// Line breaks become `⏎`; what cannot be seen (escape sequences and overrides of the direction
/// among it) becomes U+FFFD. `##vso[…]`, which is obeyed anywhere in a line, and `::command::`, which
/// is obeyed where a line begins, are broken by a space without width.
pub fn console_line(text: &str) -> String {
    let text = seen_line(text);
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        let is_command = match character {
            '#' => line.ends_with('#'),
            ':' => line.trim_start() == ":",
            _ => false,
        };
        if is_command {
            line.push('\u{200B}');
        }
        line.push(character);
    }
    line
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
