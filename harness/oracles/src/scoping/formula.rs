//! What does a condition prove? Equalities, joined by *and* and *or*, and what follows from them.

use std::collections::BTreeMap;

/// A row source of one statement: a table, a derived table, the result of a set operation.
pub(crate) type LeafId = usize;

/// A value, as far as equality is concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Term {
    /// The caller's tenant.
    Caller,
    /// A column of a row source, by position.
    Column(LeafId, usize),
    /// A variable that holds something else.
    Variable(String),
    /// A literal that is not the caller's.
    Literal(String),
    /// Anything that has no name here; equal to nothing.
    Unknown,
}

/// What holds for every row that survives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Formula {
    /// Both are the same, and neither is NULL.
    Equal(Term, Term),
    /// Both are the same, or both NULL: a column and what it was made of.
    Same(Term, Term),
    /// A row of that source is really there, not the NULLs of an outer join.
    Present(LeafId),
    /// All hold.
    All(Vec<Formula>),
    /// At least one holds.
    Any(Vec<Formula>),
}

impl Formula {
    /// What proves nothing.
    pub(crate) fn nothing() -> Self {
        Self::All(Vec::new())
    }

    /// The sources of which it says that a row is there.
    pub(crate) fn present(&self, out: &mut Vec<LeafId>) {
        match self {
            Self::Present(leaf) => out.push(*leaf),
            Self::Equal(a, b) => {
                for term in [a, b] {
                    if let Term::Column(leaf, _) = term {
                        out.push(*leaf);
                    }
                }
            }
            Self::All(all) => all.iter().for_each(|one| one.present(out)),
            Self::Same(..) | Self::Any(_) => {}
        }
    }

    fn mentions(&self, term: &Term) -> bool {
        match self {
            Self::Equal(a, b) | Self::Same(a, b) => a == term || b == term,
            Self::Present(_) => false,
            Self::All(all) | Self::Any(all) => all.iter().any(|one| one.mentions(term)),
        }
    }

    /// Does it speak of the term in a branch of OR?
    pub(crate) fn chooses(&self, term: &Term) -> bool {
        match self {
            Self::Any(any) => any.iter().any(|one| one.mentions(term)),
            Self::All(all) => all.iter().any(|one| one.chooses(term)),
            Self::Equal(..) | Self::Same(..) | Self::Present(_) => false,
        }
    }

    fn terms(&self, out: &mut Vec<Term>) {
        match self {
            Self::Equal(a, b) | Self::Same(a, b) => out.extend([a.clone(), b.clone()]),
            Self::Present(_) => {}
            Self::All(all) | Self::Any(all) => all.iter().for_each(|one| one.terms(out)),
        }
    }
}

/// How many branches of OR are followed before the rest is taken to prove nothing: nested ORs
/// multiply.
const BRANCHES_MAX: usize = 2_000;

/// Terms that are known to be equal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    numbers: BTreeMap<Term, usize>,
    parents: Vec<usize>,
}

