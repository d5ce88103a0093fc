//! The built service on a real broker, with topics and a group of its own and the in-process registry.

use crate::LIMIT;
use crate::support::events::{Draft, Provider, date};
use crate::support::kafka::unique;
use crate::support::process::{Invocation, Running, clockstop};
use crate::support::{topics, wait};
use clockstop::config::{Config, Sources};
use clockstop::registry::Registry;
use clockstop::registry_server::RegistryServer;
use clockstop_pipeline::{Alert, Day, Topic};
use clockstop_schemas::{ALERT_SCHEMA, AlertDecoder, event_schema_json};
use rdkafka::message::Message;
use serde_json::Value;
use std::collections::BTreeMap;
use tempfile::TempDir;

pub(crate) const KEY: [u8; 32] = [7; 32];
pub(crate) const PARTITIONS: i32 = 2;

/// Where a service runs; nothing of it is shared with other tests but the broker.
pub(crate) struct Place {
    pub(crate) bootstrap: String,
    pub(crate) registry: RegistryServer,
    pub(crate) prefix: String,
    pub(crate) partitions: i32,
    keys: TempDir,
    settings: BTreeMap<String, String>,
}

impl Place {
    pub(crate) fn new(bootstrap: &str, test: &str) -> Self {
        let keys = tempfile::tempdir().unwrap();
        for name in ["alert", "pseudonym"] {
            std::fs::write(keys.path().join(name), KEY).unwrap();
        }
        let registry = RegistryServer::start(0).unwrap();
        let prefix = unique(test);
        let mut place = Self {
            bootstrap: bootstrap.to_owned(),
            registry,
            prefix,
            partitions: PARTITIONS,
            keys,
            settings: BTreeMap::new(),
        };
        place.fill();
        place
    }

    fn fill(&mut self) {
        let file = |name: &str| self.keys.path().join(name).display().to_string();
        let (alert, pseudonym) = (file("alert"), file("pseudonym"));
        let snapshots = file("snapshots");
        let checkpoints = file("checkpoints");
        let url = self.registry.url().to_owned();
        self.set("kafka.bootstrap", &self.bootstrap.clone());
        self.set("kafka.group_id", &self.prefix.clone());
        self.set("registry.url", &url);
        self.set("service.http", "127.0.0.1:0");
        // Partitions are few, and every process is to run some.
        self.set("service.workers", "1");
        self.set("keys.alert", &alert);
        self.set("keys.pseudonym", &pseudonym);
        self.set("snapshots.analyst", &snapshots);
        self.set("checkpoints.url", &checkpoints);
        self.set("checkpoints.interval_seconds", "1");
        // Many corrections in a short time are what most tests send; the guard is right to hold them.
        self.set("guard.changes", "1000000000");
        for topic in [
            "referral",
            "diagnosis",
            "treatment",
            "alert",
            "alert_history",
            "dead_letter",
            "control",
        ] {
            let name = self.topic(topic);
            self.set(&format!("kafka.topics.{topic}"), &name);
        }
    }

    /// The name of a topic by its setting.
    pub(crate) fn topic(&self, setting: &str) -> String {
        format!("{}.{setting}", self.prefix)
    }

    pub(crate) fn set(&mut self, setting: &str, value: &str) {
        self.settings.insert(setting.to_owned(), value.to_owned());
    }

    /// The binary with these words and all settings.
    pub(crate) fn command(&self, words: &[&str]) -> Invocation {
        let command = clockstop(words);
        self.settings
            .iter()
            .fold(command, |command, (name, value)| {
                command
                    .argument("--set")
                    .argument(format!("{name}={value}"))
            })
    }

    /// All settings, for a service in this process.
    pub(crate) fn config(&self) -> Config {
        let settings = self.settings.iter();
        let options: Vec<_> = settings
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut sources = Sources::default();
        sources.add_options(options.iter().map(String::as_str));
        Config::load(&sources).unwrap()
    }

    pub(crate) fn create_topics(&self) {
        let partitions = self.partitions.to_string();
        let words = [
            "topics",
            "create",
            "--partitions",
            &partitions,
            "--replication-factor",
            "1",
        ];
        self.command(&words).run().expect_code(0);
    }

    pub(crate) fn run(&self) -> Service {
        self.run_with(&[])
    }

    pub(crate) fn run_with(&self, words: &[&str]) -> Service {
        let process = self.command(&[&["run"], words].concat()).spawn();
        let line = process
            .stderr()
            .wait_for_line(LIMIT, |line| line.contains("started"));
        Service::at(process, &line)
    }

