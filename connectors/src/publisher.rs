//! The one task that publishes snapshots: takes a copy of every partition, makes its rows and writes them, at an
//! interval.

use crate::background;
use crate::board::{Board, Part};
use crate::calendar::Calendar;
use crate::config::{Config, Problem};
use crate::publish::{
    PartitionCopy, PartitionRows, PublishError, Published, Root, Snapshot, collect,
};
use crate::worker::Desk;
use clockstop_pipeline::{AlertKey, Reference};
use clockstop_schemas::{Plane, PseudonymKey};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A worker that gives nothing for so long is busy; its partitions are listed as missing.
const PATIENCE: Duration = Duration::from_mins(1);

/// Asks for copies of the partitions a worker runs.
#[derive(Clone, Debug)]
pub(crate) struct CopyRequest {
    pub(crate) reply: Sender<PartitionCopy>,
}

/// What the publisher needs.
#[derive(Debug)]
pub(crate) struct Publishing {
    pub(crate) roots: Vec<Root>,
    pub(crate) interval: Duration,
    pub(crate) keep: usize,
    pub(crate) partitions: i32,
    pub(crate) alert_key: AlertKey,
    pub(crate) reference: Reference,
    pub(crate) calendar: Calendar,
    pub(crate) board: Arc<Board>,
    pub(crate) desks: Vec<Desk>,
}

/// Publish now, and tell how it went.
type Order = Sender<Result<Vec<Published>, PublishError>>;

/// The rows of a snapshot, and the instant from which they were collected.
type Collected = (jiff::Timestamp, Vec<PartitionRows>);

/// The publisher's thread.
#[derive(Debug)]
pub(crate) struct Publisher {
    orders: Sender<Order>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// The planes that the settings ask for, each with its root.
pub(crate) fn roots(config: &Config) -> Result<Vec<Root>, Problem> {
    let analyst = Root {
        plane: Plane::Analyst(PseudonymKey(config.pseudonym_key()?)),
        path: config.snapshots.analyst.clone(),
    };
    let direct_care = config.snapshots.identifiable.clone().map(|path| Root {
        plane: Plane::Identifiable,
        path,
    });
    Ok([analyst].into_iter().chain(direct_care).collect())
}

impl Publisher {
    /// Starts publishing.
    pub(crate) fn start(publishing: Publishing) -> std::io::Result<Self> {
        let (orders, ordered) = channel();
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let thread = std::thread::Builder::new()
            .name("publisher".to_owned())
            .spawn(move || {
                background::stand_back();
                publishing.run(&ordered, &ended);
            })?;
        Ok(Self {
            orders,
            ends,
            thread,
        })
    }

    /// Publishes a snapshot now and waits for it; `None` when the publisher has ended.
    pub(crate) fn publish(&self) -> Option<Result<Vec<Published>, PublishError>> {
        let (reply, done) = channel();
        self.orders.send(reply).ok()?;
        done.recv().ok()
    }

    /// Ends publishing: what is being written is finished, what is only collected is not. Join the thread that is
    /// returned.
    pub(crate) fn close(self) -> JoinHandle<()> {
        self.ends.store(true, Ordering::Relaxed);
        self.thread
    }
}

impl Publishing {
    fn run(self, ordered: &Receiver<Order>, ends: &AtomicBool) {
        loop {
            match ordered.recv_timeout(self.interval) {
                Ok(order) => {
                    // Whoever ordered it may have gone.
                    drop(order.send(self.publish(self.collect())));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let collected = self.collect();
                    // Workers that have ended gave nothing, which would read as missing partitions.
                    if !ends.load(Ordering::Relaxed) {
                        self.publish_and_tell(collected);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn publish_and_tell(&self, collected: Collected) {
        let trouble = match self.publish(collected) {
            Ok(published) => {
                let folders: Vec<PathBuf> = published
                    .into_iter()
                    .map(|published| published.folder)
                    .collect();
                tracing::debug!(?folders, "published a snapshot");
                None
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::error!("cannot publish a snapshot: {error:#}; tried again");
                Some(format!("{error:#}"))
            }
        };
        self.board.report(Part::Snapshots, trouble);
    }

    fn publish(&self, (as_of, partitions): Collected) -> Result<Vec<Published>, PublishError> {
        let found: BTreeSet<i32> = partitions.iter().map(PartitionRows::partition).collect();
        let missing = (0..self.partitions).filter(|number| !found.contains(number));
        Snapshot {
            as_of,
            today: self.calendar.today(),
            missing: missing.collect(),
            partitions,
            reference_version: self.reference.version.clone(),
        }
        .publish(&self.roots, self.keep)
        .inspect(|_| self.board.published())
    }

    /// The rows of every partition that decides now. Partitions are copied at about the same moment, and their rows
    /// are made one after another.
    fn collect(&self) -> Collected {
        let as_of = jiff::Timestamp::now();
        let (reply, copies) = channel();
        for desk in &self.desks {
            desk.ask(CopyRequest {
                reply: reply.clone(),
            });
        }
        drop(reply);
        let mut collected = Vec::new();
        while let Ok(copy) = copies.recv_timeout(PATIENCE) {
            collected.extend(self.rows_of(&copy));
        }
        (as_of, collected)
    }

    fn rows_of(&self, copy: &PartitionCopy) -> Option<PartitionRows> {
        let planes: Vec<_> = self.roots.iter().map(|root| root.plane).collect();
        let engine = copy.engine(self.alert_key, &self.reference, PATIENCE)?;
        let partition = copy.partition;
        collect(&engine, copy.day, partition, copy.offsets, &planes)
            .inspect_err(|error| tracing::error!(partition, %error, "cannot make rows"))
            .ok()
    }
}
