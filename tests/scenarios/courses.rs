//! Whole courses of patients, told in facts: plain ones for worked examples, random ones for identities.

use clockstop_pipeline::{
    AlertKey, ConsultantUpgrade, Day, DecisionToTreat, DiagnosisRecorded, Engine, EventId, Fact,
    FirstSeen, Instant, OutcomeCommunicated, PathwayClosed, Reference, ReferralReceived, Report,
    Text, Texts, Transfer, TreatmentAdjustment, TreatmentStarted, Version,
};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// A day by its date.
pub(crate) fn day(year: i32, month: i32, day: i32) -> Day {
    Day::from_ymd(year, month, day).expect("in the calendar")
}

/// An engine that knows nothing.
pub(crate) fn engine() -> Engine {
    Engine::new(AlertKey([7; 32]), Reference::default(), "test")
}

/// One patient's course; days are counted from the receipt of the referral.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) pathway: String,
    pub(crate) receipt: Day,
    /// Priority, source and type; a routine referral may be upgraded.
    pub(crate) referral: (&'static str, &'static str, Option<&'static str>),
    pub(crate) upgraded: Option<i32>,
    pub(crate) icb: Option<&'static str>,
    pub(crate) age: Option<u16>,
    pub(crate) seen: Option<i32>,
    pub(crate) missed_days: u16,
    pub(crate) first_seen_site: Option<&'static str>,
    pub(crate) told: Option<(i32, &'static str)>,
    pub(crate) told_by: Option<&'static str>,
    pub(crate) icd: Option<&'static str>,
    pub(crate) transfer: Option<(Option<i32>, Option<&'static str>)>,
    pub(crate) treatments: Vec<Treated>,
    pub(crate) merged: Option<i32>,
}

/// One treatment of a course.
#[derive(Clone, Debug)]
pub(crate) struct Treated {
    pub(crate) decided: Option<i32>,
    pub(crate) started: Option<i32>,
    pub(crate) event_type: Option<&'static str>,
    pub(crate) modality: Option<&'static str>,
    pub(crate) site: Option<&'static str>,
    pub(crate) adjustment: u16,
}

impl Course {
    /// Urgent, seen on day 7, never told: what a worked example starts from.
    pub(crate) fn plain(pathway: &str, receipt: Day) -> Self {
        Self {
            pathway: pathway.to_owned(),
            receipt,
            referral: ("3", "03", Some("07")),
            upgraded: None,
            icb: Some("QYG"),
            age: Some(60),
            seen: Some(7),
            missed_days: 0,
            first_seen_site: Some("RXX01"),
            told: None,
            told_by: Some("RXX01"),
            icd: Some("C15.5"),
            transfer: None,
            treatments: Vec::new(),
            merged: None,
        }
    }

    /// Tells the engine.
    pub(crate) fn learn(&self, engine: &mut Engine) {
        let mut teller = Teller {
            course: self,
            engine,
            said: 0,
        };
        teller.tell();
    }
}

impl Treated {
    /// Surgery as a day case, decided and begun on these days.
    pub(crate) const fn first(decided: i32, started: i32, site: &'static str) -> Self {
        Self {
            decided: Some(decided),
            started: Some(started),
            event_type: Some("01"),
            modality: Some("23"),
            site: Some(site),
            adjustment: 0,
        }
    }
}

struct Teller<'a> {
    course: &'a Course,
    engine: &'a mut Engine,
    said: u8,
}

impl Teller<'_> {
    fn on(&self, offset: Option<i32>) -> Option<Day> {
        offset.map(|offset| self.course.receipt.plus(offset))
    }

    fn text(&mut self, text: Option<&str>) -> Option<Text> {
        self.engine.texts_mut().keep(text?)
    }

    fn say(&mut self, item: &str, fact: Fact) {
        self.said += 1;
        let texts: &mut Texts = self.engine.texts_mut();
        let (source, item) = (texts.keep("RXX/epic"), texts.keep(item));
        let report = Report {
            version: Version {
                recorded_at: Instant(1),
                entered_in_error: false,
                event_id: EventId([self.said; 16]),
            },
            source: source.expect("a source"),
            item: item.expect("an item"),
            nhs_number: None,
            local_patient_identifier: None,
            fact,
        };
        self.engine.learn(&self.course.pathway, &report);
    }

    fn tell(&mut self) {
        let course = self.course;
        let (priority, source, suspected) = course.referral;
        let referral = ReferralReceived {
            cancer_referral_to_treatment_period_start_date: Some(course.receipt),
            priority_type_code: self.text(Some(priority)),
            source_of_referral_for_out_patients: self.text(Some(source)),
            two_week_wait_cancer_or_symptomatic_breast_referral_type: self.text(suspected),
            icb: self.text(course.icb),
            age_at_referral: course.age,
            ..ReferralReceived::default()
        };
        self.say("1", Fact::ReferralReceived(referral));
        let seen = FirstSeen {
            date_first_seen: self.on(course.seen),
            organisation_site_identifier_of_provider_first_seen: self.text(course.first_seen_site),
            waiting_time_adjustment_first_seen: Some(course.missed_days),
            waiting_time_adjustment_reason_first_seen: self
                .text((course.missed_days > 0).then_some("3")),
            ..FirstSeen::default()
        };
        self.say("1", Fact::FirstSeen(seen));
        if course.upgraded.is_some() {
            let upgrade = ConsultantUpgrade {
                consultant_upgrade_date: self.on(course.upgraded),
                ..ConsultantUpgrade::default()
            };
            self.say("1", Fact::ConsultantUpgrade(upgrade));
        }
        if course.merged.is_some() {
            let closed = PathwayClosed {
                pathway_closed_date: self.on(course.merged),
                pathway_closed_reason: self.text(Some("merged")),
                ..PathwayClosed::default()
            };
            self.say("1", Fact::PathwayClosed(closed));
        }
        if let Some((on, reason)) = course.told {
            let told = OutcomeCommunicated {
                cancer_faster_diagnosis_pathway_end_date: self.on(Some(on)),
                cancer_faster_diagnosis_pathway_end_reason: self.text(Some(reason)),
                organisation_site_identifier_faster_diagnosis_pathway_end: self
                    .text(course.told_by),
                ..OutcomeCommunicated::default()
            };
            self.say("1", Fact::OutcomeCommunicated(told));
        }
        if let Some((on, provider)) = course.transfer {
            let transfer = Transfer {
                date_of_transfer_to_treatment: self.on(on),
                accountable_investigating_provider: self.text(provider),
            };
            self.say("1", Fact::Transfer(transfer));
        }
        let diagnosis = DiagnosisRecorded {
            primary_diagnosis_icd: self.text(course.icd),
            ..DiagnosisRecorded::default()
        };
        self.say("1", Fact::DiagnosisRecorded(diagnosis));
        for (at, treated) in course.treatments.iter().enumerate() {
            self.treat(&format!("T{at}"), treated);
        }
    }

    fn treat(&mut self, id: &str, treated: &Treated) {
        let decision = DecisionToTreat {
            cancer_treatment_period_start_date: self.on(treated.decided),
            cancer_treatment_event_type: self.text(treated.event_type),
            cancer_treatment_modality: self.text(treated.modality),
            cancer_care_setting_treatment: self.text(Some("02")),
            ..DecisionToTreat::default()
        };
        self.say(id, Fact::DecisionToTreat(decision));
        if treated.started.is_some() {
            let start = TreatmentStarted {
                treatment_start_date_cancer: self.on(treated.started),
                organisation_site_identifier_of_provider_treatment_start_date_cancer: self
                    .text(treated.site),
                ..TreatmentStarted::default()
            };
            self.say(id, Fact::TreatmentStarted(start));
        }
        if treated.adjustment > 0 {
            let adjustment = TreatmentAdjustment {
                waiting_time_adjustment_treatment: Some(treated.adjustment),
                ..TreatmentAdjustment::default()
            };
            self.say(id, Fact::TreatmentAdjustment(adjustment));
        }
    }
}

