//! A table as a Parquet file that every reader understands: data page v1, plain and dictionary encodings, Snappy
//! (design 7).

use super::PublishError;
use arrow::array::RecordBatch;
use clockstop_schemas::tables::Table;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use std::fs::File;
use std::path::Path;

/// Rows of a group: few enough to be skipped or read in parallel, and the same for the same rows.
const GROUP_ROWS: usize = 1 << 17;

/// What stands in the footer of a file, by key without its `clockstop.`.
pub(super) type Notes = Vec<(&'static str, String)>;

/// Writes a file and makes sure that it is on the disk.
pub(super) fn write(
    path: &Path,
    table: &Table,
    rows: &RecordBatch,
    notes: &Notes,
) -> Result<(), PublishError> {
    let failed = |source| PublishError::Parquet {
        path: path.to_owned(),
        source,
    };
    let file = File::create(path).map_err(PublishError::write(path))?;
    let mut writer =
        ArrowWriter::try_new(file, table.schema(), Some(properties(notes))).map_err(failed)?;
    writer.write(rows).map_err(failed)?;
    let file = writer.into_inner().map_err(failed)?;
    file.sync_all().map_err(PublishError::write(path))
}

fn properties(notes: &Notes) -> WriterProperties {
    let notes = notes
        .iter()
        .map(|(key, value)| KeyValue::new(format!("clockstop.{key}"), value.clone()));
    WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_key_value_metadata(Some(notes.collect()))
        .build()
}
