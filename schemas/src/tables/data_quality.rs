//! `data_quality`: what must be mended, by organisation and source (statistics 4).

use super::table::{Column, Kind, Table, TableBuilder, column};
use clockstop_pipeline::statistics::DataQuality;

/// One row per organisation, source and finding; they do not add up, for a pathway can stand in several.
pub static DATA_QUALITY: Table = Table {
    name: "data_quality",
    rows: "One row per organisation, source and finding; they do not add up, for a pathway can stand in several",
    columns: COLUMNS,
    sorted_by: &["organisation", "finding", "source_system"],
};

const COLUMNS: &[Column] = &[
    column(
        "organisation",
        Kind::Text,
        "the provider of the first appointment, else of the referral, else the issuer",
    )
    .by("statistics 1"),
    column("source_system", Kind::Text, "whose reports the finding rests on")
        .by("Q28")
        .null("no visible report is the cause"),
    column("finding", Kind::Text, "V01 to V31").by("rules 2.5"),
    column("title", Kind::Text, "what it says, for people").by("rules 2.5"),
    column("level", Kind::Text, "where it is raised: pathway, patient, source").by("Q28"),
    column("severity", Kind::Text, "reject: the upload refuses it; warn").by("rules 2.5"),
    column(
        "effect",
        Kind::Text,
        "on a clock: none, not_counted, 31_day_not_counted, adjustment_ignored, end_ignored, 31_day_only",
    )
    .by("Q2"),
    column("pathways", Kind::Whole, "pathways it holds of; each once in a row")
        .by("rules 2.5")
        .in_unit("pathways"),
];

/// Appends the findings of all pathways.
pub fn write_data_quality(quality: &DataQuality, out: &mut TableBuilder) {
    for (key, pathways) in quality.rows() {
        let finding = key.finding;
        out.text(Some(&key.organisation));
        out.text(key.source.as_deref());
        out.text(Some(finding.to_string()));
        out.text(Some(finding.title()));
        out.text(Some(finding.level().name()));
        out.text(Some(finding.severity().name()));
        out.text(Some(finding.effect().name()));
        out.count(*pathways);
    }
}
