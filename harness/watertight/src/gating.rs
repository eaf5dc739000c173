//! What fails a run? What was decided beforehand, waivers and baseline, is read before the first
//! attack and applied when all is known.

use anyhow::Context as _;
use domain::cause::{KnownCause, Waiver};
use domain::event::Summary;
use domain::gate::Decisions;

use crate::args::{PlaneArgument, RunArguments};
use crate::environment;
use crate::exit_code::Failure;
use crate::output::write_file;

/// What was decided before the run.
#[derive(Debug)]
pub(crate) struct Gating {
    baseline: Option<Vec<KnownCause>>,
    today: String,
    /// Whether the options leave nothing out that there is to try.
    tries_all: bool,
}

impl Gating {
    /// Reads the baseline, if there is one. A file that is missing or wrong ends the run before it
    /// begins: gated on nothing, everything would be new.
    pub(crate) fn read(arguments: &RunArguments) -> Result<Self, Failure> {
        let baseline = match &arguments.baseline {
            None => None,
            Some(path) => {
                let shown = path.display().to_string();
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("could not read the baseline {shown}"))
                    .map_err(Failure::usage)?;
                let known = configuration::read_baseline(&shown, &text).map_err(Failure::usage)?;
                Some(known)
            }
        };
        let both = matches!(arguments.plane, None | Some(PlaneArgument::Both));
        Ok(Self {
            baseline,
            today: environment::today(),
            tries_all: both
                && arguments.planted.fault.is_empty()
                && arguments.planted.near_miss.is_empty(),
        })
    }

    /// Gives the causes of a system their standing.
    pub(crate) fn decide(&self, summary: &mut Summary, waivers: &[Waiver]) {
        let whole = self.whole(summary);
        summary.decide(&Decisions {
            waivers,
            baseline: self.baseline.as_deref(),
            today: &self.today,
            whole,
        });
    }

    /// Writes the file for the next run's `--baseline`, if it was asked for. Systems that this run
    /// did not touch stay in it as they were.
    pub(crate) fn write(
        &self,
        arguments: &RunArguments,
        summaries: &[Summary],
    ) -> anyhow::Result<()> {
        let Some(path) = &arguments.write_baseline else {
            return Ok(());
        };
        let earlier = self.baseline.as_deref().unwrap_or_default();
        let untouched = |one: &&KnownCause| !summaries.iter().any(|own| own.system == one.system);
        let mut known: Vec<KnownCause> = earlier.iter().filter(untouched).cloned().collect();
        for summary in summaries {
            known.extend(summary.baseline(earlier, self.whole(summary)));
        }
        write_file(path, &configuration::print_baseline(&known))
    }

    fn whole(&self, summary: &Summary) -> bool {
        self.tries_all && summary.complete
    }
}
