//! The store's side of the workers: loading, cutting and closing, each on a thread of its own, because each may
//! take long and a worker's loop must not wait.

use crate::partition::Mark;
use crate::store::{Error, Loaded, Store, Written};
use arrow::array::RecordBatch;
use clockstop_pipeline::{AlertKey, Day, Reference};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Slices that wait to be written; when so many do, sweeping pauses.
const SLICES: usize = 8;

/// Gives the store's work to threads.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    pub(crate) store: Store,
    pub(crate) key: AlertKey,
    pub(crate) reference: Reference,
    pub(crate) software: &'static str,
    /// How many checkpoints of a partition are kept.
    pub(crate) keep: usize,
}

/// A checkpoint that was cut.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) written: Written,
    pub(crate) took: Duration,
}

/// What a checkpoint is made of, in order.
enum Piece {
    Rows(RecordBatch),
    Texts(Vec<String>),
}

/// A checkpoint while it is cut. Without its texts it comes to nothing.
#[derive(Debug)]
pub(crate) struct Cutting {
    pieces: SyncSender<Piece>,
    /// What the thread did not take yet.
    left: Option<Box<Piece>>,
    /// The place from which the next slice is swept.
    pub(crate) next: usize,
    /// Whether everything has been swept and given.
    pub(crate) is_swept: bool,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{} rows", rows.num_rows()),
            Self::Texts(texts) => write!(f, "{} texts", texts.len()),
        }
    }
}

impl Cutting {
    /// Whether another piece can be given now.
    pub(crate) fn is_free(&mut self) -> bool {
        if let Some(piece) = self.left.take() {
            self.give(*piece);
        }
        self.left.is_none()
    }

    pub(crate) fn give_rows(&mut self, rows: RecordBatch) {
        self.give(Piece::Rows(rows));
    }

    /// Gives the texts, with which the checkpoint is whole.
    pub(crate) fn give_texts(&mut self, texts: Vec<String>) {
        self.give(Piece::Texts(texts));
    }

    fn give(&mut self, piece: Piece) {
        match self.pieces.try_send(piece) {
            // A thread that has ended has told why.
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(piece)) => self.left = Some(Box::new(piece)),
        }
    }
}

type Thread = std::io::Result<JoinHandle<()>>;

impl Keeper {
    /// Loads the newest checkpoint of a partition.
    pub(crate) fn load(
        &self,
        partition: i32,
        tell: impl FnOnce(Result<Loaded, Error>) + Send + 'static,
    ) -> Thread {
        let keeper = self.clone();
        spawn(format!("load-{partition}"), move || {
            let Self {
                store,
                key,
                reference,
                software,
                ..
            } = &keeper;
            tell(store.load(partition, *key, reference, software));
        })
    }

    /// Begins to cut a checkpoint.
    pub(crate) fn cut(
        &self,
        partition: i32,
        mark: Mark,
        tell: impl FnOnce(Result<Option<Cut>, Error>) + Send + 'static,
    ) -> std::io::Result<(Cutting, JoinHandle<()>)> {
        let (pieces, given) = sync_channel(SLICES);
        let keeper = self.clone();
        let thread = spawn(format!("cut-{partition}"), move || {
            tell(keeper.write(partition, mark, &given));
        })?;
        let cutting = Cutting {
            pieces,
            left: None,
            next: 0,
            is_swept: false,
        };
        Ok((cutting, thread))
    }

    /// Writes what is given; nothing where the texts never come.
    fn write(
        &self,
        partition: i32,
        mark: Mark,
        given: &Receiver<Piece>,
    ) -> Result<Option<Cut>, Error> {
        let began = Instant::now();
        let mut writer = self.store.writer(partition, mark)?;
        for piece in given {
            match piece {
                Piece::Rows(rows) => writer.add(&rows)?,
                Piece::Texts(texts) => {
                    let texts = texts.iter().map(String::as_str);
                    let written = writer.finish(texts, &self.reference.version, self.software)?;
                    if let Err(error) = self.store.prune(partition, self.keep) {
                        tracing::warn!(partition, %error, "older checkpoints are not cleared away");
                    }
                    let took = began.elapsed();
                    return Ok(Some(Cut { written, took }));
                }
            }
        }
        Ok(None)
    }

    /// Keeps the rows of a closed day.
    pub(crate) fn close(
        &self,
        partition: i32,
        day: Day,
        files: Vec<(String, Vec<u8>)>,
        tell: impl FnOnce(Result<(), Error>, Vec<(String, Vec<u8>)>) + Send + 'static,
    ) -> Thread {
        let store = self.store.clone();
        spawn(format!("close-{partition}"), move || {
            let put = |(name, bytes): &(String, Vec<u8>)| {
                store.put_close(day, partition, name, bytes.clone())
            };
            let done = files.iter().try_for_each(put);
            tell(done, files);
        })
    }
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Thread {
    std::thread::Builder::new().name(name).spawn(run)
}
