//! `ptl_weekly`: the 62-day list of a Sunday (statistics 4).

use super::common::ROUTE;
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::{PtlWeekly, TrackingBand};

/// One row per Sunday, source, organisation, route, item, band and decision; none is zero.
pub static PTL_WEEKLY: Table = Table {
    name: "ptl_weekly",
    rows: "One row per Sunday, source, organisation, route, item, band and decision; none is zero",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "week_ending",
        "source",
        "route",
        "item",
        "band",
        "decided",
    ],
};

const COLUMNS: &[Column] = &[
    column("week_ending", Kind::Day, "the Sunday at whose close, 24:00 London, it is judged")
        .by("statistics 4"),
    column(
        "source",
        Kind::Text,
        "closed: from the close of that day; recomputed: from what is known since",
    )
    .by("statistics 4"),
    column(
        "organisation",
        Kind::Text,
        "the responsible provider; of arrivals the one referred to, that upgraded or saw the patient",
    )
    .by("design 5"),
    ROUTE,
    column(
        "item",
        Kind::Text,
        "running, passed_28, passed_28_stopped, passed_28_ended, new_referral, upgrade, first_seen; \
         never sum over it",
    )
    .by("statistics 4"),
    column("band", Kind::Text, "band of adjusted days: 0-28, 29-62, 63-104, >104")
        .by("statistics 4")
        .null("an item other than running"),
    column(
        "decided",
        Kind::Flag,
        "a decision to treat or ECAD is dated up to Sunday, not of modality 98",
    )
    .by("statistics 4")
    .null("an item other than running"),
    column("count", Kind::Whole, "62-day clocks, or arrivals")
        .by("statistics 4")
        .in_unit("clocks; pathways of arrivals"),
];

/// Appends the list of a Sunday; `source` is `closed` or `recomputed`.
pub fn write_ptl_weekly(weekly: &PtlWeekly, source: &str, out: &mut TableBuilder) {
    for (key, count) in weekly.rows() {
        out.day(Some(weekly.week().last));
        out.text(Some(source));
        out.text(key.organisation.as_deref());
        out.text(Some(key.route.name()));
        out.text(Some(key.item.name()));
        out.text(key.band.map(TrackingBand::name));
        out.flag(key.is_decided);
        out.count(*count);
    }
}
