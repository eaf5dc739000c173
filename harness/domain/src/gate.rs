//! Does a violation count? Somebody may have decided to live with it, or it was there before.
//!
//! What was found is never touched: a control whose every violation is waived stays violated, and is
//! called waived wherever its verdict is told.

use crate::cause::{Cause, KnownCause, Standing, Waiver};
use crate::control::ControlId;
use crate::event::{CellResult, CellVerdict, Summary};
use crate::verdict::{ControlResult, Verdict};

/// What was decided about causes before a run.
#[derive(Debug, Clone, Copy)]
pub struct Decisions<'d> {
    /// The waivers of the system's configuration.
    pub waivers: &'d [Waiver],
    /// The baseline, if the run is gated on new causes alone; causes of other systems may be in it.
    pub baseline: Option<&'d [KnownCause]>,
    /// The day of the run, `YYYY-MM-DD`.
    pub today: &'d str,
    /// Whether the run tried all that there is to try, so that what was not found is gone.
    pub whole: bool,
}

/// Why a violated control does not fail the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excuse<'s> {
    /// Waivers, in the order of the causes.
    pub waivers: Vec<&'s Waiver>,
    /// How many of its causes are known from the baseline.
    pub known: usize,
}

impl Excuse<'_> {
    /// Its word, in the place of a verdict's: `waived`, or `known` when no waiver is among it.
    pub fn word(&self) -> &'static str {
        if self.waivers.is_empty() {
            "known"
        } else {
            "waived"
        }
    }
}

/// What the summaries of a run amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gate {
    /// Something held, and nothing failed.
    Held,
    /// Nothing failed, but something is inconclusive, or nothing was proven.
    Inconclusive,
    /// A control was violated by something that counts.
    Violated,
}

/// The verdict over everything. A violation that counts outranks everything else; a run that proves
/// nothing is inconclusive, never held.
pub fn gate(summaries: &[Summary]) -> Gate {
    let any = |is: &dyn Fn(&Summary, &ControlResult) -> bool| {
        summaries
            .iter()
            .any(|summary| summary.controls.iter().any(|result| is(summary, result)))
    };
    if any(&Summary::is_failed) {
        Gate::Violated
    } else if any(&|_, result| matches!(result.verdict, Verdict::Inconclusive { .. }))
        || summaries.iter().any(|summary| !summary.complete)
        || !any(&|_, result| result.verdict == Verdict::Held)
    {
        Gate::Inconclusive
    } else {
        Gate::Held
    }
}

impl Summary {
    /// Gives every cause its standing, and notes what the reader must know of waivers and baseline.
    pub fn decide(&mut self, decisions: &Decisions<'_>) {
        let mut notes = Vec::new();
        for cause in &mut self.causes {
            cause.standing = standing(cause, decisions, &self.system, &mut notes);
        }
        for waiver in decisions.waivers {
            let found = self.causes.iter().any(|cause| cause.id == waiver.cause);
            let (id, cause) = (&waiver.id, &waiver.cause);
            if !found && decisions.whole {
                notes.push(format!(
                    "waiver {id} applies to nothing any more: no cause {cause} was found; remove it"
                ));
            } else if !found {
                notes.push(format!(
                    "waiver {id} was not needed: no cause {cause} was found, but not everything was tried"
                ));
            }
        }
        for known in decisions.baseline.unwrap_or_default() {
            let is_gone = known.system == self.system
                && !self.causes.iter().any(|cause| cause.id == known.id);
            if is_gone && decisions.whole {
                notes.push(format!(
                    "fixed: remove {} from the baseline; it was: {}",
                    known.id, known.sentence
                ));
            }
        }
        self.notes.extend(notes);
    }

