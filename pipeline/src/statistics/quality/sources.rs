//! Which reports does a finding rest on?

use super::{Ground, Register};
use crate::assessment::{Clock, Standard, State};
use crate::day::Day;
use crate::fact::{EventType, Fact};
use crate::findings::{Finding, Findings, MANY_ITEMS, clock_findings, treatment_findings};
use crate::packed::{Entry, Kind};
use crate::report::{ONLY_ITEM, SentNumber};
use crate::row::Row;
use crate::rules::{Case, Scope, is_basal_cell_unsure};
use crate::text::Text;
use crate::view::{Known, Treatment, may_lie_ahead};

/// The reports behind each finding of a pathway, in no order and possibly repeated. A finding about one
/// treatment or clock rests on that one's reports. V24 is there for every open pathway, for whether it
/// holds is known only later.
pub(super) fn grounds(row: &Row<'_>) -> Vec<Ground> {
    let case = row.case();
    let mut grounds = Grounds {
        row,
        case: &case,
        holding: row.assessment.findings,
        list: Vec::new(),
    };
    if grounds.is_open() {
        grounds.holding.note(24, true);
    }
    grounds.of_referral();
    grounds.of_outcome();
    grounds.of_identity();
    grounds.of_reports();
    for treatment in &row.view.treatments {
        grounds.of_treatment(treatment);
    }
    for clock in &row.assessment.clocks {
        grounds.of_clock(clock);
    }
    grounds.list
}

struct Grounds<'a> {
    row: &'a Row<'a>,
    case: &'a Case<'a>,
    holding: Findings,
    list: Vec<Ground>,
}

