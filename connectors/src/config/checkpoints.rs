//! `[checkpoints]`: where they lie, how often one is written and how many are kept.

use super::reader::Reader;
use super::{MAX_INTERVAL_SECONDS, MAX_KEEP};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// `[checkpoints]`.
#[derive(Clone)]
pub struct Checkpoints {
    /// A folder, or an address that begins with one of [`SCHEMES`].
    pub url: String,
    /// Time between two checkpoints of a partition.
    pub interval: Duration,
    /// How many of a partition are kept.
    pub keep: usize,
    /// Settings of the object store, such as its endpoint and credentials.
    pub properties: BTreeMap<String, String>,
}

/// The properties may hold credentials, so only their names are shown.
impl std::fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkpoints")
            .field("url", &self.url)
            .field("interval", &self.interval)
            .field("keep", &self.keep)
            .field("properties", &self.properties.keys())
            .finish()
    }
}

/// The kinds of store: local disk, Amazon S3 and what speaks like it, Azure Blob, Google Cloud Storage.
pub(crate) const SCHEMES: [&str; 4] = ["file://", "s3://", "az://", "gs://"];

/// One checkpoint may turn out to be damaged.
const LEAST_KEPT: u64 = 2;

const KEPT: usize = 3;

impl Checkpoints {
    /// Checkpoints in a folder, the rest by default.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            url: folder.display().to_string(),
            interval: Duration::from_mins(1),
            keep: KEPT,
            properties: BTreeMap::new(),
        }
    }

    /// Whether they lie in a store that is called over a network.
    pub(super) fn is_remote(&self) -> bool {
        self.url.contains("://") && !self.url.starts_with("file://")
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let default = Self::in_folder(Path::new("checkpoints"));
        let seconds = reader.count("checkpoints.interval_seconds", 60, 1..=MAX_INTERVAL_SECONDS);
        let url = reader.text("checkpoints.url", &default.url);
        check_scheme(reader, "checkpoints.url", &url);
        Self {
            url,
            interval: u64::try_from(seconds).map_or(default.interval, Duration::from_secs),
            keep: reader.count("checkpoints.keep", default.keep, LEAST_KEPT..=MAX_KEEP),
            properties: reader.table("checkpoints.properties"),
        }
    }
}

/// Reports an address that no kind of store has.
pub(super) fn check_scheme(reader: &mut Reader<'_>, setting: &str, url: &str) {
    if url.contains("://") && !SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
        let message = format!("expected a folder or {}", SCHEMES.join(", "));
        reader.report(setting, message);
    }
}
