//! The folder of a snapshot: written aside, then renamed, then pointed at. A reader never sees half of it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

const SNAPSHOTS: &str = "snapshots";
const CURRENT: &str = "current";
const UNFINISHED: &str = ".unfinished-";

/// Why a snapshot was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// A file or folder cannot be written.
    #[error("cannot write {path}")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A table does not fit its schema.
    #[error("cannot build table {table}")]
    Arrow {
        /// Which.
        table: &'static str,
        /// Why.
        source: arrow::error::ArrowError,
    },
    /// A table cannot be encoded.
    #[error("cannot encode {path}")]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        source: parquet::errors::ParquetError,
    },
    /// A file that was published cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that was published has other columns.
    #[error(
        "{path} does not have the columns of this software's tables; remove it, or compare by hand"
    )]
    OtherColumns {
        /// Which.
        path: PathBuf,
    },
    /// A partition's copy does not come back.
    #[error("the copy of partition {partition} cannot be put together again")]
    NotCopied {
        /// Which.
        partition: i32,
    },
    /// The store of the checkpoints does not give what it has.
    #[error("{0}")]
    Store(String),
    /// The snapshot there is as new or newer.
    #[error("{current} is already published, as new as {as_of} or newer")]
    NotNewer {
        /// The folder `current` points at.
        current: String,
        /// The folder that was to be published.
        as_of: String,
    },
}

impl PublishError {
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }
}

/// A snapshot folder on its way.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    as_of: String,
}

impl Folder {
    /// Opens an unfinished folder, and clears away what an earlier crash left unfinished.
    pub(super) fn open(root: &Path, as_of: &str) -> Result<Self, PublishError> {
        let folder = Self {
            root: root.to_owned(),
            as_of: as_of.to_owned(),
        };
        folder.check_newer()?;
        for name in folder.names(UNFINISHED)? {
            let path = folder.snapshots().join(name);
            fs::remove_dir_all(&path).map_err(PublishError::write(&path))?;
        }
        let path = folder.path();
        fs::create_dir_all(&path).map_err(PublishError::write(&path))?;
        Ok(folder)
    }

    fn snapshots(&self) -> PathBuf {
        self.root.join(SNAPSHOTS)
    }

    /// Where its files are written.
    pub(super) fn path(&self) -> PathBuf {
        self.snapshots().join(format!("{UNFINISHED}{}", self.as_of))
    }

    /// The name of the folder that `current` points at.
    fn current(&self) -> Option<String> {
        let target = fs::read_link(self.root.join(CURRENT)).ok()?;
        Some(target.file_name()?.to_str()?.to_owned())
    }

    /// An error where `current` points at one that is as new or newer.
    fn check_newer(&self) -> Result<(), PublishError> {
        match self.current().filter(|current| *current >= self.as_of) {
            None => Ok(()),
            Some(current) => Err(PublishError::NotNewer {
                current,
                as_of: self.as_of.clone(),
            }),
        }
    }

    /// The names under `snapshots/` that start like this, in order.
    fn names(&self, start: &str) -> Result<Vec<String>, PublishError> {
        let snapshots = self.snapshots();
        let entries = match fs::read_dir(&snapshots) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(PublishError::write(&snapshots))?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(PublishError::write(&snapshots))?;
            names.extend(entry.file_name().into_string().ok());
        }
        names.retain(|name| {
            name.starts_with(start) && (!start.is_empty() || !name.starts_with('.'))
        });
        names.sort_unstable();
        Ok(names)
    }

    /// Gives the folder its name, moves `current` to it, and removes all but the newest `keep`.
    ///
    /// A process that stood still meanwhile may have been overtaken by the one that publishes since: its snapshot
    /// comes to nothing.
    pub(super) fn finish(self, keep: usize) -> Result<PathBuf, PublishError> {
        self.check_newer()?;
        let finished = self.snapshots().join(&self.as_of);
        fs::rename(self.path(), &finished).map_err(PublishError::write(&finished))?;
        let snapshots = self.snapshots();
        let synced = File::open(&snapshots).and_then(|folder| folder.sync_all());
        synced.map_err(PublishError::write(&snapshots))?;
        let link = self.root.join(CURRENT);
        let next = self.root.join(format!("{UNFINISHED}{CURRENT}"));
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(PublishError::write(&next)(error));
            }
            _ => {}
        }
        symlink(Path::new(SNAPSHOTS).join(&self.as_of), &next)
            .and_then(|()| fs::rename(&next, &link))
            .map_err(PublishError::write(&link))?;
        let names = self.names("")?;
        for name in names.iter().rev().skip(keep.max(1)) {
            let path = snapshots.join(name);
            fs::remove_dir_all(&path).map_err(PublishError::write(&path))?;
        }
        Ok(finished)
    }
}

#[cfg(test)]
mod tests {
    use super::{Folder, PublishError};
    use std::fs;

    fn publish(root: &std::path::Path, as_of: &str) -> Result<(), PublishError> {
        let folder = Folder::open(root, as_of)?;
        fs::write(folder.path().join("file"), as_of).expect("written");
        folder.finish(2).map(|_| ())
    }

    #[test]
    fn current_moves_forward_only_and_the_newest_are_kept() {
        let root = tempfile::tempdir().expect("a folder");
        let read = || fs::read_to_string(root.path().join("current/file")).expect("published");
        for as_of in ["2026-01-01", "2026-01-02", "2026-01-03"] {
            publish(root.path(), as_of).expect("published");
            assert_eq!(read(), as_of);
        }
        assert!(matches!(
            publish(root.path(), "2026-01-02"),
            Err(PublishError::NotNewer { .. })
        ));
        assert_eq!(read(), "2026-01-03");
        let mut names: Vec<_> = fs::read_dir(root.path().join("snapshots"))
            .expect("there")
            .map(|entry| entry.expect("readable").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["2026-01-02", "2026-01-03"]);
    }

    #[test]
    fn one_that_was_overtaken_does_not_become_current() {
        let root = tempfile::tempdir().expect("a folder");
        let slow = Folder::open(root.path(), "2026-01-01").expect("opened");
        publish(root.path(), "2026-01-02").expect("published");
        assert!(matches!(slow.finish(2), Err(PublishError::NotNewer { .. })));
        let current = fs::read_to_string(root.path().join("current/file"));
        assert_eq!(current.expect("published"), "2026-01-02");
    }

    #[test]
    fn what_a_crash_left_unfinished_is_cleared_and_never_current() {
        let root = tempfile::tempdir().expect("a folder");
        let crashed = Folder::open(root.path(), "2026-01-01").expect("opened");
        let left = crashed.path();
        drop(crashed);
        assert!(left.exists());
        publish(root.path(), "2026-01-02").expect("published");
        assert!(!left.exists());
    }
}
