//! Civil dates as day numbers: waiting times are differences of dates, never of hours (R1).

use core::fmt;

/// A civil date, counted in days from 1970-01-01. It has no time of day and no time zone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

/// A calendar month, as the published statistics report it (R17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
}

const DAYS_PER_ERA: i32 = 146_097;
const DAYS_FROM_ERA_START_TO_EPOCH: i32 = 719_468;
pub(crate) const DAYS_PER_WEEK: i32 = 7;
/// 1970-01-01 was a Thursday.
const WEEKDAY_OF_EPOCH: i32 = 3;

impl Day {
    /// The day that lies `days` after 1970-01-01.
    #[must_use]
    pub const fn from_epoch_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01, negative before it.
    #[must_use]
    pub const fn epoch_days(self) -> i32 {
        self.0
    }

    /// The civil date, or `None` where the calendar has no such day.
    #[must_use]
    pub const fn from_ymd(year: i32, month: i32, day: i32) -> Option<Self> {
        if month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        // Years are counted from March, so that the leap day is the last of its year.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(
            era * DAYS_PER_ERA + day_of_era - DAYS_FROM_ERA_START_TO_EPOCH,
        ))
    }

    /// Year, month (1-12) and day of the month (1-31).
    #[must_use]
    pub const fn ymd(self) -> (i32, i32, i32) {
        let shifted = self.0 + DAYS_FROM_ERA_START_TO_EPOCH;
        let era = shifted.div_euclid(DAYS_PER_ERA);
        let day_of_era = shifted.rem_euclid(DAYS_PER_ERA);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = (shifted_month + 2) % 12 + 1;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        (year, month, day)
    }

    /// The month the day falls in.
    #[must_use]
    pub const fn month(self) -> Month {
        let (year, month, _) = self.ymd();
        Month { year, month }
    }

    /// Days since Monday: 0 on Monday, 6 on Sunday.
    #[must_use]
    pub const fn weekday(self) -> i32 {
        self.0
            .wrapping_add(WEEKDAY_OF_EPOCH)
            .rem_euclid(DAYS_PER_WEEK)
    }

    /// The day `days` later (earlier when negative).
    #[must_use]
    pub const fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// Days from `earlier` to this day; the start is day 0 (R1).
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Month {
    /// Its last day; `None` where the calendar has no such month.
    #[must_use]
    pub const fn last_day(self) -> Option<Day> {
        Day::from_ymd(self.year, self.month, days_in_month(self.year, self.month))
    }
}

const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `YYYY-MM-DD`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `YYYY-MM`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, Month};
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn refuses_days_the_calendar_does_not_have() {
        for (y, m, d) in [
            (2026, 2, 29),
            (1900, 2, 29),
            (2026, 4, 31),
            (2026, 13, 1),
            (2026, 1, 0),
        ] {
            assert_eq!(Day::from_ymd(y, m, d), None, "{y}-{m}-{d}");
        }
        assert!(Day::from_ymd(2000, 2, 29).is_some());
    }

    #[test]
    fn a_month_ends_on_its_last_day() {
        for (year, month, day) in [(2024, 2, 29), (2026, 2, 28), (2025, 12, 31), (2026, 4, 30)] {
            let last = Month { year, month }.last_day();
            assert_eq!(last, Day::from_ymd(year, month, day));
        }
        let none = Month {
            year: 2026,
            month: 13,
        };
        assert_eq!(none.last_day(), None);
    }

    proptest! {
        #[test]
        fn agrees_with_an_independent_calendar(days in -200_000_i32..200_000) {
            let theirs = date(1970, 1, 1)
                .checked_add(jiff::Span::new().days(days))
                .expect("in range");
            let ours = Day::from_epoch_days(days);
            let (y, m, d) = ours.ymd();
            prop_assert_eq!(ours.to_string(), theirs.to_string());
            prop_assert_eq!(Day::from_ymd(y, m, d), Some(ours));
        }
    }
}
