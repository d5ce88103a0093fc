//! Loading the newest checkpoint that is whole. What is not is passed over with its reason.

use super::writing::{MANIFEST, length};
use super::{Error, Folder, Store, marking};
use crate::objects::{self, Fetched};
use crate::partition::{Mark, Restored};
use arrow::array::RecordBatch;
use bytes::Bytes;
use clockstop_pipeline::{AlertKey, Engine, FOLD_VERSION, Reference, Restoring, Texts, judged_by};
use clockstop_schemas::checkpoint::{
    FileEntry, FileKind, Manifest, ManifestRefusal, kept_rows, text_rows,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

/// What a store knows of a partition.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The newest whole checkpoint and what it is.
    pub(crate) newest: Option<(Restored, About)>,
    /// What lay before it and could not be used, newest first.
    pub(crate) passed_over: Vec<PassedOver>,
}

/// Which checkpoint was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct About {
    /// Its folder beneath the partition's.
    pub(crate) name: String,
    /// How long ago it was written.
    pub(crate) age: Duration,
    /// Its size.
    pub(crate) bytes: u64,
    /// How many pathways are in it.
    pub(crate) rows: u64,
}

/// A checkpoint that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PassedOver {
    /// Its folder beneath the partition's.
    pub(crate) name: String,
    /// Why.
    pub(crate) reason: Unusable,
}

/// Why a checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// It is being written, or was never finished.
    #[error("it has no manifest")]
    NoManifest,
    #[error("its manifest: {0}")]
    Manifest(ManifestRefusal),
    #[error("it is of version {0} of the fold, and this software's is {FOLD_VERSION}")]
    OtherFold(u32),
    #[error("it is of partition {0}")]
    OtherPartition(i32),
    #[error("{0} is not a reason that this software refuses records for")]
    UnknownReason(String),
    #[error("{0} is missing")]
    Missing(String),
    #[error("{0} is longer or shorter than it was")]
    OtherLength(String),
    #[error("the checksum of {0} does not match")]
    Changed(String),
    #[error("{0} does not hold the rows that it should")]
    NotItsRows(String),
}

/// Why there is nothing to be had: from this checkpoint, or from the store.
#[derive(Debug)]
pub(super) enum Failure {
    Unusable(Unusable),
    Store(Error),
}

