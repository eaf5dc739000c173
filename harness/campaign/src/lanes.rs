//! Cases side by side. Each lane is a target of its own, like the others byte for byte, and every case begins from
//! clean state: so it does not matter which lane plays it. What cases came to is entered in the order in which they
//! were given out, so a campaign says the same with one lane and with many, only sooner.

mod beside;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use domain::history::Fingerprints;
use domain::inspection::Facts;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use oracles::Inspection;

pub use beside::{Beside, Errand, Errands, Tally, beside, refuse_all, serve_api, serve_sql};

use crate::course::Ended;
use crate::stage::StageError;

/// Somebody who plays cases from clean state.
pub(crate) trait Plays {
    /// What is played.
    type Case: Clone;
    /// What happens.
    type History;

    /// Whether every case begins from clean state.
    fn can_restore(&self) -> bool;

    /// Plays a case.
    fn play(
        &mut self,
        case: &Self::Case,
    ) -> impl Future<Output = Result<Self::History, StageError>>;
}

/// Who plays the cases of a lane.
pub(crate) enum Lane<P: Plays> {
    /// The campaign itself.
    Here(P),
    /// Somebody with a target of his own.
    Beside(Beside<P::Case, P::History>),
}

impl<P: Plays> Plays for Lane<P> {
    type Case = P::Case;
    type History = P::History;

    fn can_restore(&self) -> bool {
        match self {
            Self::Here(player) => player.can_restore(),
            Self::Beside(_) => true,
        }
    }

    async fn play(&mut self, case: &P::Case) -> Result<P::History, StageError> {
        match self {
            Self::Here(player) => player.play(case).await,
            Self::Beside(other) => other.play(case.clone()).await,
        }
    }
}

/// Somebody who gives out cases and enters what they came to.
pub(crate) trait Enters<P: Plays> {
    /// The present time.
    fn now(&self) -> Duration;

    /// Enters what a case came to that was begun at `began`. The lane has nothing else to do.
    fn enter(
        &mut self,
        lane: &mut Lane<P>,
        case: P::Case,
        history: P::History,
        began: Duration,
    ) -> impl Future<Output = Result<(), Ended>>;
}

/// The lanes of a campaign, by number.
pub(crate) struct Lanes<P: Plays> {
    idle: BTreeMap<usize, Lane<P>>,
}

impl<P: Plays> Lanes<P> {
    /// The campaign's own lane, and those beside it. There are others only where every case begins from clean state.
    pub(crate) fn new(own: P, beside: Vec<Beside<P::Case, P::History>>) -> Self {
        let others = beside.into_iter().filter(|_| own.can_restore());
        let others: Vec<_> = others.map(Lane::Beside).collect();
        Self {
            idle: std::iter::once(Lane::Here(own))
                .chain(others)
                .enumerate()
                .collect(),
        }
    }

    /// The campaign's own lane.
    ///
    /// # Panics
    /// While it plays.
    pub(crate) fn first(&mut self) -> &mut Lane<P> {
        self.idle.get_mut(&0).expect("it is idle between cases")
    }

    /// Who plays what is not played side by side.
    ///
    /// # Panics
    /// While he plays.
    pub(crate) fn own(&mut self) -> &mut P {
        match self.first() {
            Lane::Here(player) => player,
            Lane::Beside(_) => unreachable!("the first lane is the campaign's own"),
        }
    }

    /// The lanes beside the campaign's own.
    fn beside(&mut self) -> impl Iterator<Item = &mut Beside<P::Case, P::History>> {
        self.idle.values_mut().filter_map(|lane| match lane {
            Lane::Here(_) => None,
            Lane::Beside(other) => Some(other),
        })
    }

    /// Tells all lanes beside the campaign's own from which state their cases must begin.
    pub(crate) fn begin_beside(&mut self, clean: Option<&Fingerprints>) {
        for other in self.beside() {
            other.begin(clean.cloned());
        }
    }

