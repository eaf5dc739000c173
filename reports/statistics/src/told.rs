//! Numbers as they are told: two significant figures, and never rounded to the better side.

/// A share as a percentage, rounded up to two significant figures: for upper limits.
pub fn at_most(share: f64) -> String {
    percent(share, f64::ceil)
}

/// A share as a percentage, rounded down to two significant figures: for lower limits.
pub fn at_least(share: f64) -> String {
    percent(share, f64::floor)
}

fn percent(share: f64, rounded: fn(f64) -> f64) -> String {
    if share.is_nan() || share <= 0.0 {
        return "0 %".into();
    }
    if share >= 1.0 {
        return "100 %".into();
    }
    let percent = share * 100.0;
    #[expect(clippy::cast_possible_truncation, reason = "between -308 and 2")]
    let magnitude = percent.log10().floor() as i32;
    // Two figures: one before the decimal point at magnitude 0 leaves one after it.
    let places = 1 - magnitude;
    let scale = 10_f64.powi(places);
    // What is two figures already must not move to the next by the last bit of a double.
    let scaled = percent * scale;
    let near = scaled.round();
    let whole = if (scaled - near).abs() < 1e-9 {
        near
    } else {
        rounded(scaled)
    };
    let decimals = usize::try_from(places.max(0)).unwrap_or_default();
    format!("{:.decimals$} %", whole / scale)
}

#[cfg(test)]
mod tests {
    use super::{at_least, at_most};

    #[test]
    fn limits_are_rounded_to_the_worse_side() {
        for (share, most, least) in [
            (0.049_5, "5.0 %", "4.9 %"),
            (0.05, "5.0 %", "5.0 %"),
            (0.002_991, "0.30 %", "0.29 %"),
            (0.000_059_91, "0.0060 %", "0.0059 %"),
            (0.741_1, "75 %", "74 %"),
            (0.999, "100 %", "99 %"),
            (0.001, "0.10 %", "0.10 %"),
            (1.0, "100 %", "100 %"),
            (0.0, "0 %", "0 %"),
        ] {
            assert_eq!(at_most(share), most, "{share}");
            assert_eq!(at_least(share), least, "{share}");
        }
    }
}
