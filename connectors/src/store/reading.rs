//! Loading the newest checkpoint that is whole. What is not is passed over with its reason.

use super::objects::Fetched;
use super::writing::{MANIFEST, length};
use super::{Error, Store, folder_of, marking};
use crate::partition::{Mark, Restored};
use arrow::array::RecordBatch;
use bytes::Bytes;
use clockstop_pipeline::{AlertKey, FOLD_VERSION, Reference, Restoring, Texts};
use clockstop_schemas::checkpoint::{
    FileEntry, FileKind, Manifest, ManifestRefusal, kept_rows, text_rows,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
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

/// What an engine is made of beside its facts.
struct Engines<'e> {
    key: AlertKey,
    reference: &'e Reference,
    software: &'e str,
}

impl Store {
    /// The newest whole checkpoint of a partition. An error means that nothing is known of what there is.
    pub(crate) fn load(
        &self,
        partition: i32,
        key: AlertKey,
        reference: &Reference,
        software: &str,
    ) -> Result<Loaded, Error> {
        self.check_id()?;
        let engines = Engines {
            key,
            reference,
            software,
        };
        let mut passed_over = Vec::new();
        for name in self.newest_first(partition)? {
            match self.restore(partition, &name, &engines) {
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

    fn restore(
        &self,
        partition: i32,
        name: &str,
        engines: &Engines<'_>,
    ) -> Result<(Restored, About), Failure> {
        let manifest = self.manifest(partition, name)?;
        let mark: Mark = marking::mark(&manifest)?;
        let texts = self.texts(partition, name, &manifest)?;
        let mut restoring = Restoring::new(
            engines.key,
            engines.reference.clone(),
            engines.software,
            texts,
            usize::try_from(manifest.pathways).unwrap_or_default(),
        );
        for entry in of_kind(&manifest, FileKind::Pathways) {
            let bytes = self.whole_file(partition, name, entry)?;
            put_pathways(&mut restoring, entry, bytes)?;
        }
        let engine = restoring.finish();
        Ok((Restored { engine, mark }, about(name, &manifest)))
    }

    /// The manifest of a checkpoint that this software can read.
    pub(super) fn manifest(&self, partition: i32, name: &str) -> Result<Manifest, Failure> {
        let path = folder_of(partition, name).join(MANIFEST);
        let Some(json) = self.0.objects.get(&path)? else {
            return Err(Unusable::NoManifest.into());
        };
        let manifest = Manifest::from_json(&json).map_err(Unusable::Manifest)?;
        if manifest.fold != FOLD_VERSION {
            return Err(Unusable::OtherFold(manifest.fold).into());
        }
        if manifest.partition != partition {
            return Err(Unusable::OtherPartition(manifest.partition).into());
        }
        Ok(manifest)
    }

    /// The bytes of a file, once they are known to be those that were written.
    pub(super) fn whole_file(
        &self,
        partition: i32,
        name: &str,
        entry: &FileEntry,
    ) -> Result<Bytes, Failure> {
        let path = folder_of(partition, name).join(entry.name.as_str());
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

    fn texts(&self, partition: i32, name: &str, manifest: &Manifest) -> Result<Texts, Failure> {
        let mut texts: Vec<String> = Vec::new();
        let mut last = "texts";
        for entry in of_kind(manifest, FileKind::Texts) {
            last = &entry.name;
            let bytes = self.whole_file(partition, name, entry)?;
            let wrong = || Unusable::NotItsRows(entry.name.clone());
            for batch in batches(entry, bytes)? {
                let rows = text_rows(&batch).map_err(|_| wrong())?;
                texts.extend(rows.map(str::to_owned));
            }
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

fn put_pathways(
    restoring: &mut Restoring,
    entry: &FileEntry,
    bytes: Bytes,
) -> Result<(), Unusable> {
    let wrong = || Unusable::NotItsRows(entry.name.clone());
    for batch in batches(entry, bytes)? {
        let mut rows = kept_rows(&batch).map_err(|_| wrong())?;
        if !rows.all(|kept| restoring.put(&kept)) {
            return Err(wrong());
        }
    }
    Ok(())
}

/// All rows of a file, as many as its entry says.
fn batches(entry: &FileEntry, bytes: Bytes) -> Result<Vec<RecordBatch>, Unusable> {
    let wrong = || Unusable::NotItsRows(entry.name.clone());
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).map_err(|_| wrong())?;
    let reader = reader.with_batch_size(READ_ROWS).build();
    let batches: Result<Vec<_>, _> = reader.map_err(|_| wrong())?.collect();
    let batches = batches.map_err(|_| wrong())?;
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    if u64::try_from(rows) == Ok(entry.rows) {
        Ok(batches)
    } else {
        Err(wrong())
    }
}

const READ_ROWS: usize = 8_192;
