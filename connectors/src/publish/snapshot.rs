//! One snapshot: every table on every plane, of one moment.

use super::aggregates::{AGGREGATE_TABLES, Aggregates, Counters};
use super::files::{self, Notes};
use super::folder::Folder;
use super::history::History;
use super::making::{Making, Overview};
use super::restated::Restating;
use super::row_tables::{Filled, ROW_TABLES, RowTables};
use super::state::PartitionState;
use super::weeks::Weeks;
use super::{PublishError, References};
use arrow::array::RecordBatch;
use clockstop_pipeline::{Day, Instant, Topic};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{ALERT_HISTORY, ALL, TABLES_VERSION};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

pub(super) const MANIFEST: &str = "_snapshot.json";

/// Where one plane's tables are made.
#[derive(Clone, Debug)]
pub struct Root {
    /// The plane.
    pub plane: Plane,
    /// The folder that holds `snapshots/` and `current`.
    pub path: PathBuf,
}

/// Everything that goes into one snapshot.
#[derive(Debug)]
pub struct Snapshot<'s> {
    /// The instant it stands for.
    pub as_of: Timestamp,
    /// The London date on which its clocks were judged.
    pub today: Day,
    /// The partitions.
    pub states: Vec<PartitionState<'s>>,
    /// Partitions that nothing could be had of.
    pub missing: Vec<i32>,
    /// What the tables are made by.
    pub references: &'s References,
}

/// What was published on one plane.
#[derive(Clone, Debug)]
pub struct Published {
    /// The finished folder.
    pub folder: PathBuf,
    /// The instant it stands for.
    pub as_of: Timestamp,
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
    statistics_version: &'a str,
    tables: BTreeMap<&'static str, Vec<Part>>,
    partitions: Vec<PartitionEntry>,
    partitions_missing: &'a [i32],
}

#[derive(Clone, Debug, Serialize)]
struct Part {
    file: String,
    rows: usize,
}

#[derive(Serialize)]
struct PartitionEntry {
    partition: i32,
    from: &'static str,
    offsets: BTreeMap<&'static str, i64>,
}

/// A snapshot's folder on one plane, and what is in it so far.
#[derive(Debug)]
struct Writing<'r> {
    root: &'r Root,
    folder: Folder,
    tables: BTreeMap<&'static str, Vec<Part>>,
}

