//! `S3Proxy`: fetched once from Maven Central, started on a free loopback port, its objects plain files.

#[path = "../../../tests/support/cache.rs"]
mod cache;
#[path = "../../../tests/support/wait.rs"]
mod wait;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

const POM: &str = include_str!("../../../docker/s3/pom.xml");
const PROPERTIES: &str = include_str!("../../../docker/s3/s3proxy.properties");
const BUCKET: &str = "clockstop";
const KEY: &str = "name";
const SECRET: &str = "secret";
const READY_LIMIT: Duration = Duration::from_mins(1);

/// Below the ports that the kernel gives to outgoing connections, and below those of the test broker.
const PORTS: std::ops::Range<u16> = 12_000..15_000;

/// One server of this process. Dropping it, or the end of this process, kills it and removes its objects.
pub(crate) struct S3Server {
    guard: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    port: u16,
    folder: PathBuf,
}

impl S3Server {
    /// Starts a server with an empty bucket and waits until it listens.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("clockstop-s3-").tempdir();
        let folder = folder.expect("create a folder").keep();
        let port = free_port();
        let file = folder.join("s3proxy.properties");
        let properties = PROPERTIES
            .replace("@KEY@", KEY)
            .replace("@SECRET@", SECRET)
            .replace("@PORT@", &port.to_string())
            .replace("@DATA@", &folder.join("data").display().to_string());
        fs::write(&file, properties).expect("write the settings");
        fs::create_dir_all(folder.join("data").join(BUCKET)).expect("create the bucket");
        let mut guard = guard(&folder, &file);
        let orders = guard.stdin.take();
        let answers = BufReader::new(guard.stdout.take().expect("stdout is piped")).lines();
        let mut server = Self {
            guard,
            orders,
            answers,
            port,
            folder,
        };
        server.restart();
        server
    }

    /// The address of a folder of the bucket.
    pub(crate) fn url(folder: &str) -> String {
        format!("s3://{BUCKET}/{folder}")
    }

    /// What a store with this address is to be set to.
    pub(crate) fn properties(&self) -> BTreeMap<String, String> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let properties = [
            ("endpoint", endpoint.as_str()),
            ("allow_http", "true"),
            ("access_key_id", KEY),
            ("secret_access_key", SECRET),
        ];
        let owned = properties.map(|(name, value)| (name.to_owned(), value.to_owned()));
        BTreeMap::from(owned)
    }

    /// The folder in which the bucket's objects lie.
    pub(crate) fn bucket(&self) -> PathBuf {
        self.folder.join("data").join(BUCKET)
    }

    /// SIGKILL; returns when the server is gone.
    pub(crate) fn kill(&mut self) {
        self.order("KILL");
    }

    /// Starts the server again on its objects and its port, and waits until it listens.
    pub(crate) fn restart(&mut self) {
        self.order("start");
        let address = ("127.0.0.1", self.port);
        wait::until("the S3 server", READY_LIMIT, || {
            TcpStream::connect(address)
                .map(drop)
                .map_err(|error| format!("{error}\n{}", self.log()))
        });
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("broker.log")).unwrap_or_default()
    }

    fn order(&mut self, order: &str) {
        let orders = self.orders.as_mut().expect("open until the drop");
        writeln!(orders, "{order}").expect("the guard takes orders");
        let answer = self.answers.next().expect("the guard answers");
        answer.expect("the guard answers in text");
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        drop(self.orders.take());
        self.guard.wait().expect("reap the guard");
    }
}

/// The shell that owns the server, as it does the test broker.
fn guard(folder: &Path, settings: &Path) -> Child {
    Command::new("sh")
        .arg(cache::workspace().join("docker/kafka/guard.sh"))
        .arg(folder)
        .args(["java", "-Xmx256m", "-XX:+UseSerialGC", "-cp"])
        .arg(jars().join("*"))
        .args(["org.gaul.s3proxy.Main", "--properties"])
        .arg(settings)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start sh")
}

/// No two servers of this process are given the same: they listen some time after it was free.
fn free_port() -> u16 {
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 2_000).expect("below 2,000");
    let mut tried = std::iter::repeat_with(|| GIVEN.fetch_add(1, Ordering::Relaxed));
    let free = tried.find_map(|number| {
        let port = PORTS.start + (own + number) % (PORTS.end - PORTS.start);
        TcpListener::bind(("127.0.0.1", port)).ok().map(|_| port)
    });
    free.expect("a loopback port is free")
}

fn jars() -> PathBuf {
    let version = POM
        .split_once("<s3proxy.version>")
        .and_then(|(_, rest)| rest.split_once('<'));
    let (version, _) = version.expect("the pom names s3proxy.version");
    cache::folder_once(&format!("s3proxy-{version}"), |folder| {
        let fetched = Command::new("mvn")
            .args(["-q", "-B", "dependency:copy-dependencies", "-f"])
            .arg(cache::workspace().join("docker/s3/pom.xml"))
            .arg(format!("-DoutputDirectory={}", folder.display()))
            .stdin(Stdio::null())
            .output()
            .expect("run mvn: install maven and openjdk-17-jre-headless");
        let said = String::from_utf8_lossy(&fetched.stdout);
        assert!(
            fetched.status.success(),
            "mvn cannot fetch S3Proxy from Maven Central:\n{said}"
        );
    })
}
