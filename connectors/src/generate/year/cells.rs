//! The targets as the published cells they stand for.

use super::counts::Counts;
use super::targets::{
    FDS, FDS_WITHIN, Kind, LONG, LONG_WITHIN, Margins, MonthTargets, SHORT, TREATED,
};
use crate::generate::tumour::{Modality, Tumour};
use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::{
    Activity, Basis, CategoryName, CellKey, ENGLAND, RouteOrStage, TreatmentStage,
};
use std::collections::BTreeMap;

/// What a cell is to come to, in patients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::generate) struct Target {
    pub(in crate::generate) total: u32,
    /// Of first-seen activity, which has no standard, none are within.
    pub(in crate::generate) within: u32,
}

/// Every cell of England that counts somebody, on the provider basis. FDS has all routes by type too
/// (statistics 3).
pub(super) fn cells(months: &[MonthTargets], kinds: &[Kind]) -> BTreeMap<CellKey, Target> {
    let mut cells = Cells::default();
    for of in months {
        cells.kinds((of.month, FDS), kinds, &of.told);
        cells.kinds((of.month, Activity::FirstSeen), kinds, &of.seen);
        for (entry, margins) in TREATED.iter().zip(&of.routes) {
            let part = RouteOrStage::Route(entry.route());
            cells.treated((of.month, LONG), part, margins);
        }
        for (stage, margins) in [
            (TreatmentStage::First, &of.first),
            (TreatmentStage::Subsequent, &of.subsequent),
        ] {
            cells.treated((of.month, SHORT), RouteOrStage::Stage(stage), margins);
        }
    }
    cells.0
}

#[derive(Default)]
struct Cells(BTreeMap<CellKey, Target>);

impl Cells {
    fn kinds(&mut self, of: (Month, Activity), kinds: &[Kind], counts: &Counts<2>) {
        for ([kind, band], count) in counts.places() {
            let Some(kind) = kinds.get(kind) else {
                continue;
            };
            let within = if of.1 == FDS && band < FDS_WITHIN {
                count
            } else {
                0
            };
            let suspected = || CategoryName::Named(kind.suspected.as_str().into());
            let route = RouteOrStage::Route(kind.entry.route());
            let all = [
                (RouteOrStage::All, CategoryName::All),
                (RouteOrStage::All, suspected()),
            ];
            let all = all.into_iter().filter(|_| of.1 == FDS);
            for (part, cancer_type) in all.chain([(route, suspected())]) {
                self.add(of, part, [cancer_type, CategoryName::All], [count, within]);
            }
        }
    }

    fn treated(&mut self, of: (Month, Activity), part: RouteOrStage, margins: &Margins) {
        let most = if of.1 == LONG { LONG_WITHIN } else { 1 };
        let tumour = |row: usize| Tumour::ALL.get(row).map(|of| of.name());
        let modality = |row: usize| Modality::ALL.get(row).map(|of| of.name());
        let named = |name: &str| CategoryName::Named(name.into());
        for part in [part, RouteOrStage::All] {
            for ([row, band], count) in margins.tumours.places() {
                let counts = [count, if band < most { count } else { 0 }];
                self.add(of, part, [CategoryName::All, CategoryName::All], counts);
                if let Some(tumour) = tumour(row) {
                    self.add(of, part, [named(tumour), CategoryName::All], counts);
                }
            }
            for ([row, band], count) in margins.modalities.places() {
                let counts = [count, if band < most { count } else { 0 }];
                if let Some(modality) = modality(row) {
                    self.add(of, part, [CategoryName::All, named(modality)], counts);
                }
            }
        }
    }

    fn add(
        &mut self,
        (month, activity): (Month, Activity),
        part: RouteOrStage,
        [cancer_type, modality]: [CategoryName; 2],
        [total, within]: [u32; 2],
    ) {
        let key = CellKey {
            month,
            basis: Basis::Provider,
            organisation: ENGLAND.into(),
            activity,
            part,
            cancer_type,
            modality,
        };
        let target = self.0.entry(key).or_default();
        target.total += total;
        target.within += within;
    }
}
