//! `wait_shares`: a wait's providers; sums over these are the provider basis (statistics 2).

use super::table::{Column, Kind, Table, TableBuilder, column};
use super::waits::wait_id;
use crate::plane::Plane;
use clockstop_pipeline::statistics::{Halves, Wait};

/// One or two rows per 62-day wait, one for any other; none for a share of zero.
pub static WAIT_SHARES: Table = Table {
    name: "wait_shares",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "report_month", "wait_id"],
};

const COLUMNS: &[Column] = &[
    column("wait_id", Kind::Text, "the wait, as in table waits"),
    column("standard", Kind::Text, "FDS, 62D, 31D, FIRST_SEEN"),
    column(
        "report_month",
        Kind::Text,
        "YYYY-MM, the month that reports it",
    ),
    column("organisation", Kind::Text, "the provider"),
    column("role", Kind::Text, "investigating, treating, sole"),
    column("patients", Kind::Patients, "its part: 0.5 or 1"),
    column(
        "within",
        Kind::Patients,
        "patients within the standard; null: no standard",
    ),
    column(
        "breaches",
        Kind::Patients,
        "patients after the limit; null: no standard",
    ),
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
