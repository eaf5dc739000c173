//! The standard normal distribution: Φ(z), and its inverse.

/// Terms of the series and of the continued fraction.
const TERMS_MAX: u32 = 500;
/// Where the series gives way to the continued fraction.
const TURN: f64 = 2.0;

/// The share above `z`, 1 − Φ(z).
pub(crate) fn above(z: f64) -> f64 {
    if z < 0.0 {
        return 1.0 - above(-z);
    }
    let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if z < TURN {
        // Φ(z) − 1/2 = φ(z) (z + z³/3 + z⁵/(3·5) + …)
        let mut term = z;
        let mut sum = z;
        for k in 1..TERMS_MAX {
            term *= z * z / f64::from(2 * k + 1);
            sum += term;
            if term < sum * 1e-17 {
                break;
            }
        }
        return 0.5 - density * sum;
    }
    // Mills' ratio: 1/(z + 1/(z + 2/(z + 3/(z + …)))), from its end.
    let mut fraction = z;
    for k in (1..TERMS_MAX).rev() {
        fraction = z + f64::from(k) / fraction;
    }
    density / fraction
}

/// The z above which the share `tail` lies, for `tail` above 0 and below 1.
pub(crate) fn quantile_above(tail: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if above(middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::{above, quantile_above};

    /// Abramowitz and Stegun, table 26.1, and the usual quantiles.
    #[test]
    fn tails_agree_with_tables() {
        for (z, expected) in [
            (0.0, 0.5),
            (1.0, 0.158_655_253_931_457),
            (1.96, 0.024_997_895_148_220),
            (2.0, 0.022_750_131_948_179),
            (3.0, 0.001_349_898_031_630),
            (5.0, 2.866_515_719e-7),
            (-1.0, 0.841_344_746_068_543),
        ] {
            let tail: f64 = above(z);
            assert!((tail - expected).abs() < expected * 1e-9, "{z}: {tail}");
        }
        for (tail, z) in [(0.05, 1.644_853_627), (0.025, 1.959_963_985), (0.5, 0.0)] {
            assert!((quantile_above(tail) - z).abs() < 1e-8, "{tail}");
        }
    }

    #[test]
    fn series_and_fraction_meet() {
        let (below, beyond) = (above(2.0 - 1e-9), above(2.0));
        assert!((below - beyond).abs() < 1e-9, "{below} {beyond}");
    }
}