    pub(crate) fn schema(&self, topic: Topic) -> u32 {
        let mut registry = Registry::new(self.registry.url());
        registry
            .register(&self.topic(topic.name()), event_schema_json(topic))
            .unwrap()
    }

    /// Sends urgent referrals of these pathways that are about to breach or have.
    pub(crate) fn refer(&self, identifiers: impl Iterator<Item = String>) -> Vec<Draft> {
        let provider = Provider::connect(&self.bootstrap);
        let id = self.schema(Topic::Referral);
        let drafts: Vec<_> = identifiers
            .map(|identifier| Draft::referral(&identifier, date(2026, 3, 2), 1_772_409_600))
            .collect();
        for draft in &drafts {
            let value = draft.framed(id);
            provider.send(
                &self.topic("referral"),
                None,
                Some(&draft.key()),
                Some(&value),
            );
        }
        provider.settle();
        drafts
    }

    /// Every committed alert of a topic in order.
    pub(crate) fn alerts(&self, setting: &str) -> Vec<Alert> {
        let id = Registry::new(self.registry.url())
            .register(&self.topic("alert"), ALERT_SCHEMA)
            .unwrap();
        let mut decoder = AlertDecoder::default();
        decoder.add_schema(id, ALERT_SCHEMA).unwrap();
        topics::read_committed(&self.bootstrap, &self.topic(setting))
            .iter()
            .map(|record| decoder.decode(record.payload().unwrap()).unwrap())
            .collect()
    }
}

/// A running service.
pub(crate) struct Service {
    pub(crate) process: Running,
    pub(crate) url: String,
}

impl Service {
    /// A process that has said in this line where it serves.
    pub(crate) fn at(process: Running, started: &str) -> Self {
        let (_, rest) = started.split_once("127.0.0.1:").unwrap();
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let url = format!("http://127.0.0.1:{port}");
        Self { process, url }
    }

    /// The body of `/readyz`.
    pub(crate) fn readiness(&self) -> Result<Value, String> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let answered = agent.get(format!("{}/readyz", self.url)).call();
        let mut answer = answered.map_err(|error| error.to_string())?;
        let body = answer
            .body_mut()
            .read_to_string()
            .map_err(|error| error.to_string())?;
        serde_json::from_str(&body).map_err(|error| error.to_string())
    }

    /// Waits until `/readyz` is as wanted.
    pub(crate) fn await_readiness(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        wait::until(what, 3 * LIMIT, || {
            let readiness = self.readiness()?;
            if wanted(&readiness) {
                Ok(readiness)
            } else {
                Err(format!("{readiness}\n{}", self.process.stderr().text()))
            }
        })
    }

    /// Waits until every partition is live.
    pub(crate) fn await_ready(&self) {
        self.await_readiness("ready", |readiness| {
            let partitions = readiness["partitions"].as_array().map_or(0, Vec::len);
            readiness["ready"] == true && partitions == usize::try_from(PARTITIONS).unwrap()
        });
    }

    fn metrics(&self) -> String {
        let mut answer = ureq::get(format!("{}/metrics", self.url)).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    }

    /// The sum of all samples of a metric.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        samples(&self.metrics(), name).values().sum()
    }

    /// Waits until so many records have been learned and the offsets behind them are committed.
    pub(crate) fn await_committed(&self, records: u32) {
        wait::until(&format!("{records} records"), 2 * LIMIT, || {
            // Of one moment: a partition that starts over has learned nothing, and what it had committed.
            let metrics = self.metrics();
            let counted: f64 = samples(&metrics, "clockstop_records_total").values().sum();
            let [learned, committed] = ["clockstop_learned_offset", "clockstop_committed_offset"]
                .map(|name| samples(&metrics, name));
            let is_committed = |(input, learned): (&&str, &f64)| {
                committed.get(input).is_some_and(|at| learned <= at)
            };
            if counted >= f64::from(records) && learned.iter().all(is_committed) {
                Ok(())
            } else {
                Err(format!(
                    "{counted} {learned:?} {committed:?}\n{}",
                    self.process.stderr().text()
                ))
            }
        });
    }
}

/// The samples of a metric by their labels.
fn samples<'m>(metrics: &'m str, name: &str) -> BTreeMap<&'m str, f64> {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
    let samples = lines.map(|line| line.rsplit_once(' ').unwrap());
    samples
        .map(|(labels, value)| (labels, value.parse().unwrap()))
        .collect()
}

/// Today in London, as the service reads it.
pub(crate) fn today() -> Day {
    clockstop::calendar::Calendar::london().unwrap().today()
}
