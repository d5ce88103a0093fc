//! A worker: one thread, one loop over the partitions of its share, and one enum of what can wake it.

mod closing;
mod copying;
mod crew;
mod keeping;
mod looping;
mod reading;
mod reports;
mod speaking;
mod tenancy;
mod tenant;

use crate::board::Board;
use crate::calendar::Calendar;
use crate::judge::{BrokerTime, Judge};
use crate::kafka::client::Clients;
use crate::kafka::member::{Tell, Told};
use crate::kafka::readers::Readers;
use crate::kafka::sink::{Report, Round};
use crate::kafka::source::Source;
use crate::keeper::Keeper;
use crate::lookup::{Answer, Lookup};
use crate::partition::{Basis, Refused};
use crate::publisher::CopyRequest;
use crate::registry::Registry;
use crate::schema_wait::SchemaWait;
use clockstop_pipeline::{AlertKey, Reference, Topic};
use clockstop_schemas::Approval;
use clockstop_schemas::EventDecoder;
use keeping::Kept;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tenant::Tenant;

pub(crate) use crew::Crew;

/// How often things are sent and how long is waited.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two transactions of a partition.
    pub transactions: Duration,
    /// Between two transactions that carry offsets only.
    pub offsets: Duration,
    /// How long a schema id that the registry does not know is waited for.
    pub schema_patience: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            transactions: Duration::from_millis(100),
            offsets: Duration::from_secs(1),
            schema_patience: Duration::from_mins(5),
        }
    }
}

/// What all workers of a process share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) clients: Clients,
    pub(crate) readers: Readers,
    pub(crate) registry: Registry,
    pub(crate) alert_schema: u32,
    pub(crate) alert_key: AlertKey,
    pub(crate) reference: Reference,
    pub(crate) basis: Basis,
    pub(crate) keeper: Keeper,
    /// Time between two checkpoints of a partition.
    pub(crate) checkpoint_interval: Duration,
    pub(crate) broker_time: BrokerTime,
    pub(crate) pace: Pace,
    pub(crate) calendar: Calendar,
    pub(crate) board: Arc<Board>,
}

/// What can wake a worker.
pub(crate) enum Wake {
    /// The member has something of its partitions to tell.
    Told(Told),
    /// A sink has carried an order out.
    Reported {
        partition: i32,
        tenure: u64,
        round: Round,
        report: Report,
    },
    /// The store has carried something out.
    Kept {
        partition: i32,
        tenure: u64,
        round: Round,
        kept: Kept,
    },
    /// The inputs of a partition ended so when they were asked.
    Ended {
        partition: i32,
        ends: [i64; 3],
        asked: Instant,
    },
    /// No partition may be run any more.
    Barred(Refused),
    /// An operator approved something.
    Approved { partition: i32, approval: Approval },
    /// The registry was asked for a schema.
    Answered { id: u32, answer: Answer },
    /// Copy the partitions that decide.
    Copy(CopyRequest),
    /// Commit what has been learned, read no more and end.
    Drain,
}

/// Why the workers cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Their consumer cannot be made.
    #[error(transparent)]
    Client(#[from] crate::kafka::client::Error),
    /// Their threads cannot be started.
    #[error("cannot start a thread")]
    Thread(#[from] std::io::Error),
}

/// Where other threads of the process reach a worker; one that has ended hears nothing.
#[derive(Clone, Debug)]
pub(crate) struct Desk(Sender<Wake>);

impl Desk {
    /// The desk of a worker that is still to be started, with what it is woken by.
    fn open() -> (Self, Receiver<Wake>) {
        let (waker, woken) = channel();
        (Self(waker), woken)
    }

    /// How the member reaches it.
    fn tell(&self) -> Tell {
        let waker = self.0.clone();
        Arc::new(move |told| drop(waker.send(Wake::Told(told))))
    }

    /// Asks the worker to commit what it has learned, to read no more and to end.
    fn drain(&self) {
        drop(self.0.send(Wake::Drain));
    }

    /// Asks for copies of its partitions; those that do not come are missing.
    pub(crate) fn ask(&self, request: CopyRequest) {
        drop(self.0.send(Wake::Copy(request)));
    }

    /// Tells the ends of a partition's inputs, to whichever worker runs it.
    pub(crate) fn tell_ends(&self, partition: i32, ends: [i64; 3], asked: Instant) {
        drop(self.0.send(Wake::Ended {
            partition,
            ends,
            asked,
        }));
    }

    /// Tells that no partition may be run any more.
    pub(crate) fn tell_barred(&self, reason: Refused) {
        drop(self.0.send(Wake::Barred(reason)));
    }

    /// Tells an approval, to whichever worker runs the partition.
    pub(crate) fn tell_approval(&self, partition: i32, approval: Approval) {
        drop(self.0.send(Wake::Approved {
            partition,
            approval,
        }));
    }
}

/// Starts a worker at its desk.
fn start(
    shared: Shared,
    number: usize,
    desk: &Desk,
    woken: Receiver<Wake>,
    source: Source,
) -> std::io::Result<JoinHandle<()>> {
    let waker = desk.0.clone();
    let answered = waker.clone();
    let lookup = Lookup::start(shared.registry.clone(), move |id, answer| {
        drop(answered.send(Wake::Answered { id, answer }));
    })?;
    let worker = Worker {
        number,
        source,
        lookup,
        judge: Judge {
            decoder: EventDecoder::default(),
            partitions: shared.basis.partitions,
            broker_time: shared.broker_time,
        },
        schemas: SchemaWait::new(shared.pace.schema_patience),
        shared,
        waker,
        held: BTreeMap::new(),
        tenants: BTreeMap::new(),
        leaving: Vec::new(),
        draining_until: None,
        positions_at: Instant::now(),
        show_at: Instant::now(),
    };
    std::thread::Builder::new()
        .name(format!("worker-{number}"))
        .spawn(move || worker.run(woken))
}

struct Worker {
    number: usize,
    shared: Shared,
    source: Source,
    lookup: Lookup,
    judge: Judge,
    schemas: SchemaWait,
    waker: Sender<Wake>,
    /// The inputs that the group gave; a partition runs when it has all three.
    held: BTreeMap<i32, BTreeSet<Topic>>,
    tenants: BTreeMap<i32, Tenant>,
    /// Threads of sinks whose partition has gone.
    leaving: Vec<JoinHandle<()>>,
    draining_until: Option<Instant>,
    positions_at: Instant,
    show_at: Instant,
}
