//! The one task that publishes snapshots: takes a copy of every partition, makes its rows and writes them, at an
//! interval.

mod days;
mod outlet;
mod transitions;

pub(crate) use outlet::{Outlet, outlets};

use outlet::Ready;

use crate::background;
use crate::board::{Board, Part};
use crate::calendar::Calendar;
use crate::kafka::transitions::Transitions;
use crate::keeper::Keeper;
use crate::publish::{
    Origin, PartitionCopy, PartitionState, PublishError, Published, References, Root, Snapshot,
};
use crate::worker::Desk;
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
    pub(crate) interval: Duration,
    pub(crate) keep: usize,
    /// For how many days their tables are kept.
    pub(crate) daily_days: u16,
    pub(crate) partitions: i32,
    pub(crate) keeper: Keeper,
    pub(crate) transitions: Transitions,
    pub(crate) references: References,
    pub(crate) calendar: Calendar,
    pub(crate) board: Arc<Board>,
    pub(crate) desks: Vec<Desk>,
}

/// Publish now, and tell how it went.
type Order = Sender<Result<Vec<Published>, PublishError>>;

/// The copies for a snapshot, and the instant from which they were collected.
type Collected = (jiff::Timestamp, Vec<PartitionCopy>);

/// The group gives this partition to the process that publishes.
const PUBLISHER: i32 = 0;

/// The publisher's thread.
#[derive(Debug)]
pub(crate) struct Publisher {
    orders: Sender<Order>,
    ends: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Publisher {
    /// Starts publishing.
    pub(crate) fn start(publishing: Publishing, outlets: Vec<Outlet>) -> std::io::Result<Self> {
        let (orders, ordered) = channel();
        let ends = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&ends);
        let thread = std::thread::Builder::new()
            .name("publisher".to_owned())
            .spawn(move || {
                background::stand_back();
                publishing.run(&outlets, &ordered, &ended);
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
    fn run(mut self, outlets: &[Outlet], ordered: &Receiver<Order>, ends: &AtomicBool) {
        let mut made = BTreeSet::new();
        loop {
            match ordered.recv_timeout(self.interval) {
                Ok(order) => {
                    let (ready, away) = outlet::ready(outlets, self.calendar.today());
                    let told = self.read_history(&ready);
                    let collected = self.collect();
                    let published = told.and_then(|()| self.publish((ready, away), collected));
                    // Whoever ordered it may have gone.
                    drop(order.send(published));
                }
                Err(RecvTimeoutError::Timeout) => {
                    if !self.board.partitions().contains_key(&PUBLISHER) {
                        // Whatever was in its way is now in another's.
                        self.board.report(Part::Snapshots, None);
                        continue;
                    }
                    let (ready, away) = outlet::ready(outlets, self.calendar.today());
                    let told = self.read_history(&ready);
                    // A day waits for all planes; today does not.
                    let days = if away.is_ok() {
                        self.make_days(outlets, &mut made)
                    } else {
                        Ok(())
                    };
                    let collected = self.collect();
                    // Workers that have ended gave nothing, which would read as missing partitions.
                    if !ends.load(Ordering::Relaxed) {
                        // What is in the way of an old day must not keep today from being seen.
                        let published = told.and_then(|()| self.publish((ready, away), collected));
                        self.tell(published.and_then(|published| days.map(|()| published)));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn tell(&self, published: Result<Vec<Published>, PublishError>) {
        let trouble = match published {
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

    /// Copies of the partitions that decide, all of about the same moment.
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
            collected.push(copy);
        }
        (as_of, collected)
    }

    fn publish(
        &self,
        (ready, away): Ready<'_>,
        (as_of, copies): Collected,
    ) -> Result<Vec<Published>, PublishError> {
        if ready.is_empty() {
            return away.map(|()| Vec::new());
        }
        // Nothing is counted as of a day that a partition has not come to.
        let days = copies.iter().map(|copy| copy.day);
        let today = days.min().unwrap_or_else(|| self.calendar.today());
        let (key, reference) = (self.keeper.key, &self.keeper.reference);
        let mut states: Vec<_> = copies
            .into_iter()
            .filter_map(|copy| copy.receive(key, reference, PATIENCE))
            .collect();
        let mut missing = Vec::new();
        for number in 0..self.partitions {
            if !states.iter().any(|state| state.partition == number) {
                match self.checkpointed(number)? {
                    Some(state) => states.push(state),
                    None => missing.push(number),
                }
            }
        }
        let roots: Vec<Root> = ready.iter().map(|outlet| outlet.root.clone()).collect();
        let published = Snapshot {
            as_of,
            today,
            states,
            missing,
            references: &self.references,
        }
        .publish(&roots, self.keep)?;
        let sent = ready.iter().zip(&published);
        let sent = sent.map(|(outlet, published)| outlet.send(published, self.keep));
        // What is in the way of one plane is in the way of no other.
        let all = sent.fold(away, Result::and);
        all.map(|()| published).inspect(|_| self.board.published())
    }

    /// A partition that another process runs, or that does not decide now, as its newest checkpoint has it.
    fn checkpointed(&self, partition: i32) -> Result<Option<PartitionState<'_>>, PublishError> {
        let stored = self.keeper.store.newest(partition);
        let stored = stored.map_err(|error| PublishError::Store(error.to_string()))?;
        Ok(stored.map(|stored| self.keeper.state(partition, stored, Origin::Checkpoint)))
    }
}
