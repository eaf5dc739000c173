//! Which steps go when some are dropped? Those that refer to them go, too; the rest are numbered
//! anew.

use std::ops::Range;

/// The steps that stay when those of `dropped` go, in order. `refers` says which steps a step
/// makes no sense without, all counted from 0.
pub(super) fn kept(
    count: usize,
    dropped: impl Fn(usize) -> bool,
    refers: impl Fn(usize) -> Vec<usize>,
) -> Vec<usize> {
    let mut stays: Vec<bool> = (0..count).map(|step| !dropped(step)).collect();
    loop {
        let lost = (0..count).find(|&step| {
            let is_there = |&other: &usize| stays.get(other).copied().unwrap_or(false);
            stays[step] && !refers(step).iter().all(is_there)
        });
        let Some(lost) = lost else { break };
        stays[lost] = false;
    }
    (0..count).filter(|&step| stays[step]).collect()
}

/// The new number of a step that stays, both counted from 0.
pub(super) fn renumbered(kept: &[usize], step: usize) -> Option<usize> {
    kept.iter().position(|own| *own == step)
}

/// Whether a range of parts names a part.
pub(super) fn names<T: PartialEq>(parts: &[T], range: &Range<usize>, part: &T) -> bool {
    parts[range.clone()].contains(part)
}

#[cfg(test)]
mod tests {
    use super::{kept, renumbered};

    #[test]
    fn a_step_goes_with_what_it_refers_to() {
        // 1 and 2 refer to 0; 3 refers to 2; 4 to nothing; 5 refers to 6, which comes later.
        let refers = |step: usize| match step {
            1 | 2 => vec![0],
            3 => vec![2],
            5 => vec![6],
            _ => vec![],
        };
        for (dropped, expected) in [
            (vec![], vec![0, 1, 2, 3, 4, 5, 6]),
            (vec![0], vec![4, 5, 6]),
            (vec![2], vec![0, 1, 4, 5, 6]),
            (vec![6], vec![0, 1, 2, 3, 4]),
            (vec![0, 4, 6], vec![]),
        ] {
            let stay = kept(7, |step| dropped.contains(&step), refers);
            assert_eq!(stay, expected, "{dropped:?}");
        }
        assert_eq!(renumbered(&[0, 4, 6], 6), Some(2));
        assert_eq!(renumbered(&[0, 6, 4], 4), Some(2));
        assert_eq!(renumbered(&[0, 4, 6], 5), None);
    }
}
