//! One snapshot: every partition's rows on every plane, written so that any reader of Parquet opens them.

use super::folder::{Folder, PublishError};
use super::rows::{PartitionRows, PlaneRows, TABLES};
use arrow::array::RecordBatch;
use clockstop_pipeline::{Day, Findings, PatientPart, Topic, complete_patient_findings};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{Table, with_findings};
use jiff::Timestamp;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The version of the tables' names, columns and types.
pub(crate) const TABLES_VERSION: &str = "1";

/// Where one plane's snapshots go.
#[derive(Clone, Debug)]
pub struct Root {
    /// The plane.
    pub plane: Plane,
    /// The folder that holds `snapshots/` and `current`.
    pub path: PathBuf,
}

/// Everything that goes into one snapshot.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The instant it stands for.
    pub as_of: Timestamp,
    /// The London date on which its clocks were judged.
    pub today: Day,
    /// The rows, one entry per partition.
    pub partitions: Vec<PartitionRows>,
    /// Partitions that gave no rows.
    pub missing: Vec<i32>,
    /// The version of the reference tables.
    pub reference_version: String,
}

/// What was published on one plane.
#[derive(Clone, Debug)]
pub struct Published {
    /// The finished folder.
    pub folder: PathBuf,
    /// Rows by table.
    pub rows: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Manifest<'a> {
    tables_version: &'static str,
    plane: &'static str,
    as_of: String,
    today: String,
    software_version: &'static str,
    reference_version: &'a str,
    tables: BTreeMap<&'static str, Vec<Part>>,
    partitions: Vec<PartitionOffsets>,
    partitions_missing: &'a [i32],
}

#[derive(Serialize)]
struct Part {
    file: String,
    rows: usize,
}

#[derive(Serialize)]
struct PartitionOffsets {
    partition: i32,
    offsets: BTreeMap<&'static str, i64>,
}

impl Snapshot {
    /// Writes the snapshot on every plane, in the order in which its rows were collected, keeps the
    /// newest `keep` of each, and tells what was published.
    ///
    /// # Errors
    /// When a file cannot be written, or a newer snapshot is there already; what was published before
    /// stays as it was.
    pub fn publish(mut self, roots: &[Root], keep: usize) -> Result<Vec<Published>, PublishError> {
        self.partitions.sort_by_key(|rows| rows.partition);
        let findings = self.findings();
        roots
            .iter()
            .enumerate()
            .map(|(at, root)| self.publish_plane(root, at, &findings, keep))
            .collect()
    }

    /// The findings per partition, complete for every patient over all partitions (V15, V24).
    fn findings(&self) -> Vec<Vec<Findings>> {
        let parts: Vec<PatientPart> = self
            .partitions
            .iter()
            .flat_map(|rows| rows.patients.iter().cloned())
            .collect();
        let mut findings: Vec<Findings> = self
            .partitions
            .iter()
            .flat_map(|rows| rows.findings.iter().copied())
            .collect();
        complete_patient_findings(&parts, &mut findings);
        let mut rest = findings.into_iter();
        self.partitions
            .iter()
            .map(|rows| rest.by_ref().take(rows.findings.len()).collect())
            .collect()
    }

    fn publish_plane(
        &self,
        root: &Root,
        at: usize,
        findings: &[Vec<Findings>],
        keep: usize,
    ) -> Result<Published, PublishError> {
        let folder = Folder::open(&root.path, &folder_name(self.as_of))?;
        let mut tables: BTreeMap<&'static str, Vec<Part>> = BTreeMap::new();
        for table in TABLES {
            let path = folder.path().join(table.name);
            fs::create_dir_all(&path).map_err(PublishError::write(&path))?;
        }
        for (rows, findings) in self.partitions.iter().zip(findings) {
            let Some(plane) = rows.planes.get(at) else {
                continue;
            };
            for (table, batch) in batches(plane, findings)? {
                let file = format!("{}/part-{:04}.parquet", table.name, rows.partition);
                let properties = self.properties(root, rows);
                write(&folder.path().join(&file), table, &batch, properties)?;
                let rows = batch.num_rows();
                tables
                    .entry(table.name)
                    .or_default()
                    .push(Part { file, rows });
            }
        }
        let rows = tables
            .iter()
            .map(|(&table, parts)| (table, parts.iter().map(|part| part.rows).sum()))
            .collect();
        self.write_manifest(&folder, root, tables)?;
        Ok(Published {
            folder: folder.finish(keep)?,
            rows,
        })
    }

