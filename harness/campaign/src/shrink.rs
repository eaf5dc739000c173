//! Which is the shortest case that still shows a cause?
//!
//! After the last attack, each cause is cut down: the case in which it was first seen is played in
//! ever smaller forms from clean state, and a form is kept when the same fingerprint remains, armed as
//! before and with evidence as strong. [`search`] proposes, pure and deterministic; [`aim`] says
//! what must remain; [`drive`] plays; [`sql`], [`batch`] and [`api`] know what a case is made of.
//!
//! Proptest's part: random cases come as its value trees from the generators, which know how a
//! statement was before it was spelled and wrapped, and every search of ours is one, so that the
//! loop which asks "does it still show?" is the same `simplify` and `complicate` for both.

mod aim;
mod api;
mod batch;
mod bench;
mod confirm;
mod drive;
mod request;
mod search;
mod sql;
mod steps;

use std::collections::BTreeMap;

use domain::case::CaseId;

pub(crate) use bench::{ApiBench, Bench, SqlBench};
pub(crate) use confirm::confirm;
pub(crate) use drive::{Surroundings, shrink};

/// The cases in which findings were seen, and what happened then where it is known.
#[derive(Debug)]
pub(crate) struct Kept<C, H>(BTreeMap<CaseId, (C, Option<H>)>);

impl<C, H> Default for Kept<C, H> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<C: Clone, H: Clone> Kept<C, H> {
    /// Keeps a case of which it is not known any more what happened.
    pub(crate) fn keep(&mut self, case: CaseId, whole: C) {
        self.0.insert(case, (whole, None));
    }

    /// Keeps a case and what happened.
    pub(crate) fn keep_as_seen(&mut self, case: CaseId, whole: &C, history: &H) {
        self.0.insert(case, (whole.clone(), Some(history.clone())));
    }

    fn get(&self, id: CaseId) -> Option<&(C, Option<H>)> {
        self.0.get(&id)
    }
}
