//! An interval of whole days, both ends included; weeks end on Sunday (statistics 4).

use crate::day::{DAYS_PER_WEEK, Day};

/// Whole days from the first to the last, both included; empty when the last is before the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// Its first day.
    pub first: Day,
    /// Its last day.
    pub last: Day,
}

impl Interval {
    /// The seven days up to `last`.
    #[must_use]
    pub const fn week_ending(last: Day) -> Self {
        Self {
            first: last.plus(1 - DAYS_PER_WEEK),
            last,
        }
    }

    /// The week, Monday to Sunday, that closed last: its Sunday is `as_of` or the one before it.
    #[must_use]
    pub const fn last_whole_week(as_of: Day) -> Self {
        let since_sunday = (as_of.weekday() + 1).rem_euclid(DAYS_PER_WEEK);
        Self::week_ending(as_of.plus(-since_sunday))
    }

    /// Whether the day lies in it.
    #[must_use]
    pub fn holds(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;
    use crate::statistics::feed_fixture::day;

    #[test]
    fn a_week_ends_on_its_sunday() {
        // 29 March and 25 October 2026 are the Sundays on which the clocks change.
        for sunday in [(2026, 3, 29), (2026, 10, 25), (2024, 3, 3), (1969, 12, 28)] {
            let sunday = day(sunday);
            let week = Interval::week_ending(sunday);
            for later in 0..7 {
                assert_eq!(Interval::last_whole_week(sunday.plus(later)), week);
            }
            assert_ne!(Interval::last_whole_week(sunday.plus(7)), week);
            assert_ne!(Interval::last_whole_week(sunday.plus(-1)), week);
        }
    }

    #[test]
    fn both_ends_belong_to_it() {
        let leap = Interval::week_ending(day((2024, 3, 3)));
        assert_eq!(leap.first, day((2024, 2, 26)));
        assert!(leap.holds(day((2024, 2, 29))));
        assert!(leap.holds(leap.first) && leap.holds(leap.last));
        assert!(!leap.holds(leap.first.plus(-1)) && !leap.holds(leap.last.plus(1)));
        let empty = Interval {
            first: leap.last,
            last: leap.first,
        };
        assert!(!empty.holds(leap.first) && !empty.holds(day((2024, 2, 28))));
    }
}
