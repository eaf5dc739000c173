//! Findings that hang together through their ties, directly or through others.

use std::collections::BTreeMap;

use domain::finding::Finding;

use super::ties::{self, Tie};

/// The findings, put together by their ties. Groups come in the order of their first findings.
pub(super) fn groups(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut forest = Forest::new(findings.len());
    let mut first: BTreeMap<Tie<'_>, usize> = BTreeMap::new();
    for (index, tie) in ties::ties(findings) {
        match first.get(&tie) {
            Some(other) => forest.join(index, *other),
            None => {
                first.insert(tie, index);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for (index, finding) in findings.iter().enumerate() {
        groups.entry(forest.root(index)).or_default().push(finding);
    }
    groups.into_values().collect()
}

/// Disjoint sets of indices; the root of each is its least.
struct Forest {
    parents: Vec<usize>,
}

impl Forest {
    fn new(count: usize) -> Self {
        Self {
            parents: (0..count).collect(),
        }
    }

    fn root(&mut self, index: usize) -> usize {
        let mut root = index;
        while self.parents[root] != root {
            root = self.parents[root];
        }
        let mut next = index;
        while self.parents[next] != root {
            next = std::mem::replace(&mut self.parents[next], root);
        }
        root
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other)] = one.min(other);
    }
}
