//! `patient_tracking_list`: who waits, what is planned, what would breach (statistics 4).

use super::common::{
    ALERT_LEVEL, LOCAL_PATIENT_IDENTIFIER, PATHWAY, PATIENT, ROUTE, STANDARD, SUSPECTED_TYPE,
    SUSPECTED_TYPE_CODE,
};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::statistics::{Basis, LastEvent, PlannedMilestone, Tables, TrackingEntry};
use clockstop_pipeline::{Findings, Level, Reason};

/// One row per open clock: one that has started and neither stopped nor ended.
pub static PATIENT_TRACKING_LIST: Table = Table {
    name: "patient_tracking_list",
    rows: "One row per open clock: one that has started and neither stopped nor ended",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "standard",
        "start",
        "pathway",
        "primary_id",
        "treatment_id",
    ],
};

const COLUMNS: &[Column] = &[
    column("as_of", Kind::Day, "the day of the list").by("statistics 4"),
    PATHWAY,
    PATIENT,
    LOCAL_PATIENT_IDENTIFIER,
    STANDARD,
    column("primary_id", Kind::Text, "the primary of a 62D clock")
        .by("R21")
        .null("another standard"),
    column("treatment_id", Kind::Text, "the treatment of a 31D clock")
        .by("R10, R11")
        .null("another standard"),
    ROUTE,
    SUSPECTED_TYPE,
    SUSPECTED_TYPE_CODE,
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
    column("organisation", Kind::Text, "the provider that has to act").by("design 5"),
    column("organisation_name", Kind::Text, "its name")
        .by("statistics 1")
        .null("the provider is not listed"),
    column(
        "site",
        Kind::Text,
        "the site, as sent, that names that provider",
    )
    .by("statistics 4")
    .null("it is known only as issuer of the pathway identifier"),
    column("start", Kind::Day, "day 0").by("R1"),
    column("adjustment", Kind::Whole, "days subtracted, summed")
        .by("R2, R3")
        .in_unit("days"),
    column(
        "raw_days",
        Kind::Whole,
        "days before adjustment, to as_of or to frozen_at",
    )
    .by("R1")
    .in_unit("days"),
    column("days", Kind::Whole, "days after adjustment")
        .by("R1")
        .in_unit("days"),
    column(
        "band",
        Kind::Text,
        "band of days: 0-28, 29-62, 63-104, >104",
    )
    .by("statistics 4"),
    column(
        "frozen_at",
        Kind::Day,
        "the decision to treat at which the days of a FDS clock are frozen",
    )
    .by("Q1")
    .null("its days go on"),
    column(
        "last_compliant",
        Kind::Day,
        "the last day within the standard",
    )
    .by("R1"),
    column("breach_from", Kind::Day, "the first day of the breach").by("R1"),
    column(
        "days_left",
        Kind::Whole,
        "last_compliant minus as_of, or minus frozen_at; negative: late",
    )
    .by("R1")
    .in_unit("days"),
    column("level", Kind::Text, ALERT_LEVEL)
        .by("design 5")
        .null("nothing warns yet"),
    column(
        "counted",
        Kind::Flag,
        "would count in the published statistic",
    )
    .by("Q33"),
    column(
        "reason",
        Kind::Text,
        "why it would not count, as in table clocks",
    )
    .by("Q33")
    .null("it would count"),
    column(
        "next_milestone_date",
        Kind::Day,
        "the earliest planned step from as_of on",
    )
    .by("statistics 4")
    .null("nothing is planned"),
    column(
        "next_milestone_type",
        Kind::Text,
        "what is planned then, as sent",
    )
    .by("statistics 4")
    .null("nothing is planned, or not said what"),
    column("next_milestone_site", Kind::Text, "where, as sent")
        .by("statistics 4")
        .null("nothing is planned, or not said where"),
    column(
        "last_event",
        Kind::Text,
        "event type of the latest dated fact",
    )
    .by("statistics 4"),
    column(
        "last_event_milestone_type",
        Kind::Text,
        "its type, where it is a milestone",
    )
    .by("statistics 4")
    .null("it is none, or of no type"),
    column("last_event_date", Kind::Day, "its date").by("statistics 4"),
    column(
        "planned_treatment_date",
        Kind::Day,
        "the earliest milestone treatment_planned from as_of on",
    )
    .by("statistics 4")
    .null("no treatment is planned"),
    column(
        "planned_modality_group",
        Kind::Text,
        "of the earliest-decided treatment that has not begun, kind of treatment as published",
    )
    .by("statistics 2, 4")
    .null("nothing is decided, or no code was sent"),
    column(
        "planned_cancer_treatment_modality",
        Kind::Text,
        "of the earliest-decided treatment that has not begun, code as sent",
    )
    .by("statistics 4")
    .null("nothing is decided, or no code was sent"),
    column(
        "cancer_confirmed",
        Kind::Flag,
        "a diagnosis in scope is recorded, or the patient was told of cancer",
    )
    .by("statistics 4"),
    column(
        "decided",
        Kind::Flag,
        "a decision to treat or ECAD is dated up to as_of, not of modality 98",
    )
    .by("statistics 4"),
    column(
        "transfer_date",
        Kind::Day,
        "the latest transfer to treatment up to as_of",
    )
    .by("statistics 4")
    .null("not transferred"),
    column(
        "days_to_day_38",
        Kind::Whole,
        "62D, not transferred: days to the day of hand-over; negative: past",
    )
    .by("rules 3")
    .in_unit("days")
    .null("another standard, or transferred"),
    column(
        "delay_reason",
        Kind::Text,
        "the reason a breach would owe, code as sent",
    )
    .by("V22")
    .null("none was sent"),
    column(
        "findings",
        Kind::Text,
        "V01 to V31 that hold of the pathway, separated by blanks; empty: none",
    )
    .by("rules 2.5"),
];

