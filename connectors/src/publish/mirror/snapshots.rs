//! A snapshot on its way: its files, then `_snapshot.json`, then `current.json`, which only ever moves to a later
//! instant; then the old ones go.

use super::super::folder::{SNAPSHOTS, instant};
use super::super::snapshot::{MANIFEST, Published};
use super::{Created, Mirror, ObjectPath, PublishError, files_below};
use object_store::UpdateVersion;
use serde::{Deserialize, Serialize};

const CURRENT: &str = "current.json";

/// Others are faster so many times, or the store does not do what it is asked.
const TRIES: usize = 5;

/// What `current.json` says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Current {
    /// The folder of the snapshot, from the root on.
    pub(super) snapshot: String,
    /// The instant it stands for.
    pub(super) as_of: String,
}

impl Current {
    fn of(published: &Published) -> Self {
        let name = published.folder.file_name().unwrap_or_default();
        Self {
            snapshot: format!("{SNAPSHOTS}/{}", name.to_string_lossy()),
            as_of: published.as_of.to_string(),
        }
    }

    fn name(&self) -> &str {
        let name = self.snapshot.rsplit_once('/');
        name.map_or(&self.snapshot, |(_, name)| name)
    }

    /// An error where this is as new as the next one or newer.
    fn check_older(&self, next: &Self) -> Result<(), PublishError> {
        if instant(self.name()) < instant(next.name()) {
            return Ok(());
        }
        Err(PublishError::NotNewer {
            current: self.name().to_owned(),
            as_of: instant(next.name()).to_owned(),
        })
    }
}

impl Mirror {
    /// Publishes a finished folder, and keeps the newest `keep` snapshots.
    ///
    /// # Errors
    /// When the store does not take it, or somebody else published a newer one; what is current there stays whole.
    pub(crate) fn publish(&self, published: &Published, keep: usize) -> Result<(), PublishError> {
        let next = self.send_snapshot(published)?;
        self.move_current(&next)?;
        self.prune(&next, keep)
    }

    /// Sends the files of a snapshot; nobody is pointed at it yet.
    pub(super) fn send_snapshot(&self, published: &Published) -> Result<Current, PublishError> {
        let next = Current::of(published);
        if let Some((current, _)) = self.current()? {
            current.check_older(&next)?;
        }
        let manifest = published.folder.join(MANIFEST);
        let mut files = files_below(&published.folder)?;
        files.retain(|file| *file != manifest);
        self.send_all(&files)?;
        self.send(&manifest)?;
        Ok(next)
    }

    /// What `current.json` says, and which version of it that is.
    pub(super) fn current(&self) -> Result<Option<(Current, UpdateVersion)>, PublishError> {
        let found = self.objects.get_with_version(&ObjectPath::from(CURRENT));
        let Some((json, version)) = found.map_err(self.failed())? else {
            return Ok(None);
        };
        let current = serde_json::from_slice(&json).map_err(|error| {
            self.told(format!(
                "{CURRENT} is not one of this program ({error}); remove it, and the next snapshot writes it"
            ))
        })?;
        Ok(Some((current, version)))
    }

    /// A publisher that stood still meanwhile may have been overtaken: its snapshot comes to nothing.
    pub(super) fn move_current(&self, next: &Current) -> Result<(), PublishError> {
        for _ in 0..TRIES {
            let found = match self.current()? {
                // The answer to an earlier try was lost.
                Some((current, _)) if current == *next => return Ok(()),
                Some((current, version)) => {
                    current.check_older(next)?;
                    Some(version)
                }
                None => None,
            };
            if self.write_current(next, found)? == Created::Now {
                return Ok(());
            }
        }
        Err(self.told(format!(
            "{CURRENT} does not move; let one deployment publish here, in a store that heeds If-Match"
        )))
    }

    /// Writes `current.json` over the version that was found, or where there was none.
    pub(super) fn write_current(
        &self,
        next: &Current,
        found: Option<UpdateVersion>,
    ) -> Result<Created, PublishError> {
        let path = ObjectPath::from(CURRENT);
        let json = serde_json::to_vec(next).map_err(|error| self.told(error.to_string()))?;
        let written = match found {
            Some(version) => self.objects.replace(&path, json, version),
            None => self.objects.create(&path, json),
        };
        written.map_err(self.failed())
    }

    /// Removes what is older than the snapshot that was published, but for the newest that are whole.
    fn prune(&self, published: &Current, keep: usize) -> Result<(), PublishError> {
        let snapshots = ObjectPath::from(SNAPSHOTS);
        let mut names = self.objects.folders(&snapshots).map_err(self.failed())?;
        names.retain(|name| instant(name) < instant(published.name()));
        names.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = 1;
        for name in names {
            let folder = snapshots.clone().join(name);
            let manifest = folder.clone().join(MANIFEST);
            let is_whole = self.objects.has(&manifest).map_err(self.failed())?;
            if is_whole && kept < keep {
                kept += 1;
                continue;
            }
            // It goes first: what is left after a crash was never finished.
            self.objects.delete(&manifest).map_err(self.failed())?;
            let files = self.objects.files_below(&folder).map_err(self.failed())?;
            self.at_once(&files, |file| {
                self.objects.delete(&file.location).map_err(self.failed())
            })?;
        }
        Ok(())
    }
}
