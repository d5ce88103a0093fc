//! How long treatment takes: the published 31- and 62-day waits, ready to draw from.

use super::calibration::{ALL, Calibration, Error, Waits};
use super::draw::{Draw, Weighted};
use super::suspicion::Entry;
use super::tumour::{Modality, Tumour};
use std::collections::BTreeMap;

/// Below this many a year the shares of a cell say little, and those of the whole route are used.
const FEW: f64 = 500.0;
/// The edges of the published bands that are used here.
const ONE_MONTH: i32 = 31;
const LONG_ENOUGH: i32 = 48;
/// Invented: how far a patient's place in the queue for treatment may differ from that for diagnosis.
const DRIFT: f64 = 0.25;
/// Invented: how often monitoring or palliative care begins on the day it is decided.
pub(super) const AT_ONCE: f64 = 0.6;

/// The waits for treatment.
pub(crate) struct TreatmentWaits {
    routes: BTreeMap<Entry, RouteWaits>,
    first: BTreeMap<Modality, Waits>,
    subsequent: BTreeMap<Modality, Waits>,
    subsequent_modalities: Weighted<Modality>,
}

struct RouteWaits {
    all: Waits,
    by_tumour: BTreeMap<Tumour, Waits>,
    modalities: Vec<(Modality, f64)>,
}

/// The first treatment of a cancer, in adjusted days.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstTreatment {
    pub(crate) modality: Modality,
    /// Since the referral or the upgrade.
    pub(crate) since_referral: i32,
    /// Since the decision to treat.
    pub(crate) since_decision: i32,
}

impl TreatmentWaits {
    pub(crate) fn read(calibration: &Calibration) -> Result<Self, Error> {
        let routes = [
            Entry::Urgent,
            Entry::BreastSymptoms,
            Entry::Screening,
            Entry::Upgraded,
            Entry::Elsewhere,
        ];
        let routes = routes.map(|entry| Ok((entry, RouteWaits::read(entry, calibration)?)));
        let stage = |stage| {
            let cells = Modality::ALL.map(|modality| {
                let cell =
                    calibration
                        .since_decision
                        .cell("by_modality", stage, modality.name())?;
                Ok((modality, cell.clone()))
            });
            cells.into_iter().collect::<Result<BTreeMap<_, _>, Error>>()
        };
        let subsequent = stage("Subsequent")?;
        let modalities = Weighted::new(subsequent.iter().map(|(&m, cell)| (m, cell.total)));
        let first = stage("First Treatment")?;
        Ok(Self {
            routes: routes.into_iter().collect::<Result<_, Error>>()?,
            first: first.into_iter().map(|(m, cell)| (m, cell.waits)).collect(),
            subsequent_modalities: modalities
                .ok_or_else(|| Error::Missing("d31/by_modality".to_owned()))?,
            subsequent: subsequent
                .into_iter()
                .map(|(m, cell)| (m, cell.waits))
                .collect(),
        })
    }

    /// A first treatment of somebody whose place in the queue, from 0 to 1, is known from the wait
    /// for diagnosis: who is told late is treated late.
    pub(crate) fn first(
        &self,
        entry: Entry,
        tumour: Tumour,
        place: f64,
        draw: &mut Draw,
    ) -> Option<FirstTreatment> {
        let route = self.routes.get(&entry)?;
        let waits = route.by_tumour.get(&tumour).unwrap_or(&route.all);
        let drifted = reflected(place + DRIFT * (2.0 * draw.unit() - 1.0));
        let since_referral = waits.at(drifted, draw);
        let modality = route.modality(tumour, draw);
        let since_decision = self.first.get(&modality)?;
        let long = since_referral > LONG_ENOUGH;
        let long_share = 1.0 - waits.share_to(LONG_ENOUGH);
        let within = since_decision.share_to(ONE_MONTH);
        // Only a wait that is long as a whole can be long after the decision as well.
        let late = long && draw.chance((1.0 - within) / long_share);
        let quantile = if late {
            within + (1.0 - within) * draw.unit()
        } else {
            within * draw.unit()
        };
        let at_once = modality == Modality::Other && !late && draw.chance(AT_ONCE);
        let since_decision = if at_once {
            0
        } else {
            since_decision.at(quantile, draw).min(since_referral)
        };
        Some(FirstTreatment {
            modality,
            since_referral,
            since_decision,
        })
    }

    /// A later treatment: what it is, and its days since the decision.
    pub(crate) fn subsequent(&self, draw: &mut Draw) -> (Modality, i32) {
        let modality = *self.subsequent_modalities.pick(draw);
        let quantile = draw.unit();
        let waits = self.subsequent.get(&modality);
        (modality, waits.map_or(0, |waits| waits.at(quantile, draw)))
    }
}

impl RouteWaits {
    fn read(entry: Entry, calibration: &Calibration) -> Result<Self, Error> {
        let table = &calibration.since_referral;
        let route = entry.treated_name();
        let cells = table.cells("by_cancer", route)?;
        let by_tumour = Tumour::ALL.iter().filter_map(|&tumour| {
            let cell = cells.get(tumour.name()).filter(|cell| cell.total >= FEW)?;
            Some((tumour, cell.waits.clone()))
        });
        let modalities = Modality::ALL.map(|modality| {
            let cell = table.cell("by_modality", route, modality.name())?;
            Ok((modality, cell.total))
        });
        Ok(Self {
            all: table.cell("all", route, ALL)?.waits.clone(),
            by_tumour: by_tumour.collect(),
            modalities: modalities.into_iter().collect::<Result<_, Error>>()?,
        })
    }

    fn modality(&self, tumour: Tumour, draw: &mut Draw) -> Modality {
        let suitable = self.modalities.iter().filter(|(m, _)| m.suits(tumour));
        let weighted = Weighted::new(suitable.copied());
        weighted.map_or(Modality::Other, |weighted| *weighted.pick(draw))
    }
}

/// Back into 0 to 1, so that what was evenly spread stays so.
fn reflected(place: f64) -> f64 {
    let folded = if place < 0.0 { -place } else { place };
    if folded > 1.0 { 2.0 - folded } else { folded }
}
