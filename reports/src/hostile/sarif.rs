//! Text in messages of SARIF: braces are places to fill in there, and `[text](1)` is a link.

/// One message: what can be seen, with braces doubled as the standard wants, and no links.
pub fn message(text: &str) -> String {
    let seen = super::seen(&text.replace("\r\n", "\n").replace('\r', "\n"));
    let mut message = String::with_capacity(seen.len());
    for character in seen.chars() {
        match character {
            '{' => message.push_str("{{"),
            '}' => message.push_str("}}"),
            '(' if message.ends_with(']') => message.push_str("\u{200B}("),
            other => message.push(other),
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::message;
    use crate::hostile::{nasty, seen};

    #[test]
    fn nothing_is_filled_in_and_nothing_is_a_link() {
        for text in nasty() {
            let message = message(text);
            assert!(!message.contains("]("), "{text:?}");
            let single = message.replace("{{", "").replace("}}", "");
            assert!(!single.contains(['{', '}']), "{text:?}");
            let back = message
                .replace("{{", "{")
                .replace("}}", "}")
                .replace("]\u{200B}(", "](");
            assert_eq!(back, seen(&text.replace("\r\n", "\n").replace('\r', "\n")));
        }
    }
}