    /// Why a control does not fail the gate although it was violated; `None` when it was not
    /// violated, or when one of its causes counts.
    pub fn excuse(&self, control: &ControlId) -> Option<Excuse<'_>> {
        let result = self.controls.iter().find(|one| one.control == *control)?;
        if result.verdict != Verdict::Violated {
            return None;
        }
        let mut excuse = Excuse {
            waivers: Vec::new(),
            known: 0,
        };
        let mut causes = self
            .causes
            .iter()
            .filter(|cause| cause.controls.contains(control))
            .peekable();
        // A violation without a cause is not understood, and counts.
        causes.peek()?;
        for cause in causes {
            match &cause.standing {
                Standing::New => return None,
                Standing::Known => excuse.known += 1,
                Standing::Waived(waiver) => excuse.waivers.push(waiver),
            }
        }
        Some(excuse)
    }

    /// The same for a cell that was crossed: all promises that it counts for and that were broken
    /// are excused.
    pub fn cell_excuse(&self, cell: &CellResult) -> Option<Excuse<'_>> {
        if !matches!(cell.result, CellVerdict::Violated { .. }) {
            return None;
        }
        let is_violated = |id: &&ControlId| {
            self.controls
                .iter()
                .any(|one| one.control == **id && one.verdict == Verdict::Violated)
        };
        let mut whole: Option<Excuse<'_>> = None;
        for id in cell.controls.iter().filter(is_violated) {
            let own = self.excuse(id)?;
            match &mut whole {
                None => whole = Some(own),
                Some(excuse) => {
                    excuse.known = excuse.known.max(own.known);
                    let new: Vec<&Waiver> = own
                        .waivers
                        .into_iter()
                        .filter(|waiver| !excuse.waivers.contains(waiver))
                        .collect();
                    excuse.waivers.extend(new);
                }
            }
        }
        whole
    }

    /// The word for a control's verdict, as it is told to people.
    pub fn word(&self, result: &ControlResult) -> &'static str {
        self.excuse(&result.control)
            .map_or(result.verdict.word(), |excuse| excuse.word())
    }

    /// Whether a control was violated by something that counts.
    pub fn is_failed(&self, result: &ControlResult) -> bool {
        result.verdict == Verdict::Violated && self.excuse(&result.control).is_none()
    }

    /// What a baseline says of this run's system: its causes that nobody waived, and what `earlier`
    /// knew of it unless the run would have found it again.
    pub fn baseline(&self, earlier: &[KnownCause], whole: bool) -> Vec<KnownCause> {
        let mut known: Vec<KnownCause> = self
            .causes
            .iter()
            .filter(|cause| !matches!(cause.standing, Standing::Waived(_)))
            .map(|cause| KnownCause {
                system: self.system.clone(),
                id: cause.id.clone(),
                controls: sorted(&cause.controls),
                severity: cause.finding.severity,
                sentence: cause.finding.sentence.clone(),
            })
            .collect();
        if !whole {
            let unseen = |one: &&KnownCause| {
                one.system == self.system && !self.causes.iter().any(|cause| cause.id == one.id)
            };
            known.extend(earlier.iter().filter(unseen).cloned());
        }
        known.sort();
        known
    }
}

fn standing(
    cause: &Cause,
    decisions: &Decisions<'_>,
    system: &str,
    notes: &mut Vec<String>,
) -> Standing {
    let id = &cause.id;
    for waiver in decisions.waivers.iter().filter(|own| own.cause == *id) {
        let (name, owner) = (&waiver.id, &waiver.owner);
        // Days written year first compare as texts.
        if waiver.expires.as_str() < decisions.today {
            notes.push(format!(
                "waiver {name} of {owner} expired on {} and is not applied: {id} counts",
                waiver.expires
            ));
            continue;
        }
        let more = beyond(&cause.controls, &waiver.controls);
        if !waiver.controls.is_empty() && !more.is_empty() {
            notes.push(format!(
                "waiver {name} of {owner} is not applied: {id} also breaks {more}"
            ));
            continue;
        }
        return Standing::Waived(waiver.clone());
    }
    let known = decisions
        .baseline
        .unwrap_or_default()
        .iter()
        .find(|known| known.system == system && known.id == *id);
    let Some(known) = known else {
        return Standing::New;
    };
    let more = beyond(&cause.controls, &known.controls);
    if !more.is_empty() {
        notes.push(format!(
            "{id} is in the baseline and has grown: it also breaks {more}, and counts"
        ));
        return Standing::New;
    }
    if cause.finding.severity > known.severity {
        notes.push(format!(
            "{id} is in the baseline and has become more severe, and counts"
        ));
        return Standing::New;
    }
    Standing::Known
}

/// What is broken beyond what was accepted, in words.
fn beyond(broken: &[ControlId], accepted: &[ControlId]) -> String {
    let more: Vec<String> = sorted(broken)
        .into_iter()
        .filter(|id| !accepted.contains(id))
        .map(|id| id.0)
        .collect();
    more.join(" ")
}

fn sorted(controls: &[ControlId]) -> Vec<ControlId> {
    let mut controls = controls.to_vec();
    controls.sort();
    controls
}

#[cfg(test)]
mod tests {
    use crate::case::{Actor, CaseId, Phase};
    use crate::cause::{Cause, KnownCause, Standing, Waiver};
    use crate::control::ControlId;
    use crate::event::{CellResult, CellVerdict, Summary};
    use crate::finding::{Confidence, Finding, Fingerprint, Severity};
    use crate::verdict::{ControlResult, Tally, Verdict};

