//! When a month's figures are published, and when they are published for good (statistics 3).

use super::working_days::BankHolidays;
use crate::day::{Day, Month};

/// Working days after the end of a month at whose close its figures become provisional; the upload deadline
/// of the national system.
const PROVISIONAL_AFTER: u32 = 23;

const APRIL: i32 = 4;
const SEPTEMBER: i32 = 9;
const OCTOBER: i32 = 10;

/// How far a month's figures have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Release {
    /// They change with every report.
    Running,
    /// Published once.
    Provisional,
    /// Published again with the half-year's corrections.
    Final,
}

impl Release {
    /// All of them, in the order in which a month passes them.
    pub const ALL: [Self; 3] = [Self::Running, Self::Provisional, Self::Final];

    /// `running`, `provisional` or `final`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Provisional => "provisional",
            Self::Final => "final",
        }
    }
}

/// How far `month` has come at the close of `day` (24:00 London). A month whose day of release lies beyond the
/// table of holidays is running, as is one that has not begun.
#[must_use]
pub fn release(month: Month, day: Day, holidays: &BankHolidays) -> Release {
    let reached = |released: Option<Day>| released.is_some_and(|released| day >= released);
    if reached(final_on(month, holidays)) {
        Release::Final
    } else if reached(provisional_on(month, holidays)) {
        Release::Provisional
    } else {
        Release::Running
    }
}

/// The day at whose close the month becomes provisional: the 23rd working day after its last day. `None` where
/// the table of holidays does not reach.
#[must_use]
pub fn provisional_on(month: Month, holidays: &BankHolidays) -> Option<Day> {
    holidays.working_days_after(month.last_day()?, PROVISIONAL_AFTER)
}

/// The day at whose close the month becomes final: April to September with October's provisional figures,
/// October to March with April's (the latter K).
#[must_use]
pub fn final_on(month: Month, holidays: &BankHolidays) -> Option<Day> {
    let Month { year, month } = month;
    let with = match month {
        APRIL..=SEPTEMBER => Month {
            year,
            month: OCTOBER,
        },
        OCTOBER.. => Month {
            year: year.saturating_add(1),
            month: APRIL,
        },
        _ => Month { year, month: APRIL },
    };
    provisional_on(with, holidays)
}

#[cfg(test)]
#[expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails there"
)]
mod tests {
    use super::{Day, Month, Release, final_on, provisional_on, release};
    use crate::statistics::Tables;

    fn month(text: &str) -> Month {
        let (year, month) = text.split_once('-').unwrap();
        Month {
            year: year.parse().unwrap(),
            month: month.parse().unwrap(),
        }
    }

    fn day(text: &str) -> Day {
        let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
        Day::from_ymd(parts[0], parts[1], parts[2]).unwrap()
    }

    /// Counted by another routine over the same table.
    #[test]
    fn provisional_at_the_close_of_the_23rd_working_day() {
        for (of, on) in [
            ("2024-01", "2024-03-04"),
            ("2024-02", "2024-04-04"),
            ("2023-02", "2023-03-31"),
            ("2024-03", "2024-05-02"),
            ("2025-03", "2025-05-06"),
            ("2022-04", "2022-06-06"),
            ("2022-05", "2022-07-05"),
            ("2022-08", "2022-10-04"),
            ("2023-04", "2023-06-05"),
            ("2021-11", "2022-01-05"),
            ("2021-12", "2022-02-03"),
            ("2024-11", "2025-01-06"),
            ("2024-12", "2025-02-03"),
            ("2025-09", "2025-10-31"),
            ("2025-10", "2025-12-03"),
            ("2026-12", "2027-02-03"),
        ] {
            let found = provisional_on(month(of), &Tables::default().holidays);
            assert_eq!(found, Some(day(on)), "{of}");
        }
    }

    #[test]
    fn half_years_become_final_with_october_and_april() {
        let table = Tables::default().holidays;
        for (of, with) in [
            ("2024-04", "2024-10"),
            ("2024-09", "2024-10"),
            ("2024-10", "2025-04"),
            ("2024-12", "2025-04"),
            ("2025-01", "2025-04"),
            ("2025-03", "2025-04"),
            ("2025-04", "2025-10"),
        ] {
            assert_eq!(
                final_on(month(of), &table),
                provisional_on(month(with), &table),
                "{of}"
            );
        }
    }

    #[test]
    fn a_month_runs_is_provisional_and_then_final() {
        let table = Tables::default().holidays;
        for (of, at, expected) in [
            ("2025-03", "2025-02-28", Release::Running),
            ("2025-03", "2025-03-31", Release::Running),
            ("2025-03", "2025-05-05", Release::Running),
            ("2025-03", "2025-05-06", Release::Provisional),
            ("2025-03", "2025-06-03", Release::Provisional),
            ("2025-03", "2025-06-04", Release::Final),
            // The year's turn: April is not final before October is provisional.
            ("2025-04", "2025-06-04", Release::Provisional),
            ("2025-09", "2025-12-02", Release::Provisional),
            ("2025-09", "2025-12-03", Release::Final),
            ("2025-10", "2025-12-03", Release::Provisional),
        ] {
            assert_eq!(
                release(month(of), day(at), &table),
                expected,
                "{of} at {at}"
            );
        }
    }

    #[test]
    fn beyond_the_table_a_month_runs_on() {
        let table = Tables::default().holidays;
        assert_eq!(provisional_on(month("2027-12"), &table), None);
        assert_eq!(
            release(month("2027-12"), day("2029-01-01"), &table),
            Release::Running
        );
        assert_eq!(
            release(month("2027-10"), day("2029-01-01"), &table),
            Release::Provisional
        );
    }
}
