//! A pathway's facts as seen on a date: of the reports dated up to that day, the greatest of any
//! source per fact (Q6, Q17, Q18).

use crate::day::Day;
use crate::fact::{
    ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, Fact, FirstSeen, MilestoneRecorded,
    OutcomeCommunicated, PathwayClosed, ReferralReceived, Transfer, TreatmentAdjustment,
    TreatmentStarted,
};
use crate::packed::{Entries, Entry};
use crate::report::Version;
use crate::text::{Text, Texts};
use smallvec::SmallVec;

/// The report of a fact that counts.
#[derive(Clone, Copy, Debug)]
pub struct Known<T> {
    /// What it says.
    pub fact: T,
    /// Who says so.
    pub source: Text,
    /// Which of the source's words it is.
    pub version: Version,
    /// The first date any source gave for the fact, to see whether they agree (V23).
    dated: Option<Day>,
}

/// A fact of which a pathway can have several.
#[derive(Clone, Copy, Debug)]
pub struct Item<T> {
    /// Its item id.
    pub id: Text,
    /// The report that counts.
    pub known: Known<T>,
}

/// One treatment: its decision, start and adjustment.
#[derive(Clone, Copy, Debug)]
pub struct Treatment {
    /// The `treatment_id`.
    pub id: Text,
    /// The decision to treat.
    pub decision: Option<Known<DecisionToTreat>>,
    /// Its start.
    pub start: Option<Known<TreatmentStarted>>,
    /// Days the patient was not available.
    pub adjustment: Option<Known<TreatmentAdjustment>>,
}

/// The facts of one pathway as seen on a date.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The referral.
    pub referral: Option<Known<ReferralReceived>>,
    /// The first appointment.
    pub first_seen: Option<Known<FirstSeen>>,
    /// The consultant upgrade.
    pub upgrade: Option<Known<ConsultantUpgrade>>,
    /// The closure.
    pub closure: Option<Known<PathwayClosed>>,
    /// What the patient was told.
    pub outcome: Option<Known<OutcomeCommunicated>>,
    /// Hand-overs to other providers.
    pub transfers: SmallVec<[Item<Transfer>; 1]>,
    /// Diagnoses by primary, ordered by primary.
    pub diagnoses: SmallVec<[Item<DiagnosisRecorded>; 1]>,
    /// Steps on the way.
    pub milestones: SmallVec<[Item<MilestoneRecorded>; 1]>,
    /// Treatments, ordered by their ids.
    pub treatments: SmallVec<[Treatment; 1]>,
    /// A fact is dated after the day (V06).
    pub(crate) ahead: bool,
    /// Two sources give one fact different dates (V23).
    pub(crate) disputed: bool,
    /// The next day on which a fact becomes visible.
    pub(crate) next_visible: Option<Day>,
    /// A fact is visible.
    pub(crate) any: bool,
}

impl View {
    /// The facts dated up to `today`, or not dated.
    pub(crate) fn on(today: Day, entries: Entries<'_>, texts: &Texts) -> Self {
        let mut view = Self::default();
        for entry in entries {
            if !entry.version.entered_in_error
                && let Some(fact) = entry.fact()
            {
                view.see(today, Heard { entry, texts }, fact);
            }
        }
        if view.treatments.len() > 1 {
            view.treatments.sort_by(|a, b| texts.compare(a.id, b.id));
        }
        if view.diagnoses.len() > 1 {
            view.diagnoses.sort_by(|a, b| texts.compare(a.id, b.id));
        }
        view
    }

