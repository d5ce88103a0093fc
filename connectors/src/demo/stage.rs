//! What the demo runs on: a broker, a schema registry, keys of its own, and the settings that name them.

use crate::config::{
    self, Checkpoints, Config, GroupProtocol, GuardLimits, Kafka, KeyFiles, LogFormat, Place,
    ReferenceFiles, Service, Snapshots, Topics,
};
use crate::judge::BrokerTime;
use crate::kafka::client::Clients;
use crate::kafka::mock::Mock;
use crate::kafka::topics;
use crate::registry::Registry;
use crate::registry_server::RegistryServer;
use rdkafka::error::KafkaError;
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The mock keeps 5 MiB a partition, so the cohort is spread over several.
pub(super) const PARTITIONS: i32 = 4;
const REPLICATION: i32 = 1;
/// The demo's own; whoever runs it elsewhere gets the same alert ids.
const ALERT_KEY: [u8; 32] = *b"clockstop demo key of the alerts";
const PSEUDONYM_KEY: [u8; 32] = *b"clockstop demo key of pseudonyms";
/// Snapshots are written when the demo asks for one.
const SNAPSHOTS_EVERY: Duration = Duration::from_hours(24);

/// Why there is nothing to run on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The mock cluster does not start.
    #[error("the mock cluster does not start")]
    Mock(#[source] KafkaError),
    /// The registry or the keys.
    #[error("cannot set up {}", .what.display())]
    Io {
        /// What could not be made.
        what: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The topics cannot be made on the broker that was named.
    #[error(transparent)]
    Topics(#[from] topics::Error),
}

/// A broker and a registry, for as long as this is held.
pub struct Stage {
    /// Names them all.
    pub config: Config,
    /// Whether the broker's time can be relied on.
    pub broker_time: BrokerTime,
    /// Where its files go.
    pub folder: PathBuf,
    _mock: Option<Mock>,
    _registry: RegistryServer,
}

impl Stage {
    /// Everything in this process; keys and files go into `folder`.
    ///
    /// # Errors
    /// When a port or a file cannot be had.
    pub fn embedded(folder: &Path) -> Result<Self, Error> {
        let topics = Topics::default();
        let mock = Mock::start(&topics, PARTITIONS).map_err(Error::Mock)?;
        let registry = registry()?;
        Ok(Self {
            config: config(mock.bootstrap(), registry.url(), topics, folder)?,
            broker_time: BrokerTime::Unchecked,
            folder: folder.to_owned(),
            _mock: Some(mock),
            _registry: registry,
        })
    }

    /// On a real broker, on topics of its own whose names begin with `prefix`.
    ///
    /// # Errors
    /// When the broker cannot be used.
    pub fn on_broker(bootstrap: &str, prefix: &str, folder: &Path) -> Result<Self, Error> {
        let registry = registry()?;
        let topics = Topics::beginning_with(prefix);
        let config = config(bootstrap.to_owned(), registry.url(), topics, folder)?;
        let clients = Clients::new(config.kafka.clone());
        topics::create(
            &clients,
            &mut Registry::new(registry.url()),
            PARTITIONS,
            REPLICATION,
        )?;
        Ok(Self {
            config,
            broker_time: BrokerTime::Checked,
            folder: folder.to_owned(),
            _mock: None,
            _registry: registry,
        })
    }
}

fn registry() -> Result<RegistryServer, Error> {
    RegistryServer::start(0).map_err(|source| Error::Io {
        what: PathBuf::from("the schema registry"),
        source,
    })
}

fn config(
    bootstrap: String,
    registry: &str,
    topics: Topics,
    folder: &Path,
) -> Result<Config, Error> {
    let group_id = format!("{}.demo", topics.alert);
    // The mock cluster lets a fetch that found nothing wait to its end, whatever arrives meanwhile.
    let properties = [("fetch.wait.max.ms", "10")];
    let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Config {
        kafka: Kafka {
            bootstrap,
            group_id,
            group_protocol: GroupProtocol::Consumer,
            properties: properties.into(),
            topics,
        },
        registry: config::Registry::at(registry),
        service: Service {
            workers: 1,
            http: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        },
        // Days pass in moments here, so that nothing is too much for an hour.
        guard: GuardLimits {
            changes: u64::MAX,
            per_cent: 100,
        },
        snapshots: Snapshots {
            analyst: Place::in_folder(folder.join("analyst")),
            identifiable: Some(Place::in_folder(folder.join("identifiable"))),
            properties: BTreeMap::new(),
            interval: SNAPSHOTS_EVERY,
            daily_days: 1,
            keep: 1,
        },
        checkpoints: Checkpoints::in_folder(&folder.join("checkpoints")),
        keys: KeyFiles {
            alert: key(folder.join("alert.key"), ALERT_KEY)?,
            pseudonym: key(folder.join("pseudonym.key"), PSEUDONYM_KEY)?,
        },
        reference: ReferenceFiles::default(),
        log: LogFormat::Text,
    })
}

fn key(file: PathBuf, bytes: [u8; 32]) -> Result<PathBuf, Error> {
    match std::fs::write(&file, bytes) {
        Ok(()) => Ok(file),
        Err(source) => Err(Error::Io { what: file, source }),
    }
}
