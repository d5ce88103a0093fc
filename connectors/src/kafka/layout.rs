//! The partition counts of the topics, and whether they fit together.

use crate::config::{Problem, Topics};
use rdkafka::metadata::Metadata;

/// How many partitions each topic has; `None` where there is no such topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout(Vec<(&'static str, String, Option<i32>)>);

const SETTINGS: [&str; 7] = [
    "kafka.topics.referral",
    "kafka.topics.diagnosis",
    "kafka.topics.treatment",
    "kafka.topics.alert",
    "kafka.topics.alert_history",
    "kafka.topics.control",
    "kafka.topics.dead_letter",
];
/// The inputs, the alert topic, its history and the control topic have equal partition counts.
const ALIKE: usize = 6;

impl Layout {
    /// What the broker says of the topics.
    #[must_use]
    pub fn of(metadata: &Metadata, topics: &Topics) -> Self {
        let count = |name: &str| {
            let mut found = metadata
                .topics()
                .iter()
                .filter(|topic| topic.name() == name);
            let count = found.next().map(|topic| topic.partitions().len());
            count
                .filter(|&count| count > 0)
                .and_then(|count| i32::try_from(count).ok())
        };
        let named = SETTINGS.into_iter().zip(topics.all());
        Self(
            named
                .map(|(setting, name)| (setting, name.to_owned(), count(name)))
                .collect(),
        )
    }

    /// The partition count of the inputs, where it is one.
    #[must_use]
    pub fn partitions(&self) -> Option<i32> {
        self.0.first().and_then(|(_, _, count)| *count)
    }

    /// The partition counts of the topics that must have equal ones.
    pub(crate) fn counts(&self) -> impl Iterator<Item = i32> {
        self.0.iter().take(ALIKE).filter_map(|(_, _, count)| *count)
    }

    /// Topics that are missing or do not fit together.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let missing = self.0.iter().filter(|(_, _, count)| count.is_none());
        let mut problems: Vec<_> = missing
            .map(|(setting, name, _)| {
                let message =
                    format!("topic {name} does not exist; make it with: clockstop topics create");
                Problem::new(setting, message)
            })
            .collect();
        let mut counts: Vec<_> = self
            .0
            .iter()
            .take(ALIKE)
            .filter_map(|(_, _, count)| *count)
            .collect();
        counts.sort_unstable();
        counts.dedup();
        if counts.len() > 1 {
            let listed =
                self.0.iter().take(ALIKE).filter_map(|(_, name, count)| {
                    count.map(|count| format!("{name} has {count}"))
                });
            let listed: Vec<_> = listed.collect();
            let message = format!(
                "the partition counts of the inputs, the alert topic, its history and the control topic must be equal: {}; create them anew with equal counts",
                listed.join(", ")
            );
            problems.push(Problem::new("kafka.topics", message));
        }
        problems
    }
}
