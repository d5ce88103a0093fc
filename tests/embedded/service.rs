//! A service with everything around it.

use crate::LIMIT;
use crate::support::wait;
use clockstop::calendar::Calendar;
use clockstop::config::{Config, Sources, Topics};
use clockstop::judge::BrokerTime;
use clockstop::kafka::mock::Mock;
use clockstop::registry::Registry;
use clockstop::registry_server::RegistryServer;
use clockstop::service::{self, Running, Setup};
use clockstop::worker::Pace;
use clockstop_pipeline::statistics::Tables;
use clockstop_pipeline::{Day, Reference, Topic};
use clockstop_schemas::event_schema_json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

pub(crate) const PARTITIONS: i32 = 2;

pub(crate) struct Embedded {
    pub(crate) running: Running,
    pub(crate) calendar: Calendar,
    pub(crate) registry: Option<RegistryServer>,
    pub(crate) snapshots: PathBuf,
    pub(crate) checkpoints: PathBuf,
    pub(crate) bootstrap: String,
    // Later fields are dropped later: the cluster outlives its clients.
    _keys: TempDir,
    _mock: Mock,
}

impl Embedded {
    pub(crate) fn start(today: Day, schema_patience: Duration) -> Self {
        Self::start_with(today, schema_patience, &[], |_| ())
    }

    /// With more options, on a folder for checkpoints that is prepared.
    pub(crate) fn start_with(
        today: Day,
        schema_patience: Duration,
        options: &[&str],
        prepare: impl FnOnce(&Path),
    ) -> Self {
        let mock = Mock::start(&Topics::default(), PARTITIONS).unwrap();
        let registry = RegistryServer::start(0).unwrap();
        let keys = tempfile::tempdir().unwrap();
        let bootstrap = mock.bootstrap();
        let calendar = Calendar::simulated(today);
        let checkpoints = keys.path().join("checkpoints");
        std::fs::create_dir(&checkpoints).unwrap();
        prepare(&checkpoints);
        let running = service::start(Setup {
            config: config(&bootstrap, registry.url(), &keys, options),
            reference: Reference::default(),
            tables: Tables::default(),
            calendar: calendar.clone(),
            broker_time: BrokerTime::Unchecked,
            pace: Pace {
                transactions: Duration::from_millis(10),
                offsets: Duration::from_millis(20),
                schema_patience,
            },
            accepted: Vec::new(),
        })
        .unwrap();
        Self {
            running,
            calendar,
            registry: Some(registry),
            snapshots: keys.path().join("snapshots"),
            checkpoints,
            bootstrap,
            _keys: keys,
            _mock: mock,
        }
    }

    /// Waits until so many records have been counted and everything of them is said and committed.
    pub(crate) fn settle(&self, records: u64) {
        wait::until(&format!("{records} records"), LIMIT, || {
            let partitions = self.running.board().partitions();
            let read: u64 = partitions.values().map(|p| p.counts.read()).sum();
            let settled = partitions.len() == usize::try_from(PARTITIONS).unwrap()
                && partitions.values().all(|p| {
                    p.learned == p.committed
                        && p.waiting_letters == 0
                        && p.decided == Some(self.calendar.today())
                });
            if settled && read == records {
                Ok(())
            } else {
                Err(format!(
                    "{partitions:#?} {:?}",
                    self.running.board().troubles()
                ))
            }
        });
    }

    /// The ids of the three event schemas.
    pub(crate) fn schemas(&self) -> [u32; 3] {
        let mut registry = Registry::new(self.registry.as_ref().unwrap().url());
        let topics = Topics::default();
        let names = topics.inputs();
        let mut id =
            |topic: Topic, name| registry.register(name, event_schema_json(topic)).unwrap();
        let [referral, diagnosis, treatment] = Topic::ALL;
        let [a, b, c] = names;
        [id(referral, a), id(diagnosis, b), id(treatment, c)]
    }
}

fn config(bootstrap: &str, registry: &str, keys: &TempDir, more: &[&str]) -> Config {
    let key = |name: &str| {
        let file = keys.path().join(name);
        std::fs::write(&file, [7; 32]).unwrap();
        format!("keys.{name}={}", file.display())
    };
    let options = [
        format!("kafka.bootstrap={bootstrap}"),
        format!("registry.url={registry}"),
        "service.http=127.0.0.1:0".to_owned(),
        format!(
            "snapshots.analyst={}",
            keys.path().join("snapshots").display()
        ),
        format!(
            "checkpoints.url={}",
            keys.path().join("checkpoints").display()
        ),
        key("alert"),
        key("pseudonym"),
    ];
    let mut sources = Sources::default();
    let options = options.iter().map(String::as_str);
    sources.add_options(options.chain(more.iter().copied()));
    Config::load(&sources).unwrap()
}
