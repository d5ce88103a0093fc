//! What another machine published, as far as this one's tables rest on it: releases, the lists of Sundays, and the
//! history of alerts.

use super::super::folder::UNFINISHED;
use super::super::{daily, history, release, weeks};
use super::{Mirror, ObjectPath, PublishError};
use clockstop_pipeline::statistics::release::Release;
use clockstop_pipeline::{Day, Month};
use clockstop_schemas::tables::{ALERT_HISTORY, PTL_WEEKLY};
use clockstop_schemas::{parse_day, parse_month};
use object_store::ObjectMeta;
use std::fs::{self, File};
use std::io;
use std::path::Path;

impl Mirror {
    /// Brings what the store has and the folder lacks; before anything is made that rests on it.
    pub(crate) fn bring_down(&self, today: Day) -> Result<(), PublishError> {
        self.bring_releases()?;
        self.bring_sundays(today)?;
        self.bring_history()
    }

    fn bring_releases(&self) -> Result<(), PublishError> {
        let releases = ObjectPath::from(release::RELEASES);
        let months = self.objects.folders(&releases).map_err(self.failed())?;
        for month in months.iter().filter_map(|name| parse_month(name)) {
            for of in [Release::Provisional, Release::Final] {
                self.bring_release(month, of)?;
            }
        }
        Ok(())
    }

    fn bring_release(&self, month: Month, of: Release) -> Result<(), PublishError> {
        let folder = release::folder(&self.folder, month, of);
        let last = self.object(&release::last_file(&folder));
        if folder.exists() || !self.objects.has(&last).map_err(self.failed())? {
            return Ok(());
        }
        let there = self.object(&folder);
        let files = self.objects.files_below(&there).map_err(self.failed())?;
        self.bring(&there, &files, &folder)
    }

    fn bring_sundays(&self, today: Day) -> Result<(), PublishError> {
        let lists = self.object(&daily::folder(&self.folder, &PTL_WEEKLY));
        let there = self.objects.folders(&lists).map_err(self.failed())?;
        let there = there.iter().filter_map(|name| parse_day(name.as_bytes()));
        let there = there.collect::<Vec<_>>();
        for sunday in weeks::sundays(today).filter(|sunday| there.contains(sunday)) {
            let path = daily::path(&self.folder, &PTL_WEEKLY, sunday);
            let Some(folder) = path.parent().filter(|_| !path.exists()) else {
                continue;
            };
            let there = self.object(folder);
            let files = self.objects.files(&there).map_err(self.failed())?;
            self.bring(&there, &files, folder)?;
        }
        Ok(())
    }

    /// A folder that has any of it reads on from the topic.
    fn bring_history(&self) -> Result<(), PublishError> {
        let folder = self.folder.join(ALERT_HISTORY.name);
        if !history::is_empty(&folder)? {
            return Ok(());
        }
        let Some((current, _)) = self.current()? else {
            return Ok(());
        };
        let there = ObjectPath::from(current.snapshot).join(ALERT_HISTORY.name);
        let mut files = self.objects.files(&there).map_err(self.failed())?;
        files.retain(|file| file.location.filename().is_some_and(history::is_part));
        if files.is_empty() {
            return Ok(());
        }
        self.bring(&there, &files, &folder)
    }

    /// Copies a folder of the store; it has its name when all of it is there.
    fn bring(
        &self,
        there: &ObjectPath,
        files: &[ObjectMeta],
        folder: &Path,
    ) -> Result<(), PublishError> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let unfinished = folder.with_file_name(format!("{UNFINISHED}{name}"));
        remove(&unfinished)?;
        self.at_once(files, |object| {
            let parts = object.location.prefix_match(there).into_iter().flatten();
            let path = parts.fold(unfinished.clone(), |path, part| path.join(part.as_ref()));
            let below = path.parent().unwrap_or(&unfinished);
            fs::create_dir_all(below).map_err(PublishError::write(below))?;
            let mut file = File::create(&path).map_err(PublishError::write(&path))?;
            let brought = self.objects.download(object, &mut file);
            brought.map_err(self.failed())?;
            file.sync_all().map_err(PublishError::write(&path))
        })?;
        // What a crash left there, without a file that counts.
        remove(folder)?;
        fs::rename(&unfinished, folder).map_err(PublishError::write(folder))
    }
}

fn remove(folder: &Path) -> Result<(), PublishError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PublishError::write(folder)(error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
