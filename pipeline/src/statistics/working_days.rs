//! Working days of England: Monday to Friday, bank holidays apart (statistics 3).

use alloc::collections::BTreeSet;

use crate::day::Day;

/// Saturday and Sunday, counted from Monday.
const WEEKEND_FROM: i32 = 5;

/// The bank holidays of England for whole years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankHolidays(BTreeSet<Day>);

impl BankHolidays {
    /// A table that is complete from the year of its first day to the year of its last.
    #[must_use]
    pub fn new(days: impl IntoIterator<Item = Day>) -> Self {
        Self(days.into_iter().collect())
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Is the day one on which offices work? `None` in a year the table does not cover: a month must not be
    /// released early because a holiday was not known of (the documents are silent here).
    #[must_use]
    pub fn is_working_day(&self, day: Day) -> Option<bool> {
        let year = |day: Option<&Day>| day.map(|day| day.month().year);
        let of = day.month().year;
        let covered = year(self.0.first()) <= Some(of) && Some(of) <= year(self.0.last());
        (covered && !self.0.is_empty()).then(|| !is_weekend(day) && !self.0.contains(&day))
    }

    /// The `count`th working day after `day`; the day itself when `count` is 0. `None` where the way there
    /// leaves the table.
    #[must_use]
    pub fn working_days_after(&self, day: Day, count: u32) -> Option<Day> {
        let (mut reached, mut left) = (day, count);
        while left > 0 {
            reached = reached.plus(1);
            left -= u32::from(self.is_working_day(reached)?);
        }
        Some(reached)
    }
}

fn is_weekend(day: Day) -> bool {
    day.weekday() >= WEEKEND_FROM
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]
mod tests {
    use alloc::collections::BTreeSet;

    use jiff::civil::{Date, Weekday, date};
    use proptest::prelude::*;

    use super::{BankHolidays, Day, is_weekend};
    use crate::statistics::Tables;

    fn day(year: i32, month: i32, day: i32) -> Day {
        Day::from_ymd(year, month, day).unwrap()
    }

    /// Easter, the Mondays and the substitute days by the law of 1971; what proclamations moved
    /// or added is named.
    #[test]
    fn the_table_is_the_law_and_the_proclamations() {
        let mut lawful: BTreeSet<String> = (2019..=2027).flat_map(by_law).collect();
        for (moved, to) in [("2020-05-04", "2020-05-08"), ("2022-05-30", "2022-06-02")] {
            assert!(lawful.remove(moved), "{moved}");
            lawful.insert(to.to_owned());
        }
        let proclaimed = ["2022-06-03", "2022-09-19", "2023-05-08"];
        lawful.extend(proclaimed.map(str::to_owned));
        let table = Tables::default().holidays;
        let table: BTreeSet<String> = table.0.iter().map(Day::to_string).collect();
        assert_eq!(table, lawful);
    }

    #[test]
    fn easter_substitute_days_the_jubilee_and_the_coronation_are_no_working_days() {
        let table = Tables::default().holidays;
        for (y, m, d, working) in [
            (2024, 3, 29, false),
            (2024, 4, 1, false),
            (2024, 4, 2, true),
            (2021, 12, 24, true),
            (2021, 12, 27, false),
            (2021, 12, 28, false),
            (2021, 12, 29, true),
            (2022, 12, 26, false),
            (2022, 12, 27, false),
            (2026, 12, 28, false),
            (2022, 6, 1, true),
            (2022, 6, 2, false),
            (2022, 6, 3, false),
            (2022, 6, 4, false),
            (2022, 6, 6, true),
            (2022, 9, 19, false),
            (2023, 5, 8, false),
            (2023, 5, 9, true),
            (2024, 2, 29, true),
        ] {
            assert_eq!(
                table.is_working_day(day(y, m, d)),
                Some(working),
                "{y}-{m}-{d}"
            );
        }
    }

    #[test]
    fn outside_the_table_nothing_is_known() {
        let table = Tables::default().holidays;
        assert_eq!(table.is_working_day(day(2018, 12, 31)), None);
        assert_eq!(table.is_working_day(day(2028, 1, 4)), None);
        assert_eq!(table.is_working_day(day(2027, 12, 31)), Some(true));
        assert_eq!(
            table.working_days_after(day(2027, 12, 30), 1),
            Some(day(2027, 12, 31))
        );
        assert_eq!(table.working_days_after(day(2027, 12, 31), 1), None);
        assert_eq!(BankHolidays::new([]).is_working_day(day(2024, 1, 1)), None);
    }

    proptest! {
        #[test]
        fn weekends_are_those_of_an_independent_calendar(days in 17_000_i32..22_000) {
            let theirs = date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            let expected = matches!(theirs.weekday(), Weekday::Saturday | Weekday::Sunday);
            prop_assert_eq!(is_weekend(Day::from_epoch_days(days)), expected);
        }

        #[test]
        fn as_many_working_days_lie_between_as_were_asked_for(
            from in 17_897_i32..21_000, count in 0_u32..60,
        ) {
            let table = Tables::default().holidays;
            let from = Day::from_epoch_days(from);
            let to = table.working_days_after(from, count).unwrap();
            let between = (1..=to.since(from)).filter(|days| {
                table.is_working_day(from.plus(*days)) == Some(true)
            });
            prop_assert_eq!(between.count(), usize::try_from(count).unwrap());
            prop_assert!(count == 0 || table.is_working_day(to) == Some(true));
        }
    }

    fn by_law(year: i16) -> Vec<String> {
        let easter = easter(year);
        let mut days = vec![
            easter.yesterday().unwrap().yesterday().unwrap(),
            easter.tomorrow().unwrap(),
        ];
        let monday = |month, nth| {
            date(year, month, 1)
                .nth_weekday_of_month(nth, Weekday::Monday)
                .unwrap()
        };
        days.extend([monday(5, 1), monday(5, -1), monday(8, -1)]);
        for fixed in [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)] {
            let mut given = fixed;
            while matches!(given.weekday(), Weekday::Saturday | Weekday::Sunday)
                || days.contains(&given)
                // On a Sunday, Christmas Day gives way to Boxing Day's own Monday.
                || (given != fixed && given == date(year, 12, 26))
            {
                given = given.tomorrow().unwrap();
            }
            days.push(given);
        }
        days.iter().map(ToString::to_string).collect()
    }

    /// Easter Sunday, from an almanac.
    fn easter(year: i16) -> Date {
        let sundays = [
            (4, 21),
            (4, 12),
            (4, 4),
            (4, 17),
            (4, 9),
            (3, 31),
            (4, 20),
            (4, 5),
            (3, 28),
        ];
        let (month, day) = sundays[usize::try_from(year - 2019).unwrap()];
        date(year, month, day)
    }
}