impl From<Unusable> for Failure {
    fn from(unusable: Unusable) -> Self {
        Self::Unusable(unusable)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<objects::Error> for Failure {
    fn from(error: objects::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A folder of pathways that somebody finished; its files are checked when they are read.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    folder: Folder,
    pub(crate) mark: Mark,
}

/// What an engine is made of beside its facts.
#[derive(Debug)]
pub(crate) struct Engines<'e> {
    pub(crate) key: AlertKey,
    pub(crate) reference: &'e Reference,
    pub(crate) software: &'e str,
}

impl Store {
    /// The newest whole checkpoint of a partition. An error means that nothing is known of what there is; one
    /// that is not wanted any more is not loaded to its end.
    pub(crate) fn load(
        &self,
        partition: i32,
        engines: &Engines<'_>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<Loaded, Error> {
        self.check_id()?;
        let mut passed_over = Vec::new();
        for name in self.newest_first(partition)? {
            if !is_wanted() {
                return Err(Error::NotWanted);
            }
            let folder = Folder::of(partition, &name);
            match self.restore(&folder, engines, is_wanted) {
                Ok(newest) => {
                    return Ok(Loaded {
                        newest: Some(newest),
                        passed_over,
                    });
                }
                Err(Failure::Unusable(reason)) => passed_over.push(PassedOver { name, reason }),
                Err(Failure::Store(error)) => return Err(error),
            }
        }
        Ok(Loaded {
            newest: None,
            passed_over,
        })
    }

    /// The newest checkpoint of a partition that was finished, where there is one.
    pub(crate) fn newest(&self, partition: i32) -> Result<Option<Stored>, Error> {
        self.check_id()?;
        let names = self.newest_first(partition)?.into_iter();
        self.first_stored(names.map(|name| Folder::of(partition, &name)))
    }

    /// The first folder of which this software can read the manifest.
    pub(super) fn first_stored(
        &self,
        folders: impl Iterator<Item = Folder>,
    ) -> Result<Option<Stored>, Error> {
        for folder in folders {
            let found = self.manifest(&folder);
            match found.and_then(|manifest| Ok(marking::mark(&manifest)?)) {
                Ok(mark) => return Ok(Some(Stored { folder, mark })),
                Err(Failure::Unusable(Unusable::NoManifest)) => {}
                Err(Failure::Unusable(reason)) => {
                    tracing::warn!(folder = %folder.path, %reason, "passed over");
                }
                Err(Failure::Store(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The pathways of such a folder.
    pub(crate) fn engine_of(
        &self,
        stored: &Stored,
        engines: &Engines<'_>,
    ) -> Result<Engine, Error> {
        match self.restore(&stored.folder, engines, &|| true) {
            Ok((restored, _)) => Ok(restored.engine),
            Err(Failure::Store(error)) => Err(error),
            Err(Failure::Unusable(reason)) => Err(Error::Failed {
                action: "read",
                path: stored.folder.path.to_string(),
                reason: reason.to_string(),
            }),
        }
    }

    fn restore(
        &self,
        folder: &Folder,
        engines: &Engines<'_>,
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<(Restored, About), Failure> {
        let manifest = self.manifest(folder)?;
        let mark: Mark = marking::mark(&manifest)?;
        let texts = self.texts(folder, &manifest)?;
        let mut restoring = Restoring::new(
            engines.key,
            engines.reference.clone(),
            engines.software,
            texts,
            usize::try_from(manifest.pathways).unwrap_or_default(),
        );
        if let Some(decided) = manifest.decided
            && manifest.judged_by == judged_by(engines.reference)
        {
            restoring = restoring.settled_on(decided);
        }
        // A file is read and unpacked while the rows of what lay before it are put.
        let manifest = &manifest;
        std::thread::scope(|scope| {
            let (give, given) = sync_channel(READ_AHEAD);
            let read = move || self.read_pathways(folder, manifest, &give);
            let reader = std::thread::Builder::new().spawn_scoped(scope, read);
            reader.map_err(|error| objects::Error::on_disk("read", &folder.path, &error))?;
            given.iter().try_for_each(|rows| {
                if !is_wanted() {
                    return Err(Error::NotWanted.into());
                }
                put(&mut restoring, &rows?)
            })
        })?;
        let engine = restoring.finish();
        Ok((Restored { engine, mark }, about(&folder.name, manifest)))
    }

    /// Gives the rows of all files of pathways, up to the first that cannot be used or is not taken.
    fn read_pathways<'m>(
        &self,
        folder: &Folder,
        manifest: &'m Manifest,
        give: &SyncSender<Result<Rows<'m>, Failure>>,
    ) {
        let read = of_kind(manifest, FileKind::Pathways).try_for_each(|entry| {
            let bytes = self.whole_file(folder, entry)?;
            each_batch(entry, bytes, |batch| {
                let given = give.send(Ok(Rows { entry, batch }));
                given.map_err(|_| Error::NotWanted.into())
            })
        });
        if let Err(failure) = read {
            // Whoever takes no more has a reason of its own.
            drop(give.send(Err(failure)));
        }
    }

    /// The manifest of a checkpoint that this software can read.
    pub(super) fn manifest(&self, folder: &Folder) -> Result<Manifest, Failure> {
        let path = folder.path.clone().join(MANIFEST);
        let Some(json) = self.0.objects.get(&path)? else {
            return Err(Unusable::NoManifest.into());
        };
        let manifest = Manifest::from_json(&json).map_err(Unusable::Manifest)?;
        if manifest.fold != FOLD_VERSION {
            return Err(Unusable::OtherFold(manifest.fold).into());
        }
        if manifest.partition != folder.partition {
            return Err(Unusable::OtherPartition(manifest.partition).into());
        }
        Ok(manifest)
    }

    /// The bytes of a file, once they are known to be those that were written.
    pub(super) fn whole_file(&self, folder: &Folder, entry: &FileEntry) -> Result<Bytes, Failure> {
        let path = folder.path.clone().join(entry.name.as_str());
        let bytes = match self.0.objects.get_exactly(&path, entry.bytes)? {
            Fetched::Whole(bytes) => bytes,
            Fetched::Missing => return Err(Unusable::Missing(entry.name.clone()).into()),
            Fetched::OtherLength => return Err(Unusable::OtherLength(entry.name.clone()).into()),
        };
        if blake3::hash(&bytes).to_hex().as_str() != entry.blake3 {
            return Err(Unusable::Changed(entry.name.clone()).into());
        }
        Ok(bytes)
    }

    fn texts(&self, folder: &Folder, manifest: &Manifest) -> Result<Texts, Failure> {
        let mut texts: Vec<String> = Vec::new();
        let mut last = "texts";
        for entry in of_kind(manifest, FileKind::Texts) {
            last = &entry.name;
            let bytes = self.whole_file(folder, entry)?;
            each_batch(entry, bytes, |batch| {
                let rows = text_rows(&batch);
                let rows = rows.map_err(|_| Unusable::NotItsRows(entry.name.clone()))?;
                texts.extend(rows.map(str::to_owned));
                Ok(())
            })?;
        }
        let kept = Texts::from_kept(texts.iter().map(String::as_str));
        Ok(kept.ok_or_else(|| Unusable::NotItsRows(last.to_owned()))?)
    }
}

fn about(name: &str, manifest: &Manifest) -> About {
    let now = jiff::Timestamp::now().as_millisecond();
    let age = u64::try_from(now.saturating_sub(manifest.written_at)).unwrap_or_default();
    let files = manifest.files.iter().map(|file| file.bytes);
    About {
        name: name.to_owned(),
        age: Duration::from_millis(age),
        bytes: files.sum::<u64>() + length(&manifest.to_json()),
        rows: manifest.pathways,
    }
}

fn of_kind(manifest: &Manifest, kind: FileKind) -> impl Iterator<Item = &FileEntry> {
    manifest.files.iter().filter(move |file| file.kind == kind)
}

/// Some rows of a file.
struct Rows<'m> {
    entry: &'m FileEntry,
    batch: RecordBatch,
}

fn put(restoring: &mut Restoring, rows: &Rows<'_>) -> Result<(), Failure> {
    let wrong = || Unusable::NotItsRows(rows.entry.name.clone());
    let mut kept = kept_rows(&rows.batch).map_err(|_| wrong())?;
    if kept.all(|kept| restoring.put(&kept)) {
        Ok(())
    } else {
        Err(wrong().into())
    }
}

/// Hands out all rows of a file, as many as its entry says.
fn each_batch(
    entry: &FileEntry,
    bytes: Bytes,
    mut take: impl FnMut(RecordBatch) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let wrong = || Unusable::NotItsRows(entry.name.clone());
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|_| wrong())?;
    let reader = reader.with_batch_size(READ_ROWS).build();
    let mut rows = 0;
    for batch in reader.map_err(|_| wrong())? {
        let batch = batch.map_err(|_| wrong())?;
        rows += batch.num_rows();
        take(batch)?;
    }
    if u64::try_from(rows) == Ok(entry.rows) {
        Ok(())
    } else {
        Err(wrong().into())
    }
}

const READ_ROWS: usize = 8_192;

/// Batches that may wait to be put.
const READ_AHEAD: usize = 2;
