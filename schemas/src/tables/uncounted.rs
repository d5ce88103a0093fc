//! `uncounted`: stops that do not count, and why (statistics 2).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::Uncounted;

/// One row per standard, organisation, month and reason.
pub static UNCOUNTED: Table = Table {
    name: "uncounted",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "report_month", "reason"],
};

const COLUMNS: &[Column] = &[
    column("standard", Kind::Text, "FDS, 62D, 31D, FIRST_SEEN"),
    column(
        "organisation",
        Kind::Text,
        "the provider that would report it; 62D: the treating one; null: not known",
    ),
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that would report it",
    ),
    column(
        "reason",
        Kind::Text,
        "as in table clocks; organisation_missing: counted, but nobody reports it",
    ),
    column("stops", Kind::Whole, "how many"),
];

/// Appends so many stops that are alike.
pub fn write_uncounted(uncounted: &Uncounted, stops: u64, out: &mut TableBuilder) {
    out.text(Some(uncounted.activity.name()));
    out.text(uncounted.organisation.as_deref());
    out.text(Some(uncounted.month.to_string()));
    out.text(Some(uncounted.reason.name()));
    out.count(stops);
}
