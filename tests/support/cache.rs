//! Downloads that are made once and kept in the ignored `.cache` folder of the workspace.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("connectors/ lies in the workspace")
        .to_path_buf()
}

/// The folder `.cache/<name>`, filled by `fill` if it is not there yet.
///
/// Safe between processes: a lock file admits one at a time, and `fill` works in a temporary folder that is renamed when it
/// is complete, so that a half-made folder is never taken for a whole one.
pub(crate) fn folder_once(name: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let cache = workspace().join(".cache");
    let folder = cache.join(name);
    if folder.is_dir() {
        return folder;
    }
    fs::create_dir_all(&cache).expect("create .cache");
    let lock = File::create(cache.join(format!("{name}.lock"))).expect("create the lock file");
    lock.lock().expect("lock the cache folder");
    if !folder.is_dir() {
        let unfinished = cache.join(format!("{name}.unfinished"));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).expect("remove an unfinished download");
        }
        fs::create_dir(&unfinished).expect("create the download folder");
        fill(&unfinished);
        fs::rename(&unfinished, &folder).expect("move the finished download into place");
    }
    folder
}
