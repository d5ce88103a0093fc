//! The published figures of 2024/25 that the feed is drawn from, a year together.

use super::draw::Draw;
use super::figures::Figures;
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::{Activity, CategoryName, Cell as Month, CellCounts, CellKey};
use clockstop_schemas::published::PublishedError;
use std::collections::BTreeMap;

/// Why the built-in figures cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// They are not the files that are expected.
    #[error("the built-in figures do not parse")]
    Published(#[from] PublishedError),
    /// A figure that the feed needs is not there.
    #[error("the built-in figures have none for `{0}`")]
    Missing(String),
}

/// The published tables of one standard, by route or stage, cut and category.
pub(crate) struct Table {
    activity: Activity,
    cuts: BTreeMap<(&'static str, &'static str), BTreeMap<String, Cell>>,
}

/// Everything the feed takes from the published figures.
pub(crate) struct Calibration {
    /// Waits until told, by route and suspected type.
    pub(crate) told: Table,
    /// Waits until treated since the decision, by stage.
    pub(crate) since_decision: Table,
    /// Waits until first treated since the referral or upgrade, by route.
    pub(crate) since_referral: Table,
    /// Waits until first seen, by route and suspected type.
    pub(crate) seen: Table,
}

impl Calibration {
    /// The figures of the year.
    pub(crate) fn of(figures: &Figures) -> Self {
        let table = |standard| Table::of(Activity::Standard(standard), &figures.england);
        Self {
            told: table(Standard::Fds),
            since_decision: table(Standard::ThirtyOneDay),
            since_referral: table(Standard::SixtyTwoDay),
            seen: Table::of(Activity::FirstSeen, &figures.england),
        }
    }

    /// The figures built into the program.
    #[cfg(test)]
    pub(crate) fn published() -> Result<Self, Error> {
        Ok(Self::of(&Figures::published()?))
    }
}

/// Everything, in a cut that has no categories.
pub(crate) const ALL: &str = "ALL";

impl Table {
    fn of(activity: Activity, england: &[Month]) -> Self {
        let mut sums: BTreeMap<_, BTreeMap<String, CellCounts>> = BTreeMap::new();
        for month in england.iter().filter(|cell| cell.key.activity == activity) {
            let (cut, category) = cut_of(&month.key);
            let cut: &mut BTreeMap<_, CellCounts> = sums
                .entry((cut, month.key.part.name(activity)))
                .or_default();
            cut.entry(category.to_owned())
                .or_default()
                .add(&month.counts);
        }
        let cells = |sums: BTreeMap<String, CellCounts>| {
            let cells = sums.into_iter();
            cells.map(|(category, sum)| (category, Cell::of(activity, &sum)))
        };
        let cuts = sums
            .into_iter()
            .map(|(cut, sums)| (cut, cells(sums).collect()));
        Self {
            activity,
            cuts: cuts.collect(),
        }
    }

    /// All cells of a route or stage, by type, tumour or modality; `cut` is `all`, `by_type`, `by_cancer` or
    /// `by_modality`.
    pub(crate) fn cells(
        &self,
        cut: &'static str,
        route: &'static str,
    ) -> Result<&BTreeMap<String, Cell>, Error> {
        let missing = || Error::Missing(format!("{}/{cut}/{route}", self.activity.name()));
        self.cuts.get(&(cut, route)).ok_or_else(missing)
    }

    /// One cell.
    pub(crate) fn cell(
        &self,
        cut: &'static str,
        route: &'static str,
        category: &str,
    ) -> Result<&Cell, Error> {
        let missing =
            || Error::Missing(format!("{}/{cut}/{route}/{category}", self.activity.name()));
        self.cells(cut, route)?.get(category).ok_or_else(missing)
    }
}

fn cut_of(key: &CellKey) -> (&'static str, &str) {
    let treated = matches!(
        key.activity,
        Activity::Standard(Standard::SixtyTwoDay | Standard::ThirtyOneDay)
    );
    match (&key.cancer_type, &key.modality) {
        (CategoryName::All, CategoryName::All) => ("all", ALL),
        (CategoryName::All, CategoryName::Named(modality)) => ("by_modality", modality),
        (CategoryName::Named(cancer), _) if treated => ("by_cancer", cancer),
        (CategoryName::Named(suspected), _) => ("by_type", suspected),
    }
}

/// How many waits there were in the year, and how long they were.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// Waits in the year; 62-day waits are shared, so halves occur.
    pub(crate) total: f64,
    /// How long they were.
    pub(crate) waits: Waits,
}

