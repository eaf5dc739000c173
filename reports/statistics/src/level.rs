//! How sure is sure enough?

/// A confidence level, more than 0 and less than 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Level(f64);

impl Level {
    /// 95 %.
    pub const P95: Self = Self(0.95);
    /// 99 %.
    pub const P99: Self = Self(0.99);

    /// A level; `None` outside of the open interval from 0 to 1.
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// As a number.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The probability of error that it leaves, α = 1 − level.
    pub fn alpha(self) -> f64 {
        1.0 - self.0
    }

    /// Bonferroni: the level at which each of `k` statements must be made for all of them to hold
    /// together at this one, 1 − α/k. It holds however the statements depend on each other.
    pub fn of_each(self, k: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^53 statements")]
        let k = k.max(1) as f64;
        Self(1.0 - self.alpha() / k)
    }

    /// Šidák: the same for statements about independent samples, (1 − α)^(1/k). Slightly sharper, and
    /// wrong where the samples depend on each other in the other direction.
    pub fn of_each_independent(self, k: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^53 statements")]
        let k = k.max(1) as f64;
        Self((self.0.ln() / k).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::Level;

    #[test]
    fn a_level_is_neither_nothing_nor_certainty() {
        for wrong in [0.0, 1.0, -0.1, 1.5, f64::NAN] {
            assert_eq!(Level::new(wrong), None, "{wrong}");
        }
        assert_eq!(Level::new(0.95), Some(Level::P95));
    }

    #[test]
    fn more_statements_need_more_of_each() {
        // 1 − 0.05/10, and 0.95^(1/10).
        assert!((Level::P95.of_each(10).get() - 0.995).abs() < 1e-12);
        assert!((Level::P95.of_each_independent(10).get() - 0.994_883_803).abs() < 1e-9);
        assert!(Level::P95.of_each_independent(10) < Level::P95.of_each(10));
        assert_eq!(Level::P95.of_each(0), Level::P95);
    }
}