    use super::{Decisions, Gate, gate};

    fn controls(ids: &str) -> Vec<ControlId> {
        ids.split_whitespace().map(ControlId::new).collect()
    }

    fn cause(id: &str, broken: &str) -> Cause {
        let finding = Finding {
            fingerprint: Fingerprint {
                oracle: "containment".into(),
                attacker: "app".into(),
                victim: "other tenant".into(),
                action: "select".into(),
                place: "dbo.T".into(),
            },
            controls: controls(broken),
            severity: Severity::High,
            confidence: Confidence::Seen,
            sentence: format!("{id} is amiss"),
            actor: Actor::Administrator {
                database: "d".into(),
            },
            batch: String::new(),
            case: CaseId {
                phase: Phase::Sweep,
                index: 0,
            },
            step: 0,
            sightings: Vec::new(),
            changes: Vec::new(),
            occurrences: 1,
        };
        Cause {
            id: id.into(),
            finding,
            controls: controls(broken),
            blast_radius: Vec::new(),
            contradiction: Vec::new(),
            standing: Standing::New,
            shrunk: None,
        }
    }

    fn summary(causes: &[(&str, &str)]) -> Summary {
        let result = |id: &str, verdict| ControlResult {
            control: ControlId::new(id),
            verdict,
            tally: Tally::default(),
        };
        Summary {
            system: "shop".into(),
            causes: causes.iter().map(|(id, own)| cause(id, own)).collect(),
            controls: vec![
                result("D01", Verdict::Violated),
                result("D02", Verdict::Violated),
                result("D03", Verdict::Held),
            ],
            ..Summary::default()
        }
    }

    fn waiver(cause: &str, expires: &str, ids: &str) -> Waiver {
        Waiver {
            id: "W-1".into(),
            cause: cause.into(),
            controls: controls(ids),
            owner: "Ada".into(),
            reason: "until the migration is through".into(),
            expires: expires.into(),
        }
    }

    fn known(id: &str, ids: &str, severity: Severity) -> KnownCause {
        KnownCause {
            system: "shop".into(),
            id: id.into(),
            controls: controls(ids),
            severity,
            sentence: "it leaked".into(),
        }
    }

    /// Words of D01, D02 and D03, and what was noted.
    fn decided(
        waivers: &[Waiver],
        baseline: Option<&[KnownCause]>,
        whole: bool,
    ) -> (Vec<&'static str>, String) {
        let mut summary = summary(&[("a-1", "D01"), ("b-2", "D01 D02")]);
        summary.decide(&Decisions {
            waivers,
            baseline,
            today: "2026-06-15",
            whole,
        });
        let words = summary.controls.iter().map(|one| summary.word(one));
        (words.collect(), summary.notes.join(" | "))
    }

    #[test]
    fn a_waiver_counts_until_it_expires_and_excuses_only_what_it_names() {
        for (cause, expires, ids, words, note) in [
            ("b-2", "2026-06-15", "", ["violated", "waived", "held"], ""),
            (
                "b-2",
                "2026-06-15",
                "D01 D02",
                ["violated", "waived", "held"],
                "",
            ),
            (
                "b-2",
                "2026-06-14",
                "",
                ["violated", "violated", "held"],
                "waiver W-1 of Ada expired on 2026-06-14 and is not applied: b-2 counts",
            ),
            (
                "b-2",
                "2027-01-01",
                "D01",
                ["violated", "violated", "held"],
                "waiver W-1 of Ada is not applied: b-2 also breaks D02",
            ),
            (
                "c-3",
                "2027-01-01",
                "",
                ["violated", "violated", "held"],
                "waiver W-1 applies to nothing any more: no cause c-3 was found; remove it",
            ),
        ] {
            let (told, notes) = decided(&[waiver(cause, expires, ids)], None, true);
            assert_eq!(told, words, "{cause} {expires} {ids}");
            assert_eq!(notes, note, "{cause} {expires} {ids}");
        }
        let both = [
            waiver("a-1", "2027-01-01", ""),
            waiver("b-2", "2027-01-01", ""),
        ];
        assert_eq!(decided(&both, None, true).0, ["waived", "waived", "held"]);
        let (_, notes) = decided(&[waiver("c-3", "2027-01-01", "")], None, false);
        assert!(notes.contains("not everything was tried"), "{notes}");
    }

