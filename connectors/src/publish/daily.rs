//! The tables of a day that has ended, and the months released with it: one file a table, the same however often they
//! are made (statistics 3 and 9).

use super::aggregates::{AGGREGATE_TABLES, Counters};
use super::files::{self, Notes};
use super::making::Making;
use super::release::{Releasing, released_on};
use super::row_tables::{Filled, ROW_TABLES, RowTables};
use super::snapshot::Root;
use super::state::PartitionState;
use super::weeks::Weeks;
use super::{PublishError, References};
use clockstop_pipeline::statistics::Interval;
use clockstop_pipeline::{Day, Instant};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{TABLES_VERSION, Table};
use std::fs;
use std::path::{Path, PathBuf};

const DAILY: &str = "daily";
/// What a file is written as until it is whole.
const UNFINISHED: &str = ".unfinished";

/// A day that every partition has closed.
#[derive(Debug)]
pub struct ClosedDay<'d> {
    /// The day.
    pub day: Day,
    /// The midnight that ends it.
    pub ends: Instant,
    /// All partitions, in the order of their numbers.
    pub states: Vec<PartitionState<'d>>,
    /// What its tables are made by.
    pub references: &'d References,
}

/// The tables of a day: every table that counts, and of the others the lists. Pathways, clocks and waits are in
/// snapshots and releases only.
pub(super) fn tables() -> impl Iterator<Item = &'static Table> {
    let lists = ROW_TABLES.iter().filter(|of| of.is_daily);
    let aggregates = AGGREGATE_TABLES.iter();
    lists
        .map(|of| of.table)
        .chain(aggregates.map(|of| of.table))
}

/// Whether tables of later days build on those of this one: the lists of a Sunday, or a month that it releases.
#[must_use]
pub fn is_built_upon(day: Day, references: &References) -> bool {
    let is_sunday = Interval::last_whole_week(day).last == day;
    is_sunday || !released_on(day, &references.tables.holidays).is_empty()
}

/// Whether all tables of a day are there.
pub(crate) fn is_made(root: &Root, day: Day) -> bool {
    tables().all(|table| path(&root.path, table, day).exists())
}

/// Removes the tables of days before `first`.
pub(crate) fn prune(root: &Root, first: Day) -> Result<(), PublishError> {
    for table in tables() {
        let folder = folder(&root.path, table);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            entries => entries.map_err(PublishError::read(&folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(PublishError::read(&folder))?;
            let name = entry.file_name();
            let day = clockstop_schemas::parse_day(name.as_encoded_bytes());
            if day.is_some_and(|day| day < first) {
                let path = entry.path();
                fs::remove_dir_all(&path).map_err(PublishError::write(&path))?;
            }
        }
    }
    Ok(())
}

impl ClosedDay<'_> {
    /// Makes the day under the roots that lack it, and the months that it releases where they are not there yet. What is
    /// made stays as it is, whatever the software or the reference tables have become since.
    ///
    /// # Errors
    /// When a file cannot be written or a partition's pathways cannot be had again; what is whole by then stays.
    pub fn publish(&self, roots: &[Root]) -> Result<(), PublishError> {
        let lacking = roots.iter().filter(|root| !is_made(root, self.day));
        let roots: Vec<Root> = lacking.cloned().collect();
        if roots.is_empty() {
            return Ok(());
        }
        let weeks = Weeks::of_closing();
        let making = Making {
            states: &self.states,
            today: self.day,
            as_of: self.ends,
            last_closed: self.day,
            weeks: &weeks,
            references: self.references,
        };
        let planes: Vec<Plane> = roots.iter().map(|root| root.plane).collect();
        let lists = ROW_TABLES.iter().filter(|of| of.is_daily).collect();
        let mut lists = RowTables::new(&planes, lists);
        let mut released = Releasing::on(self.day, &planes, self.references);
        let mut counters = Counters::new(&making);
        let overview = making.overview()?;
        for (state, findings) in self.states.iter().zip(&overview.findings) {
            making.tell(state, findings, &mut counters, |told| {
                lists.append(told);
                released.append(told);
            })?;
        }
        let aggregates = counters.finish(&making);
        let aggregates = AGGREGATE_TABLES
            .iter()
            .map(|of| aggregates.fill(of))
            .collect::<Result<Vec<_>, _>>()?;
        // Last, for a day is made when its tables are there.
        released.write(&roots, |root| self.notes(root))?;
        for (root, lists) in roots.iter().zip(lists.take()?) {
            let notes = self.notes(root);
            for filled in lists.iter().chain(&aggregates) {
                write(root, self.day, filled, &notes)?;
            }
        }
        Ok(())
    }

    /// What the footers say: nothing that depends on who made the file, when, or how the log was shared out.
    fn notes(&self, root: &Root) -> Notes {
        vec![
            ("tables_version", TABLES_VERSION.to_owned()),
            ("software_version", env!("CARGO_PKG_VERSION").to_owned()),
            (
                "reference_version",
                self.references.reference.version.clone(),
            ),
            ("statistics_version", self.references.tables.version.clone()),
            ("plane", root.plane.name().to_owned()),
            ("day", self.day.to_string()),
        ]
    }
}

pub(super) fn path(root: &Path, table: &Table, day: Day) -> PathBuf {
    folder(root, table)
        .join(day.to_string())
        .join("part-0000.parquet")
}

/// Where the days of a table lie.
pub(super) fn folder(root: &Path, table: &Table) -> PathBuf {
    root.join(DAILY).join(table.name)
}

fn write(root: &Root, day: Day, filled: &Filled, notes: &Notes) -> Result<(), PublishError> {
    let (table, rows) = filled;
    let path = path(&root.path, table, day);
    let folder = path.parent().unwrap_or(&root.path);
    fs::create_dir_all(folder).map_err(PublishError::write(folder))?;
    // A reader that lists the folder meanwhile passes over what begins with a dot.
    let unfinished = folder.join(UNFINISHED);
    files::write(&unfinished, table, rows, notes)?;
    fs::rename(&unfinished, &path).map_err(PublishError::write(&path))
}
