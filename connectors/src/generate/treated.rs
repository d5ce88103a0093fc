//! What the hospitals write down of the treatments of a course.

use super::chart::{Chart, DELAY_EXPLAINED, OTHER_DELAY, Plan};
use super::course::Treatment;
use super::providers::Provider;
use clockstop_pipeline::{
    DecisionToTreat, Fact, ONLY_ITEM, Text, TreatmentAdjustment, TreatmentStarted,
};

const TREATED_IN_TIME_SINCE_DECISION: i32 = 31;
const TREATED_IN_TIME_SINCE_REFERRAL: i32 = 62;

/// The codes of the event types (R16); the rarer ones of later treatments are invented in share.
const FIRST: Text = Text::code("01");
const FIRST_RARER: [(Text, f64); 2] = [(Text::code("07"), 0.01), (Text::code("12"), 0.01)];
const SUBSEQUENT: Text = Text::code("02");
const SUBSEQUENT_RARER: [(Text, f64); 3] = [
    (Text::code("03"), 0.03),
    (Text::code("05"), 0.05),
    (Text::code("10"), 0.04),
];
const ALL_DECLINED: Text = Text::code("98");

impl Chart<'_> {
    pub(super) fn treatments(&mut self) {
        let course = self.course;
        for (index, treatment) in course.treatments.iter().enumerate() {
            let item = self.texts.keep(&format!("T{}", index + 1));
            self.treatment(item.unwrap_or(ONLY_ITEM), treatment);
        }
    }

    fn treatment(&mut self, item: Text, treatment: &Treatment) {
        let moved = self
            .course
            .transferred
            .is_some_and(|day| day <= treatment.decided);
        let by = if moved { self.treating } else { self.provider };
        let event_type = if treatment.first {
            self.draw.usually(FIRST, &FIRST_RARER)
        } else {
            self.draw.usually(SUBSEQUENT, &SUBSEQUENT_RARER)
        };
        let mut decision = self.decision(treatment, event_type, by);
        self.line(
            treatment.decided,
            by.source,
            item,
            Fact::DecisionToTreat(decision),
        );
        let Some(started) = treatment.started else {
            return;
        };
        if treatment.adjustment > 0 {
            let fact = TreatmentAdjustment {
                waiting_time_adjustment_treatment: Some(treatment.adjustment),
                waiting_time_adjustment_reason_treatment: None,
            };
            let declined = self.draw.day(treatment.decided, started);
            self.line(declined, by.source, item, Fact::TreatmentAdjustment(fact));
        }
        if treatment.decided < started && treatment.first && self.draw.chance(0.4) {
            let planned = self.draw.day(treatment.decided, started);
            let site = by.site(self.draw);
            self.milestone(planned, 6, "treatment_planned", planned, Plan::Done, site);
        }
        let late = treatment.since_decision > TREATED_IN_TIME_SINCE_DECISION;
        if late && self.draw.chance(DELAY_EXPLAINED) {
            decision.delay_reason_decision_to_treat = Some(OTHER_DELAY);
            self.line(started, by.source, item, Fact::DecisionToTreat(decision));
        }
        let start = self.start(treatment, &decision, by);
        self.line(started, by.source, item, Fact::TreatmentStarted(start));
    }

    fn decision(
        &mut self,
        treatment: &Treatment,
        event_type: Text,
        by: &Provider,
    ) -> DecisionToTreat {
        let modality = treatment.modality.code(self.draw);
        let declined = treatment.started.is_none();
        DecisionToTreat {
            primary_id: treatment.primary.id(),
            cancer_treatment_period_start_date: Some(treatment.decided),
            is_earliest_clinically_appropriate_date: Some(
                !treatment.first && self.draw.chance(0.3),
            ),
            cancer_care_setting_treatment: (!declined).then_some(treatment.setting.code()),
            organisation_site_identifier_of_provider_cancer_decision_to_treat: Some(
                by.site(self.draw),
            ),
            cancer_treatment_event_type: Some(event_type),
            cancer_treatment_modality: Some(if declined { ALL_DECLINED } else { modality }),
            delay_reason_decision_to_treat: None,
        }
    }

    fn start(
        &mut self,
        treatment: &Treatment,
        decision: &DecisionToTreat,
        by: &Provider,
    ) -> TreatmentStarted {
        let since_referral = treatment.since_referral;
        let late = since_referral.is_some_and(|days| days > TREATED_IN_TIME_SINCE_REFERRAL);
        let explained = late && self.draw.chance(DELAY_EXPLAINED);
        TreatmentStarted {
            primary_id: decision.primary_id,
            treatment_start_date_cancer: treatment.started,
            cancer_treatment_event_type: decision.cancer_treatment_event_type,
            cancer_treatment_modality: decision.cancer_treatment_modality,
            cancer_care_setting_treatment: decision.cancer_care_setting_treatment,
            organisation_site_identifier_of_provider_treatment_start_date_cancer: Some(
                by.site(self.draw),
            ),
            delay_reason_referral_to_treatment: explained.then_some(OTHER_DELAY),
        }
    }
}
