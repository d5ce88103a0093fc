//! A file that does not answer: whoever opens it waits until the latch is dropped, and then finds it empty.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A pipe in the place of a file.
pub(crate) struct Latch(PathBuf);

impl Latch {
    /// In the place of the manifest of a checkpoint: a store that is too slow for this partition.
    pub(crate) fn in_checkpoint(store: &Path, partition: i32, offset_sum: u64) -> Self {
        let name = format!("{offset_sum:020}-latch");
        let folder = store.join(partition.to_string()).join(name);
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("manifest.json");
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.expect("run mkfifo").success(), "no pipe");
        Self(path)
    }
}

impl Drop for Latch {
    fn drop(&mut self) {
        // One that is open both ways waits for nobody; once it is closed whoever waited reads the end.
        let both = File::options().read(true).write(true).open(&self.0);
        drop(fs::remove_file(&self.0));
        drop(both);
    }
}
