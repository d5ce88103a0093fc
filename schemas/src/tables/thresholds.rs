//! `thresholds`: the rates to be reached (statistics 3).

use super::common::STANDARD;
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{Tables, Threshold};

/// One row per standard, kind and period.
pub static THRESHOLDS: Table = Table {
    name: "thresholds",
    rows: "One row per standard, kind and period",
    columns: COLUMNS,
    sorted_by: &["standard", "kind", "from_month", "to_month", "threshold"],
};

const COLUMNS: &[Column] = &[
    STANDARD,
    column(
        "kind",
        Kind::Text,
        "standard: applies in those months; plan: the aim for the last of them",
    )
    .by("statistics 3"),
    column("from_month", Kind::Text, "YYYY-MM, the first month").by("statistics 3"),
    column("to_month", Kind::Text, "YYYY-MM, the last month")
        .by("statistics 3")
        .null("until further notice"),
    column(
        "threshold",
        Kind::Rate,
        "the share that should be within the standard",
    )
    .by("statistics 3"),
    column("source", Kind::Text, "where it is said").by("statistics 3"),
    column("grade", Kind::Text, "how sure that is: grades of the rules").by("rules 0.1"),
];

/// Appends all thresholds.
pub fn write_thresholds(tables: &Tables, out: &mut TableBuilder) {
    for row in &tables.thresholds {
        out.text(Some(row.standard.name()));
        out.text(Some(row.kind.name()));
        out.text(Some(row.from.to_string()));
        out.text(row.to.map(|month| month.to_string()));
        out.number(Some(f64::from(row.value.0) / f64::from(Threshold::WHOLE)));
        out.text(Some(&row.source));
        out.text(Some(&row.grade));
    }
}
