//! What the year is to come to: England's published cells, scaled so that all of them still add up.
//!
//! Halves are floored (statistics 10). In the published year that is one patient of March 2025, in the same
//! band of every cut, so that the floored cells add up as the published ones do.

use super::Scale;
use super::counts::{Counts, apportion, fitted};
use crate::generate::figures::Figures;
use crate::generate::suspicion::Entry;
use crate::generate::tumour::{Modality, Tumour};
use clockstop_pipeline::statistics::{
    Activity, Basis, CategoryName, CellCounts, CellKey, ENGLAND, Halves, RouteOrStage,
    TreatmentStage,
};
use clockstop_pipeline::{Month, Route, Standard};
use core::ops::Range;
use std::collections::BTreeMap;

pub(super) const TUMOURS: usize = Tumour::ALL.len();
pub(super) const MODALITIES: usize = Modality::ALL.len();
/// Bands of FDS, of the 31-day standard and of first-seen activity; and of the 62-day standard.
pub(super) const BANDS: usize = 5;
pub(super) const LONG_BANDS: usize = 8;
pub(super) const FDS_WITHIN: usize = 2;
pub(super) const LONG_WITHIN: usize = 4;
/// The routes of the 62-day standard.
pub(super) const TREATED: [Entry; 4] = [
    Entry::Urgent,
    Entry::BreastSymptoms,
    Entry::Screening,
    Entry::Upgraded,
];
/// How many months the published year has.
pub(super) const YEAR: usize = 12;

/// A month, counted from the first one of the published year.
pub(super) fn month(from_first: i32) -> Month {
    const FIRST: i32 = 2024 * 12 + 3;
    let months = FIRST + from_first;
    Month {
        year: months.div_euclid(12),
        month: months.rem_euclid(12) + 1,
    }
}

/// A cut of the FDS, and of first-seen activity: a route and the published name of a suspected type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) entry: Entry,
    pub(super) suspected: String,
}

/// Treatments of a part of a month: by tumour and band, and by modality and band.
#[derive(Clone, Debug)]
pub(super) struct Margins {
    pub(super) tumours: Counts<2>,
    pub(super) modalities: Counts<2>,
}

/// What a month is to come to.
#[derive(Clone, Debug)]
pub(super) struct MonthTargets {
    pub(super) month: Month,
    /// By kind and band.
    pub(super) told: Counts<2>,
    pub(super) seen: Counts<2>,
    /// By route, as in [`TREATED`].
    pub(super) routes: Vec<Margins>,
    pub(super) first: Margins,
    pub(super) subsequent: Margins,
    /// By provider.
    pub(super) told_by: Vec<u32>,
    pub(super) treated_by: Vec<u32>,
}

/// England's published cells of a month.
struct Published<'a> {
    month: Month,
    cells: &'a BTreeMap<&'a CellKey, &'a CellCounts>,
}

/// The targets of every month of the year.
pub(super) fn targets(
    figures: &Figures,
    kinds: &[Kind],
    codes: &[String],
    scale: Scale,
) -> Vec<MonthTargets> {
    let on_providers = figures
        .england
        .iter()
        .filter(|cell| cell.key.basis == Basis::Provider);
    let cells: BTreeMap<_, _> = on_providers.map(|cell| (&cell.key, &cell.counts)).collect();
    let months = (0..).take(YEAR).map(month);
    months
        .map(|month| {
            let published = Published {
                month,
                cells: &cells,
            };
            let mut targets = published.targets(kinds, scale);
            let share = |standard, total| {
                let volumes = codes
                    .iter()
                    .map(|code| volume(figures, month, standard, code));
                apportion(&volumes.collect::<Vec<_>>(), total, None)
            };
            targets.told_by = share(Standard::Fds, targets.told.total());
            let treated = targets.first.tumours.total() + targets.subsequent.tumours.total();
            targets.treated_by = share(Standard::ThirtyOneDay, treated);
            targets
        })
        .collect()
}

fn volume(figures: &Figures, month: Month, standard: Standard, code: &str) -> u32 {
    let mut cells = figures.providers.iter().filter(|cell| {
        let of = (cell.key.month, cell.key.activity);
        of == (month, Activity::Standard(standard)) && cell.key.organisation == code
    });
    cells.next().map_or(0, |cell| whole(cell.counts.total))
}

/// Halves are floored.
pub(super) fn whole(halves: Halves) -> u32 {
    u32::try_from(halves.halves() / 2).unwrap_or(0)
}

