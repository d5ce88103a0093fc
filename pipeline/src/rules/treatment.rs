//! What is known of a treatment: from its start, where unset there from its decision (Q32).

use crate::codes::{MODALITY_DECLINED, Stage};
use crate::day::Day;
use crate::report::ONLY_ITEM;
use crate::text::Text;
use crate::view::Treatment;

impl Treatment {
    fn started(&self) -> Option<&crate::fact::TreatmentStarted> {
        self.start.as_ref().map(|known| &known.fact)
    }

    fn decided(&self) -> Option<&crate::fact::DecisionToTreat> {
        self.decision.as_ref().map(|known| &known.fact)
    }

    /// The date it began (R8).
    #[must_use]
    pub fn started_on(&self) -> Option<Day> {
        self.started()?.treatment_start_date_cancer
    }

    /// The decision to treat, or the earliest clinically appropriate date (R10, R11).
    #[must_use]
    pub fn decided_on(&self) -> Option<Day> {
        self.decided()?.cancer_treatment_period_start_date
    }

    /// The decision to treat, when its date is not an earliest clinically appropriate date (Q15).
    pub(crate) fn plain_decision(&self) -> Option<Day> {
        let ecad = self.decided()?.is_earliest_clinically_appropriate_date == Some(true);
        if ecad { None } else { self.decided_on() }
    }

    /// The primary it treats; absent is primary `1`.
    #[must_use]
    pub fn primary_id(&self) -> Text {
        self.started()
            .and_then(|start| start.primary_id)
            .or_else(|| self.decided()?.primary_id)
            .unwrap_or(ONLY_ITEM)
    }

    /// CANCER TREATMENT MODALITY.
    #[must_use]
    pub fn modality(&self) -> Option<Text> {
        self.started()
            .and_then(|start| start.cancer_treatment_modality)
            .or_else(|| self.decided()?.cancer_treatment_modality)
    }

    /// CANCER TREATMENT EVENT TYPE.
    #[must_use]
    pub fn event_type(&self) -> Option<Text> {
        self.started()
            .and_then(|start| start.cancer_treatment_event_type)
            .or_else(|| self.decided()?.cancer_treatment_event_type)
    }

    /// CANCER CARE SETTING (TREATMENT).
    #[must_use]
    pub fn care_setting(&self) -> Option<Text> {
        self.started()
            .and_then(|start| start.cancer_care_setting_treatment)
            .or_else(|| self.decided()?.cancer_care_setting_treatment)
    }

    pub(crate) fn stage(&self) -> Option<Stage> {
        Stage::of(self.event_type())
    }

    /// All treatment was declined: modality 98 (R12, Q16).
    pub(crate) fn is_declined(&self) -> bool {
        self.modality() == Some(MODALITY_DECLINED)
    }

    /// The date on which treatment was declined: that of the first report that says so.
    pub(crate) fn declined_on(&self) -> Option<Day> {
        let planned = self
            .decided()
            .filter(|decision| decision.cancer_treatment_modality == Some(MODALITY_DECLINED))
            .and_then(|_| self.decided_on());
        planned.into_iter().chain(self.started_on()).min()
    }

    /// Whether something was given to the patient: begun, and not modality 98.
    pub(crate) fn was_given(&self) -> bool {
        self.started_on().is_some() && !self.is_declined()
    }
}
