//! `feeds`: how long each source has been silent, and how late it reports (statistics 4).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::Instant;
use clockstop_pipeline::statistics::Feeds;

/// One row per source and event type.
pub static FEEDS: Table = Table {
    name: "feeds",
    rows: "One row per source and event type",
    columns: COLUMNS,
    sorted_by: &["source_system", "event_type"],
};

const COLUMNS: &[Column] = &[
    column("as_of", Kind::Instant, "the instant silence is measured to").by("statistics 4"),
    column("source_system", Kind::Text, "who reports, as sent").by("events"),
    column(
        "event_type",
        Kind::Text,
        "what is reported, as in the schemas",
    )
    .by("events"),
    column(
        "last_append",
        Kind::Instant,
        "when the broker appended its last report",
    )
    .by("statistics 4")
    .null("none was seen since this process began to look"),
    column(
        "silent_seconds",
        Kind::Whole,
        "as_of minus last_append, in whole seconds",
    )
    .by("statistics 4")
    .in_unit("seconds")
    .null("as last_append"),
    column("reports", Kind::Whole, "kept reports that have a lag")
        .by("statistics 4")
        .in_unit("reports"),
    column(
        "lag_p50",
        Kind::Whole,
        "recorded date minus clinical date, median by nearest rank; negative: recorded before",
    )
    .by("statistics 4")
    .in_unit("days")
    .null("no report has a lag"),
    column(
        "lag_p90",
        Kind::Whole,
        "the same, 90th percentile by nearest rank",
    )
    .by("statistics 4")
    .in_unit("days")
    .null("no report has a lag"),
];

const MICROS_PER_SECOND: i64 = 1_000_000;

/// Appends the feeds as they stand at an instant.
pub fn write_feeds(feeds: &Feeds, as_of: Instant, out: &mut TableBuilder) {
    for row in feeds.rows(as_of) {
        let silent = row.silent_for_micros;
        let seconds = silent.map(|micros| micros.div_euclid(MICROS_PER_SECOND));
        out.instant(Some(as_of));
        out.text(Some(&row.key.source));
        out.text(Some(row.key.event_type.name()));
        out.instant(row.last_append);
        out.whole(seconds.and_then(|seconds| i32::try_from(seconds).ok()));
        out.count(row.reports);
        out.whole(row.lag_p50);
        out.whole(row.lag_p90);
    }
}
