//! A real Apache Kafka: fetched once from Maven Central, started as one node on free loopback ports.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::metadata::MetadataTopic;

use super::cache;
use super::process::require;
use super::wait;

const POM: &str = include_str!("../../docker/kafka/pom.xml");
const PROPERTIES: &str = include_str!("../../docker/kafka/server.properties");
const READY_LIMIT: Duration = Duration::from_secs(90);
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
const PORT_ATTEMPTS: usize = 5;
const FIRST_PORT: u16 = 15_000;
const PORTS: u16 = 17_000;
const JAVA_OPTIONS: [&str; 4] = [
    "-Xms256m",
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
];

/// The broker that all tests of this process share: started by the first, killed when the process ends however it ends.
///
/// `CLOCKSTOP_TEST_KAFKA=host:port` names a running broker to use instead. Tests that kill or restart a broker start their
/// own with [`Broker::start`] in any case.
pub(crate) fn shared_broker() -> &'static str {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(Shared::find).bootstrap()
}

enum Shared {
    Named(String),
    Own(Broker),
}

impl Shared {
    fn find() -> Self {
        match std::env::var("CLOCKSTOP_TEST_KAFKA") {
            Ok(bootstrap) => {
                await_ready(&bootstrap, &|| None)
                    .unwrap_or_else(|log| panic!("CLOCKSTOP_TEST_KAFKA: {log}"));
                Self::Named(bootstrap)
            }
            Err(_) => Self::Own(Broker::start()),
        }
    }

    fn bootstrap(&self) -> &str {
        match self {
            Self::Named(bootstrap) => bootstrap,
            Self::Own(broker) => broker.bootstrap(),
        }
    }
}

/// A name no other test, run or process uses: the prefix of a test's topics, groups and transactional ids.
pub(crate) fn unique(test: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is after 1970");
    format!(
        "{test}-{:x}-{:x}-{count}",
        std::process::id(),
        since.as_micros()
    )
}

/// One Kafka node of this process. Dropping it kills it and removes its data.
pub(crate) struct Broker {
    guard: Guard,
    bootstrap: String,
    log: PathBuf,
}

impl Broker {
    /// Starts a node with empty logs and waits until it serves.
    pub(crate) fn start() -> Self {
        (0..PORT_ATTEMPTS)
            .find_map(|_| Self::start_on(free_port(), free_port()))
            .expect("other programs took the free ports again and again")
    }

    /// `None` when another program took a port between the choice and the start.
    fn start_on(port: u16, controller_port: u16) -> Option<Self> {
        let java = Java::find();
        let folder = tempfile::Builder::new()
            .prefix("clockstop-kafka-")
            .tempdir()
            .expect("create a folder")
            .keep();
        let properties = PROPERTIES
            .replace("@PORT@", &port.to_string())
            .replace("@CONTROLLER_PORT@", &controller_port.to_string())
            .replace(
                "@DATA@",
                folder
                    .join("data")
                    .to_str()
                    .expect("the temporary folder has a UTF-8 name"),
            );
        let file = folder.join("server.properties");
        fs::write(&file, properties).expect("write server.properties");
        java.format(&file);
        let mut guard = Guard::watch(&folder, &java.command("kafka.Kafka", &file));
        guard.order("start");
        let broker = Self {
            guard,
            bootstrap: format!("127.0.0.1:{port}"),
            log: folder.join("broker.log"),
        };
        broker.ready().then_some(broker)
    }

    /// `127.0.0.1:port`, the same for the whole life of this value.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// SIGKILL; returns when the node is gone.
    pub(crate) fn kill(&mut self) {
        self.guard.order("KILL");
    }

    /// SIGTERM; returns when the node has shut down in order.
    pub(crate) fn stop(&mut self) {
        self.guard.order("TERM");
    }

    /// Starts a killed or stopped node again on its data and its port, and waits until it serves.
    pub(crate) fn restart(&mut self) {
        self.guard.order("start");
        assert!(
            self.ready(),
            "another program took the port of the stopped broker"
        );
    }

    fn ready(&self) -> bool {
        let fatal = || {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            [
                "Exiting Kafka",
                "fatal exception",
                "Exception in thread \"main\"",
            ]
            .iter()
            .any(|sign| log.contains(sign))
            .then_some(log)
        };
        match await_ready(&self.bootstrap, &fatal) {
            Ok(()) => true,
            Err(log) if log.contains("Address already in use") => false,
            Err(log) => panic!("the test broker does not start:\n{log}"),
        }
    }
}

