//! `already_decided`: where the running month will land (statistics 3).

use super::common::STANDARD;
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::Standard;
use clockstop_pipeline::statistics::{AlreadyDecided, Decided};

/// One row per standard and responsible organisation, `ENGLAND` among them; whole patients.
pub static ALREADY_DECIDED: Table = Table {
    name: "already_decided",
    rows: "One row per standard and responsible organisation, `ENGLAND` among them; whole patients",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard"],
};

const COLUMNS: &[Column] = &[
    column("month", Kind::Text, "YYYY-MM, the month of as_of").by("statistics 3"),
    STANDARD,
    column(
        "organisation",
        Kind::Text,
        "the responsible provider, or ENGLAND",
    )
    .by("statistics 3"),
    column(
        "stopped_within",
        Kind::Whole,
        "W: stopped in the month so far, within",
    )
    .by("statistics 3")
    .in_unit("patients"),
    column("stopped", Kind::Whole, "N: stopped in the month so far")
        .by("statistics 3")
        .in_unit("patients"),
    column(
        "compliant",
        Kind::Whole,
        "C: running and compliant on as_of",
    )
    .by("statistics 3")
    .in_unit("patients"),
    column("late", Kind::Whole, "L: running and late on as_of")
        .by("statistics 3")
        .in_unit("patients"),
    column(
        "due",
        Kind::Whole,
        "D: of C, late by the end of the month unless they stop",
    )
    .by("statistics 3")
    .in_unit("patients"),
    column("best", Kind::Rate, "(W + C) / (N + C)")
        .by("statistics 3")
        .null("nothing is there"),
    column("worst", Kind::Rate, "W / (N + L + D)")
        .by("statistics 3")
        .null("nothing is there"),
];

/// Appends the rows of a month.
pub fn write_already_decided(decided: &AlreadyDecided, out: &mut TableBuilder) {
    let month = decided.month().to_string();
    for (standard, organisation, counts) in decided.rows() {
        out.text(Some(&month));
        write_row(standard, organisation, counts, out);
    }
}

fn write_row(standard: Standard, organisation: &str, counts: &Decided, out: &mut TableBuilder) {
    let whole = |patients: u32| i32::try_from(patients).ok();
    let rate = |(numerator, denominator)| f64::from(numerator) / f64::from(denominator);
    out.text(Some(standard.name()));
    out.text(Some(organisation));
    out.whole(whole(counts.stopped_within));
    out.whole(whole(counts.stopped));
    out.whole(whole(counts.compliant));
    out.whole(whole(counts.late));
    out.whole(whole(counts.due));
    out.number(counts.best().map(rate));
    out.number(counts.worst().map(rate));
}
