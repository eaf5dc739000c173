//! What does a person need to know of one cause? A card that fits on half a screen: what is promised,
//! what was done, what was seen, how far it reaches, the shortest case, and the command that plays it
//! again.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use domain::api::case::Act;
use domain::api::request::{Body, Request};
use domain::case::Actor;
use domain::cause::{AnyCase, Cause, Shrunk, Standing};
use domain::finding::{Confidence, Severity};
use domain::world::TenantIndex;

use crate::hostile::{console_line, shortened};
use crate::terminal::{Colour, change_lines, counted};

/// How wide and how colourful.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Whether colours may be used.
    pub colour: Colour,
    /// Columns.
    pub width: usize,
}

impl Page {
    /// A file that people read.
    pub const FILE: Self = Self {
        colour: Colour::No,
        width: 120,
    };
}

/// Columns below which nothing is wrapped any narrower.
const WIDTH_MIN: usize = 60;
/// Where the text of a card begins.
const INDENT: usize = 13;
/// Steps of a shortest case that are shown.
const STEPS_MAX: usize = 8;
/// Lines of a batch, where there is no shortest case.
const LINES_MAX: usize = 6;
/// Names of each kind in a blast radius.
const NAMES_MAX: usize = 3;
/// Cards that are shown; more would be a flood.
const CARDS_MAX: usize = 10;
/// Causes beyond those that get a line each.
const LINES_BEYOND_MAX: usize = 20;

/// The causes of a run, the worst first, and never a flood: cards, then lines, then a number.
pub(crate) fn causes(causes: &[Cause], page: Page, replay: &dyn Fn(&Cause) -> String) -> String {
    let mut text = String::new();
    // What does not fail the run comes last.
    let (counting, excused): (Vec<&Cause>, Vec<&Cause>) = causes
        .iter()
        .partition(|cause| cause.standing == Standing::New);
    let ordered: Vec<&Cause> = counting.into_iter().chain(excused).collect();
    for cause in ordered.iter().take(CARDS_MAX) {
        text.push_str(&card(cause, page, replay));
        text.push('\n');
    }
    let beyond = ordered.get(CARDS_MAX..).unwrap_or_default();
    for cause in beyond.iter().take(LINES_BEYOND_MAX) {
        let line = format!(
            "{} {}: {}",
            headline(cause),
            cause.id,
            console_line(&cause.finding.sentence)
        );
        let room = page.width.max(WIDTH_MIN).saturating_sub(1);
        let _ = writeln!(text, "{}", shortened(&line, room));
    }
    if beyond.len() > LINES_BEYOND_MAX {
        let more = beyond.len() - LINES_BEYOND_MAX;
        let _ = writeln!(text, "and {} more", counted(more as u64, "cause"));
    }
    if !beyond.is_empty() {
        text.push_str("All of them are in findings.txt.\n\n");
    }
    text
}

/// One cause.
pub fn card(cause: &Cause, page: Page, replay: &dyn Fn(&Cause) -> String) -> String {
    let mut card = Card::new(cause, page);
    card.evidence();
    match &cause.shrunk {
        Some(shrunk) => card.shortest(shrunk, STEPS_MAX),
        None => card.batch(LINES_MAX),
    }
    card.reach();
    card.command("replay", &replay(cause));
    card.text
}

/// One cause with all that is known of it, for a file.
pub fn whole_card(cause: &Cause, replay: &dyn Fn(&Cause) -> String) -> String {
    let mut card = Card::new(cause, Page::FILE);
    card.evidence();
    if let Some(shrunk) = &cause.shrunk {
        card.shortest(shrunk, usize::MAX);
    }
    card.batch(usize::MAX);
    let finding = &cause.finding;
    for sighting in &finding.sightings {
        card.field(
            "surfaced",
            &format!(
                "{:?} in {} ({:?}, {:?})",
                shortened(&sighting.value, 80),
                sighting.place,
                sighting.kind,
                sighting.encoding
            ),
        );
    }
    for line in finding.changes.iter().flat_map(change_lines) {
        card.field("changed", &line);
    }
    card.command("fingerprint", &finding.fingerprint.to_string());
    for other in &cause.blast_radius {
        card.command("also", &other.to_string());
    }
    card.command("replay", &replay(cause));
    card.text
}

