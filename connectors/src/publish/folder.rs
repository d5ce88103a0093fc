//! The folder of a snapshot: written aside, then renamed, then pointed at. A reader never sees half of it.
//!
//! Its name is `<as_of>-<random>`, so that no two publishers ever write into the same one; the instant alone decides
//! which is newer.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

pub(super) const SNAPSHOTS: &str = "snapshots";
const CURRENT: &str = "current";
pub(super) const UNFINISHED: &str = ".unfinished-";

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
    /// A table cannot be written or read.
    #[error("cannot write or read {path} as Parquet")]
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
    /// A plane's object store does not take or give what it should.
    #[error("the object store of the {plane} plane: {reason}")]
    Objects {
        /// Which.
        plane: &'static str,
        /// Why.
        reason: String,
    },
    /// The snapshot there is as new or newer.
    #[error("{current} is already published, as new as {as_of} or newer")]
    NotNewer {
        /// The folder `current` points at.
        current: String,
        /// The instant of the one that was to be published.
        as_of: String,
    },
}

impl PublishError {
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}

/// A snapshot folder on its way.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    name: String,
}

impl Folder {
    /// Opens an unfinished folder, and clears away what earlier ones left unfinished when they crashed or stood still.
    pub(super) fn open(root: &Path, as_of: &str) -> Result<Self, PublishError> {
        let name = unique(as_of).map_err(PublishError::write(root))?;
        let root = root.to_owned();
        let folder = Self { root, name };
        folder.check_newer()?;
        for name in folder.names(UNFINISHED)? {
            let left = name.strip_prefix(UNFINISHED).unwrap_or_default();
            if instant(left) < as_of {
                let path = folder.snapshots().join(name);
                fs::remove_dir_all(&path).map_err(PublishError::write(&path))?;
            }
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
        self.snapshots().join(format!("{UNFINISHED}{}", self.name))
    }

    /// The name of the folder that `current` points at.
    fn current(&self) -> Option<String> {
        let target = fs::read_link(self.root.join(CURRENT)).ok()?;
        Some(target.file_name()?.to_str()?.to_owned())
    }

    /// An error where `current` points at one that is as new or newer.
    fn check_newer(&self) -> Result<(), PublishError> {
        let as_of = instant(&self.name);
        match self.current().filter(|current| instant(current) >= as_of) {
            None => Ok(()),
            Some(current) => Err(PublishError::NotNewer {
                current,
                as_of: as_of.to_owned(),
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
        let finished = self.snapshots().join(&self.name);
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
        symlink(Path::new(SNAPSHOTS).join(&self.name), &next)
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

/// A name that no other publisher has.
fn unique(as_of: &str) -> io::Result<String> {
    let mut random = [0; 4];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{as_of}-{:08x}", u32::from_be_bytes(random)))
}

/// The instant in a folder's name, which ends with the `Z` of UTC.
pub(super) fn instant(name: &str) -> &str {
    name.split_inclusive('Z').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{CURRENT, Folder, Path, PathBuf, PublishError, SNAPSHOTS, fs, instant, symlink};

    const DAYS: [&str; 3] = ["2026-01-01Z", "2026-01-02Z", "2026-01-03Z"];

    fn publish(root: &Path, as_of: &str) -> Result<(), PublishError> {
        let folder = Folder::open(root, as_of)?;
        fs::write(folder.path().join("file"), as_of).expect("written");
        folder.finish(2).map(|_| ())
    }

    fn current(root: &Path) -> String {
        fs::read_to_string(root.join("current/file")).expect("published")
    }

    fn is_refused<T>(published: &Result<T, PublishError>) -> bool {
        matches!(published, Err(PublishError::NotNewer { .. }))
    }

    #[test]
    fn current_moves_forward_only_and_the_newest_are_kept() {
        let root = tempfile::tempdir().expect("a folder");
        for as_of in DAYS {
            publish(root.path(), as_of).expect("published");
            assert_eq!(current(root.path()), as_of);
        }
        // Whatever follows the instant in a name is chance, and must not decide.
        let least = PathBuf::from(SNAPSHOTS).join(format!("{}-00000000", DAYS[2]));
        let link = root.path().join(CURRENT);
        let newest = root.path().join(fs::read_link(&link).expect("a link"));
        fs::rename(newest, root.path().join(&least)).expect("renamed");
        fs::remove_file(&link)
            .and_then(|()| symlink(least, &link))
            .expect("linked");
        for as_of in [DAYS[1], DAYS[2]] {
            assert!(is_refused(&publish(root.path(), as_of)));
        }
        assert_eq!(current(root.path()), DAYS[2]);
        let mut names: Vec<_> = fs::read_dir(root.path().join("snapshots"))
            .expect("there")
            .map(|entry| entry.expect("readable").file_name().into_string())
            .map(|name| name.expect("a name"))
            .collect();
        names.sort();
        let kept: Vec<_> = names.iter().map(|name| instant(name)).collect();
        assert_eq!(kept, DAYS[1..]);
        assert!(names.iter().all(|name| name.len() == DAYS[0].len() + 9));
    }

    #[test]
    fn one_that_was_overtaken_does_not_become_current() {
        let root = tempfile::tempdir().expect("a folder");
        let slow = Folder::open(root.path(), DAYS[0]).expect("opened");
        publish(root.path(), DAYS[1]).expect("published");
        assert!(is_refused(&slow.finish(2)));
        assert_eq!(current(root.path()), DAYS[1]);
    }

    #[test]
    fn one_that_stood_still_is_in_nobodys_way() {
        let root = tempfile::tempdir().expect("a folder");
        let [slow, quick] = [(); 2].map(|()| Folder::open(root.path(), DAYS[1]).expect("opened"));
        assert_ne!(slow.path(), quick.path());
        publish(root.path(), DAYS[0]).expect("published");
        quick.finish(2).expect("nobody cleared it away");
        assert!(is_refused(&slow.finish(2)));
    }

    #[test]
    fn what_a_crash_left_unfinished_is_cleared_and_never_current() {
        let root = tempfile::tempdir().expect("a folder");
        let crashed = Folder::open(root.path(), DAYS[0]).expect("opened");
        let left = crashed.path();
        drop(crashed);
        assert!(left.exists());
        publish(root.path(), DAYS[1]).expect("published");
        assert!(!left.exists());
    }
}
