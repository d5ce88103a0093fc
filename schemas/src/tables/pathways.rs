//! `pathways`: one row per pathway, with what was reported of it.

use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::{Instant, Row, State, Text, Treatment};

/// One row per pathway that is known and not erased.
pub static PATHWAYS: Table = Table {
    name: "pathways",
    columns: COLUMNS,
    sorted_by: &[
        "provider",
        "route",
        "cancer_referral_to_treatment_period_start_date",
        "pathway",
    ],
};

const COLUMNS: &[Column] = &[
    column(
        "pathway",
        Kind::Text,
        "the pathway: its key `<issuer>:<identifier>` for direct care, a pseudonym for analysts",
    ),
    column(
        "patient",
        Kind::Text,
        "the patient: the NHS number for direct care, a pseudonym for analysts; null: no valid number is known",
    ),
    column(
        "local_patient_identifier",
        Kind::Text,
        "the source's own number for the patient, direct care only; null for analysts",
    ),
    column(
        "organisation_identifier_issuer",
        Kind::Text,
        "who issued the pathway identifier",
    ),
    column(
        "provider",
        Kind::Text,
        "the trust of the first appointment, else of the referral, else the issuer",
    ),
    column(
        "route",
        Kind::Text,
        "USC, BREAST_SYMPTOMATIC, SCREENING, UPGRADE, UNKNOWN, PENDING (no referral yet)",
    ),
    column(
        "cancer_referral_to_treatment_period_start_date",
        Kind::Day,
        "receipt of the referral",
    ),
    column(
        "source_of_referral_for_out_patients",
        Kind::Text,
        "code as sent",
    ),
    column("priority_type_code", Kind::Text, "code as sent"),
    column(
        "two_week_wait_cancer_or_symptomatic_breast_referral_type",
        Kind::Text,
        "suspected cancer type, code as sent",
    ),
    column(
        "organisation_site_identifier",
        Kind::Text,
        "the site referred to",
    ),
    column("icb", Kind::Text, "ICB of registration as sent"),
    column("age_at_referral", Kind::Whole, "years"),
    column("person_stated_gender_code", Kind::Text, "code as sent"),
    column("ethnic_category", Kind::Text, "code as sent"),
    column(
        "index_of_multiple_deprivation_decile",
        Kind::Whole,
        "1 is the most deprived",
    ),
    column("date_first_seen", Kind::Day, "the first appointment"),
    column(
        "organisation_site_identifier_of_provider_first_seen",
        Kind::Text,
        "the site of the first appointment",
    ),
    column(
        "waiting_time_adjustment_first_seen",
        Kind::Whole,
        "days reported for a missed first appointment",
    ),
    column("consultant_upgrade_date", Kind::Day, "the upgrade"),
    column(
        "cancer_faster_diagnosis_pathway_end_date",
        Kind::Day,
        "the day the patient was told",
    ),
    column(
        "cancer_faster_diagnosis_pathway_end_reason",
        Kind::Text,
        "code as sent",
    ),
    column(
        "cancer_faster_diagnosis_pathway_exclusion_reason",
        Kind::Text,
        "code as sent",
    ),
    column("diagnoses", Kind::Whole, "primaries with a diagnosis"),
    column(
        "primary_diagnosis_icd",
        Kind::Text,
        "diagnosis of the first primary, ICD-10",
    ),
    column(
        "stage_at_diagnosis",
        Kind::Text,
        "stage of the first primary",
    ),
    column("transfers", Kind::Whole, "hand-overs between providers"),
    column("treatments", Kind::Whole, "treatments decided or begun"),
    column(
        "first_decision_to_treat",
        Kind::Day,
        "the earliest decision to treat",
    ),
    column(
        "first_treatment_start",
        Kind::Day,
        "the earliest start of a treatment",
    ),
    column("pathway_closed_date", Kind::Day, "the closure"),
    column(
        "pathway_closed_reason",
        Kind::Text,
        "why it was closed, as sent",
    ),
    column("open", Kind::Flag, "a clock is running"),
    column(
        "last_recorded_at",
        Kind::Instant,
        "when the latest visible report was recorded",
    ),
    column(
        "findings",
        Kind::Text,
        "V01 to V31 that hold, separated by blanks; empty: none",
    ),
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
