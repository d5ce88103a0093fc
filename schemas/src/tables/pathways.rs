//! `pathways`: one row per pathway, with what was reported of it.

use super::common::{
    AGE_AT_REFERRAL, DEPRIVATION, ETHNICITY, GENDER, LOCAL_PATIENT_IDENTIFIER, PATHWAY, PATIENT,
    ROUTE, SUSPECTED_TYPE_CODE, as_sent, day_sent,
};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::{Instant, Row, State, Text, Treatment};

/// One row per pathway that is known and not erased.
pub static PATHWAYS: Table = Table {
    name: "pathways",
    rows: "One row per pathway that is known and not erased",
    columns: COLUMNS,
    sorted_by: &[
        "provider",
        "route",
        "cancer_referral_to_treatment_period_start_date",
        "pathway",
    ],
};

const COLUMNS: &[Column] = &[
PATHWAY, PATIENT, LOCAL_PATIENT_IDENTIFIER,
column("organisation_identifier_issuer", Kind::Text, "who issued the pathway identifier").by("events"),
column("provider", Kind::Text, "the trust of the first appointment, else of the referral, else the issuer, three characters").by("rules 3"),
ROUTE,
day_sent("cancer_referral_to_treatment_period_start_date", "receipt of the referral"),
as_sent("source_of_referral_for_out_patients", "source of the referral, code as sent"),
as_sent("priority_type_code", "priority of the referral, code as sent"),
SUSPECTED_TYPE_CODE,
as_sent("organisation_site_identifier", "the site referred to, as sent"),
as_sent("icb", "integrated care board of registration, code as sent"),
AGE_AT_REFERRAL, GENDER, ETHNICITY, DEPRIVATION,
day_sent("date_first_seen", "the first appointment"),
as_sent("organisation_site_identifier_of_provider_first_seen", "the site of the first appointment, as sent"),
column("waiting_time_adjustment_first_seen", Kind::Whole, "days reported for a missed first appointment").by("R2").in_unit("days").null("none was sent"),
day_sent("consultant_upgrade_date", "the upgrade"),
day_sent("cancer_faster_diagnosis_pathway_end_date", "the day the patient was told"),
as_sent("cancer_faster_diagnosis_pathway_end_reason", "how FDS ended, code as sent"),
as_sent("cancer_faster_diagnosis_pathway_exclusion_reason", "why it is excluded, code as sent"),
column("diagnoses", Kind::Whole, "primaries with a diagnosis").by("R15").in_unit("primaries"),
as_sent("primary_diagnosis_icd", "diagnosis of the first primary, ICD-10 as sent"),
as_sent("stage_at_diagnosis", "stage of the first primary, code as sent"),
column("transfers", Kind::Whole, "hand-overs between providers").by("rules 3").in_unit("transfers"),
column("treatments", Kind::Whole, "treatments decided or begun").by("R8").in_unit("treatments"),
column("first_decision_to_treat", Kind::Day, "the earliest decision to treat or ECAD").by("R10, R11").null("none is dated"),
column("first_treatment_start", Kind::Day, "the earliest start of a treatment").by("R8").null("none is dated"),
day_sent("pathway_closed_date", "the closure"),
as_sent("pathway_closed_reason", "why it was closed, as sent: died, declined_investigation, declined_treatment, private, withdrawn, merged"),
column("open", Kind::Flag, "a clock is running").by("rules 10.1"),
column("last_recorded_at", Kind::Instant, "when the latest visible report was recorded").by("events").null("no fact is visible on the day"),
column("findings", Kind::Text, "V01 to V31 that hold, separated by blanks; empty: none").by("rules 2.5"),
];

