//! `waits`: one row per counted wait (statistics 2).

use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::statistics::{
    Activity, ModalityGroup, Tables, TreatmentStage, TumourGroup, Wait,
};
use clockstop_pipeline::{Day, Method, Spelling};

/// One row per counted wait, first-seen activity among them.
pub static WAITS: Table = Table {
    name: "waits",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "stop", "wait_id"],
};

const COLUMNS: &[Column] = &[
    column(
        "wait_id",
        Kind::Text,
        "pathway, standard, and the primary (62D) or treatment (31D), joined by `/`",
    ),
    column("pathway", Kind::Text, "the pathway, as in table pathways"),
    column("patient", Kind::Text, "the patient, as in table pathways"),
    column(
        "standard",
        Kind::Text,
        "FDS, 62D, 31D, FIRST_SEEN (activity without a standard)",
    ),
    column(
        "primary_id",
        Kind::Text,
        "the primary treated; null: no treatment",
    ),
    column(
        "treatment_id",
        Kind::Text,
        "the treatment that stopped it; null: no treatment",
    ),
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that reports it",
    ),
    column("route", Kind::Text, "the pathway's route"),
    column("stage", Kind::Text, "First, Subsequent; null: no treatment"),
    column(
        "suspected_type",
        Kind::Text,
        "suspected cancer under its published name",
    ),
    column(
        "two_week_wait_cancer_or_symptomatic_breast_referral_type",
        Kind::Text,
        "suspected cancer type of the referral, code as sent",
    ),
    column(
        "tumour_group",
        Kind::Text,
        "diagnosed tumour as published; null: no treatment",
    ),
    column(
        "modality_group",
        Kind::Text,
        "kind of treatment as published; null: no treatment",
    ),
    column("cancer_treatment_modality", Kind::Text, "code as sent"),
    column("cancer_treatment_event_type", Kind::Text, "code as sent"),
    column("start", Kind::Day, "day 0"),
    column("stop", Kind::Day, "the last day of the wait"),
    column(
        "first_seen_adjustment",
        Kind::Whole,
        "days subtracted for a missed first appointment",
    ),
    column(
        "treatment_adjustment",
        Kind::Whole,
        "days subtracted before treatment",
    ),
    column("raw_days", Kind::Whole, "days before adjustment"),
    column("days", Kind::Whole, "days after adjustment"),
    column(
        "last_compliant",
        Kind::Day,
        "the last day within the standard; null: no standard",
    ),
    column(
        "breach_from",
        Kind::Day,
        "the first day of the breach; null: no standard",
    ),
    column(
        "within",
        Kind::Flag,
        "within the standard; null: no standard",
    ),
    column("band", Kind::Text, "published band of days, such as 15-28"),
    column(
        "after_limit",
        Kind::Flag,
        "excluded after the limit, and counted as a breach",
    ),
    column(
        "organisation",
        Kind::Text,
        "the provider that reports it; null: shared (62D), or not known and then in no performance",
    ),
    column(
        "first_seen_by",
        Kind::Text,
        "the provider of the first appointment",
    ),
    column(
        "investigated_by",
        Kind::Text,
        "62D: the accountable investigating provider",
    ),
    column(
        "decided_by",
        Kind::Text,
        "the provider of the decision to treat",
    ),
    column("treated_by", Kind::Text, "the treating provider"),
    column(
        "icb",
        Kind::Text,
        "the commissioner as it was; UNKNOWN: none, or none that is listed",
    ),
    column(
        "icb_current",
        Kind::Text,
        "the commissioner in its place on as_of",
    ),
    column(
        "alliance",
        Kind::Text,
        "ONS code of the commissioner's alliance, or UNMAPPED",
    ),
    column(
        "transfer_date",
        Kind::Day,
        "62D: the transfer the shares rest on; null: none usable",
    ),
    column(
        "allocation_method",
        Kind::Text,
        "62D: SOLO, HALF, S1 to S6; null: nobody treats",
    ),
    column(
        "leg38",
        Kind::Whole,
        "S1 to S6: days to the transfer, less the first-seen adjustment",
    ),
    column(
        "leg24",
        Kind::Whole,
        "S1 to S6: days from the transfer, less the treatment adjustment",
    ),
    column(
        "delay_reason",
        Kind::Text,
        "the standard's delay reason, code as sent",
    ),
    column(
        "cancer_faster_diagnosis_pathway_end_reason",
        Kind::Text,
        "code as sent",
    ),
    column("date_first_seen", Kind::Day, "the first appointment"),
    column("told", Kind::Day, "the day the patient was told"),
    column(
        "decision_to_treat",
        Kind::Day,
        "the treatment's decision or ECAD; FDS: the decision that can stop it",
    ),
    column("age_at_referral", Kind::Whole, "years"),
    column("person_stated_gender_code", Kind::Text, "code as sent"),
    column("ethnic_category", Kind::Text, "code as sent"),
    column(
        "index_of_multiple_deprivation_decile",
        Kind::Whole,
        "1 is the most deprived",
    ),
];