    /// Adds what the lanes beside the campaign's own can say of themselves; what one cannot say is not known.
    pub(crate) async fn tally_beside(&mut self, own: Tally) -> Tally {
        let mut tally = own;
        for other in self.beside() {
            let Ok(told) = other.tally().await else {
                continue;
            };
            tally.executing_us += told.executing_us;
            tally.observing_us += told.observing_us;
            tally.deaths.extend(told.deaths);
        }
        tally.deaths.sort();
        tally.deaths.dedup();
        tally
    }

    /// What the targets beside the campaign's own say to what an inspection asks.
    pub(crate) async fn ask_beside(
        &mut self,
        inspection: &'static Inspection,
    ) -> Result<Vec<Facts>, StageError> {
        let mut told = Vec::new();
        for other in self.beside() {
            told.push(other.ask(inspection).await?);
        }
        Ok(told)
    }

    /// Plays what `next` gives until there is no more, and lets `book` enter it. When one of them says that the
    /// campaign has ended, cases at hand are finished, and entered unless the target is lost.
    pub(crate) async fn play<B: Enters<P>>(
        &mut self,
        book: &mut B,
        mut next: impl FnMut(&mut B) -> Result<Option<P::Case>, Ended>,
    ) -> Result<(), Ended> {
        let mut turns = FuturesUnordered::new();
        let mut played: BTreeMap<u64, Played<P>> = BTreeMap::new();
        let (mut given, mut entered) = (0, 0);
        let mut ended = Ok(());
        let mut is_open = true;
        loop {
            while let Some(one) = played.remove(&entered) {
                entered += 1;
                if matches!(ended, Err(Ended::Lost(_))) {
                    continue;
                }
                // Whoever has just come back is still here.
                let Some(mut first) = self.idle.first_entry() else {
                    break;
                };
                let came_to = match one.history {
                    Ok(history) => {
                        book.enter(first.get_mut(), one.case, history, one.began)
                            .await
                    }
                    Err(error) => Err(Ended::Lost(error)),
                };
                if came_to.is_err() {
                    ended = came_to;
                    is_open = false;
                }
            }
            while is_open && !self.idle.is_empty() {
                match next(book) {
                    Ok(Some(case)) => {
                        if let Some((number, lane)) = self.idle.pop_first() {
                            turns.push(turn(number, lane, (given, case), book.now()));
                            given += 1;
                        }
                    }
                    Ok(None) => is_open = false,
                    Err(reason) => {
                        ended = Err(reason);
                        is_open = false;
                    }
                }
            }
            let Some((number_of_lane, lane, number, one)) = turns.next().await else {
                return ended;
            };
            self.idle.insert(number_of_lane, lane);
            played.insert(number, one);
        }
    }
}

/// What a case came to, before it is entered.
struct Played<P: Plays> {
    case: P::Case,
    history: Result<P::History, StageError>,
    began: Duration,
}

