//! Starts the workers, watches the broker, and drains it all.

use crate::board::Board;
use crate::calendar::Calendar;
use crate::config::{Config, Problem};
use crate::http::Server;
use crate::judge::BrokerTime;
use crate::kafka::client::{self, Clients, Isolation};
use crate::kafka::layout::Layout;
use crate::kafka::readers::Readers;
use crate::kafka::topics;
use crate::kafka::transitions::Transitions;
use crate::keeper::Keeper;
use crate::partition::{Basis, Days};
use crate::publish::{PublishError, Published, References};
use crate::publisher::{self, Publisher, Publishing};
use crate::registry::{Registry, RegistryError};
use crate::store::Store;
use crate::watch::{Watch, Watching};
use crate::worker::{self, Crew, Pace, Shared};
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{AlertKey, Reference, Topic};
use clockstop_schemas::ALERT_SCHEMA;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

const START_LIMIT: Duration = Duration::from_secs(10);

/// What the service runs on. The settings come from the operator; the rest is for the demo and tests.
#[derive(Clone, Debug)]
pub struct Setup {
    /// All settings.
    pub config: Config,
    /// The reference tables of the rules.
    pub reference: Reference,
    /// Those of the statistics.
    pub tables: Tables,
    /// Tells today's date.
    pub calendar: Calendar,
    /// Whether the broker's time can be relied on.
    pub broker_time: BrokerTime,
    /// How often things are sent.
    pub pace: Pace,
    /// Where an operator accepts the inputs of a partition to begin, because what lay before is lost.
    pub accepted: Vec<AcceptedFrom>,
}

