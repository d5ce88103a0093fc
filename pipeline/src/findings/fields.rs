//! Which fields does a finding look at?

use super::Finding;
use crate::day::Day;
use crate::fact::{EventType, FieldVisitor};
use crate::statistics::{Ground, Register};
use crate::text::Text;

const RECEIPT: &str = "cancer_referral_to_treatment_period_start_date";
const SOURCE: &str = "source_of_referral_for_out_patients";
const PRIORITY: &str = "priority_type_code";
const SUSPECTED: &str = "two_week_wait_cancer_or_symptomatic_breast_referral_type";
const SEEN: &str = "date_first_seen";
const MISSED_DAYS: &str = "waiting_time_adjustment_first_seen";
const MISSED_REASON: &str = "waiting_time_adjustment_reason_first_seen";
const UPGRADE: &str = "consultant_upgrade_date";
const INVESTIGATOR: &str = "accountable_investigating_provider";
const TRANSFER: &str = "date_of_transfer_to_treatment";
const CLOSED: &str = "pathway_closed_date";
const TOLD: &str = "cancer_faster_diagnosis_pathway_end_date";
const END_REASON: &str = "cancer_faster_diagnosis_pathway_end_reason";
const EXCLUSION: &str = "cancer_faster_diagnosis_pathway_exclusion_reason";
const TOLD_LATE: &str = "delay_reason_outcome_communication";
const ICD: &str = "primary_diagnosis_icd";
const BASAL: &str = "basal_cell_carcinoma";
const MORPHOLOGY: &str = "morphology";
const DIAGNOSED: &str = "date_of_diagnosis";
const MILESTONE: &str = "milestone_date";
const PRIMARY: &str = "primary_id";
const DECIDED: &str = "cancer_treatment_period_start_date";
const DECIDED_LATE: &str = "delay_reason_decision_to_treat";
const STARTED: &str = "treatment_start_date_cancer";
const EVENT: &str = "cancer_treatment_event_type";
const MODALITY: &str = "cancer_treatment_modality";
const SETTING: &str = "cancer_care_setting_treatment";
const TREATED_BY: &str = "organisation_site_identifier_of_provider_treatment_start_date_cancer";
const TREATED_LATE: &str = "delay_reason_referral_to_treatment";
const DECLINED_DAYS: &str = "waiting_time_adjustment_treatment";
const NUMBER: &str = "nhs_number";

/// The date of each kind of fact itself (Q6).
const OWN_DATES: &[&str] = &[
    RECEIPT, SEEN, UPGRADE, TRANSFER, CLOSED, TOLD, DIAGNOSED, MILESTONE, DECIDED, STARTED,
];

const FIELDS: [&[&str]; Finding::COUNT] = [
    &[NUMBER],
    &[SOURCE, PRIORITY],
    &[SOURCE, SUSPECTED],
    &[RECEIPT, SEEN, TOLD, DECIDED, STARTED],
    &[DECIDED, STARTED],
    OWN_DATES,
    &[
        RECEIPT,
        MISSED_DAYS,
        UPGRADE,
        TOLD,
        DECIDED,
        STARTED,
        DECLINED_DAYS,
    ],
    &[MISSED_DAYS, MISSED_REASON],
    &[DECLINED_DAYS, SETTING],
    &[END_REASON, EXCLUSION],
    &[TOLD, END_REASON],
    &[MODALITY, STARTED],
    &[MODALITY, STARTED],
    &[PRIMARY, EVENT, STARTED],
    &[PRIMARY, EVENT, STARTED],
    &[PRIMARY, ICD],
    &[ICD, BASAL, MORPHOLOGY],
    &[RECEIPT, UPGRADE, DECIDED],
    &[PRIORITY, UPGRADE],
    &[INVESTIGATOR, TRANSFER, TREATED_BY],
    &[RECEIPT, TRANSFER, STARTED],
    &[TOLD_LATE, TREATED_LATE, DECIDED_LATE],
    OWN_DATES,
    &[RECEIPT, SUSPECTED],
    &[TOLD],
    &[END_REASON, STARTED],
    &[DECIDED],
    &[END_REASON, ICD, DECIDED],
    &[RECEIPT],
    &["transfer_id", PRIMARY, "milestone_id", "treatment_id"],
    &[NUMBER],
];

impl Finding {
    /// The fields it looks at, by their names in an event, in a fixed order; at least one.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        let place = usize::from(self.number()) - 1;
        FIELDS.get(place).copied().unwrap_or_default()
    }
}

impl Ground {
    /// Of the finding's fields, those that stand in this report; none where another event should have
    /// brought them.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        let register = self.register;
        let fields = self.finding.fields().iter().copied();
        fields.filter(move |field| register.has(field))
    }
}

impl Register {
    fn has(self, field: &str) -> bool {
        match self {
            Self::NhsNumber => field == NUMBER,
            Self::Fact(event_type, _) => has(event_type, field),
        }
    }
}

fn has(event_type: EventType, field: &str) -> bool {
    let mut search = Search {
        field,
        found: event_type.item_field() == Some(field),
    };
    event_type.blank().visit(&mut search);
    search.found
}

struct Search<'a> {
    field: &'a str,
    found: bool,
}

impl Search<'_> {
    fn meet(&mut self, name: &str) {
        self.found |= name == self.field;
    }
}

impl FieldVisitor for Search<'_> {
    fn day(&mut self, name: &'static str, _: &mut Option<Day>) {
        self.meet(name);
    }
    fn text(&mut self, name: &'static str, _: &mut Option<Text>) {
        self.meet(name);
    }
    fn number(&mut self, name: &'static str, _: &mut Option<u16>) {
        self.meet(name);
    }
    fn flag(&mut self, name: &'static str, _: &mut Option<bool>) {
        self.meet(name);
    }
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, NUMBER, has};
    use crate::fact::EventType;
    use crate::findings::Finding;
    use crate::statistics::{Ground, Register};
    use crate::text::Text;

    #[test]
    fn every_finding_names_fields_that_events_have() {
        for (place, fields) in FIELDS.iter().enumerate() {
            assert!(!fields.is_empty(), "V{:02}", place + 1);
            for field in *fields {
                let mut types = EventType::ALL.iter();
                let known = *field == NUMBER || types.any(|&of| has(of, field));
                assert!(known, "V{:02} {field}", place + 1);
            }
        }
    }

    #[test]
    fn a_report_shows_its_own_of_them() {
        let item = Text::code("T1");
        let fields = |number, register| {
            let ground = Ground {
                finding: Finding::v(number),
                source: Text::code("RXX"),
                register,
            };
            ground.fields().collect::<Vec<_>>()
        };
        let start = Register::Fact(EventType::TreatmentStarted, item);
        assert_eq!(fields(5, start), ["treatment_start_date_cancer"]);
        assert_eq!(fields(22, start), ["delay_reason_referral_to_treatment"]);
        assert!(fields(27, start).is_empty());
        assert_eq!(fields(31, Register::NhsNumber), ["nhs_number"]);
        let milestone = Register::Fact(EventType::MilestoneRecorded, item);
        assert_eq!(fields(30, milestone), ["milestone_id"]);
    }
}
