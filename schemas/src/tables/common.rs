//! Columns that several tables have: one meaning, wherever they stand.

use super::table::{Column, Kind, column};

/// What null means of a field that a source may leave out.
pub(super) const NOT_SENT: &str = "none was sent";

pub(super) const PATHWAY: Column = column(
    "pathway",
    Kind::Text,
    "the pathway: its key `<issuer>:<identifier>` for direct care, a pseudonym for analysts",
)
.by("design 7");

pub(super) const PATIENT: Column = column(
    "patient",
    Kind::Text,
    "the patient: the NHS number for direct care, a pseudonym for analysts",
)
.by("Q29")
.null("no valid number is known");

pub(super) const LOCAL_PATIENT_IDENTIFIER: Column = column(
    "local_patient_identifier",
    Kind::Text,
    "the source's own number for the patient, direct care only",
)
.by("events")
.null("none was sent; always null for analysts");

pub(super) const STANDARD: Column = column(
    "standard",
    Kind::Text,
    "FDS (28 days), 62D (62 days), 31D (31 days)",
)
.by("rules 1.0");

pub(super) const ACTIVITY: Column = column(
    "standard",
    Kind::Text,
    "FDS, 62D, 31D, FIRST_SEEN (activity without a standard)",
)
.by("statistics 2");

pub(super) const ROUTE: Column = column(
    "route",
    Kind::Text,
    "USC, BREAST_SYMPTOMATIC, SCREENING, UPGRADE, UNKNOWN, PENDING (no referral yet)",
)
.by("R4, R9");

pub(super) const SUSPECTED_TYPE_CODE: Column = column(
    "two_week_wait_cancer_or_symptomatic_breast_referral_type",
    Kind::Text,
    "suspected cancer type of the referral, code as sent",
)
.by("rules 2.3")
.null(NOT_SENT);

pub(super) const SUSPECTED_TYPE: Column = column(
    "suspected_type",
    Kind::Text,
    "suspected cancer under its published name; Missing or Invalid: none, or none that is listed",
)
.by("statistics 2");

pub(super) const AGE_AT_REFERRAL: Column =
    column("age_at_referral", Kind::Whole, "age at referral, as sent")
        .by("events")
        .in_unit("years")
        .null(NOT_SENT);

pub(super) const GENDER: Column =
    as_sent("person_stated_gender_code", "stated gender, code as sent");

pub(super) const ETHNICITY: Column = as_sent("ethnic_category", "ethnic category, code as sent");

pub(super) const DEPRIVATION: Column = column(
    "index_of_multiple_deprivation_decile",
    Kind::Whole,
    "decile of deprivation of the home's area, as sent; 1 is the most deprived",
)
.by("events")
.in_unit("decile")
.null(NOT_SENT);

pub(super) const ALERT_LEVEL: &str = "at_risk_1, at_risk_2, at_risk_3, breached, long_wait";

pub(super) const ORGANISATION_NAME: Column = column(
    "organisation_name",
    Kind::Text,
    "its name in the published workbooks",
)
.by("statistics 1")
.null("not listed, or ENGLAND");

pub(super) const REGION: Column = column(
    "region",
    Kind::Text,
    "NHS England region of a provider or commissioner",
)
.by("statistics 1")
.null("not mapped, a hub, or of another basis");

/// A text or code as its source sent it.
pub(super) const fn as_sent(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Text, meaning)
        .by("events")
        .null(NOT_SENT)
}

/// A date as its source sent it.
pub(super) const fn day_sent(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Day, meaning).by("events").null(NOT_SENT)
}
