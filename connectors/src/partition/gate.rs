//! The gate at midnight: no record of tomorrow is learned before today is closed (design 7).
//!
//! The close of a day is a function of the log: of each input, what lies before its first record that was
//! appended at or after the midnight in London which ends the day. So every input waits at that record until the
//! other two have come as far, or to their ends when no earlier record can come any more.

use crate::calendar::Calendar;
use clockstop_pipeline::{Day, Topic};
use std::time::Instant;

/// An append time so much after midnight that nothing from before it is still on its way to the log.
const GRACE_MILLIS: i64 = 2 * 60 * 1_000;

/// Where the inputs of a partition wait for the day to be closed.
#[derive(Debug)]
pub(crate) struct Gate {
    calendar: Calendar,
    /// The last day whose rows were taken; `None` before the first go-live, and where there is no broker time.
    taken: Option<Day>,
    /// The last day whose rows are in the store.
    stored: Option<Day>,
    waits: [bool; 3],
    /// When the control record was last stamped, and when that was known.
    stamped: Option<(i64, Instant)>,
    /// The ends of the inputs, and when they were asked for.
    ends: Option<([i64; 3], Instant)>,
}

impl Gate {
    /// No day is closed until it [begins](Self::begin).
    pub(crate) fn new(calendar: Calendar) -> Self {
        Self {
            calendar,
            taken: None,
            stored: None,
            waits: [false; 3],
            stamped: None,
            ends: None,
        }
    }

    /// Days are closed from here on; this was the last before.
    pub(crate) fn begin(&mut self, closed: Day) {
        self.taken = Some(closed);
        self.stored = Some(closed);
    }

    /// The last day whose rows were taken.
    pub(crate) fn taken(&self) -> Option<Day> {
        self.taken
    }

    /// The last day whose rows are in the store.
    pub(crate) fn stored(&self) -> Option<Day> {
        self.stored
    }

    /// Whether an input waits here.
    pub(crate) fn waits(&self, topic: Topic) -> bool {
        let mut named = self.waits.into_iter().zip(Topic::ALL);
        named.any(|(waits, of)| waits && of == topic)
    }

    /// Whether any input waits here.
    pub(crate) fn is_shut(&self) -> bool {
        self.waits.contains(&true)
    }

    /// The midnight that ends the day which is not closed yet, in milliseconds since 1970.
    fn midnight(&self) -> Option<i64> {
        self.calendar.end_of(self.taken?.plus(1))
    }

    /// When the day ends whose rows are to be stored next, in milliseconds since 1970.
    pub(crate) fn due(&self) -> Option<i64> {
        self.calendar.end_of(self.stored?.plus(1))
    }

    /// Whether a record of this append time has to wait; its input waits from then on.
    pub(crate) fn holds(&mut self, topic: Topic, appended: i64) -> bool {
        if self.midnight().is_none_or(|midnight| appended < midnight) {
            return false;
        }
        let mut named = self.waits.iter_mut().zip(Topic::ALL);
        if let Some((waits, _)) = named.find(|(_, of)| *of == topic) {
            *waits = true;
        }
        true
    }

    /// The broker stamped a control record.
    pub(crate) fn stamped(&mut self, millis: i64, now: Instant) {
        self.stamped = Some((millis, now));
    }

    /// The inputs ended so, as asked at this time.
    pub(crate) fn ended(&mut self, ends: [i64; 3], asked: Instant) {
        self.ends = Some((ends, asked));
    }

    /// The day that can be closed now.
    pub(crate) fn closable(&self, learned: [i64; 3]) -> Option<Day> {
        let day = self.taken?.plus(1);
        let midnight = self.midnight()?;
        let past_grace = self
            .stamped
            .filter(|&(millis, _)| millis >= midnight.saturating_add(GRACE_MILLIS));
        // Ends that were asked for before the stamp was known may not hold what came before midnight.
        let ends = self.ends.zip(past_grace);
        let ends = ends.filter(|((_, asked), (_, known))| asked >= known);
        let mut inputs = self.waits.into_iter().zip(learned).enumerate();
        let come = inputs.all(|(input, (waits, at))| {
            let end = ends.and_then(|((ends, _), _)| ends.get(input).copied());
            waits || end.is_some_and(|end| at >= end)
        });
        come.then_some(day)
    }

