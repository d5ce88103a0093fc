//! `alerts`: the last thing said of every alert that was ever raised.

use super::common::{ALERT_LEVEL, PATHWAY, STANDARD};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::{Level, Reason, Row, Standard};

/// One row per alert, standing or over.
pub static ALERTS: Table = Table {
    name: "alerts",
    rows: "One row per alert, standing or over",
    columns: COLUMNS,
    sorted_by: &["organisation", "standard", "start", "alert_id"],
};

const COLUMNS: &[Column] = &[
    column(
        "alert_id",
        Kind::Text,
        "the lasting id of the alert, the key of its Kafka records",
    )
    .by("design 5"),
    PATHWAY,
    STANDARD,
    column("primary_id", Kind::Text, "the primary of a 62D alert")
        .by("R21")
        .null("another standard"),
    column("treatment_id", Kind::Text, "the treatment of a 31D alert")
        .by("R10, R11")
        .null("another standard"),
    column("standing", Kind::Flag, "it stands; false: it is over").by("design 5"),
    column("level", Kind::Text, ALERT_LEVEL)
        .by("design 5")
        .null("over"),
    column(
        "transition",
        Kind::Text,
        "what was said last: raised, escalated, eased, amended, resolved, closed, withdrawn",
    )
    .by("design 5"),
    column(
        "revision",
        Kind::Whole,
        "how often it was spoken of, from 1",
    )
    .by("design 5")
    .in_unit("transitions"),
    column("start", Kind::Day, "day 0 of the clock")
        .by("R1")
        .null("withdrawn"),
    column(
        "last_compliant",
        Kind::Day,
        "the clock's last compliant day",
    )
    .by("R1")
    .null("closed or withdrawn"),
    column("breach_from", Kind::Day, "the first day of the breach")
        .by("R1")
        .null("closed or withdrawn"),
    column("stop", Kind::Day, "the clock's stop")
        .by("R1")
        .null("it stands, was withdrawn, or was closed without a stop of its own"),
    column(
        "within",
        Kind::Flag,
        "the final wait is within the standard",
    )
    .by("R1")
    .null("not resolved"),
    column(
        "reason",
        Kind::Text,
        "why the clock ended, or does not count, as in table clocks",
    )
    .by("Q33")
    .null("it counts, or was withdrawn"),
    column(
        "organisation",
        Kind::Text,
        "the responsible trust, three characters",
    )
    .by("design 5")
    .null("withdrawn, or not known"),
    column(
        "decided_on",
        Kind::Day,
        "the London date of the last thing said",
    )
    .by("design 5"),
];

/// Appends a row per alert of a pathway.
pub fn write_alerts(row: &Row<'_>, plane: &Plane, out: &mut TableBuilder) {
    for said in row.said() {
        let item_of = |standard: Standard| {
            let item = said.item.as_deref().filter(|_| said.standard == standard);
            item.map(|item| plane.item(row.pathway, item))
        };
        let content = &said.content;
        out.text(Some(said.alert_id.to_string()));
        out.text(Some(plane.pathway(row.pathway)));
        out.text(Some(said.standard.name()));
        out.text(item_of(Standard::SixtyTwoDay));
        out.text(item_of(Standard::ThirtyOneDay));
        out.flag(Some(content.level.is_some()));
        out.text(content.level.map(Level::name));
        out.text(Some(said.transition.name()));
        out.whole(i32::try_from(said.revision).ok());
        out.day(content.start);
        out.day(content.last_compliant);
        out.day(content.breach_from());
        out.day(content.stop);
        out.flag(content.within);
        out.text(content.reason.map(Reason::name));
        out.text(content.organisation.as_ref());
        out.day(said.decided_on.into());
    }
}
