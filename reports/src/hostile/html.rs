//! Text in HTML: what would be markup, and where may a link lead?

/// Text between tags or in a quoted attribute: one line of what can be seen, without markup.
pub fn text(text: &str) -> String {
    escaped(&super::seen_line(text))
}

/// Text of several lines, for `pre`.
pub fn lines(text: &str) -> String {
    escaped(&super::seen(
        &text.replace("\r\n", "\n").replace('\r', "\n"),
    ))
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// Where a link may lead: a place within the report, or a file of the bundle. `None` for everything
/// else, so that no scheme, no host and no way out of the bundle can be written.
pub fn link(target: &str) -> Option<&str> {
    let is_plain = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && part != "."
            && part != ".."
    };
    let is_allowed = match target.strip_prefix('#') {
        Some(place) => is_plain(place),
        None => target.split('/').all(is_plain),
    };
    is_allowed.then_some(target)
}

#[cfg(test)]
mod tests {
    use super::{lines, link, text};
    use crate::hostile::{is_unseen, nasty};

    #[test]
    fn no_text_is_markup() {
        for hostile in nasty() {
            for html in [text(hostile), lines(hostile)] {
                assert!(!html.contains(['<', '>', '"', '\'']), "{hostile:?}");
                assert!(!html.chars().any(|c| is_unseen(c) && c != '\n' && c != '\t'));
                for entity in html.split('&').skip(1) {
                    assert!(
                        ["amp;", "lt;", "gt;", "quot;", "#39;"]
                            .iter()
                            .any(|known| entity.starts_with(known)),
                        "{hostile:?} gave {html:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn links_stay_in_the_bundle() {
        for target in [
            "#findings",
            "cases.jsonl",
            "views/oscal/assessment-plan.json",
        ] {
            assert_eq!(link(target), Some(target));
        }
        for target in nasty().chain([
            "http://x",
            "/etc/passwd",
            "a//b",
            "..",
            "#",
            "a:b",
            "mailto:x",
        ]) {
            assert!(link(target).is_none() || target == "aux.txt", "{target:?}");
        }
    }
}
