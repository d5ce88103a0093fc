//! One published figure with what it counts, in the terms both published shapes share (statistics 3 and 7).

use compact_str::CompactString;
use smallvec::SmallVec;

use super::cuts::{Activity, Basis, RouteOrStage};
use super::halves::Halves;
use super::performance::ENGLAND;
use crate::day::Month;

/// A cancer type or a treatment modality, named as published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CategoryName {
    /// All of them.
    All,
    /// One; names are kept as they are, so that a new one is no error.
    Named(CompactString),
}

impl CategoryName {
    /// All of them?
    #[must_use]
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// What a cell counts. A key stands for one row of a published file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    /// The month of reporting (R17).
    pub month: Month,
    /// By whom patients are counted: provider or commissioner. England's rows stand on both, with the same figures.
    pub basis: Basis,
    /// Provider, commissioner (`UNKNOWN` where not known) or [`ENGLAND`], whatever code England has in the file.
    pub organisation: CompactString,
    /// What is counted.
    pub activity: Activity,
    /// The route or stage.
    pub part: RouteOrStage,
    /// The suspected type (FDS, first seen) or the tumour group (31-day, 62-day).
    pub cancer_type: CategoryName,
    /// The modality; `All` for FDS and first seen, which know none.
    pub modality: CategoryName,
}

impl CellKey {
    /// Is it a national figure?
    #[must_use]
    pub fn is_england(&self) -> bool {
        self.organisation == ENGLAND
    }

    /// Which dimensions are cut, of what.
    pub(super) fn cut(&self) -> Cut {
        let part = self.part != RouteOrStage::All;
        let (cancer_type, modality) = (!self.cancer_type.is_all(), !self.modality.is_all());
        (self.activity, self.basis, part, cancer_type, modality)
    }

    /// The same of England.
    #[must_use]
    pub fn of_england(&self) -> Self {
        Self {
            organisation: CompactString::const_new(ENGLAND),
            ..self.clone()
        }
    }
}

/// Which dimensions of a cell are cut, and of what: part, cancer type and modality.
pub(super) type Cut = (Activity, Basis, bool, bool, bool);

/// The figures of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellCounts {
    /// Patients.
    pub total: Halves,
    /// Those within the standard; `None` where there is none.
    pub within: Option<Halves>,
    /// Those after it; `None` where there is none.
    pub after: Option<Halves>,
    /// Patients by band, as many as [`Activity::bands`].
    pub bands: SmallVec<[Halves; 8]>,
}

impl CellCounts {
    /// Every figure with its name, in the order of the columns.
    pub fn figures(&self) -> impl Iterator<Item = (Figure, Halves)> + '_ {
        let within = self.within.map(|within| (Figure::Within, within));
        let after = self.after.map(|after| (Figure::After, after));
        let bands = (0..).zip(&self.bands);
        core::iter::once((Figure::Total, self.total))
            .chain(within)
            .chain(after)
            .chain(bands.map(|(band, count)| (Figure::Band(band), *count)))
    }

    /// Adds figure by figure.
    pub fn add(&mut self, other: &Self) {
        self.total += other.total;
        add_known(&mut self.within, other.within);
        add_known(&mut self.after, other.after);
        if self.bands.len() < other.bands.len() {
            self.bands.resize(other.bands.len(), Halves::ZERO);
        }
        for (band, other) in self.bands.iter_mut().zip(&other.bands) {
            *band += *other;
        }
    }
}

fn add_known(to: &mut Option<Halves>, other: Option<Halves>) {
    if let Some(other) = other {
        *to = Some(to.unwrap_or_default() + other);
    }
}

/// Each figure that either has, with none where one has it not.
pub(super) fn by_figure<'a>(
    ones: Option<&'a CellCounts>,
    others: Option<&'a CellCounts>,
) -> impl Iterator<Item = (Figure, Halves, Halves)> + 'a {
    let figure = |counts: Option<&CellCounts>, figure| {
        let mut figures = counts.into_iter().flat_map(CellCounts::figures);
        let found = figures.find_map(|(each, count)| (each == figure).then_some(count));
        found.unwrap_or_default()
    };
    let all = |counts: Option<&'a CellCounts>| counts.into_iter().flat_map(CellCounts::figures);
    let more = all(others).filter(move |(each, _)| all(ones).all(|(other, _)| other != *each));
    all(ones)
        .chain(more)
        .map(move |(each, _)| (each, figure(ones, each), figure(others, each)))
}

/// Which figure of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Patients.
    Total,
    /// Those within the standard.
    Within,
    /// Those after it.
    After,
    /// A band, counted from 0.
    Band(u8),
}

/// A row of a published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What it counts.
    pub key: CellKey,
    /// The organisation's name that month; names change, so nothing is joined on it (statistics 1).
    pub name: CompactString,
    /// A provider's region, where the file tells it; never compared.
    pub region: Option<CompactString>,
    /// The figures.
    pub counts: CellCounts,
}
