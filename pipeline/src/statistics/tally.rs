//! Counts waits at the finest grain, once for the providers and once for the commissioner; all
//! published cells are sums of these (statistics 3).

use super::bands::MOST_BANDS;
use super::categories::{ModalityGroup, SuspectedType, TumourGroup};
use super::cuts::{Activity, Basis, Category, RouteOrStage};
use super::performance::{ENGLAND, Performance};
use super::periods::{Period, PeriodKind};
use super::tables::Tables;
use super::wait::Wait;
use crate::assessment::Standard;
use crate::day::Month;
use compact_str::CompactString;
use core::ops::AddAssign;
use foldhash::fast::FixedState;
use indexmap::{IndexMap, IndexSet};
use smallvec::{SmallVec, smallvec};

/// Patients in halves: all, within, and by band.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) total: u32,
    pub(super) within: u32,
    pub(super) bands: [u32; MOST_BANDS],
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.total = self.total.saturating_add(other.total);
        self.within = self.within.saturating_add(other.within);
        for (sum, more) in self.bands.iter_mut().zip(other.bands) {
            *sum = sum.saturating_add(more);
        }
    }
}

/// What a wait is cut by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Referred(SuspectedType),
    Treated(TumourGroup, ModalityGroup),
}

/// One count: everything that tells two waits apart in the published statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Grain {
    month: Month,
    activity: Activity,
    part: RouteOrStage,
    kind: Kind,
    basis: Basis,
    organisation: usize,
}

/// Where a count belongs: one row of `performance`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Place {
    period: Period,
    activity: Activity,
    basis: Basis,
    organisation: usize,
    part: RouteOrStage,
    category: Category,
}

/// Waits as counts.
///
/// A wait without shares (its provider is not known) is in no cell of any basis: nobody reports it
/// (R17), and commissioners and alliances would otherwise not add up to England (identity 4 of 4.2).
#[derive(Clone, Debug, Default)]
pub struct Tally {
    organisations: IndexSet<CompactString, FixedState>,
    grains: IndexMap<Grain, Counts, FixedState>,
}

const WHOLE: u32 = 2;

impl Tally {
    /// Counts a wait.
    pub fn add(&mut self, wait: &Wait) {
        let shares = wait.shares();
        let Some((part, kind)) = parts(wait).filter(|_| !shares.is_empty()) else {
            return;
        };
        let (month, activity, days) = (wait.month(), wait.activity, wait.days());
        let mut count = |basis, organisation: &str, halves: u32| {
            let mut counts = Counts {
                total: halves,
                ..Counts::default()
            };
            if wait.within == Some(true) {
                counts.within = halves;
            }
            if let Some(band) = counts.bands.get_mut(activity.band_of(days)) {
                *band = halves;
            }
            let organisation = self.organisation(organisation);
            let grain = Grain {
                month,
                activity,
                part,
                kind,
                basis,
                organisation,
            };
            *self.grains.entry(grain).or_default() += counts;
        };
        for share in &shares {
            let provider = share.organisation.as_str();
            count(Basis::Provider, provider, share.half_patients.into());
        }
        count(Basis::Commissioner, wait.icb().as_str(), WHOLE);
    }

    fn organisation(&mut self, name: &str) -> usize {
        match self.organisations.get_index_of(name) {
            Some(index) => index,
            None => self.organisations.insert_full(name.into()).0,
        }
    }

    /// Every published cell that is not empty, by activity, period, basis, organisation, route or
    /// stage, category.
    #[must_use]
    pub fn performance(mut self, tables: &Tables) -> Vec<Performance> {
        let grains = core::mem::take(&mut self.grains);
        let mut cells: IndexMap<Place, Counts, FixedState> = IndexMap::default();
        for (grain, counts) in &grains {
            let sums = self.sums_of(grain, tables);
            for kind in PeriodKind::ALL {
                let period = Period::of(kind, grain.month);
                for (basis, organisation) in sums {
                    for (part, category) in cells_of(grain) {
                        let place = Place {
                            period,
                            activity: grain.activity,
                            basis,
                            organisation,
                            part,
                            category,
                        };
                        *cells.entry(place).or_default() += *counts;
                    }
                }
            }
        }
        let mut rows: Vec<_> = cells
            .into_iter()
            .filter(|(_, counts)| counts.total > 0)
            .filter_map(|(place, counts)| self.row(place, counts))
            .collect();
        rows.sort_unstable_by(|a, b| a.place().cmp(&b.place()));
        rows
    }

    /// The bases a count belongs to: England is the sum of its providers, an alliance that of the
    /// commissioners that lie in it (statistics 1).
    fn sums_of(&mut self, grain: &Grain, tables: &Tables) -> [(Basis, usize); 2] {
        let own = (grain.basis, grain.organisation);
        if grain.basis == Basis::Provider {
            return [own, (Basis::England, self.organisation(ENGLAND))];
        }
        let commissioner = self.organisations.get_index(grain.organisation);
        let alliance = tables.alliance(commissioner.map_or("", CompactString::as_str));
        [own, (Basis::Alliance, self.organisation(alliance))]
    }

    fn row(&self, place: Place, counts: Counts) -> Option<Performance> {
        Some(Performance {
            period: place.period,
            activity: place.activity,
            basis: place.basis,
            organisation: self.organisations.get_index(place.organisation)?.clone(),
            part: place.part,
            category: place.category,
            counts,
        })
    }
}

/// Where a wait belongs; `None` where it lacks what every counted wait has.
fn parts(wait: &Wait) -> Option<(RouteOrStage, Kind)> {
    let route = RouteOrStage::Route(wait.route);
    Some(match wait.activity {
        Activity::Standard(Standard::Fds) | Activity::FirstSeen => {
            (route, Kind::Referred(wait.suspected_type))
        }
        Activity::Standard(Standard::SixtyTwoDay) => (
            route,
            Kind::Treated(wait.tumour_group?, wait.modality_group?),
        ),
        Activity::Standard(Standard::ThirtyOneDay) => (
            RouteOrStage::Stage(wait.stage?),
            Kind::Treated(wait.tumour_group?, wait.modality_group?),
        ),
    })
}

/// The cells a count belongs to, as published, never crossed (4.1): FDS has its total for all routes
/// only, and its types for each route and for all; first-seen activity has types by route.
fn cells_of(grain: &Grain) -> SmallVec<[(RouteOrStage, Category); 6]> {
    let part = grain.part;
    match grain.kind {
        Kind::Referred(suspected) => {
            let suspected = Category::Suspected(suspected);
            if grain.activity == Activity::FirstSeen {
                return smallvec![(part, suspected)];
            }
            let all = RouteOrStage::All;
            smallvec![(all, Category::All), (all, suspected), (part, suspected)]
        }
        Kind::Treated(tumour, modality) => {
            let categories = [
                Category::All,
                Category::Tumour(tumour),
                Category::Modality(modality),
            ];
            [RouteOrStage::All, part]
                .into_iter()
                .flat_map(|part| categories.map(|category| (part, category)))
                .collect()
        }
    }
}
