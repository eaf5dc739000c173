//! What came of a verification, step by step.

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What was checked.
    pub name: String,
    /// How it came out.
    pub outcome: StepOutcome,
}

/// How a step came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// As it must be; in a few words.
    Passed(String),
    /// Nothing is wrong, but something is not known; one a line.
    Warning(Vec<String>),
    /// What is wrong, one a line.
    Failed(Vec<String>),
}

/// What a verification came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything is as it must be, and signed by the key that was expected.
    Verified,
    /// Nothing is wrong, but something is not known.
    Warnings,
    /// Something is wrong.
    Failed,
}

impl Outcome {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Verified => "VERIFIED",
            Self::Warnings => "VERIFIED-WITH-WARNINGS",
            Self::Failed => "FAILED",
        }
    }
}

/// All steps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// In order.
    pub steps: Vec<Step>,
}

impl Report {
    /// Notes a step that passes unless there are problems.
    pub fn step(&mut self, name: &str, detail: &str, problems: Vec<String>) {
        if problems.is_empty() {
            self.push(name, StepOutcome::Passed(detail.to_owned()));
        } else {
            self.fail(name, problems);
        }
    }

    /// Notes a step that failed.
    pub fn fail(&mut self, name: &str, problems: Vec<String>) {
        self.push(name, StepOutcome::Failed(problems));
    }

    /// Notes a step after which something is not known.
    pub fn warn(&mut self, name: &str, warnings: Vec<String>) {
        self.push(name, StepOutcome::Warning(warnings));
    }

    fn push(&mut self, name: &str, outcome: StepOutcome) {
        self.steps.push(Step {
            name: name.to_owned(),
            outcome,
        });
    }

    /// What it came to: the worst of its steps.
    pub fn outcome(&self) -> Outcome {
        let of = |step: &Step| match step.outcome {
            StepOutcome::Passed(_) => Outcome::Verified,
            StepOutcome::Warning(_) => Outcome::Warnings,
            StepOutcome::Failed(_) => Outcome::Failed,
        };
        self.steps.iter().map(of).max().unwrap_or(Outcome::Failed)
    }

    /// Everything that is wrong.
    pub fn problems(&self) -> Vec<String> {
        let of = |step: &Step| match &step.outcome {
            StepOutcome::Failed(problems) => problems.clone(),
            _ => Vec::new(),
        };
        self.steps.iter().flat_map(of).collect()
    }
}
