//! What a partition knew at one moment, as whoever makes tables of it gets hold of it: several times, one partition
//! after another, so that no more than one of them is in memory twice.

use super::PublishError;
use crate::sweep::Piece;
use arrow::array::RecordBatch;
use clockstop_pipeline::{AlertKey, Day, Engine, Reference, Restoring, Texts};
use clockstop_schemas::checkpoint::{LastAppend, kept_rows};
use core::fmt;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// What a partition knew at one moment.
#[derive(Debug)]
pub struct PartitionState<'s> {
    /// Its number.
    pub partition: i32,
    /// The positions of the referral, diagnosis and treatment input up to which it has learned.
    pub offsets: [i64; 3],
    /// When each source last reported each kind of event.
    pub last_appends: Vec<LastAppend>,
    /// Where it comes from.
    pub origin: Origin,
    /// Its pathways.
    pub source: Source<'s>,
}

/// From whom a partition's state was had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From the worker that runs it.
    Live,
    /// From its newest checkpoint, because another process runs it.
    Checkpoint,
    /// From the close of a day.
    Close,
    /// From a file of events.
    File,
}

impl Origin {
    /// `live`, `checkpoint`, `close` or `file`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Checkpoint => "checkpoint",
            Self::Close => "close",
            Self::File => "file",
        }
    }
}

/// How to get hold of a partition's pathways.
pub enum Source<'s> {
    /// They are at hand.
    Here(&'s Engine),
    /// They are put together each time, the same every time.
    Made(Box<dyn Fn() -> Result<Engine, PublishError> + Send + 's>),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "Here",
            Self::Made(_) => "Made",
        })
    }
}

impl PartitionState<'_> {
    /// Looks at the pathways.
    pub(super) fn look<T>(
        &self,
        look: impl FnOnce(&Engine) -> Result<T, PublishError>,
    ) -> Result<T, PublishError> {
        match &self.source {
            Source::Here(engine) => look(engine),
            Source::Made(make) => look(&make()?),
        }
    }
}

/// A partition on its way from its worker.
#[derive(Debug)]
pub(crate) struct PartitionCopy {
    pub(crate) partition: i32,
    /// The day it has decided on.
    pub(crate) day: Day,
    /// Up to where its inputs were learned.
    pub(crate) offsets: [i64; 3],
    pub(crate) last_appends: Vec<LastAppend>,
    pub(crate) pathways: usize,
    pub(crate) pieces: Receiver<Piece>,
}

impl PartitionCopy {
    /// All of it; `None` where its worker gave it up, or gave nothing for so long.
    pub(crate) fn receive(
        self,
        key: AlertKey,
        reference: &Reference,
        patience: Duration,
    ) -> Option<PartitionState<'_>> {
        let mut slices = Vec::new();
        let texts = loop {
            match self.pieces.recv_timeout(patience).ok()? {
                Piece::Rows(slice) => slices.push(slice),
                Piece::Texts(texts) => break texts,
            }
        };
        let (partition, pathways) = (self.partition, self.pathways);
        let make = move || {
            engine(key, reference, pathways, &slices, &texts)
                .ok_or(PublishError::NotCopied { partition })
        };
        Some(PartitionState {
            partition,
            offsets: self.offsets,
            last_appends: self.last_appends,
            origin: Origin::Live,
            source: Source::Made(Box::new(make)),
        })
    }
}

fn engine(
    key: AlertKey,
    reference: &Reference,
    pathways: usize,
    slices: &[RecordBatch],
    texts: &[String],
) -> Option<Engine> {
    let texts = Texts::from_kept(texts.iter().map(String::as_str))?;
    let software = env!("CARGO_PKG_VERSION");
    let mut restoring = Restoring::new(key, reference.clone(), software, texts, pathways);
    for slice in slices {
        if !kept_rows(slice).ok()?.all(|kept| restoring.put(&kept)) {
            return None;
        }
    }
    Some(restoring.finish())
}
