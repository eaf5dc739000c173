//! Cases side by side. Each lane is a target of its own, like the others byte for byte, and every case begins from
//! clean state: so it does not matter which lane plays it. What cases came to is entered in the order in which they
//! were given out, so a campaign says the same with one lane and with many, only sooner.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::course::Ended;
use crate::stage::StageError;

/// Somebody who plays cases from clean state.
pub(crate) trait Plays {
    /// What is played.
    type Case;
    /// What happens.
    type History;

    /// Plays a case.
    fn play(
        &mut self,
        case: &Self::Case,
    ) -> impl Future<Output = Result<Self::History, StageError>>;
}

/// Somebody who gives out cases and enters what they came to.
pub(crate) trait Enters<P: Plays> {
    /// The present time.
    fn now(&self) -> Duration;

    /// Enters what a case came to that was begun at `began`. The player has nothing else to do.
    fn enter(
        &mut self,
        player: &mut P,
        case: P::Case,
        history: P::History,
        began: Duration,
    ) -> impl Future<Output = Result<(), Ended>>;
}

/// The players of a campaign, by the number of their lane.
#[derive(Debug)]
pub(crate) struct Lanes<P> {
    idle: BTreeMap<usize, P>,
}

impl<P: Plays> Lanes<P> {
    /// Lanes for players whose targets are alike; more than one only where every case begins from clean state.
    pub(crate) fn new(players: Vec<P>) -> Self {
        Self {
            idle: players.into_iter().enumerate().collect(),
        }
    }

    /// Who plays what is not played side by side.
    ///
    /// # Panics
    /// When there is no lane.
    pub(crate) fn first(&mut self) -> &mut P {
        let mut players = self.players();
        players.next().expect("a campaign has a stage")
    }

    /// All players.
    pub(crate) fn players(&mut self) -> impl Iterator<Item = &mut P> {
        self.idle.values_mut()
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
                        if let Some((lane, player)) = self.idle.pop_first() {
                            turns.push(turn(lane, player, (given, case), book.now()));
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
            let Some((lane, player, number, one)) = turns.next().await else {
                return ended;
            };
            self.idle.insert(lane, player);
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
    lane: usize,
    mut player: P,
    (number, case): (u64, P::Case),
    began: Duration,
) -> (usize, P, u64, Played<P>) {
    let history = player.play(&case).await;
    let one = Played {
        case,
        history,
        began,
    };
    (lane, player, number, one)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::time::Duration;

    use super::{Enters, Lanes, Plays};
    use crate::course::Ended;
    use crate::stage::StageError;

    /// Takes as many turns as the case says; 13 kills it.
    struct Slow;

    impl Plays for Slow {
        type Case = u32;
        type History = u32;

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
            _: &mut Slow,
            case: u32,
            history: u32,
            _: Duration,
        ) -> Result<(), Ended> {
            self.entered.push((case, history));
            Ok(())
        }
    }

    async fn played(lanes: usize, due: &[u32], enough: Option<u32>) -> (Result<(), Ended>, Book) {
        let mut book = Book {
            due: due.iter().rev().copied().collect(),
            enough,
            ..Book::default()
        };
        let mut lanes = Lanes::new((0..lanes).map(|_| Slow).collect());
        let count = lanes.players().count();
        let ended = lanes
            .play(&mut book, |book| {
                let last = book.entered.last().map(|(case, _)| *case);
                if last.is_some() && last == book.enough {
                    return Err(Ended::Interrupted);
                }
                Ok(book.due.pop())
            })
            .await;
        assert_eq!(lanes.players().count(), count, "nobody was lost on the way");
        (ended, book)
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
