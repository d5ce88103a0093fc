//! Why a published folder cannot be read, and what to name instead.

use super::ReleaseName;
use clockstop_schemas::tables::TABLES_VERSION;
use clockstop_schemas::tables::TableError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// No folder that this program writes.
    #[error(
        "{path} is no published folder: name the root that holds `current`, a snapshot in it, or a folder below `releases`"
    )]
    NotPublished {
        /// The folder.
        path: PathBuf,
    },
    /// The root has no `current`.
    #[error("nothing is published in {root} yet: it has no `current`")]
    NothingYet {
        /// The root.
        root: PathBuf,
    },
    /// The folder is being written, or its writer died.
    #[error("{path} is not finished: name the root, or a snapshot that is")]
    Unfinished {
        /// The folder.
        path: PathBuf,
    },
    /// The root has no such release.
    #[error("{root} has no release {release}; it has {there}")]
    NoRelease {
        /// The root.
        root: PathBuf,
        /// The release.
        release: ReleaseName,
        /// Those it has.
        there: String,
    },
    /// Another version wrote the folder.
    #[error(
        "{path} holds tables of version {found}, and this program reads version {TABLES_VERSION}: read it with the one that wrote it"
    )]
    Version {
        /// The folder or file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// A table is missing.
    #[error("{path} has no table {table}: it was written before there was one")]
    NoTable {
        /// The folder.
        path: PathBuf,
        /// The table.
        table: &'static str,
    },
    /// A file or folder cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no Parquet, or a damaged one.
    #[error("cannot read {path}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// A file's rows are not those of its table.
    #[error("cannot read {path}")]
    Rows {
        /// The file.
        path: PathBuf,
        /// Why.
        source: TableError,
    },
}

impl FolderError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}
