//! What the hospitals write down of a course: the facts of one pathway, in the order they are known.

use super::course::{Course, Outcome, Primary};
use super::draw::Draw;
use super::patients::Patient;
use super::providers::Provider;
use super::suspicion::{Entry, Suspicion};
use clockstop_pipeline::{
    ConsultantUpgrade, Day, DiagnosisRecorded, Fact, FirstSeen, MilestoneRecorded, ONLY_ITEM,
    OutcomeCommunicated, PathwayClosed, ReferralReceived, Text, Texts, Transfer,
};

/// A fact as one provider writes it down.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    /// The day it is known, at the earliest.
    pub(crate) known: Day,
    pub(crate) source: Text,
    pub(crate) item: Text,
    pub(crate) fact: Fact,
}

/// Everything that is written down about one pathway.
pub(crate) struct Chart<'a> {
    pub(super) course: &'a Course,
    pub(super) suspicion: &'a Suspicion,
    pub(super) patient: &'a Patient,
    /// Who investigates.
    pub(super) provider: &'a Provider,
    /// Who treats after a transfer; the same one where there is none.
    pub(super) treating: &'a Provider,
    pub(super) texts: &'a mut Texts,
    pub(super) draw: &'a mut Draw,
    pub(super) lines: Vec<Line>,
}

/// The codes of most delay reasons were not found; 97 stands for "other".
pub(super) const OTHER_DELAY: Text = Text::code("97");
/// Invented: how often a provider gives the reason of a delay (V22 finds the others).
pub(super) const DELAY_EXPLAINED: f64 = 0.9;

const SEEN_IN_TIME: i32 = 14;
const TOLD_IN_TIME: i32 = 28;

