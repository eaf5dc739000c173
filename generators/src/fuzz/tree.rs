//! How was each statement of a random case before it was dressed up? A case as proptest's value tree.
//!
//! A statement is drawn plain, then its names are spelled in an odd way, then it is wrapped once or
//! twice. Whoever shrinks by text has to undo that by force; the tree has kept every form, with the
//! claim, the traits and the twin that belong to it. `simplify` goes on from the plainest form of
//! a step that still shows what is looked for, `complicate` tries the next less plain.

use std::ops::Range;

use domain::case::{Case, CaseId, Step};
use proptest::strategy::ValueTree;

/// A random case and the forms that its steps went through.
#[derive(Debug, Clone)]
pub struct CaseTree {
    id: CaseId,
    title: String,
    /// Of each step at least one form, the plainest first, what was drawn last.
    steps: Vec<Vec<Step>>,
    /// The plainest form of each step that is known to do.
    chosen: Vec<usize>,
    /// A step, and the plainer form of it that is proposed.
    proposed: Option<(usize, usize)>,
    /// The step and the form to propose next.
    next: (usize, usize),
}

impl CaseTree {
    pub(crate) fn new(id: CaseId, title: String, steps: Vec<Vec<Step>>) -> Self {
        Self {
            id,
            title,
            chosen: steps.iter().map(|forms| forms.len() - 1).collect(),
            steps,
            proposed: None,
            next: (0, 0),
        }
    }

    /// The same with these steps alone; `None` when they are not among those of the case.
    #[must_use]
    pub fn narrowed(&self, steps: Range<usize>) -> Option<Self> {
        let steps = self.steps.get(steps)?.to_vec();
        Some(Self::new(self.id, self.title.clone(), steps))
    }

    fn propose(&mut self) -> bool {
        let (mut step, mut form) = self.next;
        while let Some(chosen) = self.chosen.get(step) {
            if form < *chosen {
                self.proposed = Some((step, form));
                return true;
            }
            (step, form) = (step + 1, 0);
        }
        self.next = (step, form);
        false
    }
}

impl ValueTree for CaseTree {
    type Value = Case;

    fn current(&self) -> Case {
        let form = |step: usize| match self.proposed {
            Some((proposed, form)) if proposed == step => form,
            _ => self.chosen[step],
        };
        let steps = self.steps.iter().enumerate();
        Case {
            id: self.id,
            title: self.title.clone(),
            steps: steps
                .map(|(step, forms)| forms[form(step)].clone())
                .collect(),
        }
    }

    fn simplify(&mut self) -> bool {
        if let Some((step, form)) = self.proposed.take() {
            self.chosen[step] = form;
            self.next = (step + 1, 0);
        }
        self.propose()
    }

    fn complicate(&mut self) -> bool {
        match self.proposed.take() {
            Some((step, form)) => {
                self.next = (step, form + 1);
                self.propose()
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::example;
    use domain::seed::Seed;
    use proptest::strategy::ValueTree as _;

    use crate::fuzz::{fuzz, fuzz_tree};
    use crate::terrain::Terrain;

    #[test]
    fn a_tree_begins_with_the_case_and_ends_with_its_plainest_form() {
        let system = example::system(3);
        let world = example::world(3, Seed(7));
        let surface = example::surface(&world);
        let terrain = Terrain::new(&system, &world, &surface);
        let (mut plainer, mut wrapped) = (0, 0);
        for index in 0..40 {
            let case = fuzz(&terrain, Seed(7), index);
            let mut tree = fuzz_tree(&terrain, Seed(7), index);
            assert_eq!(tree.current(), case, "what is remembered draws nothing");
            let mut goes_on = tree.simplify();
            while goes_on {
                plainer += 1;
                goes_on = tree.simplify();
            }
            let plain = tree.current();
            assert_eq!(plain.steps.len(), case.steps.len());
            for (plain, drawn) in plain.steps.iter().zip(&case.steps) {
                let family = |step: &domain::case::Step| {
                    step.claim
                        .as_ref()
                        .map(|claim| claim.family.clone())
                        .unwrap_or_default()
                };
                let wrappings = |step| family(step).matches('+').count();
                assert_eq!(plain.actor, drawn.actor);
                wrapped += usize::from(wrappings(plain) < wrappings(drawn));
            }
            // Who finds that no plainer form does has what was drawn.
            let mut tree = fuzz_tree(&terrain, Seed(7), index);
            let mut goes_on = tree.simplify();
            while goes_on {
                goes_on = tree.complicate();
            }
            assert_eq!(tree.current(), case);
        }
        assert!(plainer > 100 && wrapped > 50, "{plainer} {wrapped}");
    }
}
