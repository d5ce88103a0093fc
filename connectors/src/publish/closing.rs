//! The rows of a partition at the close of a day, as files that are the same however often they are made.

use super::PublishError;
use clockstop_pipeline::{Day, Engine};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{
    CLOCKS, PATHWAYS, Table, TableBuilder, write_clocks, write_pathway,
};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use std::path::PathBuf;

/// A file's name and bytes.
pub(crate) type File = (String, Vec<u8>);

/// `pathways.parquet` and `clocks.parquet` of a partition on a day. They hold nothing that depends on how
/// the log was read: no position, no time of writing, and the pathways in the order of their keys.
///
/// # Errors
/// Arrow's or Parquet's, when a table and its writer disagree.
pub(crate) fn closing_files(
    engine: &Engine,
    day: Day,
    partition: i32,
    reference_version: &str,
) -> Result<Vec<File>, PublishError> {
    let mut keys: Vec<&str> = engine.keys().collect();
    keys.sort_unstable();
    let [mut pathways, mut clocks] = [&PATHWAYS, &CLOCKS].map(TableBuilder::new);
    for row in keys.into_iter().filter_map(|key| engine.row(key, day)) {
        write_pathway(&row, &Plane::Identifiable, &mut pathways);
        write_clocks(&row, &Plane::Identifiable, &mut clocks);
    }
    let notes = [
        ("clockstop.day", day.to_string()),
        ("clockstop.partition", partition.to_string()),
        ("clockstop.reference_version", reference_version.to_owned()),
    ];
    [(&PATHWAYS, pathways), (&CLOCKS, clocks)]
        .into_iter()
        .map(|(table, rows)| file(table, rows, &notes))
        .collect()
}

fn file(
    table: &'static Table,
    rows: TableBuilder,
    notes: &[(&str, String)],
) -> Result<File, PublishError> {
    let arrow = |source| PublishError::Arrow {
        table: table.name,
        source,
    };
    let name = format!("{}.parquet", table.name);
    let parquet = |source| PublishError::Parquet {
        path: PathBuf::from(&name),
        source,
    };
    let rows = table
        .sorted(&rows.finish().map_err(arrow)?)
        .map_err(arrow)?;
    let notes = notes
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone()));
    let properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_key_value_metadata(Some(notes.collect()))
        .build();
    let mut bytes = Vec::new();
    let mut writer =
        ArrowWriter::try_new(&mut bytes, table.schema(), Some(properties)).map_err(parquet)?;
    writer.write(&rows).map_err(parquet)?;
    writer.close().map_err(parquet)?;
    Ok((name, bytes))
}