async fn turn<P: Plays>(
    number_of_lane: usize,
    mut lane: Lane<P>,
    (number, case): (u64, P::Case),
    began: Duration,
) -> (usize, Lane<P>, u64, Played<P>) {
    let history = lane.play(&case).await;
    let one = Played {
        case,
        history,
        began,
    };
    (number_of_lane, lane, number, one)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Enters, Errand, Lane, Lanes, Plays, beside};
    use crate::course::Ended;
    use crate::stage::StageError;

    /// Takes as many turns as the case says; 13 kills it.
    struct Slow;

    impl Plays for Slow {
        type Case = u32;
        type History = u32;

        fn can_restore(&self) -> bool {
            true
        }

        async fn play(&mut self, case: &u32) -> Result<u32, StageError> {
            for _ in 0..*case {
                tokio::task::yield_now().await;
            }
            if *case == 13 {
                return Err(StageError {
                    doing: "play".into(),
                    reason: "killed".into(),
                });
            }
            Ok(case * 10)
        }
    }

    #[derive(Default)]
    struct Book {
        due: Vec<u32>,
        entered: Vec<(u32, u32)>,
        /// Refuses to go on once this was entered.
        enough: Option<u32>,
    }

    impl Enters<Slow> for Book {
        fn now(&self) -> Duration {
            Duration::ZERO
        }

        async fn enter(
            &mut self,
            _: &mut Lane<Slow>,
            case: u32,
            history: u32,
            _: Duration,
        ) -> Result<(), Ended> {
            self.entered.push((case, history));
            Ok(())
        }
    }

    /// Somebody beside, who plays as slowly.
    fn other() -> super::Beside<u32, u32> {
        let (asking, mut asked) = beside();
        tokio::spawn(async move {
            while let Some(errand) = asked.recv().await {
                if let Errand::Play(case, answer) = errand {
                    let _ = answer.send(Slow.play(&case).await);
                }
            }
        });
        asking
    }

    async fn played(lanes: usize, due: &[u32], enough: Option<u32>) -> (Result<(), Ended>, Book) {
        let mut book = Book {
            due: due.iter().rev().copied().collect(),
            enough,
            ..Book::default()
        };
        let mut lanes = Lanes::new(Slow, (1..lanes).map(|_| other()).collect());
        let count = lanes.beside().count();
        let ended = lanes
            .play(&mut book, |book| {
                let last = book.entered.last().map(|(case, _)| *case);
                if last.is_some() && last == book.enough {
                    return Err(Ended::Interrupted);
                }
                Ok(book.due.pop())
            })
            .await;
        assert_eq!(lanes.beside().count(), count, "nobody was lost on the way");
        assert!(matches!(lanes.first(), Lane::Here(_)));
        (ended, book)
    }

    #[tokio::test]
    async fn whoever_has_gone_ends_the_campaign_and_says_so() {
        let (asking, asked) = beside();
        drop(asked);
        let mut lanes = Lanes::new(Slow, vec![asking]);
        let mut book = Book {
            due: vec![3, 2, 1],
            ..Book::default()
        };
        let ended = lanes.play(&mut book, |book| Ok(book.due.pop())).await;
        let Err(Ended::Lost(error)) = ended else {
            panic!("nobody noticed");
        };
        assert!(error.to_string().contains("a thread ended"), "{error}");
    }

    #[tokio::test]
    async fn cases_are_entered_in_their_order_however_long_each_takes() {
        let due = [5, 0, 1, 9, 2, 2, 0, 7, 3];
        let wanted: Vec<(u32, u32)> = due.iter().map(|case| (*case, case * 10)).collect();
        for lanes in 1..=4 {
            let (ended, book) = played(lanes, &due, None).await;
            assert!(ended.is_ok());
            assert_eq!(book.entered, wanted, "{lanes} lanes");
        }
    }

    #[tokio::test]
    async fn nothing_is_entered_after_a_case_that_lost_the_target() {
        for lanes in 1..=4 {
            let (ended, book) = played(lanes, &[1, 2, 13, 0, 4], None).await;
            assert!(matches!(ended, Err(Ended::Lost(_))), "{lanes} lanes");
            let cases: Vec<u32> = book.entered.iter().map(|(case, _)| *case).collect();
            assert_eq!(cases, [1, 2], "{lanes} lanes");
        }
    }

    #[tokio::test]
    async fn whoever_is_stopped_enters_what_is_at_hand() {
        for lanes in 1..=4 {
            let (ended, book) = played(lanes, &[1, 2, 6, 3, 4, 5, 8, 7], Some(2)).await;
            assert!(matches!(ended, Err(Ended::Interrupted)), "{lanes} lanes");
            assert!(book.entered.len() >= 2 && book.entered.len() < 2 + lanes);
            let cases: BTreeSet<u32> = book.entered.iter().map(|(case, _)| *case).collect();
            assert!(cases.is_superset(&BTreeSet::from([1, 2])), "{lanes} lanes");
        }
    }
}
