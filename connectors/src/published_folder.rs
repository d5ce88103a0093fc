//! A folder that was published, opened to be read: what `current` points at, one snapshot, or the frozen release of a month.

mod error;

pub use error::FolderError;

use arrow::array::RecordBatch;
use clockstop_pipeline::Month;
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::statistics::{
    Cell, Performance, Period, PeriodKind, Tables, published_cells,
};
use clockstop_schemas::parse_month;
use clockstop_schemas::tables::TABLES_VERSION;
use clockstop_schemas::tables::{PERFORMANCE, Table, read_performance, read_releases};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const CURRENT: &str = "current";
const SNAPSHOTS: &str = "snapshots";
const RELEASES: &str = "releases";
const MANIFEST: &str = "_snapshot.json";
const UNFINISHED: &str = ".unfinished-";
const ROWS_AT_ONCE: usize = 1 << 16;

/// A month and how far it had come when its rows were frozen: `2025-03/final` (statistics 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReleaseName {
    /// The month.
    pub month: Month,
    /// Provisional or final.
    pub release: Release,
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.month, self.release.name())
    }
}

impl FromStr for ReleaseName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (month, name) = text.split_once('/')?;
            let frozen = [Release::Provisional, Release::Final];
            let release = frozen.into_iter().find(|of| of.name() == name)?;
            let month = parse_month(month)?;
            Some(Self { month, release })
        };
        read().ok_or_else(|| "expected 2025-03/provisional or 2025-03/final".to_owned())
    }
}

/// What a folder says of itself.
#[derive(Clone, Debug, Default, Deserialize)]
struct Manifest {
    tables_version: String,
    as_of: String,
    #[serde(default)]
    partitions_missing: Vec<i32>,
    tables: BTreeMap<String, Vec<Part>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Part {
    file: String,
}

/// A finished folder of tables.
#[derive(Clone, Debug)]
pub struct PublishedFolder {
    path: PathBuf,
    release: Option<ReleaseName>,
    manifest: Option<Manifest>,
}

/// The table `performance` of a folder.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Its cells, in the order of the files.
    pub cells: Vec<Performance>,
    /// How far its months have come.
    pub releases: BTreeMap<Month, Release>,
}

impl Figures {
    /// The cells of some months as published, by month, basis, organisation, activity and cut; names and regions are those of
    /// these tables.
    #[must_use]
    pub fn published(mut self, tables: &Tables, wanted: impl Fn(Month) -> bool) -> Vec<Cell> {
        self.cells.retain(|cell| wanted(cell.period.last_month()));
        let mut cells = published_cells(&self.cells, tables);
        cells.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        cells
    }

    /// The months that have cells of their own, and how far they have come; `None` where the table does not say.
    #[must_use]
    pub fn months(&self) -> BTreeMap<Month, Option<Release>> {
        let months = self.cells.iter().map(|cell| cell.period);
        let months = months.filter(|period| period.kind() == PeriodKind::Month);
        let months = months.map(Period::last_month);
        months
            .map(|month| (month, self.releases.get(&month).copied()))
            .collect()
    }
}

impl PublishedFolder {
    /// Opens what `from` names: a root (its `current`, or this release of it), a snapshot, or the folder of a release.
    ///
    /// # Errors
    /// When it is none of these, not finished, or of another version; each says what to name instead.
    pub fn open(from: &Path, release: Option<ReleaseName>) -> Result<Self, FolderError> {
        let named = named(from, release)?;
        // `current` may move on while it is read.
        let path = fs::canonicalize(&named).map_err(FolderError::read(&named))?;
        if name(&path).is_some_and(|name| name.starts_with(UNFINISHED)) {
            return Err(FolderError::Unfinished { path });
        }
        let release = release_of(&path);
        let manifest = manifest(&path)?;
        if manifest.is_none() && release.is_none() {
            return Err(FolderError::NotPublished { path });
        }
        if let Some(manifest) = &manifest {
            check_version(&path, &manifest.tables_version)?;
        }
        Ok(Self {
            path,
            release,
            manifest,
        })
    }

    /// Where it lies, without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The root it lies in.
    #[must_use]
    pub fn root(&self) -> &Path {
        // snapshots/<as_of>-<random> or releases/<month>/<release>.
        let above = if self.release.is_some() { 3 } else { 2 };
        self.path.ancestors().nth(above).unwrap_or(&self.path)
    }

    /// The release it is; `None` of a snapshot.
    #[must_use]
    pub const fn release(&self) -> Option<ReleaseName> {
        self.release
    }

    /// The instant it stands for, where it says so.
    #[must_use]
    pub fn as_of(&self) -> Option<&str> {
        self.manifest.as_ref().map(|of| of.as_of.as_str())
    }

    /// Partitions without which it was written: its figures are too small by theirs.
    #[must_use]
    pub fn partitions_missing(&self) -> &[i32] {
        let manifest = self.manifest.as_ref();
        manifest.map_or(&[], |of| &of.partitions_missing)
    }

    /// The table `performance`.
    ///
    /// # Errors
    /// When it is missing, of another version, or cannot be read.
    pub fn performance(&self) -> Result<Figures, FolderError> {
        let mut figures = Figures::default();
        self.read(&PERFORMANCE, |path, batch| {
            let rows = |source| FolderError::Rows {
                path: path.to_owned(),
                source,
            };
            figures.cells.extend(read_performance(batch).map_err(rows)?);
            figures.releases.extend(read_releases(batch).map_err(rows)?);
            Ok(())
        })?;
        Ok(figures)
    }

