//! The topics, the group's settings and the schemas: what they must be, how they come about, what differs.

use super::client::{Clients, Context, Error as ClientError, Isolation};
use super::layout::Layout;
use crate::config::{GroupProtocol, Problem, Topics};
use crate::registry::{Registry, RegistryError};
use clockstop_pipeline::Topic;
use clockstop_schemas::{ALERT_SCHEMA, event_schema_json};
use rdkafka::admin::{
    AdminClient, AdminOptions, AlterConfig, ConfigResource, NewTopic, ResourceSpecifier,
    TopicReplication,
};
use rdkafka::config::FromClientConfigAndContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::collections::BTreeMap;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15);
const DAYS_30: &str = "2592000000";
/// A segment that is written to is not compacted, so one of the control topic is closed every hour.
const HOUR: &str = "3600000";
const GROUP_SETTINGS: [(&str, &str, &str); 2] = [
    (
        "consumer.session.timeout.ms",
        "6000",
        "group.consumer.min.session.timeout.ms",
    ),
    (
        "consumer.heartbeat.interval.ms",
        "200",
        "group.consumer.min.heartbeat.interval.ms",
    ),
];

/// A broker assigns a group's partitions anew at most once a second, so that who leaves just after somebody joined keeps
/// its own from the others that long. Brokers before 4.3 do not, and do not know the setting.
const ASSIGNS_AT_ONCE: (&str, &str) = ("consumer.assignment.interval.ms", "0");

/// Why the topics cannot be made or looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be used.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The broker refuses.
    #[error(
        "the broker refuses: {0}; does the account have the rights to create and describe topics?"
    )]
    Broker(#[from] KafkaError),
    /// A topic cannot be created.
    #[error("topic {topic}: cannot be created: {code}")]
    Create {
        /// Which.
        topic: String,
        /// The broker's word.
        code: RDKafkaErrorCode,
    },
    /// The registry refuses a schema.
    #[error("registry.url: {0}")]
    Registry(#[from] RegistryError),
    /// The asynchronous calls cannot be waited for.
    #[error("cannot start a runtime: {0}")]
    Runtime(#[from] std::io::Error),
}

/// The settings that a topic must have.
fn wanted(topics: &Topics) -> Vec<(&str, Vec<(&'static str, &'static str)>)> {
    let input = || {
        vec![
            ("cleanup.policy", "delete"),
            ("message.timestamp.type", "LogAppendTime"),
            ("retention.ms", "-1"),
            ("retention.bytes", "-1"),
        ]
    };
    let kept = || {
        vec![
            ("cleanup.policy", "delete"),
            ("retention.ms", "-1"),
            ("retention.bytes", "-1"),
        ]
    };
    let mut all: Vec<_> = topics
        .inputs()
        .into_iter()
        .map(|name| (name, input()))
        .collect();
    let compacted = vec![
        ("cleanup.policy", "compact"),
        ("delete.retention.ms", DAYS_30),
    ];
    all.push((&topics.alert, compacted));
    all.push((&topics.alert_history, kept()));
    all.push((
        &topics.control,
        vec![
            ("cleanup.policy", "compact"),
            ("message.timestamp.type", "LogAppendTime"),
            ("segment.ms", HOUR),
        ],
    ));
    all.push((&topics.dead_letter, kept()));
    all
}

/// What `create` has done, a line each.
pub type Done = Vec<String>;

/// Creates what is missing, sets the group's times and registers the schemas.
///
/// # Errors
/// When the broker or the registry refuses.
pub fn create(
    clients: &Clients,
    registry: &mut Registry,
    partitions: i32,
    replication: i32,
) -> Result<Done, Error> {
    // An administrating client only times out; a reading one says why there is no broker.
    clients.metadata(&clients.reader(Isolation::Committed)?, LIMIT)?;
    let administrator = Administrator::new(clients)?;
    let mut done = administrator.create(partitions, replication)?;
    if clients.settings().group_protocol == GroupProtocol::Consumer {
        done.push(administrator.set_group()?);
    }
    let topics = &clients.settings().topics;
    for (topic, schema) in schemas(topics) {
        registry.register(topic, schema)?;
        registry.require_full_transitive(topic)?;
        done.push(format!(
            "subject {topic}-value: registered, FULL_TRANSITIVE"
        ));
    }
    Ok(done)
}

fn schemas(topics: &Topics) -> Vec<(&str, &'static str)> {
    let events = topics
        .inputs()
        .into_iter()
        .zip(Topic::ALL.map(event_schema_json));
    let alerts = [
        (&*topics.alert, ALERT_SCHEMA),
        (&*topics.alert_history, ALERT_SCHEMA),
    ];
    events.chain(alerts).collect()
}

/// Every difference between what is and what must be.
///
/// # Errors
/// When the broker or the registry cannot be asked.
pub fn check(clients: &Clients, registry: &Registry) -> Result<Vec<Problem>, Error> {
    let mut problems = check_topics(clients)?;
    problems.extend(check_schemas(clients, registry)?);
    Ok(problems)
}

/// Every difference of the topics.
///
/// # Errors
/// When the broker cannot be asked.
pub fn check_topics(clients: &Clients) -> Result<Vec<Problem>, Error> {
    let reader = clients.reader(Isolation::Committed)?;
    let metadata = clients.metadata(&reader, LIMIT)?;
    let topics = &clients.settings().topics;
    let problems = Layout::of(&metadata, topics).problems();
    if !problems.is_empty() {
        return Ok(problems);
    }
    let found = Administrator::new(clients)?.describe(&topics.all())?;
    Ok(differences(topics, &found))
}

/// Every schema that the registry's others could not follow.
///
/// # Errors
/// When the registry cannot be asked.
pub fn check_schemas(clients: &Clients, registry: &Registry) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    for (topic, schema) in schemas(&clients.settings().topics) {
        match registry.check(topic, schema) {
            Err(error @ RegistryError::Incompatible { .. }) => {
                problems.push(Problem::new("registry.url", error.to_string()));
            }
            checked => checked?,
        }
    }
    Ok(problems)
}

/// Inputs that do not carry the broker's time; none where the account may not look.
pub(crate) fn stamp_problems(clients: &Clients) -> Result<Vec<Problem>, ClientError> {
    let topics = &clients.settings().topics;
    let found = Administrator::new(clients).and_then(|a| a.describe(&topics.inputs()));
    match found {
        Ok(found) => {
            let name = "message.timestamp.type";
            let wanted = topics
                .inputs()
                .map(|topic| (topic, vec![(name, "LogAppendTime")]));
            Ok(compare(&wanted, &found))
        }
        Err(Error::Client(error)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the settings of the topics cannot be looked at");
            Ok(Vec::new())
        }
    }
}

type Found = BTreeMap<String, BTreeMap<String, String>>;

fn differences(topics: &Topics, found: &Found) -> Vec<Problem> {
    compare(&wanted(topics), found)
}

fn compare(wanted: &[(&str, Vec<(&'static str, &'static str)>)], found: &Found) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (topic, settings) in wanted {
        let Some(found) = found.get(*topic) else {
            continue;
        };
        for (name, value) in settings {
            let is = found.get(*name).map_or("not shown", String::as_str);
            if is != *value {
                let message = format!(
                    "{name} is {is} and must be {value}; change it with: kafka-configs --alter --entity-type topics --entity-name {topic} --add-config {name}={value}"
                );
                problems.push(Problem::new(&format!("topic {topic}"), message));
            }
        }
    }
    problems
}