impl Published<'_> {
    fn targets(&self, kinds: &[Kind], scale: Scale) -> MonthTargets {
        let routes = self.long(scale);
        let (first, subsequent) = (self.first(&routes, scale), self.subsequent(scale));
        let within = 0..FDS_WITHIN;
        let seen = self.kinds(kinds, Activity::FirstSeen);
        MonthTargets {
            month: self.month,
            told: scaled_kinds(&self.kinds(kinds, FDS), &[within, FDS_WITHIN..BANDS], scale),
            seen: scaled_kinds(&seen, core::slice::from_ref(&(0..BANDS)), scale),
            routes,
            first,
            subsequent,
            told_by: Vec::new(),
            treated_by: Vec::new(),
        }
    }

    fn row(&self, activity: Activity, part: RouteOrStage, names: [CategoryName; 2]) -> Vec<u32> {
        let [cancer_type, modality] = names;
        let key = CellKey {
            month: self.month,
            basis: Basis::Provider,
            organisation: ENGLAND.into(),
            activity,
            part,
            cancer_type,
            modality,
        };
        let bands = self.cells.get(&key).map(|counts| counts.bands.iter());
        let bands = bands.into_iter().flatten().map(|&band| whole(band));
        bands
            .chain(core::iter::repeat(0))
            .take(activity.bands().len())
            .collect()
    }

    fn kinds(&self, kinds: &[Kind], activity: Activity) -> Vec<Vec<u32>> {
        let kinds = kinds.iter().map(|kind| {
            let part = RouteOrStage::Route(kind.entry.route());
            let name = CategoryName::Named(kind.suspected.as_str().into());
            self.row(activity, part, [name, CategoryName::All])
        });
        kinds.collect()
    }

    fn treated(&self, activity: Activity, part: RouteOrStage) -> [Vec<Vec<u32>>; 2] {
        let named = |name: &str| CategoryName::Named(name.into());
        let tumours = Tumour::ALL
            .iter()
            .map(|tumour| self.row(activity, part, [named(tumour.name()), CategoryName::All]));
        let modalities = Modality::ALL
            .iter()
            .map(|modality| self.row(activity, part, [CategoryName::All, named(modality.name())]));
        [tumours.collect(), modalities.collect()]
    }

    /// The 62-day standard: the month's total over routes, each within and after, then over tumours and,
    /// by themselves, over modalities.
    fn long(&self, scale: Scale) -> Vec<Margins> {
        let published = TREATED.map(|entry| self.treated(LONG, RouteOrStage::Route(entry.route())));
        let groups = [0..LONG_WITHIN, LONG_WITHIN..LONG_BANDS];
        let parts: Vec<u32> = published
            .iter()
            .flat_map(|[tumours, _]| {
                groups
                    .clone()
                    .map(|bands| sums(tumours, bands).iter().sum())
            })
            .collect();
        let parts = apportion(&parts, scale.of(parts.iter().sum()), None);
        let parts = parts.chunks(groups.len()).zip(published);
        parts
            .map(|(totals, published)| {
                let [tumours, modalities] = published.map(|rows| {
                    let groups = groups.iter().zip(totals).map(|(bands, &total)| {
                        (
                            bands.clone(),
                            apportion(&sums(&rows, bands.clone()), total, None),
                        )
                    });
                    banded(&rows, groups)
                });
                Margins {
                    tumours,
                    modalities,
                }
            })
            .collect()
    }

    /// First treatments: those of the 62-day standard, and the rest of the published ones.
    fn first(&self, routes: &[Margins], scale: Scale) -> Margins {
        let published = self.treated(SHORT, RouteOrStage::Stage(TreatmentStage::First));
        let long = self.treated(LONG, RouteOrStage::All);
        let sixty_two = routes.iter().map(|route| route.tumours.total()).sum();
        let all = |rows: &[Vec<u32>]| sums(rows, 0..LONG_BANDS);
        let total = scale.of(published.iter().take(1).flat_map(|rows| all(rows)).sum());
        let total = total.max(sixty_two);
        let late = published
            .iter()
            .take(1)
            .flat_map(|rows| sums(rows, 1..BANDS))
            .sum();
        let late = scale.of(late).min(total);
        let margins = |rows: &Vec<Vec<u32>>, long: &Vec<Vec<u32>>, here: Vec<u32>| {
            let rest = all(rows)
                .into_iter()
                .zip(all(long))
                .map(|(all, long)| all.saturating_sub(long));
            let rest = apportion(&rest.collect::<Vec<_>>(), total - sixty_two, None);
            let totals: Vec<u32> = here
                .iter()
                .zip(rest)
                .map(|(here, rest)| here + rest)
                .collect();
            let late = apportion(&sums(rows, 1..BANDS), late, Some(&totals));
            let within = totals
                .iter()
                .zip(&late)
                .map(|(total, late)| total - late)
                .collect();
            banded(rows, [(0..1, within), (1..BANDS, late)])
        };
        let [tumours, modalities] = &published;
        let [long_tumours, long_modalities] = &long;
        let here = |of: fn(&Margins) -> &Counts<2>, size: usize| {
            let row = |row| routes.iter().map(|route| row_sum(of(route), row)).sum();
            (0..size).map(row).collect()
        };
        Margins {
            tumours: margins(tumours, long_tumours, here(|route| &route.tumours, TUMOURS)),
            modalities: margins(
                modalities,
                long_modalities,
                here(|route| &route.modalities, MODALITIES),
            ),
        }
    }

    fn subsequent(&self, scale: Scale) -> Margins {
        let published = self.treated(SHORT, RouteOrStage::Stage(TreatmentStage::Subsequent));
        let groups = [0..1, 1..BANDS];
        let [tumours, modalities] = published.map(|rows| {
            let groups = groups.clone().into_iter().map(|bands| {
                let parts = sums(&rows, bands.clone());
                (bands, apportion(&parts, scale.of(parts.iter().sum()), None))
            });
            banded(&rows, groups)
        });
        Margins {
            tumours,
            modalities,
        }
    }
}

