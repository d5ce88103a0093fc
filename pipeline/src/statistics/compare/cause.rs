//! The likeliest cause of a difference: what is missing first, then what stands elsewhere instead.

use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};

use super::{Difference, Index};
use crate::day::Month;
use crate::statistics::cell::Cut;
use crate::statistics::{Basis, CategoryName, CellKey, Halves, RouteOrStage, UNKNOWN_ICB};
use compact_str::CompactString;

/// Why a cell differs. The first that fits, in this order; it is a lead, not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// One side has nothing of this month.
    MonthMissing,
    /// One side does not cut its figures this way.
    CutMissing,
    /// The commissioner `UNKNOWN`, which one side leaves out.
    UnknownCommissioner,
    /// One side has nothing of this organisation.
    OrganisationMissing,
    /// As many patients, with other waits.
    Band,
    /// The month before or after differs the other way.
    MonthMoved,
    /// Another route or stage of the same patients differs the other way.
    Route,
    /// Another suspected type or tumour group differs the other way.
    CancerType,
    /// Another modality differs the other way.
    Modality,
    /// None of these.
    Other,
}

impl Cause {
    /// In the order in which they are looked for.
    pub const ALL: [Self; 10] = [
        Self::MonthMissing,
        Self::CutMissing,
        Self::UnknownCommissioner,
        Self::OrganisationMissing,
        Self::Band,
        Self::MonthMoved,
        Self::Route,
        Self::CancerType,
        Self::Modality,
        Self::Other,
    ];

    /// As shown and written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MonthMissing => "month_missing",
            Self::CutMissing => "cut_missing",
            Self::UnknownCommissioner => "unknown_commissioner",
            Self::OrganisationMissing => "organisation_missing",
            Self::Band => "band",
            Self::MonthMoved => "month_moved",
            Self::Route => "route",
            Self::CancerType => "cancer_type",
            Self::Modality => "modality",
            Self::Other => "other",
        }
    }
}

type Set<T> = IndexSet<T, FixedState>;

/// What each side has at all.
pub(super) struct Sides<'a> {
    sides: [Side<'a>; 2],
}

#[derive(Default)]
struct Side<'a> {
    months: Set<Month>,
    cuts: Set<Cut>,
    organisations: Set<(Basis, &'a CompactString)>,
}

impl<'a> Sides<'a> {
    pub(super) fn new(ours: &Index<'a>, theirs: &Index<'a>) -> Self {
        Self {
            sides: [ours, theirs].map(|cells| {
                let mut side = Side::default();
                for key in cells.keys() {
                    side.months.insert(key.month);
                    side.cuts.insert(key.cut());
                    side.organisations.insert((key.basis, &key.organisation));
                }
                side
            }),
        }
    }

    fn missing(&self, has: impl Fn(&Side<'a>) -> bool) -> bool {
        !self.sides.iter().all(has)
    }
}

/// Our patients less theirs in every cell that differs, and what they sum to one way and the other over the cells
/// that differ in one dimension alone.
#[derive(Default)]
pub(super) struct Nets {
    cells: IndexMap<CellKey, Halves, FixedState>,
    elsewhere: IndexMap<(Dimension, CellKey), (Halves, Halves), FixedState>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Dimension {
    Part,
    CancerType,
    Modality,
}

impl Dimension {
    /// The key of all cells that are alike but for this dimension, unless this one sums over it.
    fn whole(self, key: &CellKey) -> Option<(Self, CellKey)> {
        let mut whole = key.clone();
        let part = match self {
            Self::Part => {
                core::mem::replace(&mut whole.part, RouteOrStage::All) != RouteOrStage::All
            }
            Self::CancerType => {
                !core::mem::replace(&mut whole.cancer_type, CategoryName::All).is_all()
            }
            Self::Modality => !core::mem::replace(&mut whole.modality, CategoryName::All).is_all(),
        };
        part.then_some((self, whole))
    }
}

impl Nets {
    pub(super) fn insert(&mut self, key: &CellKey, net: Halves) {
        for dimension in [Dimension::Part, Dimension::CancerType, Dimension::Modality] {
            if let Some(whole) = dimension.whole(key) {
                let (more, less) = self.elsewhere.entry(whole).or_default();
                *more += net.max(Halves::ZERO);
                *less += net.min(Halves::ZERO);
            }
        }
        self.cells.insert(key.clone(), net);
    }

    fn moved_within(&self, dimension: Dimension, key: &CellKey, net: Halves) -> bool {
        let sums = dimension
            .whole(key)
            .and_then(|whole| self.elsewhere.get(&whole));
        sums.is_some_and(|(more, less)| opposite(net, *more) || opposite(net, *less))
    }

    fn moved_in_time(&self, key: &CellKey, net: Halves) -> bool {
        neighbours(key.month).into_iter().any(|month| {
            let mut there = key.clone();
            there.month = month;
            self.cells
                .get(&there)
                .is_some_and(|other| opposite(net, *other))
        })
    }
}

fn opposite(a: Halves, b: Halves) -> bool {
    a.halves().signum() * b.halves().signum() < 0
}

fn neighbours(Month { year, month }: Month) -> [Month; 2] {
    let before = if month == 1 {
        (year - 1, 12)
    } else {
        (year, month - 1)
    };
    let after = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    [before, after].map(|(year, month)| Month { year, month })
}

pub(super) fn of(difference: &Difference, sides: &Sides<'_>, nets: &Nets) -> Cause {
    let key = &difference.key;
    let net = difference.net();
    if sides.missing(|side| side.months.contains(&key.month)) {
        Cause::MonthMissing
    } else if sides.missing(|side| side.cuts.contains(&key.cut())) {
        Cause::CutMissing
    } else if sides.missing(|side| side.organisations.contains(&(key.basis, &key.organisation))) {
        if key.organisation == UNKNOWN_ICB && key.basis == Basis::Commissioner {
            Cause::UnknownCommissioner
        } else {
            Cause::OrganisationMissing
        }
    } else if net == Halves::ZERO {
        Cause::Band
    } else if nets.moved_in_time(key, net) {
        Cause::MonthMoved
    } else if nets.moved_within(Dimension::Part, key, net) {
        Cause::Route
    } else if nets.moved_within(Dimension::CancerType, key, net) {
        Cause::CancerType
    } else if nets.moved_within(Dimension::Modality, key, net) {
        Cause::Modality
    } else {
        Cause::Other
    }
}
