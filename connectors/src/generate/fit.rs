//! How well the generated year fits the published one: what the engine and the statistics make of the feed,
//! against the figures that our reader of published files gives (statistics 10).

use super::calibration;
use super::feed::Error;
use super::figures::Figures;
use super::year::{Scale, Target, Year};
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::{
    Activity, Basis, Category, Cell, CellCounts, CellKey, Halves, Performance, PeriodKind,
    RouteOrStage, Tables, published_cells,
};
use std::collections::{BTreeMap, BTreeSet};

/// One of England's cells.
#[derive(Clone, Debug)]
pub struct FitCell {
    /// What it counts, on the provider basis.
    pub key: CellKey,
    /// The published patients.
    pub published: Halves,
    /// All patients, and those within: to be generated, scaled, with halves floored.
    pub target: [u32; 2],
    /// The same as counted.
    pub generated: [Halves; 2],
    /// How far the band that is farthest off is from the published share, in standard deviations of the
    /// binomial. A band within one patient of its share is not off, since patients are whole.
    pub sigmas: f64,
}

impl FitCell {
    /// What was counted less what was to be generated, of all patients and of those within.
    #[must_use]
    pub fn differences(&self) -> [Halves; 2] {
        let [total, within] = self.generated;
        let [total_target, within_target] = self.target.map(|target| Halves::whole(target.into()));
        [total - total_target, within - within_target]
    }

    /// Whether both are met.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.differences() == [Halves::ZERO; 2]
    }
}

/// A provider's patients of the year.
#[derive(Clone, Debug)]
pub struct ProviderFit {
    /// As published.
    pub code: String,
    /// The standard; 62-day shares are reported only.
    pub standard: Standard,
    /// To be generated; of 62-day waits the published ones, scaled.
    pub target: Halves,
    /// As counted.
    pub generated: Halves,
}

/// The generated year beside the published one.
#[derive(Clone, Debug)]
pub struct Fit {
    /// England's cells, by what they count.
    pub cells: Vec<FitCell>,
    /// Providers, by standard and code.
    pub providers: Vec<ProviderFit>,
    /// Cells that cannot be as published because the published ones contradict each other: of the whole
    /// year, those whose target is not the floored published figure. Always 0 of a part of it, whose cells
    /// are rounded.
    pub contradicted: usize,
}

/// The targets of a year, kept while its pathways are generated.
pub struct Targets {
    cells: BTreeMap<CellKey, Target>,
    volumes: BTreeMap<(Standard, String), Halves>,
    figures: Figures,
    scale: Scale,
}

impl Targets {
    /// What this year is to come to.
    ///
    /// # Errors
    /// When the built-in figures cannot be used.
    pub fn of(year: &Year, scale: Scale) -> Result<Self, Error> {
        let figures = Figures::published().map_err(calibration::Error::from)?;
        let mut volumes = BTreeMap::new();
        for standard in [Standard::Fds, Standard::ThirtyOneDay] {
            for (code, patients) in year.volumes(standard) {
                volumes.insert((standard, code), Halves::whole(patients.into()));
            }
        }
        let mut shared: BTreeMap<&str, i64> = BTreeMap::new();
        for cell in &figures.providers {
            if cell.key.activity == Activity::Standard(Standard::SixtyTwoDay) {
                *shared.entry(&cell.key.organisation).or_default() += cell.counts.total.halves();
            }
        }
        for (code, halves) in shared {
            let scaled = u32::try_from(halves).map_or(0, |halves| scale.of(halves));
            volumes.insert(
                (Standard::SixtyTwoDay, code.to_owned()),
                Halves::new(scaled.into()),
            );
        }
        Ok(Self {
            cells: year.targets(),
            volumes,
            figures,
            scale,
        })
    }

