//! What a partition has to say, in which order, and what of it is known to be said.

use super::mark::Progress;
use crate::letter::Letter;
use clockstop_pipeline::{Day, Notice};
use std::collections::VecDeque;
use std::sync::Arc;

/// Notices of one transaction.
const CHUNK: usize = 500;
/// Dead letters of one transaction.
const LETTERS: usize = 1_000;

/// Dead letters and notices that wait for their commit.
///
/// Offsets and dead letters go with the last chunk of what a reconcile said, so that a committed offset
/// means that everything that follows from the records before it has been said.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    letters: VecDeque<Arc<Letter>>,
    notices: VecDeque<Notice>,
    /// The day of the reconcile that said the notices, and what it had learned.
    decided: Option<(Day, Progress)>,
    committed: [i64; 3],
    flight: Option<Flight>,
}

#[derive(Debug)]
struct Flight {
    notices: Vec<Notice>,
    letters: usize,
    offsets: [i64; 3],
    progress: Progress,
    finishes: Option<Day>,
}

/// What one transaction carries.
#[derive(Debug)]
pub(crate) struct Load<'a> {
    pub(crate) notices: &'a [Notice],
    pub(crate) letters: Vec<Arc<Letter>>,
    pub(crate) offsets: [i64; 3],
    /// The day for which everything will have been said.
    pub(crate) finishes: Option<Day>,
    /// What that rests on.
    pub(crate) progress: &'a Progress,
}

/// What became known with a commit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Committed {
    /// To be recalled.
    pub(crate) notices: Vec<Notice>,
    /// How many dead letters were written.
    pub(crate) letters: usize,
    /// The day for which everything has been said, if this was the last of it.
    pub(crate) day: Option<Day>,
    /// What the committed offsets stand for, where they pass everything that was learned at that point.
    pub(crate) progress: Option<Progress>,
}

impl Outbox {
    /// Nothing to say; the group's offsets are these.
    pub(crate) fn new(committed: [i64; 3]) -> Self {
        Self {
            committed,
            ..Self::default()
        }
    }

    pub(crate) fn committed(&self) -> [i64; 3] {
        self.committed
    }

    /// How many dead letters wait.
    pub(crate) fn waiting_letters(&self) -> usize {
        self.letters.len()
    }

    pub(crate) fn bury(&mut self, letter: Letter) {
        self.letters.push_back(Arc::new(letter));
    }

    /// Whether a transaction's outcome is awaited.
    pub(crate) fn in_flight(&self) -> bool {
        self.flight.is_some()
    }

    /// Whether everything that the last reconcile said has been sent and settled.
    pub(crate) fn may_reconcile(&self) -> bool {
        self.flight.is_none() && self.notices.is_empty()
    }

    /// Whether a chunk of an unfinished reconcile waits.
    pub(crate) fn has_notices(&self) -> bool {
        !self.notices.is_empty()
    }

    /// Takes what a reconcile said of a day, with the offsets that were learned before it.
    pub(crate) fn say(&mut self, notices: Vec<Notice>, day: Day, learned: Progress) {
        self.notices = notices.into();
        self.decided = Some((day, learned));
    }

