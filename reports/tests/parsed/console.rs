//! A terminal or a build log: which lines are obeyed, which cannot be seen?

use reports::hostile::is_unseen;

/// Checks what was printed without colours.
pub(crate) fn check(text: &str) {
    for line in text.lines() {
        // A space without width is what breaks a command.
        assert!(
            !line
                .chars()
                .any(|c| is_unseen(c) && !matches!(c, '\t' | '\u{200B}')),
            "{line:?} holds what cannot be seen"
        );
        assert!(!line.contains("##"), "{line:?} is a command of Azure's");
        assert!(
            !line.trim_start().starts_with("::"),
            "{line:?} is a command of GitHub's"
        );
        assert!(!line.contains("[["), "{line:?} is a command of Jenkins'");
    }
    assert!(!text.contains('\r'), "{text:?}");
}
