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
use super::certificate::Certificate;
use super::java::Java;
use super::wait;

const PROPERTIES: &str = include_str!("../../docker/kafka/server.properties");
const SECURED: &str = include_str!("../../docker/kafka/secured.properties");
const READY_LIMIT: Duration = Duration::from_secs(90);
const METADATA_TIMEOUT: Duration = Duration::from_secs(1);
const PORT_ATTEMPTS: usize = 5;
const FIRST_PORT: u16 = 15_000;
const PORTS: u16 = 17_000;
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

/// The user whom a secured node knows from the start, and the password.
pub(crate) const USER: [&str; 2] = ["clockstop", "S3cret-word"];

/// One Kafka node of this process. Dropping it kills it and removes its data.
pub(crate) struct Broker {
    guard: Guard,
    bootstrap: String,
    secured: Option<String>,
    log: PathBuf,
}

impl Broker {
    /// Starts a node with empty logs and waits until it serves.
    pub(crate) fn start() -> Self {
        Self::attempt(None)
    }

    /// The same with a second listener, which expects TLS and SCRAM-SHA-512 and shows this certificate.
    pub(crate) fn start_secured(certificate: &Certificate) -> Self {
        Self::attempt(Some(certificate))
    }

    fn attempt(certificate: Option<&Certificate>) -> Self {
        (0..PORT_ATTEMPTS)
            .find_map(|_| Self::start_on(free_port(), free_port(), certificate))
            .expect("other programs took the free ports again and again")
    }

    /// `None` when another program took a port between the choice and the start.
    fn start_on(
        port: u16,
        controller_port: u16,
        certificate: Option<&Certificate>,
    ) -> Option<Self> {
        let java = Java::find();
        let folder = tempfile::Builder::new()
            .prefix("clockstop-kafka-")
            .tempdir()
            .expect("create a folder")
            .keep();
        let secure_port = free_port();
        let secure = certificate.map(|certificate| {
            SECURED
                .replace("@SECURE_PORT@", &secure_port.to_string())
                .replace(
                    "@KEYSTORE@",
                    &certificate.key_and_chain().display().to_string(),
                )
        });
        let properties = [PROPERTIES, secure.as_deref().unwrap_or_default()]
            .concat()
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
        let scram = format!("SCRAM-SHA-512=[name={},password={}]", USER[0], USER[1]);
        let users = secure.map(|_| scram);
        java.format(&file, users.as_deref());
        let mut guard = Guard::watch(&folder, &java.command("kafka.Kafka", &file));
        guard.order("start");
        let broker = Self {
            guard,
            bootstrap: format!("127.0.0.1:{port}"),
            secured: certificate.map(|_| format!("127.0.0.1:{secure_port}")),
            log: folder.join("broker.log"),
        };
        broker.ready().then_some(broker)
    }

    /// `127.0.0.1:port`, the same for the whole life of this value.
    pub(crate) fn bootstrap(&self) -> &str {
        &self.bootstrap
    }

    /// The listener with TLS and passwords of a node that has one.
    pub(crate) fn secured(&self) -> &str {
        self.secured.as_deref().expect("a secured node")
    }

    /// Gives the user another password, which holds for the next connection.
    pub(crate) fn change_password(&self, password: &str) {
        let setting = format!("SCRAM-SHA-512=[password={password}]");
        let java = Java::find();
        java.tool(
            "kafka.admin.ConfigCommand",
            &[
                "--bootstrap-server",
                &self.bootstrap,
                "--alter",
                "--add-config",
                &setting,
                "--entity-type",
                "users",
                "--entity-name",
                USER[0],
            ],
        );
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
