//! `spc`: is the change real? One row per point of a chart (statistics 6).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::spc::{
    Assurance, ChartedPoint, PROFILE, SpecialCause, Variation,
};
use clockstop_pipeline::statistics::{SeriesItem, SpcSeries, Threshold};

/// One row per point of every series.
pub static SPC: Table = Table {
    name: "spc",
    rows: "One row per point of every series",
    columns: COLUMNS,
    sorted_by: &["organisation", "item", "basis", "point_day"],
};

const fn value(name: &'static str, meaning: &'static str) -> Column {
    column(name, Kind::Number, meaning)
        .by("statistics 6")
        .in_unit("share, 0 to 1, of rates; clocks of counts")
}

const fn limit(name: &'static str, meaning: &'static str) -> Column {
    value(name, meaning).null("no moving range is left, or their mean is zero")
}

const COLUMNS: &[Column] = &[
    column(
        "item",
        Kind::Text,
        "FDS, 62D, 31D: headline rate of the standard; over_62, over_104: 62-day clocks that wait longer",
    )
    .by("statistics 6"),
    column("interval", Kind::Text, "month (rates), week (counts)").by("statistics 6"),
    column("basis", Kind::Text, "PROVIDER, COMMISSIONER, ENGLAND").by("statistics 1"),
    column("organisation", Kind::Text, "provider, commissioner or UNKNOWN, ENGLAND")
        .by("statistics 1"),
    column("period", Kind::Text, "YYYY-MM of a month; YYYY-MM-DD of a week's Sunday")
        .by("statistics 6"),
    column("point_day", Kind::Day, "the first of the month, or the Sunday of the week")
        .by("statistics 6"),
    column("within", Kind::Patients, "patients within the standard: numerator of the value")
        .by("statistics 3")
        .null("a count"),
    column("total", Kind::Patients, "patients: denominator of the value")
        .by("statistics 3")
        .null("a count"),
    value("value", "the point"),
    value("mean", "the mean of the series"),
    limit("mean_moving_range", "the mean moving range, screened once"),
    limit("lower_limit", "mean less 2.66 mean moving ranges, not clamped"),
    limit("upper_limit", "mean and 2.66 mean moving ranges, not clamped"),
    limit("near_lower_limit", "two thirds of the way to lower_limit"),
    limit("near_upper_limit", "two thirds of the way to upper_limit"),
    column(
        "special_cause",
        Kind::Text,
        "the first rule that holds, as NHSRplotthedots names it",
    )
    .by("statistics 6")
    .null("common cause"),
    column(
        "point_type",
        Kind::Text,
        "common_cause, special_cause_improvement, special_cause_concern, special_cause_neutral_high, \
         special_cause_neutral_low",
    )
    .by("statistics 6"),
    column(
        "variation",
        Kind::Text,
        "icon of the series: common_cause, improvement_high, improvement_low, concern_high, concern_low",
    )
    .by("statistics 6")
    .null("short"),
    column(
        "assurance",
        Kind::Text,
        "icon of the series: consistent_pass, consistent_fail, inconsistent, none (no target)",
    )
    .by("statistics 6")
    .null("short"),
    column("short", Kind::Flag, "under 13 points: limits, and no icons").by("statistics 6"),
    column("target", Kind::Rate, "the standard threshold of the series' last month")
        .by("statistics 6")
        .null("a count, or no threshold applies"),
    column("profile", Kind::Text, "the rules it was charted by").by("statistics 6"),
];

/// Appends the points of a series.
pub fn write_spc(series: &SpcSeries, out: &mut TableBuilder) {
    for charted in &series.chart.points {
        let day = charted.point.day;
        let rate = series.rate_of(day);
        out.text(Some(series.item.name()));
        out.text(Some(series.item.interval()));
        out.text(Some(series.basis.name()));
        out.text(Some(&series.organisation));
        out.text(Some(match series.item {
            SeriesItem::Rate(_) => day.month().to_string(),
            SeriesItem::Over62 | SeriesItem::Over104 => day.to_string(),
        }));
        out.day(Some(day));
        out.patients(rate.map(|(within, _)| within));
        out.patients(rate.map(|(_, total)| total));
        write_point(charted, out);
        let target = series.target.map(|target| f64::from(target.0));
        out.text(series.chart.variation.map(Variation::name));
        out.text(series.chart.assurance.map(Assurance::name));
        out.flag(Some(series.chart.short));
        out.number(target.map(|target| target / f64::from(Threshold::WHOLE)));
        out.text(Some(PROFILE));
    }
}

fn write_point(charted: &ChartedPoint, out: &mut TableBuilder) {
    let limits = charted.limits;
    out.number(Some(charted.point.value));
    out.number(Some(charted.mean));
    out.number(limits.map(|limits| limits.mean_moving_range));
    out.number(limits.map(|limits| limits.lower));
    out.number(limits.map(|limits| limits.upper));
    out.number(limits.map(|limits| limits.near_lower));
    out.number(limits.map(|limits| limits.near_upper));
    out.text(charted.special_cause.map(SpecialCause::name));
    out.text(Some(charted.point_type.name()));
}
