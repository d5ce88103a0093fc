//! Every transition of the alerts as files that only grow in number: what was written once is linked into each snapshot.
//!
//! `<root>/alert_history/part-<partition>-<from>-<next>.parquet` holds the transitions of a partition between two
//! offsets, so that the names say from where to read on. Many small ones become one.

use super::PublishError;
use super::files::{self, Notes};
use super::row_tables::sorted;
use super::snapshot::Root;
use crate::kafka::transitions::Stretch;
use arrow::array::{AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::error::ArrowError;
use clockstop_schemas::tables::{ALERT_HISTORY, TableBuilder, write_alert_history};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Files of a partition that may be small.
const SMALL_FILES: usize = 8;
/// A file with so many rows stays as it is.
const LARGE: usize = 1 << 17;

const PATHWAY: &str = "pathway";
const UNFINISHED: &str = ".unfinished";
/// Names the files that are known to be without the erased pathways, after a digest of these.
const CLEARED: &str = ".cleared";

/// The history on one plane.
#[derive(Debug)]
pub(crate) struct History<'r> {
    root: &'r Root,
    folder: PathBuf,
}

/// One of its files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    partition: i32,
    from: i64,
    next: i64,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        let numbers = name.strip_prefix("part-")?.strip_suffix(".parquet")?;
        let mut numbers = numbers.split('-');
        let part = Self {
            partition: numbers.next()?.parse().ok()?,
            from: numbers.next()?.parse().ok()?,
            next: numbers.next()?.parse().ok()?,
        };
        numbers.next().is_none().then_some(part)
    }

    fn name(&self) -> String {
        let Self {
            partition,
            from,
            next,
        } = self;
        format!("part-{partition:04}-{from:020}-{next:020}.parquet")
    }

    fn holds(&self, other: &Self) -> bool {
        self != other
            && self.partition == other.partition
            && self.from <= other.from
            && other.next <= self.next
    }
}

impl<'r> History<'r> {
    pub(crate) fn of(root: &'r Root) -> Self {
        Self {
            root,
            folder: root.path.join(ALERT_HISTORY.name),
        }
    }

    /// From where a partition is to be read on.
    pub(crate) fn next(&self, partition: i32) -> Result<i64, PublishError> {
        let parts = parts(&self.folder)?.into_iter();
        let next = parts.filter(|part| part.partition == partition);
        Ok(next.map(|part| part.next).max().unwrap_or_default())
    }

    /// Writes what was read of a partition.
    pub(crate) fn add(&self, partition: i32, stretch: &Stretch) -> Result<(), PublishError> {
        if stretch.alerts.is_empty() {
            return Ok(());
        }
        let mut rows = TableBuilder::new(&ALERT_HISTORY);
        for alert in &stretch.alerts {
            write_alert_history(alert, &self.root.plane, &mut rows);
        }
        let part = Part {
            partition,
            from: stretch.from,
            next: stretch.next,
        };
        self.write(&part, &sorted(&ALERT_HISTORY, rows)?)?;
        self.tidy(partition)
    }

    fn write(&self, part: &Part, rows: &RecordBatch) -> Result<(), PublishError> {
        fs::create_dir_all(&self.folder).map_err(PublishError::write(&self.folder))?;
        let notes: Notes = vec![
            ("plane", self.root.plane.name().to_owned()),
            ("partition", part.partition.to_string()),
            ("offsets", format!("{}..{}", part.from, part.next)),
        ];
        let (unfinished, path) = (self.folder.join(UNFINISHED), self.folder.join(part.name()));
        files::write(&unfinished, &ALERT_HISTORY, rows, &notes)?;
        fs::rename(&unfinished, &path).map_err(PublishError::write(&path))
    }

    /// Makes one file of the small ones at the end.
    fn tidy(&self, partition: i32) -> Result<(), PublishError> {
        let mut parts = parts(&self.folder)?;
        parts.retain(|part| part.partition == partition);
        let mut small = Vec::new();
        for part in parts.into_iter().rev() {
            if rows(&self.folder.join(part.name()))? >= LARGE {
                break;
            }
            small.push(part);
        }
        if small.len() <= SMALL_FILES {
            return Ok(());
        }
        let read = |part: &Part| read(&self.folder.join(part.name()));
        let batches = small.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let rows = concat_batches(&ALERT_HISTORY.schema(), &batches);
        let rows = rows.and_then(|rows| ALERT_HISTORY.sorted(&rows));
        let (Some(last), Some(first)) = (small.first(), small.last()) else {
            return Ok(());
        };
        let whole = Part {
            partition,
            from: first.from,
            next: last.next,
        };
        self.write(&whole, &rows.map_err(of_arrow)?)?;
        for part in &small {
            let path = self.folder.join(part.name());
            fs::remove_file(&path).map_err(PublishError::write(&path))?;
        }
        Ok(())
    }

