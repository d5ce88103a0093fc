//! Company for a count that is given away: another organisation that could have had one of its patients.
//!
//! Where one patient less here and one more there, in every row and figure that counts the patient, leaves all that
//! is shown as it is, no sum tells the two tables apart, for each counts the patient once. What would look different
//! is hidden. So nothing that is hidden as company has one value itself, and needs no company of its own.

use alloc::collections::BTreeSet;

use compact_str::CompactString;
use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};
use smallvec::SmallVec;

use super::{Count, Shown, SuppressionRule, primary};
use crate::assessment::Standard;
use crate::statistics::cell::Cut;
use crate::statistics::{
    Activity, Basis, CategoryName, Cell, CellKey, Figure, Halves, RouteOrStage, TreatmentStage,
};

/// A patient counted in one organisation rather than in another.
pub(super) struct Transfer {
    /// The counts with a patient less.
    pub(super) less: Vec<usize>,
    /// The counts with a patient more.
    pub(super) more: Vec<usize>,
    /// Those that would be shown differently, and are to be hidden.
    pub(super) hidden: Vec<usize>,
}

/// The rows of a month, to be asked for transfers.
pub(super) struct Ledger<'a> {
    rows: &'a [Cell],
    starts: &'a [usize],
    counts: &'a [Count],
    rule: SuppressionRule,
    /// What is published of anybody, under England's key.
    published: IndexSet<CellKey, FixedState>,
    /// What is cut at all: of a cut that is published, a key without a row counts nobody.
    cut: IndexSet<Cut, FixedState>,
    /// The row of each organisation and published key.
    row_of: IndexMap<(usize, &'a str), usize, FixedState>,
    cuts: IndexMap<(Basis, Activity), Cuts<'a>, FixedState>,
}

#[derive(Default)]
struct Cuts<'a> {
    organisations: BTreeSet<&'a str>,
    parts: BTreeSet<RouteOrStage>,
    cancer_types: BTreeSet<&'a CompactString>,
    modalities: BTreeSet<&'a CompactString>,
}

/// What differs in one of the two organisations, and what of it is to be hidden.
struct Half {
    changed: Vec<usize>,
    hidden: Vec<usize>,
}

impl Half {
    fn to(&self, other: Self) -> Transfer {
        Transfer {
            less: self.changed.clone(),
            more: other.changed,
            hidden: [self.hidden.as_slice(), &other.hidden].concat(),
        }
    }
}

/// A patient as the rows tell them apart: the rows that count it, by published key, and its band.
struct Patient {
    rows: SmallVec<[usize; 6]>,
    band: usize,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(
        rows: &'a [Cell],
        starts: &'a [usize],
        counts: &'a [Count],
        rule: SuppressionRule,
    ) -> Self {
        let mut ledger = Self {
            rows,
            starts,
            counts,
            rule,
            published: IndexSet::default(),
            cut: IndexSet::default(),
            row_of: IndexMap::default(),
            cuts: IndexMap::default(),
        };
        for (at, Cell { key, .. }) in rows.iter().enumerate() {
            ledger.cut.insert(key.cut());
            let (published, _) = ledger.published.insert_full(key.of_england());
            ledger.row_of.insert((published, &key.organisation), at);
            let cuts = ledger.cuts.entry((key.basis, key.activity)).or_default();
            if !key.is_england() {
                cuts.organisations.insert(&key.organisation);
            }
            if key.part != RouteOrStage::All {
                cuts.parts.insert(key.part);
            }
            if let CategoryName::Named(name) = &key.cancer_type {
                cuts.cancer_types.insert(name);
            }
            if let CategoryName::Named(name) = &key.modality {
                cuts.modalities.insert(name);
            }
        }
        ledger
    }

    /// The transfer of a patient of this count that hides least; the first of equals, by patient and by organisation.
    pub(super) fn of(&self, place: usize, shown: &[Shown]) -> Option<Transfer> {
        let at = self.starts.partition_point(|start| *start <= place);
        let row = self.rows.get(at.checked_sub(1)?)?;
        let offset = place.checked_sub(*self.starts.get(at.checked_sub(1)?)?)?;
        let (figure, _) = row.counts.figures().nth(offset)?;
        let cuts = self.cuts.get(&(row.key.basis, row.key.activity))?;
        let mut least: Option<Transfer> = None;
        for patient in self.patients(&row.key, figure, cuts) {
            let Some(from) = self.moved(&patient, &row.key.organisation, -1, shown) else {
                continue;
            };
            for organisation in &cuts.organisations {
                let here = *organisation == row.key.organisation;
                let fewest = least
                    .as_ref()
                    .map_or(usize::MAX, |least| least.hidden.len());
                if here || from.hidden.len() >= fewest {
                    continue;
                }
                let to = self.moved(&patient, organisation, 1, shown);
                let to = to.filter(|to| from.hidden.len() + to.hidden.len() < fewest);
                least = to.map(|to| from.to(to)).or(least);
            }
        }
        least
    }