    /// What every reader understands: data page v1, plain and dictionary encodings, Snappy (design 7).
    fn properties(&self, root: &Root, rows: &PartitionRows) -> WriterProperties {
        let offsets = Topic::ALL.iter().zip(rows.offsets);
        let offsets: Vec<_> = offsets
            .map(|(topic, offset)| format!("{}={offset}", topic.name()))
            .collect();
        let notes = [
            ("clockstop.tables_version", TABLES_VERSION.to_owned()),
            ("clockstop.software_version", software_version().to_owned()),
            (
                "clockstop.reference_version",
                self.reference_version.clone(),
            ),
            ("clockstop.plane", root.plane.name().to_owned()),
            ("clockstop.as_of", self.as_of.to_string()),
            ("clockstop.today", self.today.to_string()),
            ("clockstop.partition", rows.partition.to_string()),
            ("clockstop.offsets", offsets.join(",")),
        ];
        let notes = notes.map(|(key, value)| KeyValue::new(key.to_owned(), value));
        WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::SNAPPY)
            .set_statistics_enabled(EnabledStatistics::Page)
            .set_key_value_metadata(Some(notes.to_vec()))
            .build()
    }

    fn write_manifest(
        &self,
        folder: &Folder,
        root: &Root,
        tables: BTreeMap<&'static str, Vec<Part>>,
    ) -> Result<(), PublishError> {
        let partitions = self.partitions.iter().map(|rows| PartitionOffsets {
            partition: rows.partition,
            offsets: Topic::ALL
                .iter()
                .map(|topic| topic.name())
                .zip(rows.offsets)
                .collect(),
        });
        let manifest = Manifest {
            tables_version: TABLES_VERSION,
            plane: root.plane.name(),
            as_of: self.as_of.to_string(),
            today: self.today.to_string(),
            software_version: software_version(),
            reference_version: &self.reference_version,
            tables,
            partitions: partitions.collect(),
            partitions_missing: &self.missing,
        };
        let path = folder.path().join("_snapshot.json");
        let json = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::from);
        json.and_then(|json| fs::write(&path, json + "\n"))
            .map_err(PublishError::write(&path))
    }
}

const fn software_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The folder's name: the instant in UTC, to the microsecond, sorting as text, without colons.
fn folder_name(as_of: Timestamp) -> String {
    as_of.strftime("%Y-%m-%dT%H%M%S.%6fZ").to_string()
}

fn batches(
    rows: &PlaneRows,
    findings: &[Findings],
) -> Result<[(&'static Table, RecordBatch); 3], PublishError> {
    let [pathways, clocks, alerts] = TABLES;
    let sorted = |table: &'static Table, batch: &RecordBatch| {
        table.sorted(batch).map_err(|source| PublishError::Arrow {
            table: table.name,
            source,
        })
    };
    let filled = with_findings(&rows.pathways, findings).map_err(|source| PublishError::Arrow {
        table: pathways.name,
        source,
    })?;
    Ok([
        (pathways, sorted(pathways, &filled)?),
        (clocks, sorted(clocks, &rows.clocks)?),
        (alerts, sorted(alerts, &rows.alerts)?),
    ])
}

fn write(
    path: &Path,
    table: &Table,
    batch: &RecordBatch,
    properties: WriterProperties,
) -> Result<(), PublishError> {
    let failed = |source| PublishError::Parquet {
        path: path.to_owned(),
        source,
    };
    let file = File::create(path).map_err(PublishError::write(path))?;
    let mut writer =
        ArrowWriter::try_new(file, table.schema(), Some(properties)).map_err(failed)?;
    writer.write(batch).map_err(failed)?;
    let file = writer.into_inner().map_err(failed)?;
    file.sync_all().map_err(PublishError::write(path))
}