    /// Takes what was said of these pathways out, whose patients' records were erased. A folder that a file was linked
    /// into before keeps it as it was.
    pub(super) fn leave_out(&self, erased: &HashSet<String>) -> Result<(), PublishError> {
        if erased.is_empty() {
            return Ok(());
        }
        let plane = &self.root.plane;
        let erased: BTreeSet<String> = erased.iter().map(|key| plane.pathway(key)).collect();
        let digest = digest(&erased);
        let cleared = self.cleared(&digest)?;
        let parts = parts(&self.folder)?;
        let unseen = |part: &&Part| !cleared.contains(&part.name());
        let unseen: Vec<_> = parts.iter().filter(unseen).collect();
        if unseen.is_empty() {
            return Ok(());
        }
        for part in unseen {
            let path = self.folder.join(part.name());
            // Erasure is rare, and files are large: most are only looked at.
            if names(&path, &erased)? {
                let left = without(&read(&path)?, &erased).map_err(of_arrow)?;
                self.write(part, &left)?;
            }
        }
        let lines = [digest].into_iter().chain(parts.iter().map(Part::name));
        let lines: Vec<_> = lines.collect();
        let path = self.folder.join(CLEARED);
        fs::write(&path, lines.join("\n")).map_err(PublishError::write(&path))
    }

    /// The files that are without the pathways of this digest; none where others were erased then.
    fn cleared(&self, digest: &str) -> Result<BTreeSet<String>, PublishError> {
        let path = self.folder.join(CLEARED);
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(BTreeSet::new());
            }
            text => text.map_err(PublishError::read(&path))?,
        };
        let mut lines = text.lines();
        let is_of_these = lines.next() == Some(digest);
        Ok(lines.filter(|_| is_of_these).map(str::to_owned).collect())
    }

    /// Links the files into a folder; their names and rows.
    pub(super) fn link(&self, into: &Path) -> Result<Vec<(String, usize)>, PublishError> {
        let mut linked = Vec::new();
        for part in parts(&self.folder)? {
            let name = part.name();
            let (from, to) = (self.folder.join(&name), into.join(&name));
            // A file system may have no links.
            fs::hard_link(&from, &to)
                .or_else(|_| fs::copy(&from, &to).map(drop))
                .map_err(PublishError::write(&to))?;
            linked.push((name, rows(&to)?));
        }
        Ok(linked)
    }
}

/// Whether a folder has no file of the history.
pub(super) fn is_empty(folder: &Path) -> Result<bool, PublishError> {
    Ok(parts(folder)?.is_empty())
}

/// Whether a file of this name is one of the history.
pub(super) fn is_part(name: &str) -> bool {
    Part::of(name).is_some()
}

/// The files in order, without those whose rows a larger one has, as after a crash.
fn parts(folder: &Path) -> Result<Vec<Part>, PublishError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(PublishError::read(folder))?,
    };
    let mut parts = Vec::new();
    for entry in entries {
        let entry = entry.map_err(PublishError::read(folder))?;
        parts.extend(entry.file_name().to_str().and_then(Part::of));
    }
    parts.sort_unstable();
    let all = parts.clone();
    parts.retain(|part| !all.iter().any(|other| other.holds(part)));
    Ok(parts)
}

/// How many rows a file has.
fn rows(path: &Path) -> Result<usize, PublishError> {
    let rows = open(path)?.metadata().file_metadata().num_rows();
    Ok(usize::try_from(rows).unwrap_or_default())
}

fn read(path: &Path) -> Result<RecordBatch, PublishError> {
    let reader = open(path)?.build();
    let reader = reader.map_err(|source| PublishError::Parquet {
        path: path.to_owned(),
        source,
    })?;
    let batches = reader.collect::<Result<Vec<_>, _>>();
    let rows = batches.and_then(|batches| concat_batches(&ALERT_HISTORY.schema(), &batches));
    rows.map_err(of_arrow)
}

/// Whether a file has a row of one of these pathways.
fn names(path: &Path, pathways: &BTreeSet<String>) -> Result<bool, PublishError> {
    let opened = open(path)?;
    let mask = ProjectionMask::columns(opened.parquet_schema(), [PATHWAY]);
    let reader = opened.with_projection(mask).build();
    let reader = reader.map_err(|source| PublishError::Parquet {
        path: path.to_owned(),
        source,
    })?;
    for batch in reader {
        let kept = kept(&batch.map_err(of_arrow)?, pathways);
        if kept.map_err(of_arrow)?.false_count() > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The rows of other pathways.
fn without(rows: &RecordBatch, pathways: &BTreeSet<String>) -> Result<RecordBatch, ArrowError> {
    filter_record_batch(rows, &kept(rows, pathways)?)
}

/// By row, whether it is of another pathway than these.
fn kept(rows: &RecordBatch, pathways: &BTreeSet<String>) -> Result<BooleanArray, ArrowError> {
    let column = rows.column_by_name(PATHWAY);
    let names = column.and_then(|column| column.as_string_opt::<i32>());
    let names = names.ok_or_else(|| ArrowError::SchemaError("no texts of pathways".to_owned()))?;
    Ok(names
        .iter()
        .map(|name| name.map(|name| !pathways.contains(name)))
        .collect())
}

/// Tells one set of pathways from another without naming any.
fn digest(pathways: &BTreeSet<String>) -> String {
    let mut hasher = blake3::Hasher::new();
    for pathway in pathways {
        hasher.update(pathway.as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize().to_string()
}

fn of_arrow(source: ArrowError) -> PublishError {
    PublishError::Arrow {
        table: ALERT_HISTORY.name,
        source,
    }
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, PublishError> {
    let file = File::open(path).map_err(|source| PublishError::Read {
        path: path.to_owned(),
        source,
    })?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| PublishError::Parquet {
        path: path.to_owned(),
        source,
    })
}
