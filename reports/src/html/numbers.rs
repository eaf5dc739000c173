//! What may be said about how rare a leak would have to be: sensitivity first, coverage second, exact limits
//! last. Never a probability that something is secure.

use statistics::{Level, Sample};

use super::markup::{Column, Markup};
use crate::overview::{Outcome, Overview};
use crate::terminal::thousands;

pub(super) fn write(page: &mut Markup, overview: &Overview<'_>) {
    sensitivity(page, overview);
    limits(page, overview);
    search(page, overview);
    page.paragraph(
        "This speaks of the harness's distribution of attempts, not of an attacker's, and not of routes outside the plan. \
         Attempts within one case depend on each other, and repeating an identical request against deterministic code \
         adds nothing; read the limits as the least that may be said.",
    );
}

fn sensitivity(page: &mut Markup, overview: &Overview<'_>) {
    let Some(all) = overview.sensitivity() else {
        return;
    };
    let Some(sample) = Sample::new(all.caught, all.planted) else {
        return;
    };
    page.paragraph(&format!(
        "Sensitivity: {} of {} planted faults were found. If faults are drawn like those of the catalogue, then with 95 % \
         confidence at least {} of them would be found.",
        all.caught,
        all.planted,
        percent(sample.lower(Level::P95), Rounding::Down)
    ));
}

/// Why nothing is estimated of what the search has not shown, in the record's own words.
fn search(page: &mut Markup, overview: &Overview<'_>) {
    let search = &overview.record.statistics["search"];
    if let Some(why) = search["why"].as_str() {
        page.raw("<p>No residual risk is estimated from the search: ")
            .theirs(why)
            .raw(". Nothing is said of ways that were not tried.</p>\n");
    }
}

fn limits(page: &mut Markup, overview: &Overview<'_>) {
    for system in &overview.systems {
        let tested: Vec<_> = system
            .controls
            .iter()
            .filter(|control| control.result.tally.armed > 0)
            .collect();
        if tested.is_empty() {
            continue;
        }
        let joint = Level::P95.of_each(tested.len() as u64);
        let widest = tested
            .iter()
            // A look is at everything and needs no limit; what was violated has none.
            .filter(|control| {
                let tally = &control.result.tally;
                tally.looks < tally.attempts && control.outcome != Outcome::Violated
            })
            .filter_map(|control| {
                let tally = &control.result.tally;
                let sample = Sample::new(tally.crossed, tally.armed)?;
                Some((sample.upper(joint), &control.result.control))
            })
            .max_by(|(one, _), (other, _)| one.total_cmp(other));
        if let Some((limit, id)) = widest {
            page.paragraph(&format!(
                "{}: if armed attempts are drawn as planned and behave independently, then with 95 % confidence in all {} rows \
                 together, fewer than {} of such attempts would have crossed, whichever of the promises that held is looked at; the widest limit is that of {id}.",
                system.run.name,
                tested.len(),
                percent(limit, Rounding::Up)
            ));
        }
        page.table(
            &format!(
                "{}: exact upper limits (Clopper and Pearson, one-sided)",
                system.run.name
            ),
            &[
                ("Promise", Column::Words),
                ("Outcome", Column::Words),
                ("Armed", Column::Number),
                ("Crossed", Column::Number),
                ("95 %", Column::Number),
                ("99 %", Column::Number),
                ("95 % jointly", Column::Number),
            ],
        );
        for control in tested {
            let tally = &control.result.tally;
            let Some(sample) = Sample::new(tally.crossed, tally.armed) else {
                continue;
            };
            page.raw("<tr><th scope=\"row\"><span class=\"chip\">")
                .text(&control.result.control.0)
                .raw("</span></th><td>");
            page.verdict(control.outcome)
                .raw("</td><td class=\"n\">")
                .number(tally.armed);
            page.raw("</td><td class=\"n\">").number(tally.crossed);
            for level in [Level::P95, Level::P99, joint] {
                page.raw("</td><td class=\"n\">");
                if tally.looks == tally.attempts && tally.looks > 0 {
                    // A look is at everything, so there is nothing to estimate.
                    page.raw("all looked at");
                } else if control.outcome == Outcome::Violated {
                    page.raw("—");
                } else {
                    page.text(&percent(sample.upper(level), Rounding::Up));
                }
            }
            page.raw("</td></tr>\n");
        }
        page.end_table();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Rounding {
    /// For upper limits: never better than it is.
    Up,
    /// For lower limits.
    Down,
}

/// Two significant figures; more would be made up. Rounded to the side that claims less.
fn percent(share: f64, rounding: Rounding) -> String {
    if share <= 0.0 {
        return "0 %".to_owned();
    }
    let mut share = share * 100.0;
    if share >= 99.95 && rounding == Rounding::Up {
        return "100 %".to_owned();
    }
    let mut decimals: usize = 0;
    while share < 10.0 && decimals < 12 {
        share *= 10.0;
        decimals += 1;
    }
    let whole = match rounding {
        Rounding::Up => share.ceil(),
        Rounding::Down => share.floor(),
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and 100"
    )]
    let digits = whole as u64;
    if decimals == 0 {
        return format!("{} %", thousands(digits));
    }
    let text = format!("{digits:0width$}", width = decimals + 1);
    let (before, after) = text.split_at(text.len() - decimals);
    format!("{before}.{after} %")
}

#[cfg(test)]
mod tests {
    use super::{Rounding, percent};

    #[test]
    fn shares_have_two_figures_and_never_claim_more() {
        for (share, up, down) in [
            (0.0295, "3.0 %", "2.9 %"),
            (0.000_299_5, "0.030 %", "0.029 %"),
            (0.741, "75 %", "74 %"),
            (1.0, "100 %", "100 %"),
            (0.0, "0 %", "0 %"),
        ] {
            assert_eq!(percent(share, Rounding::Up), up, "{share}");
            assert_eq!(percent(share, Rounding::Down), down, "{share}");
        }
    }
}