    fn see(&mut self, today: Day, heard: Heard<'_>, fact: Fact) {
        let item = heard.entry.address.item;
        if let Some(day) = fact.own_date()
            && day > today
        {
            self.ahead |= !may_lie_ahead(&fact);
            self.next_visible = Some(self.next_visible.map_or(day, |next| next.min(day)));
            return;
        }
        self.any = true;
        self.disputed |= match fact {
            Fact::ReferralReceived(fact) => fill(
                &mut self.referral,
                heard,
                fact,
                fact.cancer_referral_to_treatment_period_start_date,
            ),
            Fact::FirstSeen(fact) => fill(&mut self.first_seen, heard, fact, fact.date_first_seen),
            Fact::ConsultantUpgrade(fact) => {
                fill(&mut self.upgrade, heard, fact, fact.consultant_upgrade_date)
            }
            Fact::PathwayClosed(fact) => {
                fill(&mut self.closure, heard, fact, fact.pathway_closed_date)
            }
            Fact::OutcomeCommunicated(fact) => fill(
                &mut self.outcome,
                heard,
                fact,
                fact.cancer_faster_diagnosis_pathway_end_date,
            ),
            Fact::Transfer(fact) => fill_item(
                &mut self.transfers,
                heard,
                fact,
                fact.date_of_transfer_to_treatment,
            ),
            Fact::DiagnosisRecorded(fact) => {
                fill_item(&mut self.diagnoses, heard, fact, fact.date_of_diagnosis)
            }
            Fact::MilestoneRecorded(fact) => {
                fill_item(&mut self.milestones, heard, fact, fact.milestone_date)
            }
            Fact::DecisionToTreat(fact) => {
                let date = fact.cancer_treatment_period_start_date;
                fill(&mut self.treatment(item).decision, heard, fact, date)
            }
            Fact::TreatmentStarted(fact) => {
                let date = fact.treatment_start_date_cancer;
                fill(&mut self.treatment(item).start, heard, fact, date)
            }
            Fact::TreatmentAdjustment(fact) => {
                fill(&mut self.treatment(item).adjustment, heard, fact, None)
            }
            Fact::PathwayErased(_) => false,
        };
    }

    fn treatment(&mut self, id: Text) -> &mut Treatment {
        let at = self.treatments.iter().position(|t| t.id == id);
        let at = at.unwrap_or_else(|| {
            self.treatments.push(Treatment {
                id,
                decision: None,
                start: None,
                adjustment: None,
            });
            self.treatments.len() - 1
        });
        #[expect(clippy::indexing_slicing, reason = "found or pushed just above")]
        &mut self.treatments[at]
    }

    /// The diagnosis of a primary.
    #[must_use]
    pub fn diagnosis(&self, primary: Text) -> Option<&Known<DiagnosisRecorded>> {
        let item = self.diagnoses.iter().find(|item| item.id == primary)?;
        Some(&item.known)
    }
}

/// Planned milestones and earliest clinically appropriate dates are no facts of the future (Q6).
pub(crate) fn may_lie_ahead(fact: &Fact) -> bool {
    match fact {
        Fact::MilestoneRecorded(milestone) => milestone.planned == Some(true),
        Fact::DecisionToTreat(decision) => {
            decision.is_earliest_clinically_appropriate_date == Some(true)
        }
        Fact::ReferralReceived(_)
        | Fact::FirstSeen(_)
        | Fact::ConsultantUpgrade(_)
        | Fact::Transfer(_)
        | Fact::PathwayClosed(_)
        | Fact::PathwayErased(_)
        | Fact::OutcomeCommunicated(_)
        | Fact::DiagnosisRecorded(_)
        | Fact::TreatmentStarted(_)
        | Fact::TreatmentAdjustment(_) => false,
    }
}

/// A report on its way into the view, with the texts of its source.
#[derive(Clone, Copy)]
struct Heard<'a> {
    entry: Entry<'a>,
    texts: &'a Texts,
}

impl<T> Known<T> {
    fn new(heard: Heard<'_>, fact: T, dated: Option<Day>) -> Self {
        Self {
            fact,
            source: heard.entry.address.source,
            version: heard.entry.version,
            dated,
        }
    }

    /// Takes another source's report when it is greater; tells whether the two disagree about the date.
    fn hear(&mut self, heard: Heard<'_>, fact: T, date: Option<Day>) -> bool {
        let dispute = matches!((self.dated, date), (Some(a), Some(b)) if a != b);
        let dated = self.dated.or(date);
        let order = self
            .version
            .cmp(&heard.entry.version)
            .then_with(|| heard.texts.compare(self.source, heard.entry.address.source));
        if order.is_lt() {
            *self = Self::new(heard, fact, dated);
        }
        self.dated = dated;
        dispute
    }
}

fn fill<T>(place: &mut Option<Known<T>>, heard: Heard<'_>, fact: T, date: Option<Day>) -> bool {
    if let Some(known) = place {
        return known.hear(heard, fact, date);
    }
    *place = Some(Known::new(heard, fact, date));
    false
}

fn fill_item<T>(
    items: &mut SmallVec<[Item<T>; 1]>,
    heard: Heard<'_>,
    fact: T,
    date: Option<Day>,
) -> bool {
    let id = heard.entry.address.item;
    if let Some(item) = items.iter_mut().find(|item| item.id == id) {
        return item.known.hear(heard, fact, date);
    }
    let known = Known::new(heard, fact, date);
    items.push(Item { id, known });
    false
}