/// The distribution of a wait, in the bands that are published.
#[derive(Clone, Debug)]
pub(crate) struct Waits(Vec<Band>);

#[derive(Clone, Copy, Debug)]
struct Band {
    from: i32,
    /// `None` for the last band, which has no upper edge.
    to: Option<i32>,
    share: f64,
}

/// Waits of the open last band end at most this many days after its edge.
const LONGEST_TAIL_DAYS: i32 = 150;
/// Bands that end at a limit people work towards are fuller just below it.
const WORKED_TOWARDS: [i32; 3] = [14, 28, 62];
const RUSHED: f64 = 0.3;
const RUSH_DAYS: i32 = 3;

impl Cell {
    fn of(activity: Activity, counts: &CellCounts) -> Self {
        let patients = |halves: clockstop_pipeline::statistics::Halves| {
            f64::from(i32::try_from(halves.halves()).unwrap_or(i32::MAX)) / 2.0
        };
        let total = patients(counts.total);
        let edges = activity.bands().iter().map(|band| band.to);
        let shares = counts
            .bands
            .iter()
            .map(|&count| patients(count) / total.max(1.0));
        Self {
            total,
            waits: Waits::new(edges.zip(shares)),
        }
    }
}

impl Waits {
    /// Bands in rising order, each by its last day, with its share.
    fn new(bands: impl IntoIterator<Item = (Option<i32>, f64)>) -> Self {
        let mut from = 0;
        let bands = bands.into_iter().map(|(to, share)| {
            let band = Band { from, to, share };
            from = to.map_or(from, |to| to + 1);
            band
        });
        Self(bands.collect())
    }

    /// The wait at a quantile: which band is fixed by the quantile, where inside it by chance.
    pub(crate) fn at(&self, quantile: f64, draw: &mut Draw) -> i32 {
        let mut left = quantile * self.0.iter().map(|band| band.share).sum::<f64>();
        let mut reached = None;
        for band in self.0.iter().filter(|band| band.share > 0.0) {
            reached = Some(band);
            if left < band.share {
                break;
            }
            left -= band.share;
        }
        reached.map_or(0, |band| band.draw(draw))
    }

    /// The share of waits of at most this many days, where that is the edge of a band.
    pub(crate) fn share_to(&self, days: i32) -> f64 {
        let within = |band: &&Band| band.to.is_some_and(|to| to <= days);
        self.0.iter().filter(within).map(|band| band.share).sum()
    }
}

impl Band {
    fn draw(self, draw: &mut Draw) -> i32 {
        let Some(to) = self.to else {
            return self.from + tail(draw);
        };
        if WORKED_TOWARDS.contains(&to) && draw.chance(RUSHED) {
            return draw.between(to - RUSH_DAYS, to).max(self.from);
        }
        draw.between(self.from, to)
    }
}

/// A wait that lies in a band.
pub(crate) fn days_in((from, to): (i32, Option<i32>), draw: &mut Draw) -> i32 {
    let share = 1.0;
    Band { from, to, share }.draw(draw)
}

/// Days beyond the last edge: most are few, some are many. A power, not a logarithm, and of whole
/// numbers, so that every machine draws the same.
fn tail(draw: &mut Draw) -> i32 {
    let drawn = i64::from(draw.between(0, 999));
    let days = i64::from(LONGEST_TAIL_DAYS) * drawn * drawn * drawn / 1_000_000_000;
    i32::try_from(days).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ALL, Calibration, Waits};
    use crate::generate::draw::Draw;

    #[test]
    fn the_built_in_figures_parse() {
        let calibration = Calibration::published().expect("it parses");
        let all = calibration
            .told
            .cell("all", "ALL ROUTES", ALL)
            .expect("it is there");
        assert!((all.total - 3_247_716.0).abs() < 0.5);
        assert!((all.waits.share_to(28) - 0.764_3).abs() < 5e-5);
    }

    #[test]
    fn a_quantile_fixes_the_band() {
        let waits = Waits::new([
            (Some(14), 0.5),
            (Some(28), 0.25),
            (Some(62), 0.0),
            (None, 0.25),
        ]);
        let mut draw = Draw::stream(1, 0);
        for _ in 0..1_000 {
            assert!((0..=14).contains(&waits.at(0.49, &mut draw)));
            assert!((15..=28).contains(&waits.at(0.51, &mut draw)));
            assert!((63..213).contains(&waits.at(0.99, &mut draw)));
        }
    }
}