impl Grounds<'_> {
    fn is_open(&self) -> bool {
        let mut clocks = self.row.assessment.clocks.iter();
        clocks.any(|clock| matches!(clock.state, State::Running(_)))
    }

    fn add(&mut self, number: u8, register: Register, source: Text) {
        if self.holding.holds(number) {
            self.list.push(Ground {
                finding: Finding::v(number),
                source,
                register,
            });
        }
    }

    /// The report of a fact of which a pathway has one.
    fn add_known<T: Copy + Into<Fact>>(&mut self, numbers: &[u8], known: Option<&Known<T>>) {
        self.add_item(numbers, ONLY_ITEM, known);
    }

    fn add_item<T: Copy + Into<Fact>>(
        &mut self,
        numbers: &[u8],
        item: Text,
        known: Option<&Known<T>>,
    ) {
        if let Some(known) = known {
            let event_type = known.fact.into().event_type();
            for number in numbers {
                self.add(*number, Register::Fact(event_type, item), known.source);
            }
        }
    }

    /// V02 to V04, V08, V17 to V19, V24: the referral, first appointment, upgrade and diagnoses.
    fn of_referral(&mut self) {
        let view = &self.row.view;
        let receipt = view
            .referral
            .and_then(|known| known.fact.cancer_referral_to_treatment_period_start_date);
        let precedes =
            |day: Option<Day>| matches!((day, receipt), (Some(day), Some(on)) if on > day);
        self.add_known(&[2, 3, 4, 18, 19, 24], view.referral.as_ref());
        self.add_known(&[8], view.first_seen.as_ref());
        self.add_known(&[18, 19], view.upgrade.as_ref());
        let seen = view.first_seen.as_ref();
        self.add_known(
            &[4],
            seen.filter(|known| precedes(known.fact.date_first_seen)),
        );
        let told = view.outcome.as_ref();
        let told =
            told.filter(|known| precedes(known.fact.cancer_faster_diagnosis_pathway_end_date));
        self.add_known(&[4], told);
        for treatment in &view.treatments {
            let decision = treatment.decision.as_ref();
            let decision = decision.filter(|_| precedes(treatment.decided_on()));
            self.add_item(&[4], treatment.id, decision);
            let start = treatment.start.as_ref();
            let start = start.filter(|_| precedes(treatment.started_on()));
            self.add_item(&[4], treatment.id, start);
        }
        for item in &view.diagnoses {
            let diagnosis = &item.known.fact;
            if is_basal_cell_unsure(diagnosis, self.case.reference, self.case.texts) {
                self.add_item(&[17], item.id, Some(&item.known));
            }
        }
    }

    /// V10, V11, V25, V26, V28: what the patient was told, and what says otherwise.
    fn of_outcome(&mut self) {
        let view = &self.row.view;
        self.add_known(&[10, 11, 25, 26, 28], view.outcome.as_ref());
        for item in &view.diagnoses {
            if self.case.scope(item.id) == Scope::In {
                self.add_item(&[28], item.id, Some(&item.known));
            }
        }
        for treatment in &view.treatments {
            if !treatment.is_declined() && self.case.scope(treatment.primary_id()) != Scope::Out {
                self.add_item(&[28], treatment.id, treatment.decision.as_ref());
            }
            self.add_item(&[25], treatment.id, treatment.decision.as_ref());
            self.add_item(&[25], treatment.id, treatment.start.as_ref());
        }
    }

    /// V01 and V31: the numbers that sources sent.
    fn of_identity(&mut self) {
        for entry in self.row.registers.entries() {
            match entry.sent_number() {
                Some(SentNumber::Invalid) => {
                    self.add(1, Register::NhsNumber, entry.address.source);
                }
                Some(SentNumber::Valid(_)) => {
                    self.add(31, Register::NhsNumber, entry.address.source);
                }
                None => {}
            }
        }
    }

    /// V06, V23, V29, V30: whatever was reported and not withdrawn.
    fn of_reports(&mut self) {
        let today = self.case.today;
        let facts = || {
            let entries = self.row.registers.entries();
            entries.filter_map(|entry| {
                let fact = entry.fact().filter(|_| !entry.version.entered_in_error)?;
                Some((entry, fact))
            })
        };
        let mut found = Vec::new();
        for (entry, fact) in facts() {
            let register = Register::Fact(fact.event_type(), entry.address.item);
            let found_by = |number| (number, register, entry.address.source);
            let on = fact.own_date();
            if on.is_some_and(|on| on > today) {
                if !may_lie_ahead(&fact) {
                    found.push(found_by(6));
                }
                continue;
            }
            found.push(found_by(29));
            let is_other = |other: &Entry<'_>, theirs: Option<Day>| {
                other.address.kind == entry.address.kind
                    && other.address.item == entry.address.item
                    && matches!((on, theirs), (Some(on), Some(theirs)) if on != theirs)
                    && theirs.is_some_and(|theirs| theirs <= today)
            };
            if self.holding.holds(23)
                && facts().any(|(other, theirs)| is_other(&other, theirs.own_date()))
            {
                found.push(found_by(23));
            }
            if self.is_many(entry.address.kind) {
                found.push(found_by(30));
            }
        }
        for (number, register, source) in found {
            self.add(number, register, source);
        }
    }

    /// Whether there are too many items of a kind (V30).
    fn is_many(&self, kind: Kind) -> bool {
        let view = &self.row.view;
        let Kind::Fact(event_type) = kind else {
            return false;
        };
        let items = match event_type {
            EventType::Transfer => view.transfers.len(),
            EventType::DiagnosisRecorded => view.diagnoses.len(),
            EventType::MilestoneRecorded => view.milestones.len(),
            EventType::DecisionToTreat
            | EventType::TreatmentStarted
            | EventType::TreatmentAdjustment => view.treatments.len(),
            EventType::ReferralReceived
            | EventType::FirstSeen
            | EventType::ConsultantUpgrade
            | EventType::PathwayClosed
            | EventType::PathwayErased
            | EventType::OutcomeCommunicated => 0,
        };
        items > MANY_ITEMS
    }

    /// V05, V09, V12 to V16, V27: the reports of the treatment.
    fn of_treatment(&mut self, treatment: &Treatment) {
        for finding in treatment_findings(self.case, treatment).iter() {
            self.add_item(
                &[finding.number()],
                treatment.id,
                treatment.decision.as_ref(),
            );
            self.add_item(&[finding.number()], treatment.id, treatment.start.as_ref());
            self.add_item(
                &[finding.number()],
                treatment.id,
                treatment.adjustment.as_ref(),
            );
        }
    }

    /// V07, V20 to V22: the reports of the clock.
    fn of_clock(&mut self, clock: &Clock) {
        let findings = clock_findings(self.case, clock);
        let view = &self.row.view;
        let mut treatments = view.treatments.iter();
        let treatment = treatments.find(|treatment| Some(treatment.id) == clock.treatment_id);
        let decision = treatment.and_then(|treatment| treatment.decision.as_ref());
        let start = treatment.and_then(|treatment| treatment.start.as_ref());
        if findings.holds(7) {
            self.of_negative_wait(clock, treatment);
        }
        if findings.holds(22) {
            match clock.standard {
                Standard::Fds => self.add_known(&[22], view.outcome.as_ref()),
                Standard::SixtyTwoDay => self.add_of(&[22], treatment, start),
                Standard::ThirtyOneDay => self.add_of(&[22], treatment, decision),
            }
        }
        for number in [20, 21] {
            if findings.holds(number) {
                for item in &view.transfers {
                    self.add_item(&[number], item.id, Some(&item.known));
                }
                let start = start.filter(|_| view.transfers.is_empty());
                self.add_of(&[number], treatment, start);
            }
        }
    }

    /// V07: the referral has no part in a 31-day wait; the others rest on all reports of the clock.
    fn of_negative_wait(&mut self, clock: &Clock, treatment: Option<&Treatment>) {
        if clock.standard == Standard::ThirtyOneDay {
            let own = treatment;
            self.add_of(&[7], own, own.and_then(|own| own.decision.as_ref()));
            self.add_of(&[7], own, own.and_then(|own| own.start.as_ref()));
            self.add_of(&[7], own, own.and_then(|own| own.adjustment.as_ref()));
            return;
        }
        for (cause, event_type) in self.row.causes(clock) {
            let Some(source) = self.case.texts.find(&cause.source) else {
                continue;
            };
            let kind = Kind::Fact(event_type);
            let entries = self.row.registers.entries();
            let own = entries.filter(|entry| {
                let address = entry.address;
                (address.kind, address.source) == (kind, source) && entry.version == cause.version
            });
            for entry in own {
                self.add(7, Register::Fact(event_type, entry.address.item), source);
            }
        }
    }

    /// A report of one treatment.
    fn add_of<T: Copy + Into<Fact>>(
        &mut self,
        numbers: &[u8],
        treatment: Option<&Treatment>,
        known: Option<&Known<T>>,
    ) {
        if let Some(treatment) = treatment {
            self.add_item(numbers, treatment.id, known);
        }
    }
}
