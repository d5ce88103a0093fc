//! `waits`: one row per counted wait (statistics 2).

use super::common::{
    ACTIVITY, AGE_AT_REFERRAL, DEPRIVATION, ETHNICITY, GENDER, PATHWAY, PATIENT, ROUTE,
    SUSPECTED_TYPE, SUSPECTED_TYPE_CODE, as_sent, day_sent,
};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::statistics::{
    Activity, ModalityGroup, Tables, TreatmentStage, TumourGroup, Wait,
};
use clockstop_pipeline::{Day, Method, Spelling};

/// One row per counted wait, first-seen activity among them.
pub static WAITS: Table = Table {
    name: "waits",
    rows: "One row per counted wait, first-seen activity among them",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "stop", "wait_id"],
};

const COLUMNS: &[Column] = &[
    column(
        "wait_id",
        Kind::Text,
        "pathway, standard, and the primary (62D) or treatment (31D), joined by `/`",
    )
    .by("statistics 2"),
    PATHWAY,
    PATIENT,
    ACTIVITY,
    column("primary_id", Kind::Text, "the primary treated")
        .by("R21")
        .null("FDS and FIRST_SEEN"),
    column("treatment_id", Kind::Text, "the treatment that stopped it")
        .by("R8, R10")
        .null("FDS and FIRST_SEEN"),
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that reports it",
    )
    .by("R17"),
    ROUTE,
    column("stage", Kind::Text, "First, Subsequent")
        .by("R16")
        .null("FDS and FIRST_SEEN, or the event type is not known"),
    SUSPECTED_TYPE,
    SUSPECTED_TYPE_CODE,
    column("tumour_group", Kind::Text, "diagnosed tumour as published")
        .by("statistics 2")
        .null("FDS and FIRST_SEEN, or no diagnosis is recorded"),
    column(
        "modality_group",
        Kind::Text,
        "kind of treatment as published",
    )
    .by("statistics 2")
    .null("FDS and FIRST_SEEN"),
    column(
        "cancer_treatment_modality",
        Kind::Text,
        "kind of treatment, code as sent",
    )
    .by("rules 2.3")
    .null("FDS and FIRST_SEEN, or none was sent"),
    column(
        "cancer_treatment_event_type",
        Kind::Text,
        "event type of the treatment, code as sent",
    )
    .by("rules 2.3")
    .null("FDS and FIRST_SEEN, or none was sent"),
    column("start", Kind::Day, "day 0").by("R1"),
    column("stop", Kind::Day, "the last day of the wait").by("R1"),
    column(
        "first_seen_adjustment",
        Kind::Whole,
        "days subtracted for a missed first appointment",
    )
    .by("R2")
    .in_unit("days"),
    column(
        "treatment_adjustment",
        Kind::Whole,
        "days subtracted before treatment",
    )
    .by("R3")
    .in_unit("days"),
    column("raw_days", Kind::Whole, "days before adjustment")
        .by("R1")
        .in_unit("days"),
    column("days", Kind::Whole, "days after adjustment")
        .by("R1")
        .in_unit("days"),
    column(
        "last_compliant",
        Kind::Day,
        "the last day within the standard",
    )
    .by("R1")
    .null("FIRST_SEEN"),
    column("breach_from", Kind::Day, "the first day of the breach")
        .by("R1")
        .null("FIRST_SEEN"),
    column("within", Kind::Flag, "within the standard")
        .by("R1")
        .null("FIRST_SEEN"),
    column(
        "band",
        Kind::Text,
        "published band of adjusted days, such as 15-28",
    )
    .by("statistics 7"),
    column(
        "after_limit",
        Kind::Flag,
        "excluded after the limit, and counted as a breach",
    )
    .by("R6"),
    column("organisation", Kind::Text, "the provider that reports it")
        .by("R17")
        .null("62D, which is shared; or not known, and then in no performance"),
    column(
        "first_seen_by",
        Kind::Text,
        "the provider of the first appointment",
    )
    .by("statistics 1")
    .null("not known"),
    column(
        "investigated_by",
        Kind::Text,
        "62D: the accountable investigating provider",
    )
    .by("rules 3")
    .null("another standard, or not known"),
    column(
        "decided_by",
        Kind::Text,
        "the provider of the decision to treat",
    )
    .by("statistics 1")
    .null("FDS and FIRST_SEEN, or not known"),
    column("treated_by", Kind::Text, "the treating provider")
        .by("statistics 1")
        .null("FDS and FIRST_SEEN, or not known"),
    column(
        "icb",
        Kind::Text,
        "the commissioner as it was; UNKNOWN: none, or none that is listed",
    )
    .by("statistics 1"),
    column(
        "icb_current",
        Kind::Text,
        "the commissioner in its place on as_of",
    )
    .by("statistics 1"),
    column(
        "alliance",
        Kind::Text,
        "ONS code of the commissioner's alliance, or UNMAPPED",
    )
    .by("statistics 1"),
    column(
        "transfer_date",
        Kind::Day,
        "62D: the transfer the shares rest on",
    )
    .by("Q26")
    .null("another standard, or none is usable"),
    column("allocation_method", Kind::Text, "62D: SOLO, HALF, S1 to S6")
        .by("rules 3")
        .null("another standard, or nobody is known to treat"),
    column(
        "leg38",
        Kind::Whole,
        "S1 to S6: days to the transfer, less the first-seen adjustment",
    )
    .by("rules 3")
    .in_unit("days")
    .null("another method"),
    column(
        "leg24",
        Kind::Whole,
        "S1 to S6: days from the transfer, less the treatment adjustment",
    )
    .by("rules 3")
    .in_unit("days")
    .null("another method"),
    as_sent("delay_reason", "the standard's delay reason, code as sent"),
    as_sent(
        "cancer_faster_diagnosis_pathway_end_reason",
        "how FDS ended, code as sent",
    ),
    day_sent("date_first_seen", "the first appointment"),
    day_sent("told", "the day the patient was told"),
    column(
        "decision_to_treat",
        Kind::Day,
        "the treatment's decision or ECAD; FDS: the decision that can stop it",
    )
    .by("Q15")
    .null("none is dated"),
    AGE_AT_REFERRAL,
    GENDER,
    ETHNICITY,
    DEPRIVATION,
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
