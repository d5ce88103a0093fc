//! `uncounted`: stops that do not count, and why (statistics 2).

use super::common::ACTIVITY;
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::Uncounted;

/// One row per standard, organisation, month and reason.
pub static UNCOUNTED: Table = Table {
    name: "uncounted",
    rows: "One row per standard, organisation, month and reason",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "report_month", "reason"],
};

const COLUMNS: &[Column] = &[
    ACTIVITY,
    column(
        "organisation",
        Kind::Text,
        "the provider that would report it; 62D: the treating one",
    )
    .by("R17")
    .null("not known"),
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that would report it",
    )
    .by("R17"),
    column(
        "reason",
        Kind::Text,
        "as in table clocks; organisation_missing: counted, but nobody reports it",
    )
    .by("Q33"),
    column("stops", Kind::Whole, "how many")
        .by("statistics 2")
        .in_unit("stops"),
];

/// Appends so many stops that are alike.
pub fn write_uncounted(uncounted: &Uncounted, stops: u64, out: &mut TableBuilder) {
    out.text(Some(uncounted.activity.name()));
    out.text(uncounted.organisation.as_deref());
    out.text(Some(uncounted.month.to_string()));
    out.text(Some(uncounted.reason.name()));
    out.count(stops);
}
