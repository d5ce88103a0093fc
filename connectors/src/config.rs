//! Every setting, its default and its check.

mod checkpoints;
mod guard;
mod keys;
mod nearest;
mod reader;
mod reference;
mod security;
mod snapshots;

pub use checkpoints::Checkpoints;
pub(crate) use checkpoints::SCHEMES;
pub use guard::GuardLimits;
pub use keys::{KeyFiles, read_key};
pub use reader::{Problem, Sources};
pub use reference::ReferenceFiles;
pub use security::{Login, Registry};
pub use snapshots::{Place, Snapshots};

use crate::objects::Objects;
use clockstop_pipeline::Topic;
use reader::Reader;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// All settings of the service.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[kafka]`.
    pub kafka: Kafka,
    /// `[registry]`.
    pub registry: Registry,
    /// `[service]`.
    pub service: Service,
    /// `[guard]`.
    pub guard: GuardLimits,
    /// `[snapshots]`.
    pub snapshots: Snapshots,
    /// `[checkpoints]`.
    pub checkpoints: Checkpoints,
    /// `[keys]`.
    pub keys: KeyFiles,
    /// `[reference]`.
    pub reference: ReferenceFiles,
    /// `[log] format`.
    pub log: LogFormat,
}

/// `[kafka]`.
#[derive(Clone)]
pub struct Kafka {
    /// Brokers to begin with, `host:port` separated by commas.
    pub bootstrap: String,
    /// The consumer group.
    pub group_id: String,
    /// How the group shares its partitions out.
    pub group_protocol: GroupProtocol,
    /// Further settings of librdkafka, such as those for TLS and SASL.
    pub properties: BTreeMap<String, String>,
    /// `[kafka.topics]`.
    pub topics: Topics,
}

/// The properties may hold passwords, so only their names are shown.
impl std::fmt::Debug for Kafka {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kafka")
            .field("bootstrap", &self.bootstrap)
            .field("group_id", &self.group_id)
            .field("group_protocol", &self.group_protocol)
            .field("properties", &self.properties.keys())
            .field("topics", &self.topics)
            .finish()
    }
}

/// `[kafka] group_protocol`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupProtocol {
    /// KIP-848, Kafka 4: moves one partition where the classic protocol stops all.
    Consumer,
    /// For older brokers.
    Classic,
}

/// `[kafka.topics]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// Referrals in.
    pub referral: String,
    /// Diagnoses in.
    pub diagnosis: String,
    /// Treatments in.
    pub treatment: String,
    /// Alerts out, compacted by alert id.
    pub alert: String,
    /// Every transition of every alert.
    pub alert_history: String,
    /// Records that were refused.
    pub dead_letter: String,
    /// How far each partition has come, compacted.
    pub control: String,
}

impl Topics {
    /// The usual names, behind a first word of one's own.
    #[must_use]
    pub fn beginning_with(word: &str) -> Self {
        let name = |last| format!("{word}.{last}");
        Self {
            referral: name("referral"),
            diagnosis: name("diagnosis"),
            treatment: name("treatment"),
            alert: name("alert"),
            alert_history: name("alert-history"),
            dead_letter: name("dead-letter"),
            control: name("control"),
        }
    }
}

impl Default for Topics {
    fn default() -> Self {
        Self::beginning_with("cancer")
    }
}

/// `[service]`.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Worker threads, each with a consumer of its own; one for every core unless set.
    pub workers: usize,
    /// Where health, readiness and metrics are served.
    pub http: SocketAddr,
}

/// `[log] format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Properties of librdkafka on which delivery rests; they are not for the settings to change.
const OWN_PROPERTIES: [&str; 17] = [
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "fetch.queue.backoff.ms",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "group.remote.assignor",
    "isolation.level",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "partitioner",
    "transactional.id",
];

const MAX_WORKERS: u64 = 256;
const MAX_INTERVAL_SECONDS: u64 = 24 * 60 * 60;
const MAX_KEEP: u64 = 10_000;

impl Config {
    /// Reads all settings; the environment beats the file, and overrides beat both.
    ///
    /// # Errors
    /// Every problem, each naming its setting and what to do.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Problem>> {
        let unreadable = sources.problems();
        if !unreadable.is_empty() {
            // What they would have set is not known, so nothing is said of what is missing.
            return Err(unreadable.to_vec());
        }
        let mut reader = Reader::new(sources);
        let config = Self {
            kafka: Kafka::read(&mut reader),
            registry: Registry::read(&mut reader),
            service: Service::read(&mut reader),
            guard: GuardLimits::read(&mut reader),
            snapshots: Snapshots::read(&mut reader),
            checkpoints: Checkpoints::read(&mut reader),
            keys: KeyFiles::read(&mut reader),
            reference: ReferenceFiles::read(&mut reader),
            log: reader.choice(
                "log.format",
                &[("text", LogFormat::Text), ("json", LogFormat::Json)],
                LogFormat::Text,
            ),
        };
        let problems = reader.finish();
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// Problems of the files and object stores that the settings name; no store is called.
    #[must_use]
    pub fn file_problems(&self) -> Vec<Problem> {
        let mut problems = self.keys.problems();
        problems.extend(self.reference.problems());
        problems.extend(self.store_problems());
        problems
    }