    /// Compares them with what was counted.
    #[must_use]
    pub fn fit(&self, rows: &[Performance]) -> Fit {
        let generated = published_cells(rows, &Tables::default());
        let generated = self.of_the_year(&generated);
        let published = self.of_the_year(&self.figures.england);
        let keys = self.cells.keys().chain(generated.keys().copied());
        let keys: BTreeSet<&CellKey> = keys.collect();
        let none = CellCounts::default();
        let mut fit = Fit {
            cells: Vec::new(),
            providers: self.providers(rows),
            contradicted: 0,
        };
        for key in keys {
            let target = self.cells.get(key).copied().unwrap_or_default();
            let counted = generated.get(key).copied().unwrap_or(&none);
            let theirs = published.get(key).copied();
            let within = counted.within.unwrap_or_default();
            let as_published = theirs.is_none_or(|theirs| {
                let floored = |halves: Halves| halves.halves() / 2;
                floored(theirs.total) == i64::from(target.total)
                    && theirs
                        .within
                        .is_none_or(|within| floored(within) == i64::from(target.within))
            });
            fit.contradicted += usize::from(self.scale == Scale::WHOLE && !as_published);
            fit.cells.push(FitCell {
                key: key.clone(),
                published: theirs.map_or(Halves::ZERO, |theirs| theirs.total),
                target: [target.total, target.within],
                generated: [counted.total, within],
                sigmas: theirs.map_or(0.0, |theirs| worst_band(theirs, counted)),
            });
        }
        fit
    }

    /// England's cells of the generated months.
    fn of_the_year<'a>(&self, cells: &'a [Cell]) -> BTreeMap<&'a CellKey, &'a CellCounts> {
        let months = || self.cells.keys().map(|key| key.month);
        let (first, last) = (months().min(), months().max());
        let here = cells.iter().filter(|cell| {
            let key = &cell.key;
            let month = Some(key.month);
            key.is_england() && key.basis == Basis::Provider && first <= month && month <= last
        });
        here.map(|cell| (&cell.key, &cell.counts)).collect()
    }

    fn providers(&self, rows: &[Performance]) -> Vec<ProviderFit> {
        let mut counted: BTreeMap<(Standard, String), Halves> = BTreeMap::new();
        let last = self.cells.keys().map(|key| key.month).max();
        for row in rows {
            let whole = (row.part, row.category) == (RouteOrStage::All, Category::All);
            let year = row.period.kind() == PeriodKind::Year;
            let year = year && Some(row.period.last_month()) == last;
            if let Some(standard) = row.activity.standard().filter(|_| whole && year)
                && row.basis == Basis::Provider
            {
                let key = (standard, row.organisation.to_string());
                *counted.entry(key).or_default() += row.total();
            }
        }
        let keys: BTreeSet<_> = self.volumes.keys().chain(counted.keys()).collect();
        let at = |of: &BTreeMap<_, Halves>, key| of.get(key).copied().unwrap_or_default();
        keys.into_iter()
            .map(|key| ProviderFit {
                code: key.1.clone(),
                standard: key.0,
                target: at(&self.volumes, key),
                generated: at(&counted, key),
            })
            .collect()
    }
}

impl Fit {
    /// Whether every cell that is to be exact is: England's, and the providers' FDS results and treatments.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        let mut bound = self
            .providers
            .iter()
            .filter(|of| of.standard != Standard::SixtyTwoDay);
        self.cells.iter().all(FitCell::is_exact) && bound.all(|of| of.target == of.generated)
    }
}

/// The deviation of the band that is farthest off.
fn worst_band(published: &CellCounts, counted: &CellCounts) -> f64 {
    let patients = |halves: Halves| i32::try_from(halves.halves()).map_or(0.0, f64::from) / 2.0;
    let total = patients(counted.total);
    let deviations = published.bands.iter().enumerate().map(|(band, &theirs)| {
        let share = theirs.share_of(published.total).unwrap_or(0.0);
        let ours = counted.bands.get(band).copied().map_or(0.0, patients);
        let off = (ours - total * share).abs();
        if off < 1.0 {
            return 0.0;
        }
        off / (total * share * (1.0 - share)).sqrt()
    });
    deviations.fold(0.0, f64::max)
}