struct Administrator<'c> {
    clients: &'c Clients,
    client: AdminClient<Context>,
    runtime: tokio::runtime::Runtime,
}

impl<'c> Administrator<'c> {
    fn new(clients: &'c Clients) -> Result<Self, Error> {
        let config = clients.administration();
        let client = AdminClient::from_config_and_context(&config, clients.context());
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        Ok(Self {
            clients,
            client: client.map_err(ClientError::Settings)?,
            runtime,
        })
    }

    fn options() -> AdminOptions {
        AdminOptions::new()
            .operation_timeout(Some(LIMIT))
            .request_timeout(Some(LIMIT))
    }

    fn create(&self, partitions: i32, replication: i32) -> Result<Done, Error> {
        let wanted = wanted(&self.clients.settings().topics);
        let new: Vec<_> = wanted
            .iter()
            .map(|(name, settings)| {
                let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
                settings
                    .iter()
                    .fold(topic, |topic, (key, value)| topic.set(key, value))
            })
            .collect();
        let made = self
            .runtime
            .block_on(self.client.create_topics(&new, &Self::options()))?;
        let told = made.into_iter().map(|made| match made {
            Ok(topic) => Ok(format!(
                "topic {topic}: created with {partitions} partitions"
            )),
            Err((topic, RDKafkaErrorCode::TopicAlreadyExists)) => Ok(format!(
                "topic {topic}: exists; clockstop topics check compares it"
            )),
            Err((topic, code)) => Err(Error::Create { topic, code }),
        });
        told.collect()
    }

    /// Sets how soon the group misses a lost member, where the broker's minima allow it.
    fn set_group(&self) -> Result<String, Error> {
        let group = &self.clients.settings().group_id;
        let settings = GROUP_SETTINGS.map(|(name, value, _)| (name, value));
        let all = [&settings[..], &[ASSIGNS_AT_ONCE]].concat();
        let mut refused = self.refused_of_group(&all)?;
        if refused.is_some() {
            refused = self.refused_of_group(&settings)?;
        }
        Ok(match refused {
            None => format!("group {group}: a lost member is missed after 6 s"),
            Some(code) => {
                let ask: Vec<_> = GROUP_SETTINGS
                    .iter()
                    .map(|(_, value, minimum)| format!("{minimum}={value} or less"))
                    .collect();
                format!(
                    "group {group}: a lost member is missed after the broker's default time only ({code}); ask the administrator of the broker for {}, then run this again",
                    ask.join(" and ")
                )
            }
        })
    }

    /// Why the broker does not take these settings of the group, all of them; nothing where it does.
    fn refused_of_group(
        &self,
        settings: &[(&str, &str)],
    ) -> Result<Option<RDKafkaErrorCode>, Error> {
        let group = ResourceSpecifier::Group(&self.clients.settings().group_id);
        let change = settings
            .iter()
            .fold(AlterConfig::new(group), |change, (name, value)| {
                change.set(name, value)
            });
        let changes = self.client.alter_configs([&change], &Self::options());
        let answers = self.runtime.block_on(changes)?;
        let refused = answers.into_iter().find_map(Result::err);
        Ok(refused.map(|(_, code)| code))
    }

    fn describe(&self, topics: &[&str]) -> Result<Found, Error> {
        let asked: Vec<_> = topics
            .iter()
            .map(|topic| ResourceSpecifier::Topic(topic))
            .collect();
        let answers = self
            .runtime
            .block_on(self.client.describe_configs(&asked, &Self::options()))?;
        let mut found = Found::new();
        for (topic, answer) in topics.iter().zip(answers) {
            let ConfigResource { entries, .. } = answer.map_err(KafkaError::AdminOp)?;
            let entries = entries.into_iter();
            let values = entries.map(|entry| (entry.name, entry.value.unwrap_or_default()));
            found.insert((*topic).to_owned(), values.collect());
        }
        Ok(found)
    }
}
