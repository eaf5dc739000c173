//! What one hash stands for everything that was tried? The root of a Merkle tree as RFC 6962 defines it, with
//! SHA-256: a leaf is hashed behind a zero byte, a node behind a one, and no last leaf is ever doubled. So one
//! case can be proven without the others (inclusion), and a longer log to begin with a shorter one (consistency).

use sha2::{Digest as _, Sha256};

/// A hash in the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(bytes)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The root over leaves that are hashed already.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The largest power of two below `size`.
fn split(size: usize) -> usize {
    1 << (usize::BITS - 1 - (size - 1).leading_zeros())
}

/// The hashes that lead from the leaf at `index` to the root, from below; `None` when there is no such leaf.
pub fn inclusion(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    (index < leaves.len()).then(|| path(leaves, index))
}

fn path(leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    let (mut below, beside) = if index < middle {
        (path(left, index), root(right))
    } else {
        (path(right, index - middle), root(left))
    };
    below.push(beside);
    below
}

/// Whether `proof` leads from a leaf at `index` to the root of a tree of `size` leaves.
pub fn is_included(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    // RFC 9162, 2.1.3.2: `at` walks up from the leaf, `last` from the last leaf.
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for beside in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = node(beside, &hash);
            while at.is_multiple_of(2) && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// The hashes that show that the tree over the first `first` leaves is the beginning of the whole; `None` when
/// there are not that many, or none.
pub fn consistency(leaves: &[Hash], first: usize) -> Option<Vec<Hash>> {
    (first > 0 && first <= leaves.len()).then(|| subproof(leaves, first, true))
}

fn subproof(leaves: &[Hash], first: usize, whole: bool) -> Vec<Hash> {
    if first == leaves.len() {
        return if whole {
            Vec::new()
        } else {
            vec![root(leaves)]
        };
    }
    let middle = split(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if first <= middle {
        let mut proof = subproof(left, first, whole);
        proof.push(root(right));
        proof
    } else {
        let mut proof = subproof(right, first - middle, false);
        proof.push(root(left));
        proof
    }
}

/// Whether `proof` shows that a tree of `first` leaves with root `first_root` is the beginning of one of `second`
/// leaves with root `second_root`.
pub fn is_consistent(
    first: u64,
    second: u64,
    first_root: &Hash,
    second_root: &Hash,
    proof: &[Hash],
) -> bool {
    if first == 0 || first > second {
        return false;
    }
    if first == second {
        return proof.is_empty() && first_root == second_root;
    }
    // RFC 9162, 2.1.4.2. A first tree that is complete is its own first hash.
    let mut hashes = Vec::with_capacity(proof.len() + 1);
    if first.is_power_of_two() {
        hashes.push(*first_root);
    }
    hashes.extend_from_slice(proof);
    let Some((start, rest)) = hashes.split_first() else {
        return false;
    };
    let (mut at, mut last) = (first - 1, second - 1);
    while at % 2 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*start, *start);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            old = node(beside, &old);
            new = node(beside, &new);
            while at.is_multiple_of(2) && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new = node(&new, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && old == *first_root && new == *second_root
}

#[cfg(test)]
mod tests {
    use super::{Hash, consistency, inclusion, is_consistent, is_included, leaf, root};
    use crate::canonical::hex;

    /// The leaves of the test vectors that certificate transparency's implementations share.
    fn samples() -> Vec<Hash> {
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        inputs.iter().map(|input| leaf(input)).collect()
    }

    #[test]
    fn roots_are_those_of_the_published_vectors() {
        let leaves = samples();
        for (size, expected) in [
            (
                0,
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                1,
                "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            ),
            (
                2,
                "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            ),
            (
                3,
                "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            ),
            (
                4,
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ),
            (
                8,
                "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
            ),
        ] {
            assert_eq!(hex(&root(&leaves[..size])), expected, "{size} leaves");
        }
    }

    fn many(count: u32) -> Vec<Hash> {
        (0..count)
            .map(|number| leaf(&number.to_be_bytes()))
            .collect()
    }

    #[test]
    fn every_leaf_is_proven_and_nothing_else_is() {
        let leaves = many(33);
        for size in 1..=33_usize {
            let tree = &leaves[..size];
            let top = root(tree);
            for (index, own) in tree.iter().enumerate() {
                let proof = inclusion(tree, index).expect("there is such a leaf");
                let holds = |leaf: &Hash, index: usize, size: usize, proof: &[Hash]| {
                    is_included(leaf, index as u64, size as u64, proof, &top)
                };
                assert!(holds(own, index, size, &proof), "{index} of {size}");
                assert!(!holds(&leaf(b"other"), index, size, &proof));
                // A proof is one leaf's, at its place, and as long as it must be. (The size itself is not
                // fixed by a proof: it is signed beside the root.)
                for other in (0..size).filter(|other| *other != index) {
                    assert!(
                        !holds(own, other, size, &proof),
                        "{index} as {other} of {size}"
                    );
                }
                if let Some((_, shorter)) = proof.split_first() {
                    assert!(!holds(own, index, size, shorter));
                }
                let mut longer = proof.clone();
                longer.push(top);
                assert!(!holds(own, index, size, &longer));
            }
            assert_eq!(inclusion(tree, size), None);
        }
    }

    #[test]
    fn a_longer_log_is_proven_to_begin_with_the_shorter_and_no_other() {
        let leaves = many(33);
        let mut rewritten = leaves.clone();
        rewritten[0] = leaf(b"rewritten");
        for second in 1..=33_usize {
            for first in 1..=second {
                let (old, new) = (root(&leaves[..first]), root(&leaves[..second]));
                let proof = consistency(&leaves[..second], first).expect("there are that many");
                let holds = |old: &Hash, new: &Hash, proof: &[Hash]| {
                    is_consistent(first as u64, second as u64, old, new, proof)
                };
                assert!(holds(&old, &new, &proof), "{first} of {second}");
                let other = root(&rewritten[..second]);
                let forged = consistency(&rewritten[..second], first).expect("there are that many");
                assert!(!holds(&old, &other, &forged), "{first} of {second}");
                assert!(!holds(&old, &other, &proof), "{first} of {second}");
                if let Some((_, shorter)) = proof.split_first() {
                    assert!(!holds(&old, &new, shorter));
                }
            }
            assert_eq!(consistency(&leaves[..second], 0), None);
            assert_eq!(consistency(&leaves[..second], second + 1), None);
        }
    }
}