pub(super) const FDS: Activity = Activity::Standard(Standard::Fds);
pub(super) const LONG: Activity = Activity::Standard(Standard::SixtyTwoDay);
pub(super) const SHORT: Activity = Activity::Standard(Standard::ThirtyOneDay);

impl Entry {
    /// The route of the rules.
    pub(super) const fn route(self) -> Route {
        match self {
            Self::Urgent => Route::Usc,
            Self::BreastSymptoms => Route::BreastSymptomatic,
            Self::Screening => Route::Screening,
            Self::Upgraded => Route::Upgrade,
            Self::Elsewhere => Route::Unknown,
        }
    }
}

/// The sum of each row over some bands.
fn sums(rows: &[Vec<u32>], bands: Range<usize>) -> Vec<u32> {
    let sum = |row: &Vec<u32>| row.iter().skip(bands.start).take(bands.len()).sum();
    rows.iter().map(sum).collect()
}

pub(super) fn row_sum(counts: &Counts<2>, row: usize) -> u32 {
    (0..LONG_BANDS).map(|band| counts.get([row, band])).sum()
}

/// Spreads the sums of rows over the bands of their group, as the published rows are spread.
fn banded(
    published: &[Vec<u32>],
    groups: impl IntoIterator<Item = (Range<usize>, Vec<u32>)>,
) -> Counts<2> {
    let mut counts = Counts::new([published.len(), LONG_BANDS]);
    for (bands, rows) in groups {
        let at = |row: usize, band: usize| {
            let cell = published
                .get(row)
                .and_then(|row| row.get(bands.start + band));
            cell.copied().unwrap_or(0)
        };
        let parts: Vec<u32> = (0..bands.len())
            .map(|band| (0..published.len()).map(|row| at(row, band)).sum())
            .collect();
        let columns = apportion(&parts, rows.iter().sum(), None);
        for ([row, band], count) in fitted(&rows, &columns, at).places() {
            counts.set([row, bands.start + band], count);
        }
    }
    counts
}

/// The month's total over kinds and groups of bands, each of these over its bands.
fn scaled_kinds(published: &[Vec<u32>], groups: &[Range<usize>], scale: Scale) -> Counts<2> {
    let of_group = |bands: &Range<usize>| sums(published, bands.clone());
    let parts: Vec<u32> = groups.iter().flat_map(of_group).collect();
    let parts = apportion(&parts, scale.of(parts.iter().sum()), None);
    let mut counts = Counts::new([published.len(), BANDS]);
    for (bands, totals) in groups.iter().zip(parts.chunks(published.len().max(1))) {
        for ((kind, row), &total) in published.iter().enumerate().zip(totals) {
            let row = row.get(bands.clone()).unwrap_or_default();
            for (band, count) in bands.clone().zip(apportion(row, total, None)) {
                counts.set([kind, band], count);
            }
        }
    }
    counts
}
