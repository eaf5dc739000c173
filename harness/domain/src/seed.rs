//! One seed and its labelled children: one more draw here changes nothing there.

use serde::{Deserialize, Serialize};

/// The campaign's seed, or a child of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seed(pub u64);

impl Seed {
    /// The child for one purpose. The same label always gives the same child.
    pub fn child(self, label: &str) -> Self {
        // FNV-1a over the label, then one round of splitmix64: stable across platforms and
        // releases, which `std`'s hashers do not promise.
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ self.0;
        for byte in label.bytes() {
            hash ^= u64::from(byte);
            hash = hash.wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(splitmix(hash))
    }

    /// The child for the `index`-th of many.
    pub fn nth(self, index: u64) -> Self {
        Self(splitmix(self.0 ^ splitmix(index)))
    }

    /// Thirty-two bytes for a generator that wants them.
    pub fn bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (position, chunk) in (0_u64..).zip(bytes.chunks_exact_mut(8)) {
            chunk.copy_from_slice(&self.nth(position).0.to_le_bytes());
        }
        bytes
    }
}

fn splitmix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn children_depend_on_seed_and_label_alone() {
        assert_eq!(Seed(7).child("worlds"), Seed(7).child("worlds"));
        assert_ne!(Seed(7).child("worlds"), Seed(8).child("worlds"));
        assert_ne!(Seed(7).child("worlds"), Seed(7).child("cases"));
        assert_ne!(Seed(7).nth(0), Seed(7).nth(1));
    }
}