impl Snapshot<'_> {
    /// Writes the snapshot on every plane, keeps the newest `keep` of each, and tells what was published.
    ///
    /// # Errors
    /// When a file cannot be written, a partition's pathways cannot be had again, or a newer snapshot is there
    /// already; what was published before stays as it was.
    pub fn publish(mut self, roots: &[Root], keep: usize) -> Result<Vec<Published>, PublishError> {
        self.states.sort_by_key(|state| state.partition);
        let mut writings = roots
            .iter()
            .map(|root| Writing::open(root, self.as_of))
            .collect::<Result<Vec<_>, _>>()?;
        let last_closed = self.today.plus(-1);
        let weeks = match roots {
            [root, ..] => Weeks::read(root, self.today)?,
            [] => Weeks::default(),
        };
        let making = Making {
            states: &self.states,
            today: self.today,
            as_of: Instant(self.as_of.as_microsecond()),
            last_closed,
            weeks: &weeks,
            references: self.references,
        };
        let overview = making.overview()?;
        let counters = self.write_rows(&making, &overview, roots, &mut writings)?;
        self.write_aggregates(&counters.finish(&making), &mut writings)?;
        for writing in &mut writings {
            let notes = self.notes(writing.root, None);
            writing.link_history(&overview.erased, &notes)?;
        }
        writings
            .into_iter()
            .map(|writing| self.finish(writing, keep))
            .collect()
    }

    fn write_rows(
        &self,
        making: &Making<'_>,
        overview: &Overview,
        roots: &[Root],
        writings: &mut [Writing<'_>],
    ) -> Result<Counters, PublishError> {
        let planes: Vec<Plane> = roots.iter().map(|root| root.plane).collect();
        let mut rows = RowTables::new(&planes, ROW_TABLES.iter().collect());
        let mut counters = Counters::new(making);
        let released = |root| {
            if self.missing.is_empty() {
                Restating::read(root, &overview.erased)
            } else {
                // What a missing partition has would seem to be gone.
                Ok(Restating::nothing(root))
            }
        };
        let mut restating = roots.iter().map(released).collect::<Result<Vec<_>, _>>()?;
        for (state, findings) in self.states.iter().zip(&overview.findings) {
            making.tell(state, findings, &mut counters, |told| {
                rows.append(told);
                for plane in &mut restating {
                    plane.note(told);
                }
            })?;
            for (writing, filled) in writings.iter_mut().zip(rows.take()?) {
                let notes = self.notes(writing.root, Some(state));
                for filled in filled {
                    writing.add(&filled, state.partition, &notes)?;
                }
            }
        }
        for (writing, restating) in writings.iter_mut().zip(restating) {
            let notes = self.notes(writing.root, None);
            let mut numbers = 0..;
            restating
                .finish(|filled| writing.add(filled, numbers.next().unwrap_or_default(), &notes))?;
        }
        Ok(counters)
    }

    fn write_aggregates(
        &self,
        aggregates: &Aggregates<'_>,
        writings: &mut [Writing<'_>],
    ) -> Result<(), PublishError> {
        for of in &AGGREGATE_TABLES {
            let filled = aggregates.fill(of)?;
            for writing in &mut *writings {
                let notes = self.notes(writing.root, None);
                writing.add(&filled, 0, &notes)?;
            }
        }
        Ok(())
    }

    /// What the footer of a file says; only that of a partition's rows knows its offsets.
    fn notes(&self, root: &Root, state: Option<&PartitionState<'_>>) -> Notes {
        let mut notes = vec![
            ("tables_version", TABLES_VERSION.to_owned()),
            ("software_version", software_version().to_owned()),
            (
                "reference_version",
                self.references.reference.version.clone(),
            ),
            ("statistics_version", self.references.tables.version.clone()),
            ("plane", root.plane.name().to_owned()),
            ("as_of", self.as_of.to_string()),
            ("today", self.today.to_string()),
        ];
        if let Some(state) = state {
            let offsets = Topic::ALL.iter().zip(state.offsets);
            let offsets: Vec<_> = offsets
                .map(|(topic, offset)| format!("{}={offset}", topic.name()))
                .collect();
            notes.push(("partition", state.partition.to_string()));
            notes.push(("offsets", offsets.join(",")));
        }
        notes
    }

    fn finish(&self, writing: Writing<'_>, keep: usize) -> Result<Published, PublishError> {
        let partitions = self.states.iter().map(|state| PartitionEntry {
            partition: state.partition,
            from: state.origin.name(),
            offsets: Topic::ALL
                .iter()
                .map(|topic| topic.name())
                .zip(state.offsets)
                .collect(),
        });
        let manifest = Manifest {
            tables_version: TABLES_VERSION,
            plane: writing.root.plane.name(),
            as_of: self.as_of.to_string(),
            today: self.today.to_string(),
            software_version: software_version(),
            reference_version: &self.references.reference.version,
            statistics_version: &self.references.tables.version,
            tables: writing.tables.clone(),
            partitions: partitions.collect(),
            partitions_missing: &self.missing,
        };
        let path = writing.folder.path().join(MANIFEST);
        let json = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::from);
        json.and_then(|json| fs::write(&path, json + "\n"))
            .map_err(PublishError::write(&path))?;
        let rows = writing.tables.iter();
        let rows = rows.map(|(&table, parts)| (table, parts.iter().map(|part| part.rows).sum()));
        Ok(Published {
            rows: rows.collect(),
            folder: writing.folder.finish(keep)?,
            as_of: self.as_of,
        })
    }
}

impl<'r> Writing<'r> {
    fn open(root: &'r Root, as_of: Timestamp) -> Result<Self, PublishError> {
        let folder = Folder::open(&root.path, &instant_in_names(as_of))?;
        for table in ALL {
            let path = folder.path().join(table.name);
            fs::create_dir_all(&path).map_err(PublishError::write(&path))?;
        }
        Ok(Self {
            root,
            folder,
            tables: BTreeMap::new(),
        })
    }

    /// A table without a file would be none to its readers.
    fn link_history(
        &mut self,
        erased: &HashSet<String>,
        notes: &Notes,
    ) -> Result<(), PublishError> {
        let into = self.folder.path().join(ALERT_HISTORY.name);
        let history = History::of(self.root);
        history.leave_out(erased)?;
        let linked = history.link(&into)?;
        if linked.is_empty() {
            let nothing = RecordBatch::new_empty(ALERT_HISTORY.schema());
            return self.add(&(&ALERT_HISTORY, nothing), 0, notes);
        }
        let parts = linked.into_iter().map(|(name, rows)| Part {
            file: format!("{}/{name}", ALERT_HISTORY.name),
            rows,
        });
        self.tables.insert(ALERT_HISTORY.name, parts.collect());
        Ok(())
    }

    fn add(&mut self, filled: &Filled, number: i32, notes: &Notes) -> Result<(), PublishError> {
        let (table, batch) = filled;
        let file = format!("{}/part-{number:04}.parquet", table.name);
        files::write(&self.folder.path().join(&file), table, batch, notes)?;
        let rows = batch.num_rows();
        let parts = self.tables.entry(table.name).or_default();
        parts.push(Part { file, rows });
        Ok(())
    }
}

const fn software_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The instant as folders have it in their names: in UTC, to the microsecond, sorting as text, without colons.
fn instant_in_names(as_of: Timestamp) -> String {
    as_of.strftime("%Y-%m-%dT%H%M%S.%6fZ").to_string()
}
