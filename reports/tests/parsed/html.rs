//! The page, scanned more strictly than any browser would: every tag and attribute is one that the templates
//! write, everything is closed, and no character means anything but itself.

use record::Record;
use reports::hostile::{is_unseen, seen_line, shortened};

const ELEMENTS: &[&str] = &[
    "a", "article", "bdi", "body", "br", "caption", "circle", "code", "dd", "details", "div", "dl",
    "dt", "em", "figure", "footer", "g", "h1", "h2", "h3", "h4", "head", "header", "html", "li",
    "link", "main", "meta", "nav", "ol", "p", "path", "pre", "rect", "section", "span", "strong",
    "style", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
];
const VOID: &[&str] = &["br", "link", "meta"];
const ATTRIBUTES: &[&str] = &[
    "aria-hidden",
    "aria-label",
    "charset",
    "class",
    "content",
    "cx",
    "cy",
    "d",
    "fill",
    "font-family",
    "font-size",
    "font-weight",
    "height",
    "href",
    "http-equiv",
    "id",
    "lang",
    "name",
    "open",
    "preserveAspectRatio",
    "r",
    "rel",
    "role",
    "rx",
    "scope",
    "stroke",
    "stroke-width",
    "text-anchor",
    "transform",
    "viewBox",
    "width",
    "x",
    "y",
];

/// Text between tags, by the element that holds it, in order.
struct Page {
    texts: Vec<(String, String)>,
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').expect("an entity ends");
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#39" => '\'',
            other => panic!("&{other}; is no entity of ours"),
        });
        plain.push_str(rest);
    }
    plain
}

fn scan(page: &str) -> Page {
    let mut rest = page
        .strip_prefix("<!DOCTYPE html>\n")
        .expect("it is a page");
    let mut open: Vec<String> = Vec::new();
    let mut texts = Vec::new();
    while !rest.is_empty() {
        let end = rest.find('<').unwrap_or(rest.len());
        let (text, after) = rest.split_at(end);
        assert!(!text.contains('>'), "{text:?}");
        assert!(
            !text
                .chars()
                .any(|c| is_unseen(c) && !matches!(c, '\n' | '\t')),
            "{text:?} holds what cannot be seen"
        );
        let text = unescaped(text);
        if !text.is_empty() {
            let holder = open.last().cloned().unwrap_or_default();
            texts.push((holder, text));
        }
        let Some(tag) = after.strip_prefix('<') else {
            break;
        };
        if let Some(name) = tag.strip_prefix('/') {
            let (name, after) = name.split_once('>').expect("a tag ends");
            assert_eq!(open.pop().as_deref(), Some(name), "closed in order");
            rest = after;
            continue;
        }
        let end = tag
            .find(|c: char| !c.is_ascii_alphanumeric())
            .expect("a tag ends");
        let (name, mut after) = tag.split_at(end);
        assert!(ELEMENTS.contains(&name), "<{name}> is none of ours");
        loop {
            if let Some(end) = after.strip_prefix('>') {
                after = end;
                if !VOID.contains(&name) {
                    open.push(name.to_owned());
                }
                break;
            }
            if let Some(end) = after.strip_prefix("/>") {
                after = end;
                break;
            }
            after = after.strip_prefix(' ').expect("attributes are separated");
            let end = after
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .expect("an attribute ends");
            let (attribute, value) = after.split_at(end);
            assert!(ATTRIBUTES.contains(&attribute), "{attribute} in <{name}>");
            after = value;
            if let Some(quoted) = value.strip_prefix("=\"") {
                let (value, end) = quoted.split_once('"').expect("a value ends");
                assert!(!value.contains(['<', '>']), "{attribute}={value:?}");
                let value = unescaped(value);
                if attribute == "href" {
                    assert!(
                        reports::hostile::html::link(&value).is_some(),
                        "{value:?} leads out of the bundle"
                    );
                }
                after = end;
            }
        }
        if name == "style" {
            let (_, end) = after.split_once("</style>").expect("styles end");
            open.pop();
            after = end;
        }
        rest = after;
    }
    assert_eq!(open, Vec::<String>::new(), "everything is closed");
    Page { texts }
}

pub(super) fn check(record: &Record, page: &str) {
    let page = scan(page);
    let has = |element: &str, text: &str| {
        page.texts
            .iter()
            .any(|(holder, own)| holder == element && own == text)
    };
    for system in &record.run.systems {
        let name = seen_line(&system.name);
        assert!(name.is_empty() || has("bdi", &name), "{name:?}");
    }
    for cause in record.causes.systems.iter().flat_map(|one| &one.causes) {
        let sentence = seen_line(&shortened(&cause.finding.sentence, 600));
        assert!(sentence.is_empty() || has("bdi", &sentence), "{sentence:?}");
        for line in &cause.contradiction {
            let line = seen_line(&shortened(line, 600));
            assert!(line.is_empty() || has("bdi", &line), "{line:?}");
        }
        assert!(has("code", &cause.id), "{}", cause.id);
    }
}