impl Classes {
    /// Everything that follows from the formulas together.
    pub(crate) fn of<'a>(formulas: impl IntoIterator<Item = &'a Formula>) -> Self {
        let mut classes = Self::default();
        let mut budget = BRANCHES_MAX;
        classes.assume(&formulas.into_iter().collect::<Vec<_>>(), &mut budget);
        classes
    }

    fn assume(&mut self, formulas: &[&Formula], budget: &mut usize) {
        let mut choices = Vec::new();
        for formula in formulas {
            self.collect(formula, &mut choices);
        }
        // What one OR proves may decide the branches of another.
        loop {
            let mut grown = false;
            for choice in &choices {
                grown |= self.choose(choice, budget);
            }
            if !grown {
                break;
            }
        }
    }

    fn collect<'a>(&mut self, formula: &'a Formula, choices: &mut Vec<&'a [Formula]>) {
        match formula {
            Formula::Equal(a, b) | Formula::Same(a, b) => self.join(a, b),
            Formula::Present(_) => {}
            Formula::All(all) => all.iter().for_each(|one| self.collect(one, choices)),
            Formula::Any(any) => choices.push(any),
        }
    }

    /// Joins what is equal in every branch; true when that told something new.
    fn choose(&mut self, branches: &[Formula], budget: &mut usize) -> bool {
        if branches.is_empty() || *budget < branches.len() {
            return false;
        }
        *budget -= branches.len();
        let mut terms = vec![Term::Caller];
        branches.iter().for_each(|branch| branch.terms(&mut terms));
        terms.retain(|term| *term != Term::Unknown);
        terms.sort();
        terms.dedup();
        let mut worlds: Vec<Self> = Vec::with_capacity(branches.len());
        for branch in branches {
            let mut world = self.clone();
            world.assume(&[branch], budget);
            worlds.push(world);
        }
        let mut grown = false;
        for (index, a) in terms.iter().enumerate() {
            for b in &terms[index + 1..] {
                if !self.same(a, b) && worlds.iter().all(|world| world.same(a, b)) {
                    self.join(a, b);
                    grown = true;
                }
            }
        }
        grown
    }

    /// Is the term known to be the caller's tenant?
    pub(crate) fn is_caller(&self, term: &Term) -> bool {
        self.same(term, &Term::Caller)
    }

    /// Are both known to be equal?
    pub(crate) fn same(&self, a: &Term, b: &Term) -> bool {
        if a == b {
            return *a != Term::Unknown;
        }
        match (self.numbers.get(a), self.numbers.get(b)) {
            (Some(a), Some(b)) => self.root(*a) == self.root(*b),
            _ => false,
        }
    }

    /// The terms that are known to be equal to this one.
    pub(crate) fn equals(&self, term: &Term) -> Vec<Term> {
        let others = self.numbers.keys().filter(|other| *other != term);
        others
            .filter(|other| self.same(term, other))
            .cloned()
            .collect()
    }

    fn join(&mut self, a: &Term, b: &Term) {
        if *a == Term::Unknown || *b == Term::Unknown {
            return;
        }
        let (a, b) = (self.number(a), self.number(b));
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a] = b;
    }

    fn number(&mut self, term: &Term) -> usize {
        if let Some(&number) = self.numbers.get(term) {
            return number;
        }
        let number = self.parents.len();
        self.parents.push(number);
        self.numbers.insert(term.clone(), number);
        number
    }

    fn root(&self, mut number: usize) -> usize {
        while self.parents[number] != number {
            number = self.parents[number];
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_is_passed_on_and_or_keeps_what_all_branches_say() {
        let column = |leaf| Term::Column(leaf, 0);
        let equal = |a: &Term, b: &Term| Formula::Equal(a.clone(), b.clone());
        let (a, b, c) = (column(1), column(2), column(3));
        let caller = Term::Caller;
        for (formulas, expected) in [
            (vec![equal(&a, &caller)], true),
            (vec![equal(&b, &caller), equal(&a, &b)], true),
            (vec![equal(&a, &b)], false),
            (
                vec![Formula::Any(vec![equal(&a, &caller), equal(&b, &caller)])],
                false,
            ),
            (
                vec![Formula::Any(vec![equal(&a, &caller), equal(&a, &caller)])],
                true,
            ),
            // The branches differ, but what is known besides makes both say the same.
            (
                vec![
                    Formula::Any(vec![equal(&a, &b), equal(&a, &c)]),
                    equal(&b, &caller),
                    equal(&c, &caller),
                ],
                true,
            ),
            // One OR decides the other.
            (
                vec![
                    Formula::Any(vec![equal(&a, &b), equal(&a, &caller)]),
                    Formula::Any(vec![equal(&b, &caller), equal(&b, &caller)]),
                ],
                true,
            ),
            (
                vec![equal(&a, &Term::Unknown), equal(&Term::Unknown, &caller)],
                false,
            ),
            (vec![Formula::Any(vec![])], false),
        ] {
            let classes = Classes::of(&formulas);
            assert_eq!(classes.is_caller(&a), expected, "{formulas:?}");
        }
    }
}
