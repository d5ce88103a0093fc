//! What a batch fold of the inputs says must have been written, and what was written instead.

use crate::LIMIT;
use crate::fold::{Fold, fold};
use crate::service::{Place, today};
use crate::support::{topics, wait};
use clockstop::registry::Registry;
use clockstop_pipeline::{Alert, AlertId, Content, Level, Notice, Topic};
use clockstop_schemas::{ALERT_SCHEMA, AlertDecoder};
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Headers, Message, OwnedMessage};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Where the oracle and the topics differ, and how much was compared.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) records: usize,
    pub(crate) bad_records: usize,
    pub(crate) alerts: usize,
    pub(crate) standing: usize,
    pub(crate) erased: usize,
    pub(crate) revisions: usize,
    pub(crate) lost: Vec<String>,
    pub(crate) repeated: Vec<String>,
    pub(crate) wrong: Vec<String>,
}

const SHOWN: usize = 10;

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} lost, {} repeated, {} wrong ({} records, {} bad; {} alerts, {} stand, {} erased; {} revisions)",
            self.lost.len(),
            self.repeated.len(),
            self.wrong.len(),
            self.records,
            self.bad_records,
            self.alerts,
            self.standing,
            self.erased,
            self.revisions
        )?;
        for (kind, found) in [
            ("lost", &self.lost),
            ("repeated", &self.repeated),
            ("wrong", &self.wrong),
        ] {
            for one in found.iter().take(SHOWN) {
                write!(f, "\n  {kind}: {one}")?;
            }
        }
        Ok(())
    }
}

impl Verdict {
    pub(crate) fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.repeated.is_empty() && self.wrong.is_empty()
    }

    /// Panics with the counts and the first differences unless there are none.
    #[track_caller]
    pub(crate) fn expect_clean(&self) {
        assert!(self.is_clean(), "{self}");
    }
}

/// Folds the inputs and compares with everything that was written; nothing may be under way.
pub(crate) fn compare(place: &Place) -> Verdict {
    judge(place, fold(place))
}

/// Compares a fold of the inputs with everything that was written.
pub(crate) fn judge(place: &Place, mut fold: Fold) -> Verdict {
    let mut verdict = Verdict {
        records: fold.records,
        bad_records: fold.bad.len(),
        ..Verdict::default()
    };
    let topic = AlertTopic::read(place, &mut verdict);
    let history = place.alerts("alert_history");
    verdict.revisions = history.len();
    let walked = walk(&history, &mut verdict);
    same_last_words(&walked, &topic, &mut verdict);
    against_the_fold(&mut fold, &walked, &topic, &mut verdict);
    dead_letters(place, &fold, &mut verdict);
    offsets(place, &fold, &mut verdict);
    verdict
}

/// What a `read_committed` reader of the alert topic ends up with; `None` is a tombstone.
struct AlertTopic(BTreeMap<String, Option<Alert>>);

impl AlertTopic {
    fn read(place: &Place, verdict: &mut Verdict) -> Self {
        let id = Registry::new(place.registry.url())
            .register(&place.topic("alert"), ALERT_SCHEMA)
            .unwrap();
        let mut decoder = AlertDecoder::default();
        decoder.add_schema(id, ALERT_SCHEMA).unwrap();
        let mut last: BTreeMap<String, Option<Alert>> = BTreeMap::new();
        for record in topics::read_committed(&place.bootstrap, &place.topic("alert")) {
            let key = String::from_utf8(record.key().unwrap().to_vec()).unwrap();
            let alert = record.payload().map(|value| decoder.decode(value).unwrap());
            match (last.get(&key), &alert) {
                (Some(None), None) => verdict.repeated.push(format!("the tombstone of {key}")),
                (Some(None), Some(_)) => {
                    verdict
                        .wrong
                        .push(format!("{key} is said again after its erasure"));
                }
                (None, None) => verdict
                    .wrong
                    .push(format!("a tombstone of {key}, which was never said")),
                (None, Some(_)) | (Some(Some(_)), _) => {}
            }
            last.insert(key, alert);
        }
        Self(last)
    }

    fn last(&self, id: AlertId) -> Option<&Option<Alert>> {
        self.0.get(&id.to_string())
    }
}

/// Walks the history: revisions are consecutive from 1 and neighbours differ. Returns each alert's last.
fn walk<'h>(history: &'h [Alert], verdict: &mut Verdict) -> BTreeMap<AlertId, &'h Alert> {
    let mut last: BTreeMap<AlertId, &Alert> = BTreeMap::new();
    for alert in history {
        let id = alert.alert_id;
        let before = last.insert(id, alert);
        let due = before.map_or(1, |before| before.revision + 1);
        match alert.revision.cmp(&due) {
            std::cmp::Ordering::Less => verdict.repeated.push(format!(
                "{id}: revision {} after {}",
                alert.revision,
                due - 1
            )),
            std::cmp::Ordering::Greater => verdict
                .lost
                .push(format!("{id}: revision {due} is missing in the history")),
            std::cmp::Ordering::Equal => {}
        }
        if before.is_some_and(|before| before.content == alert.content) {
            verdict.repeated.push(format!(
                "{id}: revision {} says what the one before it said",
                alert.revision
            ));
        }
    }
    last
}

fn same_last_words(walked: &BTreeMap<AlertId, &Alert>, topic: &AlertTopic, verdict: &mut Verdict) {
    for (id, alert) in walked {
        match topic.last(*id) {
            None => verdict
                .lost
                .push(format!("{id} is in the history and not on the alert topic")),
            Some(Some(last)) if last != *alert => verdict.wrong.push(format!(
                "{id}: the history ends with revision {}, the alert topic with {}",
                alert.revision, last.revision
            )),
            Some(_) => {}
        }
    }
    let known: BTreeSet<String> = walked.keys().map(ToString::to_string).collect();
    for key in topic.0.keys().filter(|key| !known.contains(*key)) {
        verdict.lost.push(format!(
            "{key} is on the alert topic and not in the history"
        ));
    }
}