/// Appends the row of a pathway, with the findings of its assessment: where it is to be complete, those that
/// span the pathways of its patient are among them (V15, V24).
pub fn write_pathway(row: &Row<'_>, plane: &Plane, out: &mut TableBuilder) {
    let texts = row.texts();
    let spell = |text: Option<Text>| text.map(|text| texts.read(text).as_str().to_owned());
    let trust = |text: Option<Text>| spell(text.map(|text| texts.trust(text)));
    let view = &row.view;
    let referral = view.referral.map(|known| known.fact).unwrap_or_default();
    let seen = view.first_seen.map(|known| known.fact).unwrap_or_default();
    let outcome = view.outcome.map(|known| known.fact).unwrap_or_default();
    let issuer = row.pathway.split(':').next().unwrap_or_default();
    let provider = seen
        .organisation_site_identifier_of_provider_first_seen
        .or(referral.organisation_site_identifier);
    out.text(Some(plane.pathway(row.pathway)));
    out.text(row.nhs_number.map(|number| plane.patient(number)));
    out.text(match plane {
        Plane::Identifiable => spell(row.local_patient_identifier),
        Plane::Analyst(_) => None,
    });
    out.text(Some(issuer));
    out.text(trust(provider).or_else(|| Some(issuer.chars().take(3).collect())));
    out.text(Some(row.assessment.route.name()));
    out.day(referral.cancer_referral_to_treatment_period_start_date);
    out.text(spell(referral.source_of_referral_for_out_patients));
    out.text(spell(referral.priority_type_code));
    out.text(spell(
        referral.two_week_wait_cancer_or_symptomatic_breast_referral_type,
    ));
    out.text(spell(referral.organisation_site_identifier));
    out.text(spell(referral.icb));
    out.whole(referral.age_at_referral.map(i32::from));
    out.text(spell(referral.person_stated_gender_code));
    out.text(spell(referral.ethnic_category));
    out.whole(referral.index_of_multiple_deprivation_decile.map(i32::from));
    out.day(seen.date_first_seen);
    out.text(spell(
        seen.organisation_site_identifier_of_provider_first_seen,
    ));
    out.whole(seen.waiting_time_adjustment_first_seen.map(i32::from));
    out.day(
        view.upgrade
            .and_then(|known| known.fact.consultant_upgrade_date),
    );
    out.day(outcome.cancer_faster_diagnosis_pathway_end_date);
    out.text(spell(outcome.cancer_faster_diagnosis_pathway_end_reason));
    out.text(spell(
        outcome.cancer_faster_diagnosis_pathway_exclusion_reason,
    ));
    write_course(row, out);
}

/// The later part of a row: diagnoses, transfers, treatments, closure.
fn write_course(row: &Row<'_>, out: &mut TableBuilder) {
    let texts = row.texts();
    let spell = |text: Option<Text>| text.map(|text| texts.read(text).as_str().to_owned());
    let view = &row.view;
    let count = |items: usize| i32::try_from(items).ok();
    let diagnosis = view.diagnoses.first().map(|item| item.known.fact);
    let diagnosis = diagnosis.unwrap_or_default();
    let closure = view.closure.map(|known| known.fact).unwrap_or_default();
    let running = |state: &State| matches!(state, State::Running(_));
    out.whole(count(view.diagnoses.len()));
    out.text(spell(diagnosis.primary_diagnosis_icd));
    out.text(spell(diagnosis.stage_at_diagnosis));
    out.whole(count(view.transfers.len()));
    out.whole(count(view.treatments.len()));
    out.day(
        view.treatments
            .iter()
            .filter_map(Treatment::decided_on)
            .min(),
    );
    out.day(
        view.treatments
            .iter()
            .filter_map(Treatment::started_on)
            .min(),
    );
    out.day(closure.pathway_closed_date);
    out.text(spell(closure.pathway_closed_reason));
    out.flag(Some(
        row.assessment
            .clocks
            .iter()
            .any(|clock| running(&clock.state)),
    ));
    out.instant(last_recorded_at(row));
    out.text(Some(row.assessment.findings.to_string()));
}

fn last_recorded_at(row: &Row<'_>) -> Option<Instant> {
    let view = &row.view;
    let treatments = view.treatments.iter().flat_map(|treatment| {
        [
            treatment.decision.map(|known| known.version),
            treatment.start.map(|known| known.version),
            treatment.adjustment.map(|known| known.version),
        ]
    });
    [
        view.referral.map(|known| known.version),
        view.first_seen.map(|known| known.version),
        view.upgrade.map(|known| known.version),
        view.outcome.map(|known| known.version),
        view.closure.map(|known| known.version),
    ]
    .into_iter()
    .chain(treatments)
    .chain(view.diagnoses.iter().map(|item| Some(item.known.version)))
    .chain(view.transfers.iter().map(|item| Some(item.known.version)))
    .chain(view.milestones.iter().map(|item| Some(item.known.version)))
    .flatten()
    .map(|version| version.recorded_at)
    .max()
}
