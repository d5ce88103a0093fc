//! Checkpoints and closed days in an object store: local disk, S3, Azure or Google (design 6.5).
//!
//! A checkpoint is a folder `<partition>/<offset sum>-<uuid>/`. Its manifest is written last and names every
//! other file with its size and checksum, so that a folder without one was never finished, and nothing that was
//! cut or changed is taken for whole. Writers need no lock: every whole checkpoint is valid for ever.

mod closes;
mod marking;
mod pruning;
mod reading;
#[cfg(test)]
#[expect(
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a wrong index or another reason fails the test, as it should"
)]
mod tests;
mod writing;

pub(crate) use closes::Close;
pub(crate) use reading::{Engines, Loaded, Stored, Unusable};
pub(crate) use writing::Written;

use crate::config::Checkpoints;
use crate::objects::{self, Created, Objects};
use object_store::path::Path;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use uuid::Uuid;

/// Where the checkpoints lie. Its calls block, and are not for threads of an asynchronous runtime.
#[derive(Clone, Debug)]
pub(crate) struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    objects: Objects,
    /// What tells it from every other, once it has answered.
    id: OnceLock<String>,
    /// Checkpoints whose files this process has seen whole, by folder.
    seen_whole: Mutex<BTreeSet<String>>,
}

/// Why nothing is known of what the store holds, or nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no such store; another setting is needed.
    #[error("checkpoints.{0}")]
    Settings(String),
    /// The store is away, full or forbids it.
    #[error("cannot {action} {path} in the store of the checkpoints: {reason}")]
    Failed {
        action: &'static str,
        path: String,
        reason: String,
    },
    /// An empty disk in its place would read as "no checkpoint".
    #[error("the store of the checkpoints has lost its {ID_FILE}, or it is another one's")]
    Replaced,
    /// Whoever asked has gone.
    #[error("nobody waits for the checkpoint any more")]
    NotWanted,
    /// Arrow or Parquet refuse the rows.
    #[error("cannot encode a checkpoint: {0}")]
    Encoding(String),
}

impl Error {
    fn encoding(error: &impl std::error::Error) -> Self {
        Self::Encoding(error.to_string())
    }
}

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        match error {
            objects::Error::Address(_) => Self::Settings(format!("url: {error}")),
            objects::Error::Property(_) => Self::Settings(error.to_string()),
            objects::Error::Failed {
                action,
                path,
                reason,
            } => Self::Failed {
                action,
                path,
                reason,
            },
        }
    }
}

const ID_FILE: &str = "store.json";

#[derive(Serialize, Deserialize)]
struct Identity {
    store: String,
}

/// A folder that holds the pathways of a partition, with its manifest.
#[derive(Clone, Debug)]
struct Folder {
    partition: i32,
    name: String,
    path: Path,
}

impl Folder {
    /// A checkpoint.
    fn of(partition: i32, name: &str) -> Self {
        Self {
            partition,
            name: name.to_owned(),
            path: folder_of(partition, name),
        }
    }
}

impl Store {
    /// Prepares access to the store. A remote one is not called yet, and may be away.
    pub(crate) fn open(settings: &Checkpoints) -> Result<Self, Error> {
        Ok(Self(Arc::new(Inner {
            objects: Objects::open(&settings.url, &settings.properties)?,
            id: OnceLock::new(),
            seen_whole: Mutex::default(),
        })))
    }

    /// What tells this store from every other; `None` before it has answered.
    pub(crate) fn id(&self) -> Option<&str> {
        self.0.id.get().map(String::as_str)
    }

    /// An error where the store does not answer, or another stands in the place of the one that answered first.
    /// One that never had an id is given one, but not once it has answered: it has lost it then.
    fn check_id(&self) -> Result<(), Error> {
        let Inner { objects, id, .. } = &*self.0;
        // Looked at first: another thread may give the store its id now.
        let has_answered = id.get().is_some();
        let found = match read_id(objects)? {
            Some(found) => found,
            None if has_answered => return Err(Error::Replaced),
            None => create_id(objects)?,
        };
        if *id.get_or_init(|| found.clone()) == found {
            Ok(())
        } else {
            Err(Error::Replaced)
        }
    }

    /// The folders of a partition's checkpoints, those that know most first.
    fn newest_first(&self, partition: i32) -> Result<Vec<String>, Error> {
        let mut names = self.0.objects.folders(&partition_folder(partition))?;
        names.sort_unstable_by(|a, b| b.cmp(a));
        Ok(names)
    }

    fn seen_whole(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        // A set is whole between two of its calls, whoever panicked.
        let seen = self.0.seen_whole.lock();
        seen.unwrap_or_else(PoisonError::into_inner)
    }
}

fn partition_folder(partition: i32) -> Path {
    Path::from(partition.to_string())
}

fn folder_of(partition: i32, name: &str) -> Path {
    partition_folder(partition).join(name)
}

fn read_id(objects: &Objects) -> Result<Option<String>, Error> {
    let path = Path::from(ID_FILE);
    let Some(bytes) = objects.get(&path)? else {
        return Ok(None);
    };
    match serde_json::from_slice(&bytes) {
        Ok(Identity { store }) => Ok(Some(store)),
        Err(error) => Err(Error::Failed {
            action: "read",
            path: path.to_string(),
            reason: error.to_string(),
        }),
    }
}

fn create_id(objects: &Objects) -> Result<String, Error> {
    let store = random_id()?;
    let identity = Identity { store };
    let json = serde_json::to_vec(&identity).map_err(|error| Error::encoding(&error))?;
    match objects.create(&Path::from(ID_FILE), json)? {
        Created::Now => Ok(identity.store),
        Created::Before => read_id(objects)?.ok_or(Error::Replaced),
    }
}

fn random_id() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Settings(format!("url: {error}")))?;
    let id: Uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
    Ok(id.to_string())
}
