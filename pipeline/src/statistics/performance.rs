//! A cell of the published statistic, and how it stands against a threshold (statistics 3).

use super::bands::{Band, MOST_BANDS};
use super::cell::CellCounts;
use super::cuts::{Activity, Basis, Category, RouteOrStage};
use super::halves::Halves;
use super::periods::Period;
use super::tables::{Tables, Threshold, ThresholdKind};
use super::tally::Counts;
use crate::assessment::Standard;
use compact_str::CompactString;

/// The organisation of England's rows.
pub const ENGLAND: &str = "ENGLAND";

/// One cell of the published statistic; its total is never 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Performance {
    /// The month, quarter or financial year.
    pub period: Period,
    /// What is counted.
    pub activity: Activity,
    /// Whose figures they are.
    pub basis: Basis,
    /// Provider, commissioner, ONS code of the alliance, or `ENGLAND`.
    pub organisation: CompactString,
    /// Route or stage.
    pub part: RouteOrStage,
    /// The part of its cut.
    pub category: Category,
    pub(super) counts: Counts,
}

/// How a cell stands against a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The rate asked for.
    pub threshold: Threshold,
    /// Whether it is reached: threshold times total is at most within, as integers.
    pub met: bool,
    /// Patients that would have had to be within, with the total as it is.
    pub short: Halves,
}

