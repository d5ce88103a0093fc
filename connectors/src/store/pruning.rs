//! Removing what no start will need: checkpoints older than enough whole ones, and what was never finished.

use super::reading::{Failure, Unusable};
use super::writing::MANIFEST;
use super::{Error, Folder, Store, folder_of};
use object_store::path::Path;
use std::time::Duration;

/// No checkpoint takes a day to write.
const ABANDONED_AFTER: Duration = Duration::from_hours(24);

/// What becomes of a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is one of those that are kept for the next start.
    Whole,
    /// It is not whole, and may tell somebody why.
    Left,
    Removed,
}

impl Store {
    /// Removes the checkpoints of a partition that are older than `keep` whole ones, and folders that nobody
    /// finished within a day; gives back their names.
    ///
    /// A checkpoint is whole when this process has once read all of its files and found them so.
    pub(crate) fn prune(&self, partition: i32, keep: usize) -> Result<Vec<String>, Error> {
        self.check_id()?;
        let mut whole = 0;
        let mut removed = Vec::new();
        for name in self.newest_first(partition)? {
            let fate = if whole < keep {
                self.fate_of_newer(partition, &name)?
            } else {
                self.fate_of_older(partition, &name)?
            };
            match fate {
                Fate::Whole => whole += 1,
                Fate::Left => {}
                Fate::Removed => {
                    self.remove(partition, &name)?;
                    removed.push(name);
                }
            }
        }
        Ok(removed)
    }

    fn fate_of_newer(&self, partition: i32, name: &str) -> Result<Fate, Error> {
        match self.check_whole(partition, name) {
            Ok(()) => Ok(Fate::Whole),
            Err(Failure::Unusable(Unusable::NoManifest)) => {
                self.fate_of_unfinished(partition, name)
            }
            Err(Failure::Unusable(_)) => Ok(Fate::Left),
            Err(Failure::Store(error)) => Err(error),
        }
    }

    fn fate_of_older(&self, partition: i32, name: &str) -> Result<Fate, Error> {
        match self.manifest(&Folder::of(partition, name)) {
            Err(Failure::Unusable(Unusable::NoManifest)) => {
                self.fate_of_unfinished(partition, name)
            }
            Ok(_) | Err(Failure::Unusable(_)) => Ok(Fate::Removed),
            Err(Failure::Store(error)) => Err(error),
        }
    }

    /// Somebody may be writing it.
    fn fate_of_unfinished(&self, partition: i32, name: &str) -> Result<Fate, Error> {
        let changed = self.0.objects.changed_at(&folder_of(partition, name))?;
        let since = jiff::Timestamp::now().as_second() - changed;
        if u64::try_from(since).is_ok_and(|since| since > ABANDONED_AFTER.as_secs()) {
            Ok(Fate::Removed)
        } else {
            Ok(Fate::Left)
        }
    }

    fn check_whole(&self, partition: i32, name: &str) -> Result<(), Failure> {
        let folder = Folder::of(partition, name);
        let manifest = self.manifest(&folder)?;
        let path = folder.path.to_string();
        if self.seen_whole().contains(&path) {
            return Ok(());
        }
        for entry in &manifest.files {
            self.whole_file(&folder, entry)?;
        }
        self.seen_whole().insert(path);
        Ok(())
    }

    fn remove(&self, partition: i32, name: &str) -> Result<(), Error> {
        self.remove_folder(&folder_of(partition, name))
    }

    /// The manifest goes first: what is left after a crash was never finished.
    pub(super) fn remove_folder(&self, folder: &Path) -> Result<(), Error> {
        self.seen_whole().remove(&folder.to_string());
        let objects = &self.0.objects;
        objects.delete(&folder.clone().join(MANIFEST))?;
        for file in objects.files(folder)? {
            objects.delete(&file.location)?;
        }
        Ok(objects.delete_folder(folder)?)
    }
}
