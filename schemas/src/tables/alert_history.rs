//! `alert_history`: every transition of every alert, as the history topic keeps them (design 5).

use super::causes::shown_causes;
use super::common::{ALERT_LEVEL, PATHWAY, ROUTE, STANDARD, SUSPECTED_TYPE_CODE};
use super::table::{Column, Kind, Table, TableBuilder, column};
use crate::plane::Plane;
use clockstop_pipeline::{Alert, Level, Reason};

/// One row per transition.
pub static ALERT_HISTORY: Table = Table {
    name: "alert_history",
    rows: "One row per transition; of an erased pathway none",
    columns: COLUMNS,
    sorted_by: &[
        "organisation",
        "standard",
        "decided_on",
        "alert_id",
        "revision",
    ],
};

const COLUMNS: &[Column] = &[
    column(
        "alert_id",
        Kind::Text,
        "the lasting id of the alert, as in table alerts",
    )
    .by("design 5"),
    column(
        "revision",
        Kind::Whole,
        "consecutive from 1 within the alert",
    )
    .by("design 5")
    .in_unit("transitions"),
    PATHWAY,
    STANDARD,
    column("primary_id", Kind::Text, "the primary of a 62D alert")
        .by("R21")
        .null("another standard"),
    column("treatment_id", Kind::Text, "the treatment of a 31D alert")
        .by("R10, R11")
        .null("another standard"),
    column(
        "transition",
        Kind::Text,
        "raised, escalated, eased, amended, resolved, closed, withdrawn",
    )
    .by("design 5"),
    column(
        "because",
        Kind::Text,
        "what moved it: facts, date, rules, baseline",
    )
    .by("design 5"),
    column("decided_on", Kind::Day, "the London date it was decided on").by("design 5"),
    column("level", Kind::Text, ALERT_LEVEL)
        .by("design 5")
        .null("over"),
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
    column(
        "days",
        Kind::Whole,
        "adjusted days on decided_on, or of the final wait",
    )
    .by("R1")
    .in_unit("days")
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
    ROUTE,
    SUSPECTED_TYPE_CODE,
    column(
        "rules",
        Kind::Text,
        "the rules that decided, separated by blanks",
    )
    .by("rules 1, 10.2"),
    column(
        "causes",
        Kind::Text,
        "the reports behind it: source and instant recorded, separated by `; `; empty: none",
    )
    .by("design 5"),
    column("reference_version", Kind::Text, "of the reference tables").by("design 4"),
    column("software_version", Kind::Text, "of this software").by("design 5"),
];

/// Appends a transition.
pub fn write_alert_history(alert: &Alert, plane: &Plane, out: &mut TableBuilder) {
    let item = |item: &Option<String>| item.as_deref().map(|item| plane.item(&alert.pathway, item));
    let content = &alert.content;
    out.text(Some(alert.alert_id.to_string()));
    out.whole(i32::try_from(alert.revision).ok());
    out.text(Some(plane.pathway(&alert.pathway)));
    out.text(Some(alert.standard.name()));
    out.text(item(&alert.primary_id));
    out.text(item(&alert.treatment_id));
    out.text(Some(alert.transition.name()));
    out.text(Some(alert.because.name()));
    out.day(Some(alert.decided_on));
    out.text(content.level.map(Level::name));
    out.day(content.start);
    out.day(content.last_compliant);
    out.day(content.breach_from());
    out.whole(alert.days);
    out.day(content.stop);
    out.flag(content.within);
    out.text(content.reason.map(Reason::name));
    out.text(content.organisation.as_ref());
    out.text(Some(alert.route.name()));
    out.text(alert.suspected_type.as_ref());
    out.text(Some(alert.rules.names().collect::<Vec<_>>().join(" ")));
    out.text(Some(shown_causes(&alert.causes)));
    out.text(Some(&alert.reference_version));
    out.text(Some(&alert.software_version));
}