/// What each alert that was ever said must have said last, and what else must have been said.
fn against_the_fold(
    fold: &mut Fold,
    walked: &BTreeMap<AlertId, &Alert>,
    topic: &AlertTopic,
    verdict: &mut Verdict,
) {
    let standing = contents(fold.engine.reconcile(today()));
    verdict.standing = standing.len();
    verdict.alerts = walked.len();
    for id in standing.keys().filter(|id| !walked.contains_key(id)) {
        verdict.lost.push(format!("{id} stands and was never said"));
    }
    let due = due(fold, walked.values().copied());
    for (id, alert) in walked {
        let last = topic.last(*id).and_then(Option::as_ref);
        match (due.get(id), last) {
            (None, _) => verdict.wrong.push(format!(
                "{id} is said of a pathway that is not in the inputs"
            )),
            (Some(Some(due)), Some(last)) if *due == last.content => {}
            (Some(None), None) => verdict.erased += 1,
            (Some(due), last) => verdict.wrong.push(format!(
                "{id} of {} at revision {}: said {:?}, due {due:?}",
                alert.standard.name(),
                alert.revision,
                last.map(|last| &last.content)
            )),
        }
    }
}

/// What the last word on each of these alerts must be; `None` is a tombstone.
pub(crate) fn due<'h>(
    fold: &mut Fold,
    said: impl Iterator<Item = &'h Alert>,
) -> BTreeMap<AlertId, Option<Content>> {
    for alert in said {
        fold.engine.recall(&nonsense(alert));
    }
    // Whatever is due differs from nonsense, so that everything ever said is to be said again.
    contents(fold.engine.reconcile(today()))
}

/// By alert: the content that is due, `None` for a tombstone.
fn contents(notices: Vec<Notice>) -> BTreeMap<AlertId, Option<Content>> {
    let each = notices.into_iter().map(|notice| match notice {
        Notice::Alert(alert) => (alert.alert_id, Some(alert.content)),
        Notice::Erasure { alert_id, .. } => (alert_id, None),
    });
    each.collect()
}

fn nonsense(alert: &Alert) -> Alert {
    let content = Content {
        level: Some(Level::AtRisk1),
        organisation: Some("nobody".to_owned()),
        ..Content::default()
    };
    Alert {
        content,
        ..alert.clone()
    }
}

/// Each bad record has one letter, under its position, with its reason and its bytes; no other has any.
fn dead_letters(place: &Place, fold: &Fold, verdict: &mut Verdict) {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for letter in topics::read_committed(&place.bootstrap, &place.topic("dead_letter")) {
        let key = String::from_utf8(letter.key().unwrap().to_vec()).unwrap();
        match fold.bad.get(&key) {
            None => verdict
                .wrong
                .push(format!("a dead letter of {key}, which is good")),
            Some(bad) if bad.reason != header(&letter, "reason") => {
                let reason = header(&letter, "reason");
                let told = format!(
                    "the dead letter of {key} says {reason} and not {}",
                    bad.reason
                );
                verdict.wrong.push(told);
            }
            Some(bad) if bad.value.as_deref() != letter.payload() => verdict
                .wrong
                .push(format!("the dead letter of {key} has other bytes")),
            Some(_) => {}
        }
        if !found.insert(key.clone()) {
            verdict.repeated.push(format!("the dead letter of {key}"));
        }
    }
    for key in fold.bad.keys().filter(|key| !found.contains(*key)) {
        verdict.lost.push(format!("the dead letter of {key}"));
    }
}

fn header(letter: &OwnedMessage, name: &str) -> String {
    let mut headers = letter.headers().unwrap().iter();
    let value = headers.find(|header| header.key == name).unwrap().value;
    String::from_utf8(value.unwrap().to_vec()).unwrap()
}

fn offsets(place: &Place, fold: &Fold, verdict: &mut Verdict) {
    let committed = committed(place);
    for (&(topic, partition), span) in &fold.ends {
        let at = committed.get(&(topic, partition)).copied().unwrap_or(0);
        let told = format!(
            "{}/{partition}: committed {at}, last record behind {}, end {}",
            topic.name(),
            span.behind_last_record,
            span.end
        );
        if at < span.behind_last_record {
            verdict.lost.push(told);
        } else if at > span.end {
            verdict.wrong.push(told);
        }
    }
}

/// The group's committed offsets of the inputs.
pub(crate) fn committed(place: &Place) -> BTreeMap<(Topic, i32), i64> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &place.bootstrap)
        .set("group.id", &place.prefix)
        .create()
        .unwrap();
    let mut list = TopicPartitionList::new();
    for topic in Topic::ALL {
        list.add_partition_range(&place.topic(topic.name()), 0, place.partitions - 1);
    }
    // A coordinator that is on its way elsewhere says so, and is asked again.
    let offsets = wait::until("the group's offsets", LIMIT, || {
        let offsets = consumer.committed_offsets(list.clone(), LIMIT);
        offsets.map_err(|error| error.to_string())
    });
    let each = Topic::ALL.into_iter().flat_map(|topic| {
        let elements = offsets.elements_for_topic(&place.topic(topic.name()));
        elements
            .into_iter()
            .filter_map(move |element| {
                let Offset::Offset(offset) = element.offset() else {
                    return None;
                };
                Some(((topic, element.partition()), offset))
            })
            .collect::<Vec<_>>()
    });
    each.collect()
}