    /// Hands over a table in batches, file by file in the order of their names.
    fn read(
        &self,
        table: &Table,
        mut each: impl FnMut(&Path, &RecordBatch) -> Result<(), FolderError>,
    ) -> Result<(), FolderError> {
        for path in self.files(table)? {
            let parquet = |source| FolderError::Parquet {
                path: path.clone(),
                source,
            };
            let file = File::open(&path).map_err(FolderError::read(&path))?;
            let file = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
            let notes = file.metadata().file_metadata().key_value_metadata();
            let mut notes = notes.into_iter().flatten();
            let version = notes.find(|note| note.key == "clockstop.tables_version");
            if let Some(version) = version.and_then(|note| note.value.as_deref()) {
                check_version(&path, version)?;
            }
            let batches = file
                .with_batch_size(ROWS_AT_ONCE)
                .build()
                .map_err(parquet)?;
            for batch in batches {
                each(&path, &batch.map_err(|error| parquet(error.into()))?)?;
            }
        }
        Ok(())
    }

    /// The files of a table: those the manifest names, or all that lie in the folder of a release without one.
    fn files(&self, table: &Table) -> Result<Vec<PathBuf>, FolderError> {
        let no_table = || FolderError::NoTable {
            path: self.path.clone(),
            table: table.name,
        };
        let mut files = if let Some(manifest) = &self.manifest {
            let parts = manifest.tables.get(table.name).ok_or_else(no_table)?;
            parts
                .iter()
                .map(|part| self.path.join(&part.file))
                .collect()
        } else {
            let folder = self.path.join(table.name);
            if !folder.is_dir() {
                return Err(no_table());
            }
            let names = names(&folder)?.into_iter();
            let names = names.filter(|name| {
                let extension = Path::new(name).extension();
                extension.is_some_and(|of| of == "parquet") && !name.starts_with('.')
            });
            names.map(|name| folder.join(name)).collect::<Vec<_>>()
        };
        files.sort_unstable();
        if files.is_empty() {
            return Err(no_table());
        }
        Ok(files)
    }
}

/// The folder that is meant; only `open` looks whether it is one.
fn named(from: &Path, release: Option<ReleaseName>) -> Result<PathBuf, FolderError> {
    let current = from.join(CURRENT);
    if let Some(release) = release {
        let folder = from.join(RELEASES).join(release.to_string());
        if folder.is_dir() {
            return Ok(folder);
        }
        return Err(FolderError::NoRelease {
            root: from.to_owned(),
            release,
            there: releases(from)?,
        });
    }
    if current.is_dir() {
        Ok(current)
    } else if from.join(SNAPSHOTS).is_dir() {
        Err(FolderError::NothingYet {
            root: from.to_owned(),
        })
    } else {
        Ok(from.to_owned())
    }
}

/// The releases of a root, for people.
fn releases(root: &Path) -> Result<String, FolderError> {
    let folder = root.join(RELEASES);
    if !folder.is_dir() {
        return Ok("none".to_owned());
    }
    let mut found = Vec::new();
    for month in names(&folder)? {
        if !folder.join(&month).is_dir() {
            continue;
        }
        for release in names(&folder.join(&month))? {
            found.extend(format!("{month}/{release}").parse::<ReleaseName>().ok());
        }
    }
    found.sort_unstable();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    Ok(match found.as_slice() {
        [] => "none".to_owned(),
        found => found.join(", "),
    })
}

fn release_of(path: &Path) -> Option<ReleaseName> {
    let mut above = path.ancestors().filter_map(name);
    let (release, month, releases) = (above.next()?, above.next()?, above.next()?);
    let named = format!("{month}/{release}").parse();
    named.ok().filter(|_| releases == RELEASES)
}

fn manifest(folder: &Path) -> Result<Option<Manifest>, FolderError> {
    let path = folder.join(MANIFEST);
    let bytes = match fs::read(&path) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        bytes => bytes.map_err(FolderError::read(&path))?,
    };
    let manifest = serde_json::from_slice(&bytes).map_err(io::Error::from);
    manifest.map(Some).map_err(FolderError::read(&path))
}

fn check_version(path: &Path, found: &str) -> Result<(), FolderError> {
    if found == TABLES_VERSION {
        return Ok(());
    }
    Err(FolderError::Version {
        path: path.to_owned(),
        found: found.to_owned(),
    })
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Result<Vec<String>, FolderError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(FolderError::read(folder))? {
        let entry = entry.map_err(FolderError::read(folder))?;
        names.extend(entry.file_name().into_string().ok());
    }
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::{Path, ReleaseName, parse_month, release_of};

    #[test]
    fn a_release_is_named_by_its_month_and_how_far_it_came() {
        for text in ["2025-03/provisional", "2025-03/final"] {
            let name: ReleaseName = text.parse().expect("a release");
            assert_eq!(name.to_string(), text);
            let folder = Path::new("/somewhere/releases").join(text);
            assert_eq!(release_of(&folder), Some(name));
            assert_eq!(release_of(&folder.join("performance")), None);
        }
        for text in [
            "2025-03",
            "2025-03/running",
            "2025-13/final",
            "final/2025-03",
        ] {
            assert!(text.parse::<ReleaseName>().is_err(), "{text}");
        }
        for text in ["2025-3", "+2025-03", "2025-03-01", "202503", "2025-00"] {
            assert_eq!(parse_month(text), None, "{text}");
        }
    }
}