    /// Whom a count may count: every part, type, modality and band that it sums over.
    fn patients(&self, key: &CellKey, figure: Figure, cuts: &Cuts<'_>) -> Vec<Patient> {
        let named = |of: &CategoryName, all: &BTreeSet<&CompactString>| match of {
            CategoryName::All if !all.is_empty() => all
                .iter()
                .map(|name| CategoryName::Named((*name).clone()))
                .collect(),
            CategoryName::All | CategoryName::Named(_) => vec![of.clone()],
        };
        let parts: Vec<RouteOrStage> = if key.part == RouteOrStage::All && !cuts.parts.is_empty() {
            cuts.parts.iter().copied().collect()
        } else {
            vec![key.part]
        };
        let modalities = named(&key.modality, &cuts.modalities);
        let mut patients = Vec::new();
        for part in parts {
            for cancer_type in named(&key.cancer_type, &cuts.cancer_types) {
                for modality in &modalities {
                    let rows = self.rows_of(key, part, &cancer_type, modality);
                    let bands = bands_of(key.activity, figure);
                    patients.extend(bands.filter_map(|band| {
                        let rows = rows.clone()?;
                        Some(Patient { rows, band })
                    }));
                }
            }
        }
        patients
    }

    /// The published keys that count a patient, which is never cut by type and modality at once. `None` where nobody
    /// is like that.
    fn rows_of(
        &self,
        key: &CellKey,
        part: RouteOrStage,
        cancer_type: &CategoryName,
        modality: &CategoryName,
    ) -> Option<SmallVec<[usize; 6]>> {
        let all = CategoryName::All;
        let mut rows = SmallVec::new();
        for part in [RouteOrStage::All, part] {
            for (cancer_type, modality) in [(&all, &all), (cancer_type, &all), (&all, modality)] {
                let key = CellKey {
                    part,
                    cancer_type: cancer_type.clone(),
                    modality: modality.clone(),
                    ..key.of_england()
                };
                let published = self.published.get_index_of(&key);
                if published.is_none() && self.cut.contains(&key.cut()) {
                    return None;
                }
                rows.extend(published.filter(|row| !rows.contains(row)));
            }
        }
        Some(rows)
    }

    /// What differs when an organisation has one patient more or less. `None` where it has no such row, has nobody
    /// to lose, or would have more 62-day patients than first treatments.
    fn moved(
        &self,
        patient: &Patient,
        organisation: &str,
        sign: i64,
        shown: &[Shown],
    ) -> Option<Half> {
        let mut changed = Vec::new();
        let mut hidden = Vec::new();
        for published in &patient.rows {
            let at = *self.row_of.get(&(*published, organisation))?;
            let (row, start) = (self.rows.get(at)?, *self.starts.get(at)?);
            let figures = figures_of(row.key.activity, patient.band);
            for place in figures.into_iter().map(|offset| start + offset) {
                let count = *self.counts.get(place)?;
                let value = count.value + unit(&row.key, sign);
                if value < Halves::ZERO {
                    return None;
                }
                changed.push(place);
                let now = *shown.get(place)?;
                if now != Shown::Hidden && primary(Count { value, ..count }, self.rule) != now {
                    hidden.push(place);
                }
            }
            if !self.leaves_first_treatments(&row.key, sign) {
                return None;
            }
        }
        Some(Half { changed, hidden })
    }

    /// A commissioner's 62-day patients are at most its first treatments, after the transfer too (statistics 3).
    fn leaves_first_treatments(&self, key: &CellKey, sign: i64) -> bool {
        let of = |activity, part| CellKey {
            activity,
            part,
            ..key.of_england()
        };
        let treated = of(Activity::Standard(Standard::SixtyTwoDay), RouteOrStage::All);
        let first = of(
            Activity::Standard(Standard::ThirtyOneDay),
            RouteOrStage::Stage(TreatmentStage::First),
        );
        let is = |other: &CellKey| (key.activity, key.part) == (other.activity, other.part);
        let bound = (is(&treated) && sign > 0) || (is(&first) && sign < 0);
        let applies = key.basis == Basis::Commissioner && key.modality.is_all() && bound;
        if !applies
            || ![&treated, &first]
                .into_iter()
                .all(|of| self.published.contains(of))
        {
            return true;
        }
        let total = |of: &CellKey| {
            let published = self.published.get_index_of(of)?;
            let row = self.row_of.get(&(published, key.organisation.as_str()))?;
            self.rows.get(*row).map(|row| row.counts.total)
        };
        let total = |of: &CellKey| total(of).unwrap_or_default();
        total(&treated) + Halves::whole(1) <= total(&first)
    }
}

/// A patient; half of one for providers' 62-day waits.
pub(super) fn unit(key: &CellKey, sign: i64) -> Halves {
    match (key.activity, key.basis) {
        (Activity::Standard(Standard::SixtyTwoDay), Basis::Provider) => Halves::new(sign),
        _ => Halves::whole(sign),
    }
}

/// The bands a figure counts.
fn bands_of(activity: Activity, figure: Figure) -> core::ops::Range<usize> {
    let (all, within) = (
        activity.bands().len(),
        activity.bands_within().unwrap_or_default(),
    );
    match figure {
        Figure::Total => 0..all,
        Figure::Within => 0..within,
        Figure::After => within..all,
        Figure::Band(band) => usize::from(band)..usize::from(band) + 1,
    }
}

/// The figures that count a patient of a band, by their place in the row.
fn figures_of(activity: Activity, band: usize) -> SmallVec<[usize; 3]> {
    match activity.bands_within() {
        None => SmallVec::from_slice(&[0, 1 + band]),
        Some(within) => {
            let side = if band < within { 1 } else { 2 };
            SmallVec::from_slice(&[0, side, 3 + band])
        }
    }
}
