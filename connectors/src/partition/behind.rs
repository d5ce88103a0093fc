//! Whether a live partition falls behind its inputs (design 6.6).

use std::time::{Duration, Instant};

/// A record that lies unread for longer, or an end that cannot be asked for that long, means being behind.
const PATIENCE: Duration = Duration::from_mins(1);

/// What is known of the ends of the inputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Behind {
    /// Per input an end that was seen and not reached yet, and when it was asked for.
    unread: [Option<(i64, Instant)>; 3],
    asked: Instant,
    lag: [i64; 3],
}

impl Behind {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            unread: [None; 3],
            asked: now,
            lag: [0; 3],
        }
    }

    /// The inputs ended so when they were asked; everything before `learned` is read.
    pub(crate) fn ended(&mut self, ends: [i64; 3], asked: Instant, learned: [i64; 3]) {
        self.asked = self.asked.max(asked);
        self.reached(learned);
        let inputs = self.unread.iter_mut().zip(&mut self.lag);
        for ((unread, lag), (end, at)) in inputs.zip(ends.into_iter().zip(learned)) {
            *lag = end.saturating_sub(at).max(0);
            if at >= end {
                // An end that was told before may have lain behind what holds no records.
                *unread = None;
            } else if unread.is_none() {
                *unread = Some((end, asked));
            }
        }
    }

    /// Everything before these offsets is read.
    pub(crate) fn reached(&mut self, learned: [i64; 3]) {
        for (unread, at) in self.unread.iter_mut().zip(learned) {
            *unread = unread.filter(|&(end, _)| at < end);
        }
    }

    /// How long the oldest record that is known to be unread has been so.
    pub(crate) fn age(&self, now: Instant) -> Duration {
        let ages = self
            .unread
            .iter()
            .flatten()
            .map(|&(_, since)| now.saturating_duration_since(since));
        ages.max().unwrap_or_default()
    }

    /// How many offsets of the inputs were unread when they were last asked for.
    pub(crate) fn lag(&self) -> [i64; 3] {
        self.lag
    }

    pub(crate) fn is_behind(&self, now: Instant) -> bool {
        self.age(now) > PATIENCE || now.saturating_duration_since(self.asked) > PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::{Behind, PATIENCE};
    use std::time::{Duration, Instant};

    #[test]
    fn a_record_may_lie_unread_for_a_minute() {
        let start = Instant::now();
        let mut behind = Behind::new(start);
        behind.ended([10, 0, 0], start, [4, 0, 0]);
        assert_eq!(behind.lag(), [6, 0, 0]);
        let later = start + PATIENCE;
        behind.ended([99, 0, 0], later, [9, 0, 0]);
        assert!(!behind.is_behind(later));
        assert!(behind.is_behind(later + Duration::from_millis(1)));
        behind.reached([10, 0, 0]);
        assert!(!behind.is_behind(later + Duration::from_millis(1)));
        behind.ended([99, 0, 0], later, [10, 0, 0]);
        assert!(!behind.is_behind(later + PATIENCE));
    }

    #[test]
    fn what_turns_out_to_hold_no_records_is_not_unread() {
        let start = Instant::now();
        let mut behind = Behind::new(start);
        behind.ended([10, 0, 0], start, [8, 0, 0]);
        let later = start + PATIENCE;
        behind.ended([8, 0, 0], later, [8, 0, 0]);
        assert!(!behind.is_behind(later + PATIENCE));
    }

    #[test]
    fn an_end_that_cannot_be_asked_for_is_not_taken_for_reached() {
        let start = Instant::now();
        let mut behind = Behind::new(start);
        behind.ended([0; 3], start, [0; 3]);
        assert!(!behind.is_behind(start + PATIENCE));
        assert!(behind.is_behind(start + PATIENCE + Duration::from_millis(1)));
    }
}