    /// The next transaction. `learned` is how far the inputs are learned; where a reconcile is being said,
    /// what it had learned stands instead.
    pub(crate) fn take(&mut self, learned: Progress) -> Load<'_> {
        let chunk = self.notices.len().min(CHUNK);
        let notices: Vec<_> = self.notices.drain(..chunk).collect();
        let last = self.notices.is_empty();
        let letters = if last {
            self.letters.len().min(LETTERS)
        } else {
            0
        };
        let finishes = self.decided.as_ref().filter(|_| last).map(|(day, _)| *day);
        let progress = self
            .decided
            .as_ref()
            .map_or(learned, |(_, progress)| progress.clone());
        let offsets = if last {
            self.offsets_after(letters, progress.offsets)
        } else {
            self.committed
        };
        let flight = self.flight.insert(Flight {
            notices,
            letters,
            offsets,
            progress,
            finishes,
        });
        Load {
            notices: &flight.notices,
            letters: self.letters.iter().take(letters).cloned().collect(),
            offsets,
            finishes,
            progress: &flight.progress,
        }
    }

    /// No offset passes a bad record that is not sent, and none goes back.
    fn offsets_after(&self, sent: usize, learned: [i64; 3]) -> [i64; 3] {
        let mut offsets = learned;
        for letter in self.letters.iter().skip(sent) {
            let position = letter.position();
            let mut named = offsets.iter_mut().zip(clockstop_pipeline::Topic::ALL);
            if let Some((offset, _)) = named.find(|(_, topic)| *topic == position.topic) {
                *offset = position.offset.min(*offset);
            }
        }
        for (offset, committed) in offsets.iter_mut().zip(self.committed) {
            *offset = committed.max(*offset);
        }
        offsets
    }

    /// The transaction was committed.
    pub(crate) fn commit(&mut self) -> Option<Committed> {
        let flight = self.flight.take()?;
        self.letters.drain(..flight.letters);
        self.committed = flight.offsets;
        if flight.finishes.is_some() {
            self.decided = None;
        }
        let whole = flight.offsets == flight.progress.offsets;
        Some(Committed {
            notices: flight.notices,
            letters: flight.letters,
            day: flight.finishes,
            progress: Some(flight.progress).filter(|_| whole),
        })
    }

    /// Nothing of the transaction is visible: its letters wait again, and its notices are dropped
    /// because a reconcile will say them again.
    pub(crate) fn abort(&mut self) {
        self.flight = None;
        self.notices.clear();
        self.decided = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK, LETTERS, Outbox};
    use crate::letter::{Letter, Position};
    use crate::partition::mark::Progress;
    use clockstop_pipeline::{AlertId, Day, Notice, Topic};

    fn notices(count: usize) -> Vec<Notice> {
        (0..count)
            .map(|n| Notice::Erasure {
                alert_id: AlertId([0; 16]),
                pathway: n.to_string(),
            })
            .collect()
    }

    fn at(offsets: [i64; 3]) -> Progress {
        Progress {
            offsets,
            ..Progress::default()
        }
    }

    fn letter(topic: Topic, offset: i64) -> Letter {
        let position = Position {
            topic,
            partition: 0,
            offset,
        };
        Letter::new(position, "not_framed", None, None, None)
    }

    #[test]
    fn offsets_and_letters_go_with_the_last_chunk() {
        let day = Day::from_epoch_days(20_000);
        let mut outbox = Outbox::new([1, 1, 1]);
        outbox.bury(letter(Topic::Referral, 4));
        outbox.say(notices(CHUNK + 1), day, at([5, 6, 7]));
        let first = outbox.take(at([9, 9, 9]));
        assert_eq!(
            (first.notices.len(), first.letters.len(), first.offsets),
            (CHUNK, 0, [1, 1, 1])
        );
        assert!(!outbox.may_reconcile());
        let committed = outbox.commit().expect("in flight");
        assert_eq!((committed.notices.len(), committed.day), (CHUNK, None));
        assert!(outbox.has_notices() && !outbox.may_reconcile());
        let last = outbox.take(at([9, 9, 9]));
        assert_eq!(
            (last.notices.len(), last.letters.len(), last.offsets),
            (1, 1, [5, 6, 7])
        );
        let committed = outbox.commit().expect("in flight");
        assert_eq!((committed.letters, committed.day), (1, Some(day)));
        assert_eq!(committed.progress, Some(at([5, 6, 7])));
        assert_eq!(outbox.committed(), [5, 6, 7]);
        assert!(outbox.may_reconcile());
        assert_eq!(outbox.take(at([9, 9, 9])).offsets, [9, 9, 9]);
    }

    #[test]
    fn no_offset_passes_a_letter_that_is_not_sent_and_none_goes_back() {
        let mut outbox = Outbox::new([8, 0, 0]);
        let count = i64::try_from(LETTERS).expect("small");
        for offset in 0..=count {
            outbox.bury(letter(Topic::Diagnosis, offset));
        }
        let load = outbox.take(at([5, 5_000, 7]));
        assert_eq!((load.letters.len(), load.offsets), (LETTERS, [8, count, 7]));
        assert_eq!(outbox.commit().expect("in flight").progress, None);
        let load = outbox.take(at([5, 5_000, 7]));
        assert_eq!((load.letters.len(), load.offsets), (1, [8, 5_000, 7]));
    }

    #[test]
    fn an_aborted_letter_waits_again_and_an_aborted_notice_is_said_anew() {
        let mut outbox = Outbox::new([0; 3]);
        outbox.bury(letter(Topic::Treatment, 0));
        outbox.say(notices(3), Day::from_epoch_days(1), at([0, 0, 1]));
        outbox.take(at([0, 0, 1]));
        outbox.abort();
        assert_eq!(outbox.waiting_letters(), 1);
        assert!(outbox.may_reconcile());
        let load = outbox.take(at([0, 0, 1]));
        assert_eq!(
            (load.notices.len(), load.letters.len(), load.offsets),
            (0, 1, [0, 0, 1])
        );
        assert_eq!(outbox.commit().expect("in flight").letters, 1);
        assert_eq!(outbox.commit(), None);
    }
}
