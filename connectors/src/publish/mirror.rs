//! The tables of one plane in an object store: made in a folder first, then sent there under the same names.
//!
//! Nothing there is written twice but `current.json`, which takes the place of the link `current`.

mod days;
mod earlier;
mod snapshots;
#[cfg(test)]
mod tests;

use super::PublishError;
use super::snapshot::Root;
use crate::objects::{self, Created, Objects};
use object_store::path::Path as ObjectPath;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::thread::Builder;

/// Files on their way at once.
const AT_ONCE: usize = 4;

/// One plane's object store, and the folder in which its tables are made.
#[derive(Debug)]
pub(crate) struct Mirror {
    plane: &'static str,
    folder: PathBuf,
    objects: Objects,
}

impl Mirror {
    /// What is made in this root goes to this store.
    pub(crate) fn of(root: &Root, objects: Objects) -> Self {
        Self {
            plane: root.plane.name(),
            folder: root.path.clone(),
            objects,
        }
    }

    fn failed(&self) -> impl Fn(objects::Error) -> PublishError + use<> {
        let plane = self.plane;
        move |error| {
            let reason = error.to_string();
            PublishError::Objects { plane, reason }
        }
    }

    fn told(&self, reason: String) -> PublishError {
        PublishError::Objects {
            plane: self.plane,
            reason,
        }
    }

    /// Sends a file of the folder, unless the store has one of its name.
    fn send(&self, file: &Path) -> Result<Created, PublishError> {
        let content = File::open(file).map_err(PublishError::read(file))?;
        let sent = self.objects.upload(&self.object(file), content);
        sent.map_err(self.failed())
    }

    fn send_all(&self, files: &[PathBuf]) -> Result<(), PublishError> {
        self.at_once(files, |file| self.send(file).map(drop))
    }

    /// The object of a file, of the same name below the root.
    fn object(&self, file: &Path) -> ObjectPath {
        let name = file.strip_prefix(&self.folder).unwrap_or(file);
        let parts = name.iter().map(|part| part.to_string_lossy());
        parts.map(Cow::into_owned).collect()
    }

    /// Does the same with all of these, some at once.
    fn at_once<T: Sync>(
        &self,
        things: &[T],
        job: impl Fn(&T) -> Result<(), PublishError> + Sync,
    ) -> Result<(), PublishError> {
        let job = &job;
        std::thread::scope(|scope| {
            let threads = (0..AT_ONCE).map(|number| {
                let mut own = things.iter().skip(number).step_by(AT_ONCE);
                Builder::new().spawn_scoped(scope, move || own.try_for_each(job))
            });
            let threads = threads.collect::<io::Result<Vec<_>>>();
            let threads = threads.map_err(PublishError::write(&self.folder))?;
            let done = threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
            done.collect()
        })
    }
}

/// The files below a folder, in order; none where it is not there.
fn files_below(folder: &Path) -> Result<Vec<PathBuf>, PublishError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(PublishError::read(folder))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(PublishError::read(folder))?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}
