//! How does the person who is waiting see that something happens? One line that moves on a
//! terminal; whole lines, seldom, in a build log; nothing when told to be quiet.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::control::ControlId;
use domain::event::Event;
use domain::finding::Finding;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::terminal::{self, Colour};

use crate::args::When;

/// Shows events as they come, on standard error; standard output is for results.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    colour: Colour,
    quiet: bool,
    /// What was found and told, by label: who, whose, against which promise.
    told: Mutex<BTreeMap<String, BTreeSet<Kind>>>,
}

/// What findings of one mistake mostly have in common.
type Kind = (String, String, Option<ControlId>);

/// Findings that get a line of their own while the run goes on.
const FOUND_MAX: usize = 6;

/// What a finding is to who waits.
enum Heard {
    News,
    /// The first of which there is too much.
    Enough,
    Much,
}

impl Progress {
    /// Chooses the form by what standard error is.
    pub(crate) fn new(colour: Colour, quiet: bool) -> Self {
        let alive = !quiet && std::io::stderr().is_terminal();
        let bar = alive.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            bar,
            colour,
            quiet,
            told: Mutex::default(),
        }
    }

    /// Shows one event, of the system that the label names where there are several.
    pub(crate) fn show(&self, label: Option<&str>, event: &Event) {
        let labelled = |text: String| match label {
            Some(label) => format!("{label:<20} {text}"),
            None => text,
        };
        if let Event::Progress {
            phase,
            cases,
            judged,
            armed,
            findings,
            title,
        } = event
        {
            if let Some(bar) = &self.bar {
                bar.set_message(labelled(terminal::progress(
                    *phase, *cases, *judged, *armed, *findings, title,
                )));
            }
        } else if let Event::Shrinking {
            cause,
            number,
            of,
            evaluations,
            steps,
            is_done: false,
        } = event
        {
            if let Some(bar) = &self.bar {
                let text = terminal::shrinking(cause, (*number, *of), *evaluations, *steps);
                bar.set_message(labelled(text));
            }
        } else if let Event::Found(finding) = event {
            match self.heard(label, finding) {
                Heard::News => {
                    let text = terminal::event_lines(event, self.colour);
                    self.line(&labelled(text.unwrap_or_default()));
                }
                Heard::Enough => self.line(&labelled(
                    "Found    more, which the closing report puts together".into(),
                )),
                Heard::Much => {}
            }
        } else if let Some(lines) = terminal::event_lines(event, self.colour) {
            self.line(&labelled(lines));
        }
    }

    /// Whether a finding is worth a line: one mistake shows in many ways.
    fn heard(&self, label: Option<&str>, finding: &Finding) -> Heard {
        // Nothing below can leave it half-done.
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told
            .entry(label.unwrap_or_default().to_owned())
            .or_default();
        let print = &finding.fingerprint;
        let kind = (
            print.attacker.clone(),
            print.victim.clone(),
            finding.controls.first().cloned(),
        );
        if !told.insert(kind) {
            return Heard::Much;
        }
        match told.len() {
            0..=FOUND_MAX => Heard::News,
            count if count == FOUND_MAX + 1 => Heard::Enough,
            _ => Heard::Much,
        }
    }

    /// Shows a line of our own.
    pub(crate) fn line(&self, text: &str) {
        self.handle().say(text);
    }

    /// A handle for tasks that have something to say.
    pub(crate) fn handle(&self) -> Handle {
        Handle {
            bar: self.bar.clone(),
            quiet: self.quiet,
        }
    }

    /// Takes the moving line away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Says lines beside the moving one.
#[derive(Clone)]
pub(crate) struct Handle {
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Handle {
    /// Says one line.
    #[expect(clippy::print_stderr, reason = "progress goes to standard error")]
    pub(crate) fn say(&self, text: &str) {
        match &self.bar {
            _ if self.quiet => {}
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

/// Whether standard output is coloured. `NO_COLOR` is honoured.
pub(crate) fn colour(when: When) -> Colour {
    let yes = match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::io::stdout().is_terminal() && !crate::environment::is_set("NO_COLOR"),
    };
    if yes { Colour::Yes } else { Colour::No }
}
