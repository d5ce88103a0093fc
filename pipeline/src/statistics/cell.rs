//! One published figure with what it counts, in the terms both published shapes share (statistics 3 and 7).

use compact_str::CompactString;
use smallvec::SmallVec;

use super::halves::Halves;
use crate::day::Month;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Told within 28 days.
    Fds,
    /// Treated within 31 days of the decision.
    ThirtyOneDay,
    /// First treated within 62 days.
    SixtyTwoDay,
    /// First seen after an urgent suspected cancer referral: activity, no standard.
    UrgentSuspectedCancerReferral,
    /// First seen after an urgent breast symptomatic referral: activity, no standard.
    UrgentBreastSymptomaticReferral,
}

impl Item {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Fds,
        Self::ThirtyOneDay,
        Self::SixtyTwoDay,
        Self::UrgentSuspectedCancerReferral,
        Self::UrgentBreastSymptomaticReferral,
    ];

    /// The last day of each published band; one more band is open-ended. They are edges of columns, not limits
    /// of a standard.
    #[must_use]
    pub const fn band_ends(self) -> &'static [u16] {
        match self {
            Self::Fds => &[14, 28, 42, 62],
            Self::ThirtyOneDay => &[31, 38, 48, 62],
            Self::SixtyTwoDay => &[31, 38, 48, 62, 76, 90, 104],
            Self::UrgentSuspectedCancerReferral | Self::UrgentBreastSymptomaticReferral => {
                &[14, 16, 21, 28]
            }
        }
    }

    /// How many of the first bands lie within the standard; `None` where there is none.
    #[must_use]
    pub const fn bands_within(self) -> Option<usize> {
        match self {
            Self::Fds => Some(2),
            Self::ThirtyOneDay => Some(1),
            Self::SixtyTwoDay => Some(4),
            Self::UrgentSuspectedCancerReferral | Self::UrgentBreastSymptomaticReferral => None,
        }
    }
}

/// By whom patients are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// By who answers for the wait; 62-day waits in halves.
    Provider,
    /// By the integrated care board of the patient's practice, in whole patients.
    Commissioner,
}

/// Whose figure it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Organisation {
    /// England, provider-based on either basis.
    England,
    /// An organisation by its code as published; a commissioner that is not known is `UNKNOWN`.
    Listed(CompactString),
}

/// The referral route, or the stage of treatment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// All routes, or all stages.
    All,
    /// Urgent suspected cancer.
    UrgentSuspectedCancer,
    /// Breast symptoms where cancer is not suspected.
    BreastSymptomatic,
    /// A national screening programme.
    Screening,
    /// Upgraded by a consultant.
    ConsultantUpgrade,
    /// First treatments (31-day).
    First,
    /// Subsequent treatments (31-day).
    Subsequent,
}

/// A cancer type or a treatment modality, named as published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// All of them.
    All,
    /// One; names are kept as they are, so that a new one is no error.
    Named(CompactString),
}

impl Category {
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
    /// By whom patients are counted.
    pub basis: Basis,
    /// Whose figure it is.
    pub organisation: Organisation,
    /// What is counted.
    pub item: Item,
    /// The route or stage.
    pub segment: Segment,
    /// The suspected type (FDS, first seen) or the tumour group (31-day, 62-day).
    pub cancer_type: Category,
    /// The modality; `All` for FDS and first seen, which know none.
    pub modality: Category,
}

/// The figures of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Patients.
    pub total: Halves,
    /// Those within the standard; `None` where there is none.
    pub within: Option<Halves>,
    /// Those after it; `None` where there is none.
    pub after: Option<Halves>,
    /// Patients by band, as many as [`Item::band_ends`] and one.
    pub bands: SmallVec<[Halves; 8]>,
}

impl Counts {
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
    pub counts: Counts,
}
