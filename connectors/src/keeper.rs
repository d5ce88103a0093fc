//! The store's side of the workers: loading, cutting and closing, each on a thread of its own, because each may
//! take long and a worker's loop must not wait.

use crate::background;
use crate::partition::Mark;
use crate::publish::{Origin, PartitionState, PublishError, Source};
use crate::store::{Close, Engines, Error, Loaded, Store, Stored, Written};
use crate::sweep::{Piece, Sweep};
use clockstop_pipeline::{AlertKey, Reference};
use std::collections::BTreeSet;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Gives the store's work to threads.
#[derive(Clone, Debug)]
pub(crate) struct Keeper {
    pub(crate) store: Store,
    pub(crate) key: AlertKey,
    pub(crate) reference: Reference,
    pub(crate) software: &'static str,
    /// How many checkpoints of a partition are kept.
    pub(crate) keep: usize,
    pub(crate) under_way: Arc<UnderWay>,
}

/// What the process has under way in the store.
#[derive(Debug)]
pub(crate) struct UnderWay {
    /// How many more loads may run now.
    turns: Mutex<usize>,
    turned: Condvar,
    /// The partitions of which a checkpoint is being written.
    writing: Mutex<BTreeSet<i32>>,
}

/// Loads for each core that run at once: one computes while another waits for the store. More would not be
/// faster, and each has files of its partition in memory.
const LOADS_A_CORE: usize = 2;

impl Default for UnderWay {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            turns: Mutex::new(LOADS_A_CORE * cores),
            turned: Condvar::new(),
            writing: Mutex::default(),
        }
    }
}

impl UnderWay {
    /// Runs a load as soon as there is a turn for it.
    fn in_turn<T>(&self, load: impl FnOnce() -> T) -> T {
        let turns = self
            .turned
            .wait_while(lock(&self.turns), |turns| *turns == 0);
        *turns.unwrap_or_else(PoisonError::into_inner) -= 1;
        let _turn = Turn(self);
        load()
    }

    /// Reserves a partition for one writer; `None` while it has one.
    fn reserve(self: &Arc<Self>, partition: i32) -> Option<Writing> {
        let is_free = lock(&self.writing).insert(partition);
        is_free.then(|| Writing {
            under_way: self.clone(),
            partition,
        })
    }
}

/// A load's turn, until it is dropped.
struct Turn<'u>(&'u UnderWay);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *lock(&self.0.turns) += 1;
        self.0.turned.notify_one();
    }
}

/// That a checkpoint of a partition is being written, until it is dropped.
struct Writing {
    under_way: Arc<UnderWay>,
    partition: i32,
}

impl Drop for Writing {
    fn drop(&mut self) {
        lock(&self.under_way.writing).remove(&self.partition);
    }
}

/// A number and a set are whole between two of their calls, whoever panicked.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A load that somebody waits for; once it is dropped the load comes to nothing.
#[derive(Debug)]
pub(crate) struct Loading(#[expect(dead_code, reason = "it is counted")] Arc<()>);

/// A checkpoint that was cut.
#[derive(Clone, Debug)]
pub(crate) struct Cut {
    pub(crate) written: Written,
    pub(crate) took: Duration,
}

type Thread = std::io::Result<JoinHandle<()>>;

impl Keeper {
    /// Loads the newest checkpoint of a partition. Its thread only reads, so nobody has to see it end.
    pub(crate) fn load(
        &self,
        partition: i32,
        tell: impl FnOnce(Result<Loaded, Error>) + Send + 'static,
    ) -> std::io::Result<Loading> {
        let keeper = self.clone();
        let loading = Arc::new(());
        let waiting = Arc::downgrade(&loading);
        spawn(format!("load-{partition}"), move || {
            let is_wanted = || waiting.strong_count() > 0;
            let load = || keeper.store.load(partition, &keeper.engines(), &is_wanted);
            tell(keeper.under_way.in_turn(load));
        })?;
        Ok(Loading(loading))
    }

    /// A partition as the store has it, for whoever makes tables of it.
    pub(crate) fn state(
        &self,
        partition: i32,
        stored: Stored,
        origin: Origin,
    ) -> PartitionState<'_> {
        let Mark {
            progress,
            last_appends,
            ..
        } = stored.mark.clone();
        let make = move || {
            let engine = self.store.engine_of(&stored, &self.engines());
            engine.map_err(|error| PublishError::Store(error.to_string()))
        };
        PartitionState {
            partition,
            offsets: progress.offsets,
            last_appends,
            origin,
            source: Source::Made(Box::new(make)),
        }
    }

    fn engines(&self) -> Engines<'_> {
        Engines {
            key: self.key,
            reference: &self.reference,
            software: self.software,
        }
    }

    /// Begins to cut a checkpoint; `None` while an earlier one of the partition is still being written.
    pub(crate) fn cut(
        &self,
        partition: i32,
        mark: Mark,
        tell: impl FnOnce(Result<Option<Cut>, Error>) + Send + 'static,
    ) -> std::io::Result<Option<(Sweep, JoinHandle<()>)>> {
        let Some(writing) = self.under_way.reserve(partition) else {
            return Ok(None);
        };
        let (cutting, given) = Sweep::begin();
        let keeper = self.clone();
        let thread = spawn(format!("cut-{partition}"), move || {
            background::stand_back();
            let cut = keeper.write(partition, mark, &given);
            drop(writing);
            tell(cut);
        })?;
        Ok(Some((cutting, thread)))
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
                    let written = writer.finish(texts, &self.reference, self.software)?;
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

    /// Keeps a closed day.
    pub(crate) fn close(
        &self,
        partition: i32,
        close: Arc<Close>,
        tell: impl FnOnce(Result<(), Error>) + Send + 'static,
    ) -> Thread {
        let keeper = self.clone();
        spawn(format!("close-{partition}"), move || {
            background::stand_back();
            let (store, reference) = (&keeper.store, &keeper.reference);
            let kept = store.put_close(partition, &close, reference, keeper.software);
            // Whoever hears of it may want it back to try again.
            drop(close);
            tell(kept);
        })
    }
}

fn spawn(name: String, run: impl FnOnce() + Send + 'static) -> Thread {
    std::thread::Builder::new().name(name).spawn(run)
}

#[cfg(test)]
mod tests;
