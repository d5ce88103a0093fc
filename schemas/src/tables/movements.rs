//! `movements`: what came and went among the clocks in a week (statistics 4).

use super::common::{ROUTE, STANDARD};
use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::Movements;

/// One row per interval, organisation, standard, route, item and reason; none is zero.
pub static MOVEMENTS: Table = Table {
    name: "movements",
    rows: "One row per interval, organisation, standard, route, item and reason; none is zero",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "standard",
        "first_day",
        "last_day",
        "route",
        "item",
        "reason",
    ],
};

const COLUMNS: &[Column] = &[
    column(
        "first_day",
        Kind::Day,
        "first day of the interval; of a week the Monday",
    )
    .by("statistics 4"),
    column(
        "last_day",
        Kind::Day,
        "its last day, on which the clocks are judged",
    )
    .by("statistics 4"),
    column("organisation", Kind::Text, "the responsible provider").by("design 5"),
    STANDARD,
    ROUTE,
    column(
        "item",
        Kind::Text,
        "opened, stopped_within, stopped_late, stopped_uncounted, ended, crossed_62, crossed_104; \
         a clock stands under each that happened to it",
    )
    .by("statistics 4"),
    column("reason", Kind::Text, "why they ended, as in table clocks")
        .by("Q33")
        .null("an item other than ended"),
    column(
        "clocks",
        Kind::Whole,
        "clocks it happened to in the interval",
    )
    .by("statistics 4")
    .in_unit("clocks"),
];

/// Appends the movements of an interval.
pub fn write_movements(movements: &Movements, out: &mut TableBuilder) {
    let interval = movements.interval();
    for (key, counts) in movements.rows() {
        let ended = counts.ended.iter();
        let ended = ended.map(|(reason, count)| ("ended", Some(reason.name()), *count));
        let others = [
            ("opened", counts.opened),
            ("stopped_within", counts.stopped_within),
            ("stopped_late", counts.stopped_late),
            ("stopped_uncounted", counts.stopped_uncounted),
            ("crossed_62", counts.crossed_62),
            ("crossed_104", counts.crossed_104),
        ];
        let others = others.into_iter().map(|(item, count)| (item, None, count));
        for (item, reason, count) in others.chain(ended).filter(|(_, _, count)| *count > 0) {
            out.day(Some(interval.first));
            out.day(Some(interval.last));
            out.text(key.organisation.as_deref());
            out.text(Some(key.standard.name()));
            out.text(Some(key.route.name()));
            out.text(Some(item));
            out.text(reason);
            out.count(count);
        }
    }
}
