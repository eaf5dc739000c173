//! How is markup written, so that no text of the target's can be markup? Tags are literals of ours; everything
//! else goes through a neutraliser. There is no way to write anything else.

use std::fmt::Write as _;

use crate::hostile::html;
use crate::overview::Outcome;

/// A page that is being written.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup of ours: a literal, so never anybody else's.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words, whoever wrote them.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(&html::text(text));
        self
    }

    /// Words of the target's within a sentence of ours: their direction of writing stays theirs.
    pub(super) fn theirs(&mut self, text: &str) -> &mut Self {
        self.raw("<bdi>").text(text).raw("</bdi>")
    }

    /// Something to be copied.
    pub(super) fn code(&mut self, text: &str) -> &mut Self {
        self.raw("<code>").text(text).raw("</code>")
    }

    /// Something of several lines to be copied.
    pub(super) fn block(&mut self, text: &str) -> &mut Self {
        self.raw("<pre><code>");
        self.0
            .push_str(&html::lines(text.trim_end_matches(['\n', '\r'])));
        self.raw("</code></pre>\n")
    }

    /// A number, in groups of three digits.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        self.0.push_str(&crate::terminal::thousands(number));
        self
    }

    /// A coordinate or a size within a figure.
    pub(super) fn size(&mut self, size: usize) -> &mut Self {
        let _ = write!(self.0, "{size}");
        self
    }

    /// A link to a file of the bundle, or its text alone when it leads anywhere else.
    pub(super) fn file(&mut self, path: &str) -> &mut Self {
        match html::link(path) {
            Some(path) => {
                self.raw("<a href=\"").text(path).raw("\"><code>");
                self.text(path).raw("</code></a>")
            }
            None => self.code(path),
        }
    }

    /// A link to a place in the page.
    pub(super) fn place(&mut self, anchor: &str, name: &str) -> &mut Self {
        let target = format!("#{anchor}");
        match html::link(&target) {
            Some(target) => self
                .raw("<a href=\"")
                .text(target)
                .raw("\">")
                .text(name)
                .raw("</a>"),
            None => self.text(name),
        }
    }

    /// A paragraph of ours with words in it.
    pub(super) fn paragraph(&mut self, text: &str) -> &mut Self {
        self.raw("<p>").text(text).raw("</p>\n")
    }

    /// A verdict: shape, colour and word.
    pub(super) fn verdict(&mut self, outcome: Outcome) -> &mut Self {
        self.raw("<span class=\"verdict o-")
            .raw(outcome.key())
            .raw("\">");
        self.mark(outcome);
        self.raw(outcome.word()).raw("</span>")
    }

    /// The shape of an outcome: a square that is whole, crossed, half, framed.
    pub(super) fn mark(&mut self, outcome: Outcome) -> &mut Self {
        self.raw("<svg class=\"mark\" viewBox=\"0 0 12 12\" width=\"12\" height=\"12\" aria-hidden=\"true\">");
        self.raw(shape(outcome)).raw("</svg>")
    }

    /// The head of a table: a caption and the columns. Numbers stand to the right.
    pub(super) fn table(&mut self, caption: &str, columns: &[(&'static str, Column)]) -> &mut Self {
        self.raw("<div class=\"wide\"><table>\n<caption>")
            .text(caption)
            .raw("</caption>\n<thead><tr>");
        for (name, column) in columns {
            self.raw(match column {
                Column::Words => "<th scope=\"col\">",
                Column::Number => "<th scope=\"col\" class=\"n\">",
            });
            self.raw(name).raw("</th>");
        }
        self.raw("</tr></thead>\n<tbody>\n")
    }

    /// The end of a table.
    pub(super) fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table></div>\n")
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// What a column of a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Words,
    Number,
}

fn shape(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Held => "<circle cx=\"6\" cy=\"6\" r=\"4.5\" fill=\"currentColor\"/>",
        Outcome::Violated => {
            "<path d=\"M2 2 L10 10 M10 2 L2 10\" stroke=\"currentColor\" stroke-width=\"2.6\" fill=\"none\"/>"
        }
        Outcome::Inconclusive => {
            "<path d=\"M6 1.5 A4.5 4.5 0 0 0 6 10.5 Z\" fill=\"currentColor\"/><circle cx=\"6\" cy=\"6\" r=\"4.5\" stroke=\"currentColor\" stroke-width=\"1.2\" fill=\"none\"/>"
        }
        Outcome::Waived => {
            "<path d=\"M3 1 V11 M3 2 H10 L8 4.5 L10 7 H3\" stroke=\"currentColor\" stroke-width=\"1.5\" fill=\"none\"/>"
        }
        Outcome::Known => "<path d=\"M6 1.5 L10.5 6 L6 10.5 L1.5 6 Z\" fill=\"currentColor\"/>",
        Outcome::Attested => {
            "<rect x=\"2\" y=\"2\" width=\"8\" height=\"8\" stroke=\"currentColor\" stroke-width=\"1.5\" fill=\"none\"/>"
        }
        Outcome::NotApplicable => {
            "<path d=\"M2 6 H10\" stroke=\"currentColor\" stroke-width=\"1.8\" fill=\"none\"/>"
        }
    }
}
