//! What does the shell learn? The table is documented in the README and tested in
//! `tests/exit_codes.rs`.

use std::process::ExitCode;

use domain::event::Summary;
use domain::gate::{Gate, gate};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Every selected control held, or was violated only by what is waived or in the baseline.
    Held = 0,
    /// A control was violated by a cause that is neither waived nor in the baseline.
    Violated = 1,
    /// Nothing was violated, but something is inconclusive.
    Inconclusive = 2,
    /// The command line or the configuration is wrong.
    Usage = 3,
    /// The target or this machine failed, or the tool itself.
    Environment = 4,
    /// Evidence could not be written.
    Evidence = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// What the summaries of a run amount to; [`gate`] has the rule.
    pub(crate) fn of(summaries: &[Summary]) -> Self {
        match gate(summaries) {
            Gate::Held => Self::Held,
            Gate::Inconclusive => Self::Inconclusive,
            Gate::Violated => Self::Violated,
        }
    }
}

/// An error that knows its exit code. Everything else that goes wrong is `Environment`.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The code.
    pub(crate) exit: Exit,
    /// What happened.
    pub(crate) error: anyhow::Error,
}

impl Failure {
    /// Wrong command line or configuration.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
        }
    }

    /// The target or this machine failed.
    pub(crate) fn environment(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Environment,
            error: error.into(),
        }
    }

    /// Evidence could not be written.
    pub(crate) fn evidence(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Evidence,
            error: error.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::control::ControlId;
    use domain::event::Summary;
    use domain::verdict::{ControlResult, Tally, Verdict};

    use super::Exit;

    fn summary(complete: bool, verdicts: &[Verdict]) -> Summary {
        let control = |verdict: &Verdict| ControlResult {
            control: ControlId::new("D01"),
            verdict: verdict.clone(),
            tally: Tally::default(),
        };
        Summary {
            complete,
            controls: verdicts.iter().map(control).collect(),
            ..Summary::default()
        }
    }

    #[test]
    fn only_a_complete_run_in_which_something_held_is_green() {
        let inconclusive = Verdict::Inconclusive {
            reasons: vec!["few".into()],
        };
        for (complete, verdicts, exit) in [
            (true, vec![Verdict::Held, Verdict::Attested], Exit::Held),
            (true, vec![Verdict::Held, Verdict::Violated], Exit::Violated),
            (
                true,
                vec![Verdict::Held, inconclusive.clone()],
                Exit::Inconclusive,
            ),
            (true, vec![Verdict::Violated, inconclusive], Exit::Violated),
            (false, vec![Verdict::Held], Exit::Inconclusive),
            (true, vec![Verdict::NotApplicable], Exit::Inconclusive),
            (true, vec![], Exit::Inconclusive),
        ] {
            assert_eq!(
                Exit::of(&[summary(complete, &verdicts)]),
                exit,
                "{verdicts:?}"
            );
        }
        assert_eq!(Exit::of(&[]), Exit::Inconclusive);
    }
}
