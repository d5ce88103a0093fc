//! The series that are charted: headline rates by month and long waits by week (statistics 6).

use super::cuts::{Activity, Basis, Category, RouteOrStage};
use super::halves::Halves;
use super::performance::{ENGLAND, Performance};
use super::periods::PeriodKind;
use super::spc::{Chart, Direction, Point, Settings, chart};
use super::tables::{Tables, Threshold, ThresholdKind};
use super::tracking_list::TrackingBand;
use super::weekly::{PtlWeekly, WeeklyItem};
use crate::assessment::Standard;
use crate::day::{Day, Month};
use compact_str::CompactString;
use std::collections::BTreeMap;

/// What a series shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SeriesItem {
    /// The headline rate of a standard, by month.
    Rate(Standard),
    /// 62-day clocks that run beyond 62 adjusted days at a Sunday's close, by week.
    Over62,
    /// 62-day clocks that run beyond 104 adjusted days at a Sunday's close, by week.
    Over104,
}

impl SeriesItem {
    /// `FDS`, `62D`, `31D`, `over_62` or `over_104`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rate(standard) => standard.name(),
            Self::Over62 => "over_62",
            Self::Over104 => "over_104",
        }
    }

    /// `month` or `week`.
    #[must_use]
    pub const fn interval(self) -> &'static str {
        match self {
            Self::Rate(_) => PeriodKind::Month.name(),
            Self::Over62 | Self::Over104 => "week",
        }
    }
}

/// One series of one organisation, charted by profile [`PROFILE`](super::spc::PROFILE).
#[derive(Clone, Debug, PartialEq)]
pub struct SpcSeries {
    /// What it shows.
    pub item: SeriesItem,
    /// Whose figures they are.
    pub basis: Basis,
    /// Provider, commissioner or [`ENGLAND`].
    pub organisation: CompactString,
    /// The target, of rates: the `standard` threshold of the last month; `None` where there is none.
    pub target: Option<Threshold>,
    /// The points with their limits and causes, and the icons.
    pub chart: Chart,
    rates: BTreeMap<Day, (Halves, Halves)>,
}

impl SpcSeries {
    /// Patients within and all patients behind the rate of a point; `None` where it is a count.
    #[must_use]
    pub fn rate_of(&self, point: Day) -> Option<(Halves, Halves)> {
        self.rates.get(&point).copied()
    }
}

/// The headline rates: cut `all` over all routes and stages, of each standard, by provider, commissioner and
/// England, month by month. Months that run yet are charted as they come; who wants none leaves them out.
#[must_use]
pub fn spc_series(rows: &[Performance], tables: &Tables) -> Vec<SpcSeries> {
    let mut found: BTreeMap<_, BTreeMap<Month, (Halves, Halves)>> = BTreeMap::new();
    for row in rows.iter().filter(|row| is_headline(row)) {
        if let (Activity::Standard(standard), Some(within)) = (row.activity, row.within()) {
            let key = (standard, row.basis, row.organisation.clone());
            let months = found.entry(key).or_default();
            months.insert(row.period.last_month(), (within, row.total()));
        }
    }
    let series = found.into_iter();
    series
        .map(|((standard, basis, organisation), months)| {
            let last = months.last_key_value().map(|(month, _)| *month);
            let threshold = |month| tables.threshold(standard, ThresholdKind::Standard, month);
            let target = last.and_then(threshold);
            let rates: BTreeMap<Day, _> = months
                .into_iter()
                .filter_map(|(month, rate)| Some((first_day(month)?, rate)))
                .collect();
            let points: Vec<Point> = rates
                .iter()
                .filter_map(|(day, (within, total))| {
                    let value = within.share_of(*total)?;
                    Some(Point { day: *day, value })
                })
                .collect();
            let whole = f64::from(Threshold::WHOLE);
            let settings = Settings {
                target: target.map(|target| f64::from(target.0) / whole),
                ..Settings::new(Direction::Increase)
            };
            SpcSeries {
                item: SeriesItem::Rate(standard),
                basis,
                organisation,
                target,
                chart: chart(&points, &settings),
                rates,
            }
        })
        .collect()
}

fn is_headline(row: &Performance) -> bool {
    row.period.kind() == PeriodKind::Month
        && (row.part, row.category) == (RouteOrStage::All, Category::All)
        && row.basis != Basis::Alliance
}

const fn first_day(month: Month) -> Option<Day> {
    Day::from_ymd(month.year, month.month, 1)
}

/// A weekly series of each organisation and of [`ENGLAND`], from Sunday, organisation and count; less is better,
/// and there is no target. A Sunday that an organisation has no count for is no point.
#[must_use]
pub fn weekly_spc_series(
    item: SeriesItem,
    counts: impl IntoIterator<Item = (Day, CompactString, u64)>,
) -> Vec<SpcSeries> {
    let mut found: BTreeMap<(Basis, CompactString), Vec<Point>> = BTreeMap::new();
    for (day, organisation, count) in counts {
        let basis = if organisation == ENGLAND {
            Basis::England
        } else {
            Basis::Provider
        };
        let value = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let points = found.entry((basis, organisation)).or_default();
        points.push(Point { day, value });
    }
    let series = found.into_iter();
    series
        .map(|((basis, organisation), points)| SpcSeries {
            item,
            basis,
            organisation,
            target: None,
            chart: chart(&points, &Settings::new(Direction::Decrease)),
            rates: BTreeMap::new(),
        })
        .collect()
}

impl PtlWeekly {
    /// Sunday, organisation and number of clocks that run beyond 62 or 104 adjusted days: of England, and of every
    /// organisation that has a running clock on the list, 0 where none of its clocks waits so long.
    #[must_use]
    pub fn long_waits(&self, item: SeriesItem) -> Vec<(Day, CompactString, u64)> {
        let from = match item {
            SeriesItem::Over62 => TrackingBand::UpTo104,
            SeriesItem::Over104 => TrackingBand::Over104,
            SeriesItem::Rate(_) => return Vec::new(),
        };
        let mut found = BTreeMap::from([(CompactString::const_new(ENGLAND), 0)]);
        for (key, count) in self.rows() {
            if key.item != WeeklyItem::Running {
                continue;
            }
            let long = if key.band >= Some(from) { *count } else { 0 };
            let england = CompactString::const_new(ENGLAND);
            for organisation in key.organisation.iter().chain([&england]) {
                *found.entry(organisation.clone()).or_default() += long;
            }
        }
        let sunday = self.week().last;
        let counts = found.into_iter();
        counts
            .map(|(organisation, count)| (sunday, organisation, count))
            .collect()
    }
}
