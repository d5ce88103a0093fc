//! `wait_shares`: a wait's providers; sums over these are the provider basis (statistics 2).

use super::common::ACTIVITY;
use super::table::{Column, Kind, Table, TableBuilder, column};
use super::waits::wait_id;
use crate::plane::Plane;
use clockstop_pipeline::statistics::{Halves, Wait};

/// One or two rows per 62-day wait, one for any other; none for a share of zero.
pub static WAIT_SHARES: Table = Table {
    name: "wait_shares",
    rows: "One or two rows per 62-day wait, one for any other; none for a share of zero",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "report_month", "wait_id"],
};

const COLUMNS: &[Column] = &[
    column("wait_id", Kind::Text, "the wait, as in table waits").by("statistics 2"),
    ACTIVITY,
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that reports it",
    )
    .by("R17"),
    column("organisation", Kind::Text, "the provider").by("statistics 1"),
    column("role", Kind::Text, "investigating, treating, sole").by("R14"),
    column("patients", Kind::Patients, "its part: 0.5 or 1").by("R14"),
    column("within", Kind::Patients, "of it within the standard")
        .by("R14")
        .null("FIRST_SEEN"),
    column("breaches", Kind::Patients, "of it after the limit")
        .by("R14")
        .null("FIRST_SEEN"),
];

/// Appends the shares of a wait.
pub fn write_wait_shares(wait: &Wait, plane: &Plane, out: &mut TableBuilder) {
    let id = wait_id(wait, plane);
    let patients = |halves: u8| Halves::from(u32::from(halves));
    for share in wait.shares() {
        out.text(Some(&id));
        out.text(Some(wait.activity.name()));
        out.text(Some(wait.month().to_string()));
        out.text(Some(share.organisation.as_str()));
        out.text(Some(share.role.name()));
        out.patients(Some(patients(share.half_patients)));
        out.patients(share.half_within.map(patients));
        out.patients(share.half_breaches().map(patients));
    }
}