    #[test]
    fn only_a_complete_run_in_which_something_held_and_nothing_counts_is_held() {
        let waivers = [
            waiver("a-1", "2027-01-01", ""),
            waiver("b-2", "2027-01-01", ""),
        ];
        let doubt = Verdict::Inconclusive {
            reasons: vec!["few".into()],
        };
        for (waivers, complete, last, expected) in [
            (&waivers[..], true, Verdict::Held, Gate::Held),
            (&waivers[..1], true, Verdict::Held, Gate::Violated),
            (&waivers[..], true, doubt, Gate::Inconclusive),
            (&waivers[..], false, Verdict::Held, Gate::Inconclusive),
            (&waivers[..], true, Verdict::Attested, Gate::Inconclusive),
        ] {
            let mut summary = summary(&[("a-1", "D01"), ("b-2", "D02")]);
            summary.complete = complete;
            summary.controls[2].verdict = last.clone();
            summary.decide(&Decisions {
                waivers,
                baseline: None,
                today: "2026-06-15",
                whole: true,
            });
            let told = gate(&[summary]);
            assert_eq!(
                told,
                expected,
                "{} waivers, {complete}, {last:?}",
                waivers.len()
            );
        }
        assert_eq!(gate(&[]), Gate::Inconclusive);
    }

    #[test]
    fn a_baseline_excuses_what_has_not_grown() {
        for (baseline, words, note) in [
            (
                vec![known("b-2", "D01 D02", Severity::High)],
                ["violated", "known", "held"],
                "",
            ),
            (
                vec![known("b-2", "D02", Severity::High)],
                ["violated", "violated", "held"],
                "b-2 is in the baseline and has grown: it also breaks D01, and counts",
            ),
            (
                vec![known("b-2", "D01 D02", Severity::Low)],
                ["violated", "violated", "held"],
                "b-2 is in the baseline and has become more severe, and counts",
            ),
            (
                vec![known("z-9", "D01", Severity::High)],
                ["violated", "violated", "held"],
                "fixed: remove z-9 from the baseline; it was: it leaked",
            ),
            (
                vec![KnownCause {
                    system: "another shop".into(),
                    ..known("b-2", "D01 D02", Severity::High)
                }],
                ["violated", "violated", "held"],
                "",
            ),
        ] {
            let (told, notes) = decided(&[], Some(&baseline), true);
            assert_eq!(told, words, "{baseline:?}");
            assert_eq!(notes, note, "{baseline:?}");
        }
        let mixed = [known("a-1", "D01", Severity::High)];
        let waived = [waiver("b-2", "2027-01-01", "")];
        let (told, _) = decided(&waived, Some(&mixed), true);
        assert_eq!(told, ["waived", "waived", "held"]);
    }

    #[test]
    fn a_crossed_cell_is_excused_when_every_promise_that_it_broke_is() {
        let mut summary = summary(&[("a-1", "D01"), ("b-2", "D02")]);
        summary.decide(&Decisions {
            waivers: &[waiver("b-2", "2027-01-01", "")],
            baseline: None,
            today: "2026-06-15",
            whole: true,
        });
        let cell = |ids: &str, result| CellResult {
            name: "app select dbo.T".into(),
            class: "isolation".into(),
            controls: controls(ids),
            armed: 1,
            at: Default::default(),
            attempts: 1,
            result,
        };
        let violated = || CellVerdict::Violated {
            kind: "k".into(),
            text: "t".into(),
        };
        for (ids, result, expected) in [
            ("D02", violated(), true),
            ("D02 D03", violated(), true),
            ("D01 D02", violated(), false),
            ("D03", violated(), false),
            ("D02", CellVerdict::Held, false),
        ] {
            let excused = summary.cell_excuse(&cell(ids, result)).is_some();
            assert_eq!(excused, expected, "{ids}");
        }
        // Nobody understands a violation without a cause.
        summary.causes.clear();
        assert_eq!(summary.excuse(&ControlId::new("D02")), None);
    }

    #[test]
    fn a_new_baseline_keeps_what_a_partial_run_could_not_have_found() {
        let mut summary = summary(&[("a-1", "D02 D01"), ("b-2", "D02")]);
        summary.decide(&Decisions {
            waivers: &[waiver("b-2", "2027-01-01", "")],
            baseline: None,
            today: "2026-06-15",
            whole: true,
        });
        let earlier = [known("z-9", "D01", Severity::Low)];
        let ids = |whole| -> Vec<String> {
            let known = summary.baseline(&earlier, whole);
            known.into_iter().map(|one| one.id).collect()
        };
        assert_eq!(ids(true), ["a-1"]);
        assert_eq!(ids(false), ["a-1", "z-9"]);
        assert_eq!(summary.baseline(&[], true)[0].controls, controls("D01 D02"));
    }
}