const SITES: [&str; 4] = ["RXX01", "RYY02", "S3H9L", "RZZ"];

fn site() -> impl Strategy<Value = Option<&'static str>> {
    weighted(0.9, proptest::sample::select(&SITES[..]))
}

fn code(codes: &'static [&'static str]) -> impl Strategy<Value = Option<&'static str>> {
    weighted(0.9, proptest::sample::select(codes))
}

fn treated() -> impl Strategy<Value = Treated> {
    (
        weighted(0.9, 0..90),
        weighted(0.85, 0..70),
        code(&["01", "01", "07", "12", "02", "05"]),
        code(&["23", "02", "05", "08", "98", "a longer code"]),
        site(),
        0..6_u16,
    )
        .prop_map(|(decided, waited, event_type, modality, site, slack)| {
            let started = waited.map(|waited| decided.unwrap_or(0) + waited);
            Treated {
                decided,
                started,
                event_type,
                modality,
                site,
                // Never longer than the wait it is subtracted from.
                adjustment: slack.min(u16::try_from(waited.unwrap_or(0)).unwrap_or(0)),
            }
        })
}

/// Random courses over two years, March and October and the leap day among them.
pub(crate) fn courses(most: usize) -> impl Strategy<Value = Vec<Course>> {
    let referral = (
        proptest::sample::select(vec![
            ("3", "03"),
            ("3", "03"),
            ("2", "17"),
            ("1", "03"),
            ("2", "03"),
        ]),
        code(&["01", "03", "07", "16", "08", "77"]),
        weighted(0.3, 0..30),
    );
    let patient = (
        code(&["QYG", "QE1", "13Q", "XXX"]),
        weighted(0.9, prop_oneof![0..18_u16, 40..90_u16]),
        code(&["C15.5", "C50.1", "C61", "C83", "C44.2"]),
    );
    let seen = (weighted(0.9, 0..40), 0..4_u16, site());
    let told = (
        weighted(
            0.8,
            (0..80, proptest::sample::select(vec!["01", "02", "04"])),
        ),
        site(),
    );
    let transfer = weighted(0.6, (weighted(0.9, -3..120), site()));
    let course = (
        0..730,
        referral,
        patient,
        seen,
        told,
        transfer,
        vec(treated(), 0..3),
    )
        .prop_map(
            |(
                after,
                ((priority, source), suspected, upgraded),
                (icb, age, icd),
                (seen, missed, first_seen_site),
                (told, told_by),
                transfer,
                treatments,
            )| {
                Course {
                    pathway: String::new(),
                    receipt: day(2023, 10, 1).plus(after),
                    referral: (priority, source, suspected),
                    upgraded: upgraded.filter(|_| priority == "1"),
                    icb,
                    age,
                    seen,
                    missed_days: missed,
                    first_seen_site,
                    told,
                    told_by,
                    icd,
                    transfer,
                    treatments,
                    merged: None,
                }
            },
        );
    vec(course, 1..most).prop_map(|mut courses| {
        for (at, course) in courses.iter_mut().enumerate() {
            course.pathway = format!("RXX:{at}");
        }
        courses
    })
}