/// Waits until the node and a leader of each partition are known, or gives back why the node ended.
fn await_ready(bootstrap: &str, fatal: &dyn Fn() -> Option<String>) -> Result<(), String> {
    let probe: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "100")
        .set("log_level", "0")
        .create()
        .expect("create the probing client");
    wait::until(&format!("Kafka on {bootstrap}"), READY_LIMIT, || {
        if let Some(log) = fatal() {
            return Ok(Err(log));
        }
        let metadata = probe
            .fetch_metadata(None, METADATA_TIMEOUT)
            .map_err(|error| error.to_string())?;
        let mut partitions = metadata.topics().iter().flat_map(MetadataTopic::partitions);
        if metadata.brokers().is_empty() || partitions.any(|partition| partition.leader() < 0) {
            return Err("no node or no leader yet".to_owned());
        }
        Ok(Ok(()))
    })
}

/// A port on which nothing listens, below those the kernel gives to outgoing connections: a client that keeps calling a stopped
/// broker could be given the broker's own port there, and the broker could not return to it.
fn free_port() -> u16 {
    let digest = blake3::hash(unique("port").as_bytes());
    let [first, second, ..] = *digest.as_bytes();
    let offset = u16::from_le_bytes([first, second]) % PORTS;
    let candidates = (0..PORTS).map(|step| FIRST_PORT + (offset + step) % PORTS);
    let mut free = candidates.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("a loopback port is free")
}

/// The shell that owns the node: it outlives neither the node's handle nor this process (see `docker/kafka/guard.sh`).
struct Guard {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Guard {
    fn watch(folder: &Path, command: &[String]) -> Self {
        let log = fs::File::create(folder.join("guard.log")).expect("create guard.log");
        let mut shell = Command::new("sh");
        shell
            .arg(cache::workspace().join("docker/kafka/guard.sh"))
            .arg(folder)
            .args(command);
        // A group of its own: an interrupt at the terminal ends the tests, and their end ends the broker.
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let mut shell = shell
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("start sh");
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().expect("stdout is piped")).lines();
        Self {
            shell,
            orders,
            answers,
        }
    }

    fn order(&mut self, order: &str) {
        let orders = self
            .orders
            .as_mut()
            .expect("orders are open until the guard is dropped");
        writeln!(orders, "{order}").expect("the guard takes orders");
        self.answers
            .next()
            .expect("the guard answers")
            .expect("the guard answers in text");
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.orders.take());
        self.shell.wait().expect("reap the guard");
    }
}

/// How to run a Kafka tool.
struct Java {
    class_path: String,
    log4j: String,
}

impl Java {
    fn find() -> Self {
        require("java", "-version", "openjdk-17-jre-headless");
        let log4j = cache::workspace().join("docker/kafka/log4j2.properties");
        Self {
            class_path: jars().join("*").display().to_string(),
            log4j: format!("-Dlog4j2.configurationFile=file:{}", log4j.display()),
        }
    }

    fn command(&self, class: &str, properties: &Path) -> Vec<String> {
        let mut words = vec!["java".to_owned()];
        words.extend(JAVA_OPTIONS.map(str::to_owned));
        words.extend([
            self.log4j.clone(),
            "-cp".to_owned(),
            self.class_path.clone(),
            class.to_owned(),
        ]);
        words.push(properties.display().to_string());
        words
    }

    fn format(&self, properties: &Path) {
        let made = Command::new("java")
            .args(JAVA_OPTIONS)
            .args([
                &self.log4j,
                "-cp",
                &self.class_path,
                "kafka.tools.StorageTool",
                "format",
                "--standalone",
            ])
            .args(["-t", &cluster_id(), "-c"])
            .arg(properties)
            .output()
            .expect("run java");
        assert!(
            made.status.success(),
            "cannot format the log folder: {}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
}

/// Kafka's form of a UUID: 22 characters of URL-safe base64, new for every node.
fn cluster_id() -> String {
    let digest = blake3::hash(unique("cluster").as_bytes()).to_hex();
    format!("{}A", &digest[..21])
}

fn jars() -> PathBuf {
    let version = POM
        .split_once("<kafka.version>")
        .and_then(|(_, rest)| rest.split_once('<'));
    let (version, _) = version.expect("the pom names kafka.version");
    cache::folder_once(&format!("kafka-{version}"), |folder| {
        require("mvn", "-v", "maven");
        let fetched = Command::new("mvn")
            .args([
                "-q",
                "-B",
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-f",
            ])
            .arg(cache::workspace().join("docker/kafka/pom.xml"))
            .arg(format!("-DoutputDirectory={}", folder.display()))
            .stdin(Stdio::null())
            .output()
            .expect("run mvn");
        let said = String::from_utf8_lossy(&fetched.stdout);
        assert!(
            fetched.status.success(),
            "mvn cannot fetch Kafka from Maven Central:\n{said}"
        );
    })
}
