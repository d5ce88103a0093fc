//! Closed days and the releases made with them, on their way to the store.

use super::super::daily;
use super::super::release;
use super::{Mirror, ObjectPath, PublishError, files_below};
use clockstop_pipeline::Day;
use clockstop_schemas::parse_day;

impl Mirror {
    /// Whether the store has all tables of a day.
    pub(crate) fn has_day(&self, day: Day) -> Result<bool, PublishError> {
        for table in daily::tables() {
            let file = daily::path(&self.folder, table, day);
            let has = self.objects.has(&self.object(&file));
            if !has.map_err(self.failed())? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends the tables of a day and the releases there are, as far as the store lacks them.
    pub(crate) fn send_day(&self, day: Day) -> Result<(), PublishError> {
        // Releases go first, for a day is there when its tables are.
        for (_, (_, folder)) in release::all(&self.folder)? {
            let last = release::last_file(&folder);
            let sent = self.objects.has(&self.object(&last));
            if sent.map_err(self.failed())? {
                continue;
            }
            let mut files = files_below(&folder)?;
            files.retain(|file| *file != last);
            self.send_all(&files)?;
            self.send(&last)?;
        }
        let files = daily::tables().map(|table| daily::path(&self.folder, table, day));
        self.send_all(&files.collect::<Vec<_>>())
    }

    /// Removes the tables of days before `first`.
    pub(crate) fn prune_days(&self, first: Day) -> Result<(), PublishError> {
        let mut gone = Vec::new();
        for table in daily::tables() {
            let folder = self.object(&daily::folder(&self.folder, table));
            for name in self.objects.folders(&folder).map_err(self.failed())? {
                if parse_day(name.as_bytes()).is_some_and(|day| day < first) {
                    let files = self.objects.files(&folder.clone().join(name));
                    let files = files.map_err(self.failed())?.into_iter();
                    gone.extend(files.map(|file| file.location));
                }
            }
        }
        self.at_once(&gone, |path: &ObjectPath| {
            self.objects.delete(path).map_err(self.failed())
        })
    }
}