impl Performance {
    /// A cell with these figures, as it is read back from a table. `None` where they are none of the activity: nobody, other
    /// bands than its own, or parts that do not make up the total.
    #[must_use]
    pub fn with_counts(
        period: Period,
        activity: Activity,
        basis: Basis,
        organisation: CompactString,
        part: RouteOrStage,
        category: Category,
        counts: &CellCounts,
    ) -> Option<Self> {
        let parted = match (counts.within, counts.after) {
            (Some(within), Some(after)) => within + after == counts.total,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let banded = counts.bands.len() == activity.bands().len()
            && counts.bands.iter().copied().sum::<Halves>() == counts.total;
        let judged = counts.within.is_some() == activity.standard().is_some();
        let halves = |of: Halves| u32::try_from(of.halves()).ok();
        let mut bands = [0; MOST_BANDS];
        for (to, from) in bands.iter_mut().zip(&counts.bands) {
            *to = halves(*from)?;
        }
        let counts = Counts {
            total: halves(counts.total).filter(|total| *total > 0)?,
            within: halves(counts.within.unwrap_or_default())?,
            bands,
        };
        let fits = parted && banded && judged && counts.within <= counts.total;
        fits.then_some(Self {
            period,
            activity,
            basis,
            organisation,
            part,
            category,
            counts,
        })
    }

    /// The organisation's name; `None` where it is not listed.
    #[must_use]
    pub fn organisation_name<'a>(&self, tables: &'a Tables) -> Option<&'a str> {
        tables.name(self.basis, &self.organisation)
    }

    /// The region of a provider or commissioner; `None` where it is not mapped.
    #[must_use]
    pub fn region<'a>(&self, tables: &'a Tables) -> Option<&'a str> {
        tables.region_on(self.basis, &self.organisation)
    }

    /// All patients.
    #[must_use]
    pub fn total(&self) -> Halves {
        Halves::from(self.counts.total)
    }

    /// Patients within the standard; `None` for first-seen activity, which has none.
    #[must_use]
    pub fn within(&self) -> Option<Halves> {
        match self.activity {
            Activity::Standard(_) => Some(self.counts.within.into()),
            Activity::FirstSeen => None,
        }
    }

    /// Patients after the limit.
    #[must_use]
    pub fn after(&self) -> Option<Halves> {
        Some(self.total() - self.within()?)
    }

    /// Within over total, 0 to 1, unrounded.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        self.within()?.share_of(self.total())
    }

    /// Patients by band, in rising order.
    pub fn bands(&self) -> impl Iterator<Item = (&'static Band, Halves)> {
        let counts = self.counts.bands.map(Halves::from);
        self.activity.bands().iter().zip(counts)
    }

    /// The cell against its threshold of this kind; a quarter or year against that of its last month.
    /// `None` where there is none.
    #[must_use]
    pub fn verdict(&self, kind: ThresholdKind, tables: &Tables) -> Option<Verdict> {
        let month = self.period.last_month();
        let threshold = tables.threshold(self.activity.standard()?, kind, month)?;
        Some(self.against(threshold))
    }

    /// The cell against any threshold.
    #[must_use]
    pub fn against(&self, threshold: Threshold) -> Verdict {
        let whole = u64::from(Threshold::WHOLE);
        let wanted = u64::from(threshold.0) * u64::from(self.counts.total);
        let within = u64::from(self.counts.within);
        let unit = self.unit();
        let needed = wanted.div_ceil(whole * unit) * unit;
        let short = needed.saturating_sub(within);
        Verdict {
            threshold,
            met: wanted <= within * whole,
            short: Halves::new(i64::try_from(short).unwrap_or(i64::MAX)),
        }
    }

    /// The least step of the figures, in halves: a half patient for 62-day waits of providers and of
    /// England, else a whole one.
    const fn unit(&self) -> u64 {
        match (self.activity, self.basis) {
            (Activity::Standard(Standard::SixtyTwoDay), Basis::Provider | Basis::England) => 1,
            _ => 2,
        }
    }

    /// What rows are sorted by.
    pub(super) fn place(&self) -> impl Ord + '_ {
        (
            self.activity,
            self.period.kind(),
            self.period,
            self.basis,
            self.organisation.as_str(),
            self.part,
            self.category,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{ENGLAND, Performance};
    use crate::assessment::Standard;
    use crate::day::Month;
    use crate::statistics::periods::{Period, PeriodKind};
    use crate::statistics::tally::Counts;
    use crate::statistics::{
        Activity, Basis, Category, CellCounts, Halves, RouteOrStage, Tables, Threshold,
    };

    fn cell(standard: Standard, basis: Basis, total: u32, within: u32) -> Performance {
        let march = Month {
            year: 2025,
            month: 3,
        };
        Performance {
            period: Period::of(PeriodKind::Month, march),
            activity: Activity::Standard(standard),
            basis,
            organisation: ENGLAND.into(),
            part: RouteOrStage::All,
            category: Category::All,
            counts: Counts {
                total,
                within,
                ..Counts::default()
            },
        }
    }

    #[test]
    fn only_figures_that_add_up_are_a_cell() {
        let [none, one, two] = [0, 1, 2].map(Halves::whole);
        let of = |activity, total, within, after, bands: &[Halves]| {
            let like = cell(Standard::Fds, Basis::Provider, 4, 2);
            let counts = CellCounts {
                total,
                within,
                after,
                bands: bands.into(),
            };
            Performance::with_counts(
                like.period,
                activity,
                like.basis,
                like.organisation,
                like.part,
                like.category,
                &counts,
            )
        };
        let fds = Activity::Standard(Standard::Fds);
        let bands = [one, none, one, none, none];
        let cell = of(fds, two, Some(one), Some(one), &bands);
        let cell = cell.map(|cell| (cell.total(), cell.within(), cell.after()));
        assert_eq!(cell, Some((two, Some(one), Some(one))));
        for (activity, total, within, after, bands) in [
            (fds, none, Some(none), Some(none), [none; 5].as_slice()),
            (fds, two, Some(two), Some(one), &bands),
            (fds, two, Some(one), None, &bands),
            (fds, two, None, None, &bands),
            (fds, two, Some(one), Some(one), &[one, one]),
            (
                fds,
                two,
                Some(one),
                Some(one),
                &[one, none, two, none, none],
            ),
            (fds, two, Some(one + two), Some(none - one), &bands),
            (Activity::FirstSeen, two, Some(one), Some(one), &bands),
        ] {
            let cell = of(activity, total, within, after, bands);
            assert_eq!(cell, None, "{total} {within:?} {after:?} {bands:?}");
        }
        assert!(of(Activity::FirstSeen, two, None, None, &bands).is_some());
    }

    /// Published for England in March 2025, in halves (`published/england_monthly_2024_25.csv`).
    const FDS: (u32, u32) = (278_064 * 2, 219_578 * 2);
    const SIXTY_TWO_DAY: (u32, u32) = (55_075, 39_339);

    #[test]
    fn patients_short_and_verdicts_of_march_2025() {
        for (standard, (total, within), threshold, met, short) in [
            (Standard::Fds, FDS, 8_000, false, "2874"),
            (Standard::Fds, FDS, 7_700, true, "0"),
            (Standard::SixtyTwoDay, SIXTY_TWO_DAY, 8_500, false, "3737.5"),
            (Standard::SixtyTwoDay, SIXTY_TWO_DAY, 7_500, false, "984"),
            (Standard::SixtyTwoDay, SIXTY_TWO_DAY, 7_000, true, "0"),
        ] {
            let cell = cell(standard, Basis::England, total, within);
            let verdict = cell.against(Threshold(threshold));
            assert_eq!(verdict.met, met, "{standard:?} {threshold}");
            assert_eq!(verdict.short.to_string(), short, "{standard:?} {threshold}");
        }
    }

    #[test]
    fn ties_are_met_and_what_only_rounds_up_is_not() {
        for (total, within, threshold, met, short) in [
            (100, 80, 8_000, true, 0),
            (10_000, 7_996, 8_000, false, 4),
            (20_000, 16_999, 8_500, false, 1),
            (6, 5, 8_500, false, 1),
        ] {
            let cell = cell(Standard::Fds, Basis::Provider, total * 2, within * 2);
            let verdict = cell.against(Threshold(threshold));
            assert_eq!(
                (verdict.met, verdict.short),
                (met, Halves::whole(short)),
                "{total}"
            );
        }
    }

    #[test]
    fn a_step_is_a_half_patient_only_where_waits_are_shared() {
        for (standard, basis, short) in [
            (Standard::SixtyTwoDay, Basis::Provider, "0.5"),
            (Standard::SixtyTwoDay, Basis::England, "0.5"),
            (Standard::SixtyTwoDay, Basis::Commissioner, "1"),
            (Standard::SixtyTwoDay, Basis::Alliance, "1"),
            (Standard::ThirtyOneDay, Basis::Provider, "1"),
        ] {
            // 85 % of 10 patients are 8.5; 8 were within.
            let verdict = cell(standard, basis, 20, 16).against(Threshold(8_500));
            assert_eq!(verdict.short.to_string(), short, "{standard:?} {basis:?}");
        }
    }

    #[test]
    fn a_year_is_held_against_its_last_month() {
        let tables = Tables::default();
        let in_month = |kind, year, month| {
            let mut cell = cell(Standard::Fds, Basis::England, 2, 2);
            cell.period = Period::of(kind, Month { year, month });
            let verdict = cell.verdict(crate::statistics::ThresholdKind::Standard, &tables);
            verdict.map(|verdict| verdict.threshold)
        };
        for (kind, year, month, threshold) in [
            (PeriodKind::Month, 2026, 2, 7_500),
            (PeriodKind::Quarter, 2026, 2, 8_000),
            (PeriodKind::Year, 2025, 4, 8_000),
            (PeriodKind::Year, 2025, 3, 7_500),
        ] {
            let found = in_month(kind, year, month);
            assert_eq!(found, Some(Threshold(threshold)), "{kind:?} {year}-{month}");
        }
    }
}
