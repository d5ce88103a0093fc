//! A released month: its waits and their shares as they were at the close of the day, and the figures that follow from
//! them; written once and never changed (statistics 3).

use super::files::{self, Notes};
use super::row_tables::{Filled, ROW_TABLES, RowTables, Told, sorted};
use super::snapshot::Root;
use super::{PublishError, References};
use clockstop_pipeline::statistics::release::{Release, final_on, provisional_on};
use clockstop_pipeline::statistics::working_days::BankHolidays;
use clockstop_pipeline::statistics::{Counted, PeriodKind, Tally};
use clockstop_pipeline::{Day, Month};
use clockstop_schemas::tables::{PERFORMANCE, TableBuilder, write_performance};
use clockstop_schemas::{Plane, parse_month};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const RELEASES: &str = "releases";
const UNFINISHED: &str = ".unfinished-";
/// A release lies at most so many months after the month: that of April comes with October's provisional figures.
const LATEST: u32 = 12;

/// The months that are released at the close of a day.
#[derive(Debug)]
pub(super) struct Releasing<'r> {
    references: &'r References,
    months: Vec<Released<'r>>,
}

#[derive(Debug)]
struct Released<'r> {
    month: Month,
    release: Release,
    rows: RowTables<'r>,
    tally: Tally,
}

impl<'r> Releasing<'r> {
    pub(super) fn on(day: Day, planes: &'r [Plane], references: &'r References) -> Self {
        let months = released_on(day, &references.tables.holidays).into_iter();
        let months = months.map(|(month, release)| {
            let tables = ROW_TABLES.iter().filter(|of| of.is_released);
            Released {
                month,
                release,
                rows: RowTables::new(planes, tables.collect()),
                tally: Tally::default(),
            }
        });
        Self {
            references,
            months: months.collect(),
        }
    }

    /// Takes the waits of a pathway that are of these months.
    pub(super) fn append(&mut self, told: &Told<'_>) {
        for released in &mut self.months {
            let of_month = told.counted.waits.iter();
            let of_month = of_month.filter(|wait| wait.month() == released.month);
            let counted = Counted {
                waits: of_month.cloned().collect(),
                ..Counted::default()
            };
            for wait in &counted.waits {
                released.tally.add(wait);
            }
            released.rows.append(&Told {
                counted: &counted,
                ..*told
            });
        }
    }

    /// Writes the months that are not there yet.
    pub(super) fn write(
        self,
        roots: &[Root],
        notes: impl Fn(&Root) -> Notes,
    ) -> Result<(), PublishError> {
        for mut released in self.months {
            let performance = released.performance(self.references)?;
            for (root, mut tables) in roots.iter().zip(released.rows.take()?) {
                tables.push(performance.clone());
                let mut notes = notes(root);
                notes.push(("month", released.month.to_string()));
                notes.push(("release", released.release.name().to_owned()));
                let folder = folder(&root.path, released.month, released.release);
                write(&folder, &tables, &notes)?;
            }
        }
        Ok(())
    }
}

impl Released<'_> {
    fn performance(&mut self, references: &References) -> Result<Filled, PublishError> {
        let tables = &references.tables;
        let mut rows = TableBuilder::new(&PERFORMANCE);
        for row in core::mem::take(&mut self.tally).performance(tables) {
            // The quarter and the year have other months, too.
            if row.period.kind() == PeriodKind::Month {
                write_performance(&row, Some(self.release.name()), tables, &mut rows);
            }
        }
        Ok((&PERFORMANCE, sorted(&PERFORMANCE, rows)?))
    }
}

/// What is released at the close of a day.
pub(super) fn released_on(day: Day, holidays: &BankHolidays) -> Vec<(Month, Release)> {
    let mut found = Vec::new();
    let mut month = day.month();
    for _ in 0..LATEST {
        month = before(month);
        for (release, on) in [
            (Release::Provisional, provisional_on(month, holidays)),
            (Release::Final, final_on(month, holidays)),
        ] {
            if on == Some(day) {
                found.push((month, release));
            }
        }
    }
    found
}

/// The last release of every month that was released under a root, and where it lies.
pub(super) fn last_of_each_month(
    root: &Path,
) -> Result<BTreeMap<Month, (Release, PathBuf)>, PublishError> {
    // The final one comes after the provisional one, and takes its place.
    Ok(all(root)?.collect())
}

/// Every release under a root, and where it lies.
pub(super) fn all(
    root: &Path,
) -> Result<impl Iterator<Item = (Month, (Release, PathBuf))>, PublishError> {
    let releases = root.join(RELEASES);
    let mut months = Vec::new();
    match fs::read_dir(&releases) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        entries => {
            for entry in entries.map_err(PublishError::read(&releases))? {
                let entry = entry.map_err(PublishError::read(&releases))?;
                months.extend(entry.file_name().to_str().and_then(parse_month));
            }
        }
    }
    let of_month = |month| {
        let frozen = [Release::Provisional, Release::Final].into_iter();
        frozen.map(move |release| (month, release))
    };
    let found = months
        .into_iter()
        .flat_map(of_month)
        .map(|(month, release)| (month, (release, folder(root, month, release))));
    Ok(found.filter(|(_, (_, folder))| folder.is_dir()))
}

/// Where a release lies.
pub(super) fn folder(root: &Path, month: Month, release: Release) -> PathBuf {
    root.join(RELEASES)
        .join(month.to_string())
        .join(release.name())
}

/// The file with which a release is there, where one file comes after the other.
pub(super) fn last_file(folder: &Path) -> PathBuf {
    folder.join(PERFORMANCE.name).join("part-0000.parquet")
}

fn write(folder: &Path, tables: &[Filled], notes: &Notes) -> Result<(), PublishError> {
    if folder.exists() {
        return Ok(());
    }
    let (parent, name) = (folder.parent(), folder.file_name());
    let (Some(parent), Some(name)) = (parent, name.and_then(|name| name.to_str())) else {
        return Ok(());
    };
    let unfinished = parent.join(format!("{UNFINISHED}{name}"));
    for (table, rows) in tables {
        let of_table = unfinished.join(table.name);
        fs::create_dir_all(&of_table).map_err(PublishError::write(&of_table))?;
        files::write(&of_table.join("part-0000.parquet"), table, rows, notes)?;
    }
    fs::rename(&unfinished, folder).map_err(PublishError::write(folder))
}

fn before(month: Month) -> Month {
    let Month { year, month } = month;
    if month > 1 {
        Month {
            year,
            month: month - 1,
        }
    } else {
        Month {
            year: year - 1,
            month: 12,
        }
    }
}