fn headline(cause: &Cause) -> String {
    let controls: Vec<&str> = cause.controls.iter().map(|id| id.0.as_str()).collect();
    let word = match &cause.standing {
        Standing::New => "violated".to_owned(),
        Standing::Known => "violated, known from the baseline".to_owned(),
        Standing::Waived(waiver) => format!(
            "violated, waived until {} by {} ({})",
            console_line(&waiver.expires),
            shortened(&console_line(&waiver.owner), 40),
            shortened(&console_line(&waiver.id), 40),
        ),
    };
    let severity = match cause.finding.severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
    };
    format!("{} {word}, {severity}", controls.join(" "))
}

struct Card<'c> {
    cause: &'c Cause,
    room: usize,
    text: String,
}

impl<'c> Card<'c> {
    fn new(cause: &'c Cause, page: Page) -> Self {
        let colour = match cause.standing {
            Standing::New => "31;1",
            Standing::Known | Standing::Waived(_) => "33",
        };
        let width = page.width.max(WIDTH_MIN);
        let head = page.colour.paint(colour, &headline(cause));
        let mut text = format!("{head}  {}\n", cause.id);
        for line in wrapped(&console_line(&cause.finding.sentence), width - 2) {
            let _ = writeln!(text, "  {line}");
        }
        Self {
            cause,
            room: width - INDENT,
            text,
        }
    }

    /// What is promised, done and seen, and how sure that is.
    fn evidence(&mut self) {
        let cause = self.cause;
        for line in &cause.contradiction {
            let (label, rest) = line.split_once(": ").unwrap_or(("", line));
            self.field(label, rest);
        }
        let finding = &cause.finding;
        let sure = match finding.confidence {
            Confidence::Seen => "seen once, not confirmed".to_owned(),
            Confidence::Confirmed { k, n } => {
                format!("confirmed {k} of {n} from a clean state")
            }
            Confidence::Unstable { n } => format!(
                "unstable: did not show again in {}",
                counted(u64::from(n), "try")
            )
            .replace("trys", "tries"),
        };
        self.field(
            "confidence",
            &format!(
                "{sure}; {} in the run, first in case {}",
                counted(finding.occurrences, "time"),
                finding.case,
            ),
        );
    }

    fn shortest(&mut self, shrunk: &Shrunk, steps_max: usize) {
        let minimal = if shrunk.is_minimal {
            "nothing smaller shows it"
        } else {
            "time ran out before nothing was left to try"
        };
        let before = match shrunk.steps_before {
            before if before > shrunk.steps_after => format!(" of {before}"),
            _ => String::new(),
        };
        self.field(
            "shortest",
            &format!(
                "{}{before}, {minimal}",
                counted(shrunk.steps_after as u64, "step")
            ),
        );
        let attacker = self.cause.finding.actor.tenant();
        let steps = steps(&shrunk.case, attacker);
        for (number, step) in steps.iter().enumerate().take(steps_max) {
            let line = format!("{} {step}", number + 1);
            let line = match steps_max {
                usize::MAX => line,
                _ => shortened(&line, self.room.saturating_sub(1)),
            };
            let _ = writeln!(self.text, "{:INDENT$}{line}", "");
        }
        if steps.len() > steps_max {
            let _ = writeln!(
                self.text,
                "{:INDENT$}and {} more",
                "",
                steps.len() - steps_max
            );
        }
    }

    /// The batch or request that shows it, unless `did` has told all of it.
    fn batch(&mut self, lines_max: usize) {
        let batch = self.cause.finding.batch.as_str();
        let told = self
            .cause
            .contradiction
            .iter()
            .any(|line| line.ends_with(batch));
        if told || batch.is_empty() {
            return;
        }
        let label = match self.cause.finding.actor {
            Actor::Caller(_) => "request",
            _ => "statement",
        };
        let lines: Vec<&str> = batch.lines().collect();
        for (index, line) in lines.iter().enumerate().take(lines_max) {
            let label = if index == 0 { label } else { "" };
            let line = shortened(&console_line(line), 300);
            for (part, piece) in wrapped(&line, self.room).into_iter().enumerate() {
                let label = if part == 0 { label } else { "" };
                let _ = writeln!(self.text, "  {label:<10} {piece}");
            }
        }
        if lines.len() > lines_max {
            let more = counted((lines.len() - lines_max) as u64, "line");
            let _ = writeln!(self.text, "{:INDENT$}and {more} more", "");
        }
    }

