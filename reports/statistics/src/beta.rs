//! The regularised incomplete beta function, I(x; a, b), and its inverse in x.
//!
//! Continued fraction by Lentz's method (DLMF 8.17.22), on the side of the mean where it converges
//! fast; inverse by bisection, which is slow and cannot go wrong.

/// Terms of the continued fraction; about √max(a, b) are needed.
const TERMS_MAX: u32 = 100_000;
/// Halvings after which a double has no more digits.
const HALVINGS: u32 = 1_100;

/// I(x; a, b) = B(x; a, b) / B(a, b), for positive a and b, x from 0 to 1.
pub(crate) fn regularised(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // I(x; a, b) = 1 − I(1 − x; b, a)
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - head(1.0 - x, b, a, (-x).ln_1p(), x.ln());
    }
    head(x, a, b, x.ln(), (-x).ln_1p())
}

/// x^a (1 − x)^b / (a B(a, b)) times the continued fraction.
fn head(x: f64, a: f64, b: f64, ln_x: f64, ln_rest: f64) -> f64 {
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    (a * ln_x + b * ln_rest - ln_beta).exp() / a * fraction(x, a, b)
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    for term in 1..TERMS_MAX {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for coefficient in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + coefficient * d);
            c = away_from_zero(1.0 + coefficient / c);
            step *= d * c;
        }
        product *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

/// The x with I(x; a, b) = p.
pub(crate) fn quantile(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if regularised(middle, a, b) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) from 15 on, the recurrence below.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    const SERIES: [f64; 6] = [
        1.0 / 12.0,
        -1.0 / 360.0,
        1.0 / 1_260.0,
        -1.0 / 1_680.0,
        1.0 / 1_188.0,
        -691.0 / 360_360.0,
    ];
    let mut argument = x;
    let mut product = 1.0;
    while argument < 15.0 {
        product *= argument;
        argument += 1.0;
    }
    let inverse = argument.recip();
    let square = inverse * inverse;
    let tail = SERIES
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * square + coefficient);
    let half_ln_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    (argument - 0.5) * argument.ln() - argument + half_ln_two_pi + tail * inverse - product.ln()
}

#[cfg(test)]
mod tests {
    use super::{ln_gamma, quantile, regularised};

    #[test]
    fn factorials_and_a_half() {
        // Γ(n) = (n − 1)!, Γ(1/2) = √π.
        for (x, expected) in [
            (1.0, 1.0_f64),
            (2.0, 1.0),
            (5.0, 24.0),
            (11.0, 3_628_800.0),
            (0.5, std::f64::consts::PI.sqrt()),
        ] {
            assert!((ln_gamma(x) - expected.ln()).abs() < 1e-13, "{x}");
        }
        // ln Γ(100), DLMF's function to 12 digits.
        assert!((ln_gamma(100.0) - 359.134_205_369_575).abs() < 1e-10);
    }

    #[test]
    fn whole_parameters_are_binomial_sums() {
        // I(p; k + 1, n − k) = P(X > k) for X of n trials with probability p.
        for (n, k, p) in [(10_u32, 3_u32, 0.2_f64), (25, 0, 0.113), (50, 49, 0.97)] {
            let mut term = (1.0 - p).powf(f64::from(n));
            let mut at_most = term;
            for i in 0..k {
                term *= f64::from(n - i) / f64::from(i + 1) * p / (1.0 - p);
                at_most += term;
            }
            let beta = regularised(p, f64::from(k + 1), f64::from(n - k));
            assert!(
                (beta - (1.0 - at_most)).abs() < 1e-12,
                "{n} {k} {p}: {beta}"
            );
        }
    }

    #[test]
    fn the_inverse_inverts() {
        for (p, a, b) in [
            (0.95, 1.0, 59.0),
            (0.025, 3.0, 97.0),
            (0.5, 0.5, 0.5),
            (0.99, 2.0, 49_999.0),
        ] {
            let x = quantile(p, a, b);
            assert!((regularised(x, a, b) - p).abs() < 1e-10, "{p} {a} {b}: {x}");
        }
    }
}