impl Chart<'_> {
    /// All lines; what would have come after an early closure is left out.
    pub(crate) fn write(mut self) -> Vec<Line> {
        self.referral();
        self.first_seen();
        self.tests();
        self.upgrade();
        self.outcome();
        self.diagnoses();
        self.transfer();
        self.treatments();
        self.closure();
        let closed = self.course.closed.map(|closed| closed.on);
        let open = |line: &Line| closed.is_none_or(|closed| line.known <= closed);
        self.lines.retain(open);
        self.lines
    }

    pub(super) fn line(&mut self, known: Day, source: Text, item: Text, fact: Fact) {
        self.lines.push(Line {
            known,
            source,
            item,
            fact,
        });
    }

    fn own(&mut self, known: Day, fact: Fact) {
        self.line(known, self.provider.source, ONLY_ITEM, fact);
    }

    fn referral(&mut self) {
        let (priority, source) = referred_by(self.suspicion.entry, self.draw);
        let fact = ReferralReceived {
            cancer_referral_to_treatment_period_start_date: Some(self.course.received),
            source_of_referral_for_out_patients: Some(source),
            priority_type_code: Some(priority),
            two_week_wait_cancer_or_symptomatic_breast_referral_type: self.suspicion.code,
            organisation_site_identifier: Some(self.provider.site(self.draw)),
            icb: self.provider.icb,
            age_at_referral: Some(self.patient.age),
            person_stated_gender_code: Some(self.patient.gender),
            ethnic_category: Some(self.patient.ethnicity),
            index_of_multiple_deprivation_decile: Some(self.patient.deprivation),
        };
        self.own(self.course.received, Fact::ReferralReceived(fact));
    }

    fn first_seen(&mut self) {
        let Some(seen) = self.course.seen else {
            return;
        };
        let site = self.provider.site(self.draw);
        let mut fact = FirstSeen {
            organisation_site_identifier_of_provider_first_seen: Some(site),
            ..FirstSeen::default()
        };
        if let Some(missed) = self.course.missed {
            fact.waiting_time_adjustment_first_seen = Some(missed.adjustment);
            fact.waiting_time_adjustment_reason_first_seen = Some(Text::code("3"));
            self.own(missed.on, Fact::FirstSeen(fact));
        } else if self.draw.chance(0.3) {
            fact.waiting_time_adjustment_first_seen = Some(0);
            fact.waiting_time_adjustment_reason_first_seen = Some(Text::code("9"));
        }
        let late = seen.since(self.course.received) > SEEN_IN_TIME;
        if late && self.course.missed.is_none() && self.draw.chance(DELAY_EXPLAINED) {
            let reasons = [
                (Text::code("01"), 0.1),
                (Text::code("03"), 0.1),
                (Text::code("07"), 0.3),
            ];
            fact.delay_reason_referral_to_first_seen =
                Some(self.draw.usually(Text::code("02"), &reasons));
        }
        fact.date_first_seen = Some(seen);
        self.own(seen, Fact::FirstSeen(fact));
    }

    /// An appointment planned and kept, a test asked for, done and reported.
    fn tests(&mut self) {
        let course = self.course;
        let site = self.provider.site(self.draw);
        if let Some(seen) = course.seen.filter(|_| self.draw.chance(0.6)) {
            let booked = self.draw.day(course.received, course.received.plus(2));
            if booked < seen {
                self.milestone(booked, 1, "first_appointment", seen, Plan::Planned, site);
            }
            self.milestone(seen, 1, "first_appointment", seen, Plan::Done, site);
        }
        if self.draw.chance(0.5) {
            let requested = self.draw.day(course.received, course.told);
            let done = self.draw.day(requested, course.told);
            let reported = self.draw.day(done, course.told);
            self.milestone(requested, 2, "test_requested", requested, Plan::Done, site);
            self.milestone(done, 3, "test_done", done, Plan::Done, site);
            self.milestone(reported, 4, "test_reported", reported, Plan::Done, site);
        }
        if course.outcome == Outcome::Cancer && self.draw.chance(0.8) {
            let discussed = self.draw.day(course.begun(), course.told);
            self.milestone(discussed, 5, "mdt_discussed", discussed, Plan::Done, site);
        }
    }

    pub(super) fn milestone(
        &mut self,
        known: Day,
        number: u8,
        kind: &'static str,
        date: Day,
        plan: Plan,
        site: Text,
    ) {
        let fact = MilestoneRecorded {
            milestone_type: self.texts.keep(kind),
            milestone_date: Some(date),
            planned: Some(plan == Plan::Planned),
            site: Some(site),
        };
        let item = self.texts.keep(&number.to_string()).unwrap_or(ONLY_ITEM);
        self.line(
            known,
            self.provider.source,
            item,
            Fact::MilestoneRecorded(fact),
        );
    }

    fn upgrade(&mut self) {
        if let Some(upgraded) = self.course.upgraded {
            let fact = ConsultantUpgrade {
                consultant_upgrade_date: Some(upgraded),
                organisation_site_identifier_of_provider_consultant_upgrade: Some(
                    self.provider.site(self.draw),
                ),
            };
            self.own(upgraded, Fact::ConsultantUpgrade(fact));
        }
    }

    fn outcome(&mut self) {
        let course = self.course;
        if self.suspicion.entry == Entry::Elsewhere || !course.informed {
            return;
        }
        let (reason, exclusion) = match course.outcome {
            Outcome::Cancer | Outcome::BasalCell => ("01", None),
            Outcome::RuledOut => ("02", None),
            Outcome::Excluded => ("03", Some("02")),
            Outcome::IntervalScan => ("04", None),
        };
        let late = course.told_after > TOLD_IN_TIME && course.upgraded.is_none();
        let explained = late && self.draw.chance(DELAY_EXPLAINED);
        let fact = OutcomeCommunicated {
            cancer_faster_diagnosis_pathway_end_date: Some(course.told),
            cancer_faster_diagnosis_pathway_end_reason: Some(Text::code(reason)),
            cancer_faster_diagnosis_pathway_exclusion_reason: exclusion.map(Text::code),
            organisation_site_identifier_faster_diagnosis_pathway_end: Some(
                self.provider.site(self.draw),
            ),
            delay_reason_outcome_communication: explained.then_some(OTHER_DELAY),
        };
        self.own(course.told, Fact::OutcomeCommunicated(fact));
    }

    fn diagnoses(&mut self) {
        let course = self.course;
        if course.outcome == Outcome::BasalCell {
            let fact = DiagnosisRecorded {
                primary_diagnosis_icd: self.texts.keep("C44.3"),
                basal_cell_carcinoma: Some(true),
                morphology: self.texts.keep("8090/3"),
                stage_at_diagnosis: None,
                date_of_diagnosis: Some(course.told),
            };
            self.own(course.told, Fact::DiagnosisRecorded(fact));
        }
        for &(primary, tumour) in &course.primaries {
            let (usual, others) = tumour.codes();
            let code = self.draw.usually(usual, others);
            let diagnosed = self.draw.day(course.begun(), course.told);
            let stages = [("1", 0.3), ("2", 0.2), ("3", 0.15), ("4", 0.18)];
            let skin = code.starts_with("C44");
            let fact = DiagnosisRecorded {
                primary_diagnosis_icd: self.texts.keep(code),
                basal_cell_carcinoma: skin.then_some(false),
                morphology: skin.then(|| self.texts.keep("8070/3")).flatten(),
                stage_at_diagnosis: Some(Text::code(self.draw.usually("U", &stages))),
                date_of_diagnosis: Some(diagnosed),
            };
            let item = primary.id().unwrap_or(ONLY_ITEM);
            let source = self.provider.source;
            self.line(course.told, source, item, Fact::DiagnosisRecorded(fact));
        }
    }

    fn transfer(&mut self) {
        if let Some(transferred) = self.course.transferred {
            let fact = Transfer {
                accountable_investigating_provider: Some(self.provider.site(self.draw)),
                date_of_transfer_to_treatment: Some(transferred),
            };
            self.own(transferred, Fact::Transfer(fact));
        }
    }

    fn closure(&mut self) {
        if let Some(closed) = self.course.closed {
            let fact = PathwayClosed {
                pathway_closed_date: Some(closed.on),
                pathway_closed_reason: self.texts.keep(closed.reason),
                merged_into: None,
            };
            self.own(closed.on, Fact::PathwayClosed(fact));
        }
    }
}

/// Whether a milestone is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    Planned,
    Done,
}

impl Primary {
    /// Named only where there are two of them.
    pub(super) const fn id(self) -> Option<Text> {
        match self {
            Self::Only => None,
            Self::First => Some(Text::code("1")),
            Self::Second => Some(Text::code("2")),
        }
    }
}

/// Priority and source that put a referral on its route (R4); the shares of sources are invented.
fn referred_by(entry: Entry, draw: &mut Draw) -> (Text, Text) {
    let (priority, usual, others): (_, _, &[_]) = match entry {
        Entry::Urgent => (
            "3",
            "03",
            &[("04", 0.03), ("05", 0.05), ("12", 0.02), ("92", 0.01)],
        ),
        Entry::BreastSymptoms => ("3", "03", &[("12", 0.02)]),
        Entry::Screening => ("2", "17", &[]),
        Entry::Upgraded => ("2", "05", &[("10", 0.2), ("01", 0.2), ("03", 0.2)]),
        Entry::Elsewhere => ("1", "05", &[("03", 0.3), ("01", 0.2)]),
    };
    (
        Text::code(priority),
        Text::code(draw.usually(usual, others)),
    )
}