/// Appends an open clock with the pathway's findings as completed over all pathways of the patient (V15, V24).
pub fn write_tracking_entry(
    entry: &TrackingEntry,
    findings: Findings,
    plane: &Plane,
    tables: &Tables,
    out: &mut TableBuilder,
) {
    let item = |item: &Option<_>| item.as_deref().map(|item| plane.item(&entry.pathway, item));
    out.day(Some(entry.as_of));
    out.text(Some(plane.pathway(&entry.pathway)));
    out.text(entry.nhs_number.map(|number| plane.patient(number)));
    out.text(match plane {
        Plane::Identifiable => entry.local_patient_identifier.as_deref(),
        Plane::Analyst(_) => None,
    });
    out.text(Some(entry.standard.name()));
    out.text(item(&entry.primary_id));
    out.text(item(&entry.treatment_id));
    out.text(Some(entry.route.name()));
    let suspected = entry.suspected_type.as_deref();
    out.text(Some(tables.suspected_type(entry.route, suspected).name()));
    out.text(suspected);
    write_organisations(entry, tables, out);
    write_clock(entry, out);
    write_plan(entry, tables, out);
    out.text(Some(findings.to_string()));
}

fn write_organisations(entry: &TrackingEntry, tables: &Tables, out: &mut TableBuilder) {
    let organisation = entry.organisation.as_deref();
    out.text(Some(&entry.icb));
    out.text(Some(tables.commissioner_on(&entry.icb, entry.as_of)));
    out.text(Some(tables.alliance(&entry.icb)));
    out.text(organisation);
    out.text(organisation.and_then(|code| tables.name(Basis::Provider, code)));
    out.text(entry.site.as_deref());
}

fn write_clock(entry: &TrackingEntry, out: &mut TableBuilder) {
    let clock = &entry.clock;
    out.day(Some(clock.wait.start));
    out.whole(Some(clock.wait.adjustment));
    out.whole(Some(entry.raw_days()));
    out.whole(Some(entry.days()));
    out.text(Some(entry.band().name()));
    out.day(clock.frozen_at);
    out.day(Some(clock.last_compliant));
    out.day(Some(clock.last_compliant.plus(1)));
    out.whole(Some(clock.days_left));
    out.text(entry.level.map(Level::name));
    out.flag(Some(clock.counting.counts()));
    out.text(clock.counting.reason().map(Reason::name));
}

fn write_plan(entry: &TrackingEntry, tables: &Tables, out: &mut TableBuilder) {
    let next = entry.next_milestone.as_ref();
    out.day(next.map(|next| next.on));
    out.text(next.and_then(|next: &PlannedMilestone| next.milestone_type.as_deref()));
    out.text(next.and_then(|next| next.site.as_deref()));
    let last = entry.last_event.as_ref();
    out.text(last.map(LastEvent::name));
    out.text(last.and_then(|last| last.milestone_type.as_deref()));
    out.day(last.map(|last| last.on));
    out.day(entry.planned_treatment_date);
    let modality = entry.planned_modality.as_deref();
    out.text(modality.map(|code| tables.modality_group(Some(code)).name()));
    out.text(modality);
    out.flag(Some(entry.cancer_confirmed));
    out.flag(Some(entry.is_decided));
    out.day(entry.transferred_on);
    out.whole(entry.days_to_day_38);
    out.text(entry.delay_reason.as_deref());
}
