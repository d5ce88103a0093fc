//! Months, quarters and financial years, each named by its last month's threshold (statistics 3).

use crate::day::Month;
use core::fmt;

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodKind {
    /// A calendar month.
    Month,
    /// A quarter of the financial year, which begins in April.
    Quarter,
    /// A financial year, April to March.
    Year,
}

impl PeriodKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Month, Self::Quarter, Self::Year];

    /// `month`, `quarter` or `year`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }
}

/// A period of the published statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    kind: PeriodKind,
    last: Month,
}

impl Period {
    /// The period of this kind that a month lies in.
    #[must_use]
    pub const fn of(kind: PeriodKind, month: Month) -> Self {
        let last = match kind {
            PeriodKind::Month => month,
            PeriodKind::Quarter => Month {
                year: month.year,
                month: (month.month + 2) / 3 * 3,
            },
            PeriodKind::Year => Month {
                year: if month.month <= 3 {
                    month.year
                } else {
                    month.year + 1
                },
                month: 3,
            },
        };
        Self { kind, last }
    }

    /// How long it is.
    #[must_use]
    pub const fn kind(self) -> PeriodKind {
        self.kind
    }

    /// Its last month, whose threshold holds for all of it.
    #[must_use]
    pub const fn last_month(self) -> Month {
        self.last
    }
}

/// `2025-03`, `2024-25 Q4` or `2024-25`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ends = Self::of(PeriodKind::Year, self.last).last.year;
        let year = |f: &mut fmt::Formatter<'_>| write!(f, "{}-{:02}", ends - 1, ends % 100);
        match self.kind {
            PeriodKind::Month => self.last.fmt(f),
            PeriodKind::Quarter => {
                year(f)?;
                write!(f, " Q{}", (self.last.month / 3 + 2) % 4 + 1)
            }
            PeriodKind::Year => year(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Period, PeriodKind};
    use crate::day::Month;

    #[test]
    fn a_financial_year_ends_in_march() {
        for (year, month, quarter, financial) in [
            (2025, 3, "2024-25 Q4", "2024-25"),
            (2025, 4, "2025-26 Q1", "2025-26"),
            (2025, 6, "2025-26 Q1", "2025-26"),
            (2025, 7, "2025-26 Q2", "2025-26"),
            (2025, 12, "2025-26 Q3", "2025-26"),
            (2026, 1, "2025-26 Q4", "2025-26"),
            (2100, 1, "2099-00 Q4", "2099-00"),
        ] {
            let month = Month { year, month };
            let named = |kind| Period::of(kind, month).to_string();
            assert_eq!(named(PeriodKind::Month), month.to_string());
            assert_eq!(named(PeriodKind::Quarter), quarter);
            assert_eq!(named(PeriodKind::Year), financial);
        }
    }
}