    /// How far it reaches, in one sentence.
    fn reach(&mut self) {
        let others = &self.cause.blast_radius;
        if others.is_empty() {
            return;
        }
        let names = |of: &dyn Fn(&domain::finding::Fingerprint) -> &str| {
            let distinct: BTreeSet<&str> = others.iter().map(of).collect();
            let shown: Vec<String> = distinct
                .iter()
                .take(NAMES_MAX)
                .map(|name| shortened(&console_line(name), 60))
                .collect();
            match distinct.len().checked_sub(NAMES_MAX) {
                None | Some(0) => shown.join(", "),
                Some(more) => format!("{} and {more} more", shown.join(", ")),
            }
        };
        let ways = counted(others.len() as u64, "other way");
        let reach = format!(
            "{ways}: by {}; {}; at {}",
            names(&|one| &one.attacker),
            names(&|one| &one.action),
            names(&|one| &one.place),
        );
        self.field("also", &reach);
    }

    fn field(&mut self, label: &str, text: &str) {
        let label = console_line(label);
        for (part, line) in wrapped(&console_line(text), self.room)
            .into_iter()
            .enumerate()
        {
            let label = if part == 0 { label.as_str() } else { "" };
            let _ = writeln!(self.text, "  {label:<10} {line}");
        }
    }

    /// Something to be copied: in one line, however long.
    fn command(&mut self, label: &str, text: &str) {
        let _ = writeln!(self.text, "  {label:<10} {}", console_line(text));
    }
}

/// The steps of a case, one line each.
fn steps(case: &AnyCase, attacker: Option<TenantIndex>) -> Vec<String> {
    let told = |actor: &Actor, what: &str| {
        let what = what.split_whitespace().collect::<Vec<_>>().join(" ");
        console_line(&format!("{}: {what}", who(actor, attacker)))
    };
    match case {
        AnyCase::Sql(case) => case
            .steps
            .iter()
            .flat_map(|step| {
                let twin = step.twin.as_ref();
                twin.map(|twin| told(twin, "does the same first, so that it counts"))
                    .into_iter()
                    .chain([told(&step.actor, &step.batch)])
            })
            .collect(),
        AnyCase::Api(case) => case
            .steps
            .iter()
            .map(|step| match &step.act {
                Act::Call {
                    caller, request, ..
                } => told(&Actor::Caller(caller.clone()), &requested(request)),
                Act::Batch { actor, batch, .. } => told(actor, batch),
            })
            .collect(),
    }
}

/// Who takes a step, as the attacker sees it.
fn who(actor: &Actor, attacker: Option<TenantIndex>) -> String {
    let name = match actor {
        Actor::Principal { principal, .. } | Actor::Scoped { principal, .. } => principal.as_str(),
        Actor::Caller(caller) if caller.tenant.is_none() => return "anonymous".into(),
        Actor::Caller(caller) => caller.actor.as_str(),
        Actor::Administrator { .. } => return "administrator of the server".into(),
        Actor::Keeper { .. } => return "administrator of the server, unguarded".into(),
    };
    let side = if actor.tenant() == attacker {
        "attacker's"
    } else {
        "victim's"
    };
    format!("{side} {name}")
}

/// A request in one line, without what every request carries.
fn requested(request: &Request) -> String {
    let mut line = format!("{} {}", request.method, request.path);
    for (position, (name, value)) in request.query.iter().enumerate() {
        let joint = if position == 0 { '?' } else { '&' };
        let _ = write!(line, "{joint}{name}={value}");
    }
    for (name, value) in &request.headers {
        let _ = write!(line, " [{name}: {value}]");
    }
    match &request.body {
        None => {}
        Some(Body::Json { value, .. }) => {
            let _ = write!(line, " {value}");
        }
        Some(Body::Form(fields)) => {
            for (name, value) in fields {
                let _ = write!(line, " {name}={value}");
            }
        }
        Some(Body::Multipart(parts)) => {
            for part in parts {
                let _ = write!(line, " {}={}", part.name, part.text);
            }
        }
        Some(Body::Text { text, .. }) => {
            let _ = write!(line, " {text}");
        }
    }
    line
}

/// Lines of at most `room` characters, broken between words where there are any.
pub(crate) fn wrapped(text: &str, room: usize) -> Vec<String> {
    let room = room.max(8);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().collect();
        if length > 0 && length + 1 + word.len() > room {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        while word.len() > room {
            let rest = word.split_off(room);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += word.len();
        line.extend(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    // What stood in the middle of a line is obeyed by some build servers where it begins one.
    lines.iter().map(|line| console_line(line)).collect()
}

#[cfg(test)]
mod tests;