    /// What keeps the addresses of object stores and their properties from being used.
    fn store_problems(&self) -> impl Iterator<Item = Problem> {
        let url = |place: &Place| place.url.clone();
        let snapshots = self.snapshots.places();
        let snapshots = snapshots.filter_map(move |(name, place)| {
            Some(("snapshots", name, url(place)?, &self.snapshots.properties))
        });
        let checkpoints = &self.checkpoints;
        let is_remote = checkpoints.is_remote();
        let checkpoints = is_remote.then(|| {
            let url = checkpoints.url.clone();
            ("checkpoints", "url", url, &checkpoints.properties)
        });
        let stores = snapshots.chain(checkpoints);
        stores.filter_map(|(section, name, url, properties)| {
            let opened = Objects::open(&url, properties).err()?;
            Some(opened.problem(section, name))
        })
    }

    /// The key from which alert ids are made.
    ///
    /// # Errors
    /// When the file is missing or not 32 bytes long.
    pub fn alert_key(&self) -> Result<[u8; 32], Problem> {
        self.keys.alert_key()
    }

    /// The key from which pseudonyms are made.
    ///
    /// # Errors
    /// When the file is missing or not 32 bytes long.
    pub fn pseudonym_key(&self) -> Result<[u8; 32], Problem> {
        self.keys.pseudonym_key()
    }
}

impl Kafka {
    fn read(reader: &mut Reader<'_>) -> Self {
        let mut kafka = Self {
            bootstrap: reader.required_text("kafka.bootstrap", "host:port of a broker"),
            group_id: reader.text("kafka.group_id", "clockstop"),
            group_protocol: reader.choice(
                "kafka.group_protocol",
                &[
                    ("consumer", GroupProtocol::Consumer),
                    ("classic", GroupProtocol::Classic),
                ],
                GroupProtocol::Consumer,
            ),
            properties: reader.table("kafka.properties"),
            topics: Topics::read(reader),
        };
        security::complete(reader, &mut kafka.properties);
        for name in kafka.properties.keys() {
            if OWN_PROPERTIES.contains(&name.as_str()) {
                let setting = format!("kafka.properties.{name}");
                reader.report(
                    &setting,
                    "is set by the service itself; remove it".to_owned(),
                );
            }
        }
        kafka
    }
}

impl Topics {
    fn read(reader: &mut Reader<'_>) -> Self {
        let defaults = Self::default();
        let topics = Self {
            referral: reader.text("kafka.topics.referral", &defaults.referral),
            diagnosis: reader.text("kafka.topics.diagnosis", &defaults.diagnosis),
            treatment: reader.text("kafka.topics.treatment", &defaults.treatment),
            alert: reader.text("kafka.topics.alert", &defaults.alert),
            alert_history: reader.text("kafka.topics.alert_history", &defaults.alert_history),
            dead_letter: reader.text("kafka.topics.dead_letter", &defaults.dead_letter),
            control: reader.text("kafka.topics.control", &defaults.control),
        };
        let mut names: Vec<_> = topics.all().into_iter().collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()) {
            let name = twice.first().copied().unwrap_or_default();
            reader.report("kafka.topics", format!("two topics have the name {name}"));
        }
        topics
    }

    /// The inputs, in the order of [`Topic::ALL`].
    #[must_use]
    pub fn inputs(&self) -> [&str; 3] {
        [&self.referral, &self.diagnosis, &self.treatment]
    }

    /// The name of an input.
    #[must_use]
    pub fn input(&self, topic: Topic) -> &str {
        match topic {
            Topic::Referral => &self.referral,
            Topic::Diagnosis => &self.diagnosis,
            Topic::Treatment => &self.treatment,
        }
    }

    /// All seven.
    #[must_use]
    pub fn all(&self) -> [&str; 7] {
        let [referral, diagnosis, treatment] = self.inputs();
        [
            referral,
            diagnosis,
            treatment,
            &self.alert,
            &self.alert_history,
            &self.control,
            &self.dead_letter,
        ]
    }
}

impl Service {
    fn read(reader: &mut Reader<'_>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            workers: reader.count("service.workers", cores, 1..=MAX_WORKERS),
            http: reader.address("service.http", SocketAddr::from(([127, 0, 0, 1], 8080))),
        }
    }
}

#[cfg(test)]
mod tests;