/// An offset at which an operator accepts one partition of an input to begin.
pub type AcceptedFrom = (Topic, i32, i64);

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is to blame.
    #[error(transparent)]
    Setting(#[from] Problem),
    /// The bundled time zones are no use.
    #[error(transparent)]
    Calendar(#[from] crate::calendar::Error),
    /// The broker cannot be used.
    #[error(transparent)]
    Client(#[from] client::Error),
    /// The topics are not as they must be.
    #[error("{}", listed(.0))]
    Topics(Vec<Problem>),
    /// The registry cannot be used.
    #[error("registry.url: {0}")]
    Registry(#[from] RegistryError),
    /// The address is taken or not this machine's.
    #[error("service.http: cannot listen on {address}: {source}")]
    Http {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The store of the checkpoints cannot be used.
    #[error("{0}")]
    Store(String),
    /// What an operator accepts is of no partition that there is.
    #[error(
        "--accept-history-from: the {} input has no partition {partition}; it has {partitions}", topic.name()
    )]
    Accepted {
        /// Which input.
        topic: Topic,
        /// The partition that was named.
        partition: i32,
        /// How many there are.
        partitions: i32,
    },
    /// A worker cannot start.
    #[error(transparent)]
    Worker(#[from] worker::Error),
}

pub(crate) fn listed(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

/// The service at work. Dropping it leaves its threads to the end of the process; [drain](Self::drain) it.
#[derive(Debug)]
pub struct Running {
    board: Arc<Board>,
    crew: Crew,
    publisher: Publisher,
    http: Server,
    watch: Watch,
}

/// Checks what the settings name and starts the service.
///
/// # Errors
/// When anything it needs is missing or wrong; nothing runs then.
pub fn start(setup: Setup) -> Result<Running, Error> {
    let config = &setup.config;
    let alert_key = AlertKey(config.alert_key()?);
    let outlets = publisher::outlets(config)?;
    let clients = Clients::new(config.kafka.clone());
    let partitions = partitions(&clients, setup.broker_time)?;
    of_known_partitions(&setup.accepted, partitions)?;
    let mut registry = Registry::of(&config.registry);
    let alert_schema = registry.register(&config.kafka.topics.alert, ALERT_SCHEMA)?;
    let store =
        Store::open(&config.checkpoints).map_err(|error| Error::Store(error.to_string()))?;
    let keeper = Keeper {
        store,
        key: alert_key,
        reference: setup.reference.clone(),
        software: env!("CARGO_PKG_VERSION"),
        keep: config.checkpoints.keep,
        under_way: Arc::default(),
    };
    let board = Arc::new(Board::new(config.service.workers, partitions));
    let address = config.service.http;
    let http =
        Server::start(address, board.clone()).map_err(|source| Error::Http { address, source })?;
    let shared = Shared {
        readers: Readers::new(clients.clone()),
        clients,
        registry,
        alert_schema,
        alert_key,
        basis: basis(&setup, partitions, alert_key),
        reference: setup.reference.clone(),
        keeper,
        checkpoint_interval: config.checkpoints.interval,
        broker_time: setup.broker_time,
        pace: setup.pace,
        calendar: setup.calendar.clone(),
        board: board.clone(),
    };
    if let Err(error) = shared.readers.prepare() {
        tracing::debug!(%error, "readers are opened when they are needed");
    }
    let crew = Crew::start(&shared, config.service.workers)?;
    let desks = crew.desks().to_vec();
    let watch = Watch::start(&Watching {
        clients: shared.clients.clone(),
        board: board.clone(),
        partitions,
        broker_time: setup.broker_time,
        desks: desks.clone(),
    })
    .map_err(worker::Error::Thread)?;
    let publishing = Publishing {
        interval: config.snapshots.interval,
        keep: config.snapshots.keep,
        daily_days: config.snapshots.daily_days,
        partitions,
        keeper: shared.keeper.clone(),
        transitions: Transitions::new(
            shared.readers.clone(),
            shared.registry.clone(),
            &config.kafka.topics.alert_history,
        ),
        references: References::new(shared.reference.clone(), setup.tables)?,
        calendar: setup.calendar,
        board: board.clone(),
        desks,
    };
    let publisher = Publisher::start(publishing, outlets).map_err(worker::Error::Thread)?;
    tracing::info!(partitions, http = %http.address(), "started");
    Ok(Running {
        board,
        crew,
        publisher,
        http,
        watch,
    })
}

/// What is the same for all partitions of this process.
fn basis(setup: &Setup, partitions: i32, alert_key: AlertKey) -> Basis {
    Basis {
        partitions,
        reference: setup.reference.version.clone(),
        software: env!("CARGO_PKG_VERSION").to_owned(),
        alert_key: alert_key.fingerprint(),
        // It is known when a checkpoint was looked for.
        store: None,
        days: match setup.broker_time {
            BrokerTime::Checked => Days::Closed,
            BrokerTime::Unchecked => Days::NotClosed,
        },
        guard: setup.config.guard,
        accepted: setup.accepted.clone(),
    }
}

/// How many partitions each input has, once the topics are known to fit together.
fn partitions(clients: &Clients, broker_time: BrokerTime) -> Result<i32, Error> {
    let reader = clients.reader(Isolation::Committed)?;
    let metadata = clients.metadata(&reader, START_LIMIT)?;
    let layout = Layout::of(&metadata, &clients.settings().topics);
    let mut problems = layout.problems();
    if problems.is_empty() && broker_time == BrokerTime::Checked {
        problems = topics::stamp_problems(clients)?;
    }
    match layout.partitions() {
        Some(partitions) if problems.is_empty() => Ok(partitions),
        Some(_) | None => Err(Error::Topics(problems)),
    }
}

fn of_known_partitions(accepted: &[AcceptedFrom], partitions: i32) -> Result<(), Error> {
    let mut unknown = accepted
        .iter()
        .filter(|(_, partition, _)| !(0..partitions).contains(partition));
    match unknown.next() {
        None => Ok(()),
        Some(&(topic, partition, _)) => Err(Error::Accepted {
            topic,
            partition,
            partitions,
        }),
    }
}

impl Running {
    /// The live state.
    #[must_use]
    pub fn board(&self) -> &Arc<Board> {
        &self.board
    }

    /// Where health and metrics are served.
    #[must_use]
    pub fn http(&self) -> SocketAddr {
        self.http.address()
    }

    /// Publishes a snapshot now, on every plane; `None` when the publisher has ended.
    #[must_use]
    pub fn publish(&self) -> Option<Result<Vec<Published>, PublishError>> {
        self.publisher.publish()
    }

    /// Commits what has been learned, leaves the group and waits for every thread.
    pub fn drain(self) {
        // A snapshot under way may take longer than others should wait for the partitions.
        let publisher = self.publisher.close();
        join(self.crew.drain().into_iter());
        let watching = self.watch.close().into_iter();
        join(watching.chain([publisher, self.http.close()]));
        tracing::info!("drained");
    }
}

fn join(threads: impl Iterator<Item = JoinHandle<()>>) {
    for thread in threads {
        if thread.join().is_err() {
            tracing::error!("a thread of the service panicked");
        }
    }
}
