//! Pathways for the tests of this room, told in facts.

use crate::{
    AlertKey, Day, Engine, EventId, Fact, Instant, OutcomeCommunicated, PathwayClosed, Reference,
    ReferralReceived, Report, Row, SentNumber, Text, Version,
};

/// Year, month and day of the month.
pub(super) type Ymd = (i32, i32, i32);

/// The day of that date.
pub(super) fn day((year, month, day): Ymd) -> Day {
    Day::from_ymd(year, month, day).expect("in the calendar")
}

/// An engine that is told facts one after another, each later than the last.
pub(super) struct Feed {
    engine: Engine,
    recorded_at: i64,
    pub(super) source: &'static str,
    pub(super) nhs_number: Option<SentNumber>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            engine: Engine::new(AlertKey([7; 32]), Reference::default(), "test"),
            recorded_at: 0,
            source: "RXX/epic",
            nhs_number: None,
        }
    }
}

impl Feed {
    /// An urgent referral of suspected lung cancer, received at site `RXX01` on that day.
    pub(super) fn with_referral(pathway: &str, received: Ymd) -> Self {
        let mut feed = Self::default();
        feed.referred(pathway, received);
        feed
    }

    /// The same referral without a site.
    pub(super) fn with_bare_referral(pathway: &str, received: Ymd) -> Self {
        let mut feed = Self::default();
        let referral = ReferralReceived {
            organisation_site_identifier: None,
            ..feed.referral(received)
        };
        feed.learn(pathway, "1", referral.into());
        feed
    }

    /// A pathway of which only an undated closure is known.
    pub(super) fn default_closed(pathway: &str) -> Self {
        let mut feed = Self::default();
        feed.learn(pathway, "1", PathwayClosed::default().into());
        feed
    }

    pub(super) fn referral(&mut self, received: Ymd) -> ReferralReceived {
        ReferralReceived {
            cancer_referral_to_treatment_period_start_date: Some(day(received)),
            source_of_referral_for_out_patients: self.text("03"),
            priority_type_code: self.text("3"),
            two_week_wait_cancer_or_symptomatic_breast_referral_type: self.text("03"),
            organisation_site_identifier: self.text("RXX01"),
            ..Default::default()
        }
    }

    pub(super) fn referred(&mut self, pathway: &str, received: Ymd) {
        let referral = self.referral(received);
        self.learn(pathway, "1", referral.into());
    }

    pub(super) fn told(&mut self, pathway: &str, on: Ymd, reason: &str) {
        let outcome = OutcomeCommunicated {
            cancer_faster_diagnosis_pathway_end_date: Some(day(on)),
            cancer_faster_diagnosis_pathway_end_reason: self.text(reason),
            ..Default::default()
        };
        self.learn(pathway, "1", outcome.into());
    }

    pub(super) fn closed(&mut self, pathway: &str, on: Ymd, reason: &str) {
        let closure = PathwayClosed {
            pathway_closed_date: Some(day(on)),
            pathway_closed_reason: self.text(reason),
            ..Default::default()
        };
        self.learn(pathway, "1", closure.into());
    }

    pub(super) fn text(&mut self, text: &str) -> Option<Text> {
        self.engine.texts_mut().keep(text)
    }

    /// Learns a fact, recorded one microsecond after the last.
    pub(super) fn learn(&mut self, pathway: &str, item: &str, fact: Fact) {
        self.recorded_at += 1;
        self.learn_at(self.recorded_at, pathway, item, fact);
    }

    /// Learns a fact with the instant it was recorded at.
    pub(super) fn learn_at(&mut self, recorded_at: i64, pathway: &str, item: &str, fact: Fact) {
        let version = Version {
            recorded_at: Instant(recorded_at),
            entered_in_error: false,
            event_id: EventId([1; 16]),
        };
        self.learn_as(version, pathway, item, fact);
    }

    /// Withdraws a fact, later than anything recorded.
    pub(super) fn withdraw(&mut self, pathway: &str, item: &str, fact: Fact) {
        let version = Version {
            recorded_at: Instant(i64::MAX),
            entered_in_error: true,
            event_id: EventId([1; 16]),
        };
        self.learn_as(version, pathway, item, fact);
    }

    fn learn_as(&mut self, version: Version, pathway: &str, item: &str, fact: Fact) {
        let report = Report {
            version,
            source: self.text(self.source).expect("not empty"),
            item: self.text(item).expect("not empty"),
            nhs_number: self.nhs_number,
            local_patient_identifier: None,
            fact,
        };
        self.engine.learn(pathway, &report);
    }

    pub(super) fn row(&self, pathway: &str, on: Ymd) -> Row<'_> {
        self.engine.row(pathway, day(on)).expect("known")
    }
}
