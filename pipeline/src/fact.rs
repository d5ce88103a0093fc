//! Every kind of fact and every field of it, named once: the NHS Data Dictionary's items in
//! `domain/events.md`, in the order of the published schemas.
//!
//! Whatever reads or writes fields (Avro, JSON, the packed pathway, the order that breaks ties) is a
//! [`FieldVisitor`], so a new field is one line here.

use crate::day::Day;
use crate::text::Text;

/// The three input topics, by their logical names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Referrals, first appointments, upgrades, transfers, closures, erasures.
    Referral,
    /// Outcomes, diagnoses, milestones.
    Diagnosis,
    /// Decisions to treat, treatments, treatment adjustments.
    Treatment,
}

impl Topic {
    /// All three, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Referral, Self::Diagnosis, Self::Treatment];

    /// `referral`, `diagnosis` or `treatment`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Referral => "referral",
            Self::Diagnosis => "diagnosis",
            Self::Treatment => "treatment",
        }
    }
}

/// Meets every field of a fact in the published order; it may read or replace the value.
pub trait FieldVisitor {
    /// A date.
    fn day(&mut self, name: &'static str, value: &mut Option<Day>);
    /// A code, an identifier or an organisation.
    fn text(&mut self, name: &'static str, value: &mut Option<Text>);
    /// A whole number, 0 to 999.
    fn number(&mut self, name: &'static str, value: &mut Option<u16>);
    /// Yes, no or not known.
    fn flag(&mut self, name: &'static str, value: &mut Option<bool>);
}

/// Of which kind a field is, by the method of [`FieldVisitor`] that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Day,
    Text,
    Number,
    Flag,
}

macro_rules! field_kind {
    (day) => {
        FieldKind::Day
    };
    (text) => {
        FieldKind::Text
    };
    (number) => {
        FieldKind::Number
    };
    (flag) => {
        FieldKind::Flag
    };
}

macro_rules! field_type {
    (day) => { Option<Day> };
    (text) => { Option<Text> };
    (number) => { Option<u16> };
    (flag) => { Option<bool> };
}

macro_rules! facts {
    ($(
        $(#[$doc:meta])*
        $variant:ident $name:literal $topic:ident $(item $item:literal)? $(own $own:ident)? {
            $( $kind:ident $field:ident ),* $(,)?
        }
    )*) => {
        /// The kinds of event; the order is fixed, for it is stored.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum EventType {
            $( $(#[$doc])* $variant, )*
        }

        impl EventType {
            /// Every kind of event.
            pub const ALL: &[Self] = &[$( Self::$variant ),*];

            /// The symbol of the schemas' `event_type` enum.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $name ),* }
            }

            /// The topic it is reported on.
            #[must_use]
            pub const fn topic(self) -> Topic {
                match self { $( Self::$variant => Topic::$topic ),* }
            }

            /// The field that tells several items of this kind on one pathway apart.
            #[must_use]
            pub const fn item_field(self) -> Option<&'static str> {
                match self { $( Self::$variant => facts!(@first $($item)?) ),* }
            }

            /// The kinds of its fields, in the order in which a visitor meets them.
            pub(crate) const fn field_kinds(self) -> &'static [FieldKind] {
                match self { $( Self::$variant => &[$( field_kind!($kind) ),*] ),* }
            }

            /// A fact of this kind of which nothing is known yet.
            #[must_use]
            pub fn blank(self) -> Fact {
                match self { $( Self::$variant => Fact::$variant($variant::default()) ),* }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $variant {
                $(
                    #[doc = concat!("The item of this name in the event, `", stringify!($field), "`.")]
                    pub $field: field_type!($kind),
                )*
            }

            impl From<$variant> for Fact {
                fn from(fact: $variant) -> Self {
                    Self::$variant(fact)
                }
            }
        )*

        /// One source's complete record of one thing. A field that is `None` is not known.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Fact {
            $( $(#[$doc])* $variant($variant), )*
        }

        impl Fact {
            /// Which kind of fact it is.
            #[must_use]
            pub const fn event_type(&self) -> EventType {
                match self { $( Self::$variant(_) => EventType::$variant ),* }
            }

            /// Shows every field to the visitor.
            #[allow(unused_variables, reason = "a kind without fields shows none")]
            pub fn visit(&mut self, visitor: &mut impl FieldVisitor) {
                match self {
                    $( Self::$variant(fact) => {
                        $( visitor.$kind(stringify!($field), &mut fact.$field); )*
                    } )*
                }
            }

            /// The clinical date of the fact itself, by which it becomes visible (Q6).
            #[must_use]
            #[allow(unused_variables, reason = "some kinds have no date of their own")]
            pub const fn own_date(&self) -> Option<Day> {
                match self { $( Self::$variant(fact) => facts!(@own fact $($own)?) ),* }
            }
        }
    };
    (@first $item:literal) => { Some($item) };
    (@first) => { None };
    (@own $fact:ident $own:ident) => { $fact.$own };
    (@own $fact:ident) => { None };
}

facts! {
    /// A referral arrived: its receipt starts the FDS and 62-day clocks.
    ReferralReceived "referral_received" Referral
        own cancer_referral_to_treatment_period_start_date {
        day cancer_referral_to_treatment_period_start_date,
        text source_of_referral_for_out_patients,
        text priority_type_code,
        text two_week_wait_cancer_or_symptomatic_breast_referral_type,
        text organisation_site_identifier,
        text icb,
        number age_at_referral,
        text person_stated_gender_code,
        text ethnic_category,
        number index_of_multiple_deprivation_decile,
    }
    /// The patient was seen for the first time, or missed the first appointment.
    FirstSeen "first_seen" Referral own date_first_seen {
        day date_first_seen,
        text organisation_site_identifier_of_provider_first_seen,
        number waiting_time_adjustment_first_seen,
        text waiting_time_adjustment_reason_first_seen,
        text delay_reason_referral_to_first_seen,
    }
    /// A consultant upgraded the referral to an urgent route.
    ConsultantUpgrade "consultant_upgrade" Referral own consultant_upgrade_date {
        day consultant_upgrade_date,
        text organisation_site_identifier_of_provider_consultant_upgrade,
    }
    /// The patient was handed over to another provider for treatment.
    Transfer "transfer" Referral item "transfer_id" own date_of_transfer_to_treatment {
        text accountable_investigating_provider,
        day date_of_transfer_to_treatment,
    }
    /// The pathway was closed without reaching its stops.
    PathwayClosed "pathway_closed" Referral own pathway_closed_date {
        day pathway_closed_date,
        text pathway_closed_reason,
        text merged_into,
    }
    /// The right to erasure was used.
    PathwayErased "pathway_erased" Referral {
    }
    /// The patient was told the outcome.
    OutcomeCommunicated "outcome_communicated" Diagnosis
        own cancer_faster_diagnosis_pathway_end_date {
        day cancer_faster_diagnosis_pathway_end_date,
        text cancer_faster_diagnosis_pathway_end_reason,
        text cancer_faster_diagnosis_pathway_exclusion_reason,
        text organisation_site_identifier_faster_diagnosis_pathway_end,
        text delay_reason_outcome_communication,
    }
    /// A primary cancer was diagnosed.
    DiagnosisRecorded "diagnosis_recorded" Diagnosis item "primary_id" own date_of_diagnosis {
        text primary_diagnosis_icd,
        flag basal_cell_carcinoma,
        text morphology,
        text stage_at_diagnosis,
        day date_of_diagnosis,
    }
    /// A step on the way: an appointment, a test, a meeting.
    MilestoneRecorded "milestone_recorded" Diagnosis item "milestone_id" own milestone_date {
        text milestone_type,
        day milestone_date,
        flag planned,
        text site,
    }
    /// A treatment was decided on and agreed.
    DecisionToTreat "decision_to_treat" Treatment item "treatment_id"
        own cancer_treatment_period_start_date {
        text primary_id,
        day cancer_treatment_period_start_date,
        flag is_earliest_clinically_appropriate_date,
        text cancer_care_setting_treatment,
        text organisation_site_identifier_of_provider_cancer_decision_to_treat,
        text cancer_treatment_event_type,
        text cancer_treatment_modality,
        text delay_reason_decision_to_treat,
    }
    /// A treatment began.
    TreatmentStarted "treatment_started" Treatment item "treatment_id"
        own treatment_start_date_cancer {
        text primary_id,
        day treatment_start_date_cancer,
        text cancer_treatment_event_type,
        text cancer_treatment_modality,
        text cancer_care_setting_treatment,
        text organisation_site_identifier_of_provider_treatment_start_date_cancer,
        text delay_reason_referral_to_treatment,
    }
    /// Days the patient was not available for an admission that was offered.
    TreatmentAdjustment "treatment_adjustment" Treatment item "treatment_id" {
        number waiting_time_adjustment_treatment,
        text waiting_time_adjustment_reason_treatment,
    }
}

impl EventType {
    /// The number under which it is stored: its place in [`Self::ALL`].
    #[expect(clippy::as_conversions, reason = "the declared representation is u8")]
    pub(crate) const fn number(self) -> u8 {
        self as u8
    }

    /// The kind with this symbol.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether an event of this kind is refused without its item id; elsewhere absent means `1`.
    #[must_use]
    pub const fn needs_item(self) -> bool {
        matches!(self.topic(), Topic::Treatment)
    }
}