    /// The day's rows are taken: the gate opens for the next day.
    pub(crate) fn open(&mut self, day: Day) {
        self.taken = Some(day);
        self.waits = [false; 3];
    }

    /// The day's rows are in the store.
    pub(crate) fn store(&mut self, day: Day) {
        self.stored = self.stored.max(Some(day)).min(self.taken);
    }

    /// The latest date that may be decided for.
    pub(crate) fn latest(&self, today: Day) -> Day {
        match self.taken {
            Some(taken) if self.midnight().is_some() => today.min(taken.plus(1)),
            Some(_) | None => today,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;
    use crate::calendar::Calendar;
    use clockstop_pipeline::{Day, Topic};
    use std::time::{Duration, Instant};

    /// Midnight at the end of 2026-06-30 in London, which is on summer time.
    const MIDNIGHT: i64 = 1_782_860_400_000;
    const MINUTE: i64 = 60_000;

    fn june(day: i32) -> Day {
        Day::from_ymd(2026, 6, day).expect("a date")
    }

    fn gate() -> Gate {
        let mut gate = Gate::new(Calendar::london().expect("bundled"));
        gate.begin(june(29));
        gate
    }

    #[test]
    fn three_inputs_that_came_to_midnight_close_the_day() {
        let mut gate = gate();
        assert!(!gate.holds(Topic::Referral, MIDNIGHT - 1));
        for topic in Topic::ALL {
            assert_eq!(gate.closable([0; 3]), None);
            assert!(gate.holds(topic, MIDNIGHT));
        }
        assert_eq!(gate.closable([0; 3]), Some(june(30)));
        assert_eq!(gate.latest(june(30).plus(3)), june(30));
        gate.open(june(30));
        assert!(!gate.is_shut() && gate.stored() < gate.taken());
        assert_eq!(gate.due(), Some(MIDNIGHT));
        assert_eq!(gate.latest(june(30).plus(3)), june(30).plus(1));
        gate.store(june(30));
        assert_eq!(gate.stored(), gate.taken());
        assert_eq!(gate.due(), Some(MIDNIGHT + 24 * 60 * MINUTE));
        assert!(!gate.holds(Topic::Referral, MIDNIGHT + 86_399_999));
        assert!(gate.holds(Topic::Referral, MIDNIGHT + 86_400_000));
    }

    #[test]
    fn a_quiet_input_has_come_to_midnight_at_its_end_two_minutes_later() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut gate = gate();
        gate.ended([5, 6, 7], start);
        gate.stamped(MIDNIGHT + 2 * MINUTE - 1, start);
        assert_eq!(gate.closable([5, 6, 7]), None);
        gate.stamped(MIDNIGHT + 2 * MINUTE, later);
        assert_eq!(gate.closable([5, 6, 7]), None, "ends from before the stamp");
        gate.ended([5, 6, 8], later);
        assert_eq!(gate.closable([5, 6, 7]), None);
        assert_eq!(gate.closable([5, 6, 8]), Some(june(30)));
        assert!(gate.holds(Topic::Treatment, MIDNIGHT + 1));
        assert_eq!(gate.closable([5, 6, 7]), Some(june(30)));
    }

    #[test]
    fn without_a_first_close_nothing_waits() {
        let mut gate = Gate::new(Calendar::london().expect("bundled"));
        assert!(!gate.holds(Topic::Referral, i64::MAX));
        assert_eq!(gate.closable([9; 3]), None);
        assert_eq!(gate.latest(june(30)), june(30));
    }
}
