//! `restatements`: what became of a released month (statistics 3).

use super::common::{ACTIVITY, PATHWAY};
use super::table::{Column, Kind, Table, TableBuilder, column};
use super::waits::joined_id;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{Halves, Part, Restatement, Side};

/// One row per wait and provider of a released month: then and now, whatever was or is in the month.
pub static RESTATEMENTS: Table = Table {
    name: "restatements",
    rows: "One row per wait and provider of a released month: at its last release and now (full outer join), whether anything changed or not; of an erased pathway none",
    columns: COLUMNS,
    sorted_by: &[
        "report_month",
        "standard",
        "wait_id",
        "release",
        "old_organisation",
        "new_organisation",
    ],
};

const COLUMNS: &[Column] = &[
    column("report_month", Kind::Text, "YYYY-MM, the released month").by("statistics 3"),
    column(
        "release",
        Kind::Text,
        "provisional, final: what now is compared with",
    )
    .by("statistics 3"),
    column("wait_id", Kind::Text, "the wait, as in table waits").by("statistics 2"),
    PATHWAY,
    ACTIVITY,
    column(
        "old_month",
        Kind::Text,
        "YYYY-MM that reported it at the release",
    )
    .by("statistics 3")
    .null("it was not in the month"),
    column(
        "old_organisation",
        Kind::Text,
        "the provider at the release",
    )
    .by("statistics 3")
    .null("it was not in the month, or had no (further) provider"),
    column("old_patients", Kind::Patients, "its part at the release")
        .by("statistics 3")
        .null("as old_organisation"),
    column("old_within", Kind::Patients, "of it within the standard")
        .by("statistics 3")
        .null("as old_organisation, or no standard"),
    column("new_month", Kind::Text, "YYYY-MM that reports it now")
        .by("statistics 3")
        .null("it is counted no more"),
    column("new_organisation", Kind::Text, "the provider now")
        .by("statistics 3")
        .null("it is counted no more, or has no (further) provider"),
    column("new_patients", Kind::Patients, "its part now")
        .by("statistics 3")
        .null("as new_organisation"),
    column("new_within", Kind::Patients, "of it within the standard")
        .by("statistics 3")
        .null("as new_organisation, or no standard"),
    column(
        "changed",
        Kind::Flag,
        "whether anything of the above differs between the release and now",
    )
    .by("statistics 3"),
    column(
        "causes",
        Kind::Text,
        "the reports behind the change: source and instant recorded, separated by `; `",
    )
    .by("statistics 3")
    .null("nothing changed; or first-seen activity, or the pathway is known no more"),
];

/// Appends a wait as released and as it is; ids and causes are already as the plane shows them.
pub fn write_restatement(
    row: &Restatement,
    release: Release,
    causes: Option<&str>,
    out: &mut TableBuilder,
) {
    let side = row.old.as_ref().or(row.new.as_ref());
    out.text(side.map(|side| side.month.to_string()));
    out.text(Some(release.name()));
    out.text(Some(joined_id(
        &row.pathway,
        row.activity,
        row.item.as_deref(),
    )));
    out.text(Some(&row.pathway));
    out.text(Some(row.activity.name()));
    write_side(row.old.as_ref(), out);
    write_side(row.new.as_ref(), out);
    out.flag(Some(row.is_changed()));
    out.text(causes);
}

fn write_side(side: Option<&Side>, out: &mut TableBuilder) {
    let part = side.and_then(|side| side.part.as_ref());
    let halves = |halves: u8| Halves::from(u32::from(halves));
    out.text(side.map(|side| side.month.to_string()));
    out.text(part.map(|part: &Part| &part.organisation));
    out.patients(part.map(|part| halves(part.half_patients)));
    out.patients(part.and_then(|part| part.half_within).map(halves));
}
