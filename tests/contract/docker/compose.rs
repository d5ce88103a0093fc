//! The parts of a Compose file that the contract looks at.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::repository;

#[derive(Deserialize)]
pub(crate) struct Compose {
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) volumes: BTreeMap<String, Option<String>>,
}

impl Compose {
    pub(crate) fn read(path: &str) -> Self {
        serde_saphyr::from_str(&repository::text(path))
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}

#[derive(Deserialize)]
pub(crate) struct Service {
    pub(crate) image: String,
    pub(crate) build: Option<Build>,
    #[serde(default)]
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) ports: Vec<String>,
    #[serde(default)]
    volumes: Vec<String>,
    #[serde(default)]
    pub(crate) depends_on: BTreeMap<String, Dependency>,
    pub(crate) healthcheck: Option<HealthCheck>,
}

impl Service {
    pub(crate) fn mounts(&self) -> impl Iterator<Item = Mount> {
        self.volumes.iter().map(|volume| {
            let mut parts = volume.split(':').map(str::to_owned);
            Mount {
                source: parts.next().unwrap(),
                target: parts.next().unwrap(),
            }
        })
    }

    /// Whether an environment variable or a flag of the service declares a listener on this port.
    pub(crate) fn listens_on(&self, port: &str) -> bool {
        let variables = self
            .environment
            .iter()
            .filter(|(name, _)| name.ends_with("_LISTENERS"))
            .map(|(_, listeners)| listeners.as_str());
        let flags = self
            .command
            .iter()
            .filter_map(|word| word.strip_prefix("--web.listen-address="));
        variables.chain(flags).any(|listeners| {
            listeners
                .split(',')
                .any(|listener| listener.ends_with(&format!(":{port}")))
        })
    }
}

pub(crate) struct Mount {
    pub(crate) source: String,
    pub(crate) target: String,
}

#[derive(Deserialize)]
pub(crate) struct Build {
    pub(crate) context: String,
    pub(crate) dockerfile: String,
}

#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) condition: String,
}

#[derive(Deserialize)]
pub(crate) struct HealthCheck {
    #[serde(default)]
    pub(crate) test: Vec<String>,
}
