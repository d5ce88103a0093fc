//! Kafka's own programs: the jars that are fetched once, and the node and tools in them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::cache;
use super::kafka::unique;
use super::process::require;

const POM: &str = include_str!("../../docker/kafka/pom.xml");
const JAVA_OPTIONS: [&str; 4] = [
    "-Xms256m",
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
];

/// How to run a Kafka tool.
pub(crate) struct Java {
    class_path: String,
    log4j: String,
}

impl Java {
    pub(crate) fn find() -> Self {
        require("java", "-version", "openjdk-17-jre-headless");
        let log4j = cache::workspace().join("docker/kafka/log4j2.properties");
        Self {
            class_path: jars().join("*").display().to_string(),
            log4j: format!("-Dlog4j2.configurationFile=file:{}", log4j.display()),
        }
    }

    pub(crate) fn command(&self, class: &str, properties: &Path) -> Vec<String> {
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

    pub(crate) fn format(&self, properties: &Path, users: Option<&str>) {
        let file = properties.display().to_string();
        let id = cluster_id();
        let mut words = vec!["format", "--standalone", "-t", &id, "-c", &file];
        words.extend(users.iter().flat_map(|users| ["--add-scram", users]));
        self.tool("kafka.tools.StorageTool", &words);
    }

    /// Runs a tool to its end; what it printed.
    pub(crate) fn tool(&self, class: &str, words: &[&str]) -> String {
        let run = Command::new("java")
            .args(JAVA_OPTIONS)
            .args([&self.log4j, "-cp", &self.class_path, class])
            .args(words)
            .output()
            .expect("run java");
        assert!(
            run.status.success(),
            "{class} fails: {}{}",
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr)
        );
        String::from_utf8_lossy(&run.stdout).into_owned()
    }
}

/// The settings of a group, as Kafka's own tool tells them: rdkafka 0.39 cannot read what it can write.
pub(crate) fn group_settings(bootstrap: &str, group: &str) -> String {
    Java::find().tool(
        "kafka.admin.ConfigCommand",
        &[
            "--bootstrap-server",
            bootstrap,
            "--describe",
            "--entity-type",
            "groups",
            "--entity-name",
            group,
        ],
    )
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