/// The id of a wait on a plane.
pub(super) fn wait_id(wait: &Wait, plane: &Plane) -> String {
    let id = wait.id();
    let item = id.item.map(|item| plane.item(id.pathway, item));
    joined_id(&plane.pathway(id.pathway), id.activity, item.as_deref())
}

/// The id of a wait from its parts as a plane shows them.
pub(super) fn joined_id(pathway: &str, activity: Activity, item: Option<&str>) -> String {
    let parts = [Some(pathway), Some(activity.name()), item];
    parts.into_iter().flatten().collect::<Vec<_>>().join("/")
}

fn spelled(text: Option<Spelling<'_>>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

/// Appends a wait.
pub fn write_wait(wait: &Wait, as_of: Day, tables: &Tables, plane: &Plane, out: &mut TableBuilder) {
    let pathway = wait.id().pathway;
    let item = |item: &str| plane.item(pathway, item);
    out.text(Some(wait_id(wait, plane)));
    out.text(Some(plane.pathway(pathway)));
    out.text(wait.patient.map(|number| plane.patient(number)));
    out.text(Some(wait.activity.name()));
    out.text(wait.primary_id().map(item));
    out.text(wait.treatment_id().map(item));
    out.text(Some(wait.month().to_string()));
    out.text(Some(wait.route.name()));
    out.text(wait.stage.map(TreatmentStage::name));
    out.text(Some(wait.suspected_type.name()));
    out.text(spelled(wait.suspected_type_code()));
    out.text(wait.tumour_group.map(TumourGroup::name));
    out.text(wait.modality_group.map(ModalityGroup::name));
    out.text(spelled(wait.modality_code()));
    out.text(spelled(wait.event_type()));
    write_clock(wait, out);
    write_organisations(wait, as_of, tables, out);
    out.day(wait.transferred_on());
    out.text(wait.method.map(Method::name));
    out.whole(wait.leg38());
    out.whole(wait.leg24());
    out.text(spelled(wait.delay_reason()));
    out.text(spelled(wait.end_reason()));
    out.day(wait.first_seen_on());
    out.day(wait.told_on());
    out.day(wait.decided_on());
    out.whole(wait.age_at_referral.map(i32::from));
    out.text(spelled(wait.gender()));
    out.text(spelled(wait.ethnic_category()));
    out.whole(wait.deprivation_decile.map(i32::from));
}

fn write_clock(wait: &Wait, out: &mut TableBuilder) {
    out.day(Some(wait.start));
    out.day(Some(wait.stop));
    out.whole(Some(wait.first_seen_adjustment.into()));
    out.whole(Some(wait.treatment_adjustment.into()));
    out.whole(Some(wait.raw_days()));
    out.whole(Some(wait.days()));
    out.day(wait.last_compliant());
    out.day(wait.last_compliant().map(|day| day.plus(1)));
    out.flag(wait.within);
    out.text(Some(wait.band().label));
    out.flag(Some(wait.after_limit));
}

fn write_organisations(wait: &Wait, as_of: Day, tables: &Tables, out: &mut TableBuilder) {
    out.text(spelled(wait.organisation()));
    out.text(spelled(wait.first_seen_by()));
    out.text(spelled(wait.investigated_by()));
    out.text(spelled(wait.decided_by()));
    out.text(spelled(wait.treated_by()));
    let icb = wait.icb();
    out.text(Some(icb.as_str()));
    out.text(Some(tables.commissioner_on(icb.as_str(), as_of)));
    out.text(Some(tables.alliance(icb.as_str())));
}
