//! What a partition must know before it replays: the ends of its inputs, what was said, how far was judged.

use super::logs::{ASK_LIMIT, Error, Logs, Next, failed};
use super::native;
use crate::config::Topics;
use crate::judge::BrokerTime;
use crate::partition::{Found, Identity, Span, reading_from};
use crate::registry::Registry;
use clockstop_pipeline::{Alert, AlertId};
use clockstop_schemas::{
    AlertDecoder, AlertRefusal, Approval, Control, ControlKey, decode_approval, decode_control,
};
use rdkafka::consumer::Consumer;
use rdkafka::message::Message;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};

/// The group's committed offsets of the inputs, 0 where there is none; decides which bad records are new.
pub(super) fn cursor(logs: &Logs, topics: &Topics) -> Result<[i64; 3], Error> {
    let (topics, partition) = (topics.inputs(), logs.partition);
    let mut list = TopicPartitionList::new();
    for topic in topics {
        list.add_partition(topic, partition);
    }
    let committed = logs
        .committed
        .committed_offsets(list, ASK_LIMIT)
        .map_err(|source| failed(topics.concat().as_str(), partition, source))?;
    Ok(topics.map(|topic| {
        let offset = committed.find_partition(topic, partition);
        match offset.map(|element| element.offset()) {
            Some(Offset::Offset(offset)) => offset,
            None
            | Some(
                Offset::Beginning
                | Offset::End
                | Offset::Stored
                | Offset::Invalid
                | Offset::OffsetTail(_),
            ) => 0,
        }
    }))
}

/// From where a partition is to be found again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Finding {
    /// The alert topic is read back from here.
    pub(crate) alerts: i64,
    /// The control topic is read back from here.
    pub(crate) control: i64,
    /// The offsets of the checkpoint that was loaded.
    pub(crate) restored: Option<[i64; 3]>,
    /// Where an operator accepts the inputs to begin.
    pub(crate) accepted: [Option<i64>; 3],
    /// Whether topics have ids that can be read.
    pub(crate) identities: Identities,
}

/// Whether topics have ids that can be read; librdkafka's mock cluster has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identities {
    Readable,
    None,
}

/// Reads the partition's own alerts and control record back and takes the ends of its inputs; only after
/// fencing, for otherwise an open transaction of a predecessor hides the last alerts.
pub(super) fn find(
    logs: &mut Logs,
    topics: &Topics,
    registry: &mut Registry,
    finding: Finding,
) -> Result<Found, Error> {
    let [referral, diagnosis, treatment] = topics.inputs();
    let spans = [
        &*topics.control,
        &*topics.alert,
        referral,
        diagnosis,
        treatment,
    ];
    let [controls, alerts, inputs @ ..] = logs.spans(spans)?;
    let ControlLog {
        control,
        approval,
        at: control_at,
    } = logs.control(&topics.control, controls, finding.control)?;
    let counted = logs.counted(&topics.control, &control)?;
    let alert_end = alerts.end;
    let back = Span {
        begin: alerts.begin.max(finding.alerts),
        ..alerts
    };
    let (said, tombstones) = logs.read_back(&topics.alert, back, registry)?;
    let known = control.as_ref().ok().and_then(Option::as_ref);
    let from = reading_from(finding.restored, known, finding.accepted);
    let mut inputs = inputs;
    for ((span, topic), from) in inputs.iter_mut().zip(topics.inputs()).zip(from) {
        *span = logs.input(topic, *span, from)?;
    }
    let identity = match finding.identities {
        Identities::Readable => logs.identity(&topics.inputs())?,
        Identities::None => Identity::default(),
    };
    Ok(Found {
        said,
        tombstones,
        alert_end,
        control,
        approval,
        counted,
        control_at,
        inputs,
        identity,
    })
}

impl From<BrokerTime> for Identities {
    fn from(broker_time: BrokerTime) -> Self {
        match broker_time {
            BrokerTime::Checked => Self::Readable,
            BrokerTime::Unchecked => Self::None,
        }
    }
}

/// What the control topic holds of a partition.
struct ControlLog {
    control: Result<Option<Control>, String>,
    approval: Option<Approval>,
    at: i64,
}

impl Logs {
    /// How many partitions there were when anything of this deployment was last written. A partition that
    /// was added has no record of its own, and partition 0 has one as soon as any has.
    fn counted(
        &mut self,
        topic: &str,
        own: &Result<Option<Control>, String>,
    ) -> Result<Option<i32>, Error> {
        let count = |control: &Control| control.partitions;
        match own {
            Ok(None) if self.partition != 0 => {
                let partition = core::mem::replace(&mut self.partition, 0);
                let first = self
                    .span(topic)
                    .and_then(|span| self.control(topic, span, 0));
                self.partition = partition;
                Ok(first?.control.ok().flatten().as_ref().map(count))
            }
            Ok(control) => Ok(control.as_ref().map(count)),
            Err(_) => Ok(None),
        }
    }

    /// What the topics are. A topic that was made anew under its name would not be noticed without its id, so
    /// that a partition waits for it; whoever may read a topic may have it described.
    fn identity(&self, topics: &[&str; 3]) -> Result<Identity, Error> {
        let client = self.committed.client();
        let topics = native::topic_ids(client, topics, ASK_LIMIT).map_err(Error::Identities)?;
        if topics.iter().any(Option::is_none) {
            return Err(Error::Identities("the broker names none".to_owned()));
        }
        Ok(Identity {
            cluster: client.fetch_cluster_id(ASK_LIMIT),
            topics,
        })
    }

    /// The last control record and the last approval, read from `from` on.
    fn control(&self, topic: &str, span: Span, from: i64) -> Result<ControlLog, Error> {
        let mut log = ControlLog {
            control: Ok(None),
            approval: None,
            at: from,
        };
        let begin = span.begin.max(from);
        self.read(topic, Span { begin, ..span }, |record| {
            let key = record.key().and_then(ControlKey::parse);
            match (key, record.payload()) {
                (Some(ControlKey::State(of)), Some(value)) if of == self.partition => {
                    log.control = match decode_control(value) {
                        Ok(control) => Ok(Some(control)),
                        Err(refusal) => Err(format!("the control record: {refusal}")),
                    };
                    log.at = record.offset();
                    // Whoever wrote this had heard of it, and may have used it up.
                    if log.approval.as_ref().is_some_and(Approval::is_used_once) {
                        log.approval = None;
                    }
                }
                (Some(ControlKey::Approve(of)), Some(value)) if of == self.partition => {
                    // One that cannot be read approves nothing, and takes the place of the one before it.
                    log.approval = decode_approval(value)
                        .inspect_err(|refusal| {
                            let partition = self.partition;
                            tracing::error!(partition, %refusal, "an approval is not taken");
                        })
                        .ok();
                }
                _ => {}
            }
            Ok(Next::GoOn)
        })?;
        Ok(log)
    }

    /// An input's span; its end is `from` where no record is to be read between the two, for then the
    /// position of a consumer never moves.
    fn input(&self, topic: &str, span: Span, from: i64) -> Result<Span, Error> {
        let begin = span.begin.max(from);
        let mut any = false;
        self.read(topic, Span { begin, ..span }, |_| {
            any = true;
            Ok(Next::Stop)
        })?;
        let end = if any { span.end } else { from };
        Ok(Span { end, ..span })
    }

    /// The last word on every alert of the span, and the alerts that were taken back for good.
    fn read_back(
        &self,
        topic: &str,
        span: Span,
        registry: &mut Registry,
    ) -> Result<(Vec<Alert>, BTreeSet<AlertId>), Error> {
        let mut last: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        let mut tombstones = BTreeSet::new();
        self.read(topic, span, |record| {
            let key = record.key().unwrap_or_default().to_vec();
            let alert_id = core::str::from_utf8(&key).ok().and_then(AlertId::parse);
            match (record.payload(), alert_id) {
                (Some(value), Some(alert_id)) => {
                    tombstones.remove(&alert_id);
                    last.insert(key, value.to_vec());
                }
                (None, Some(alert_id)) => {
                    tombstones.insert(alert_id);
                    last.remove(&key);
                }
                (_, None) => tracing::warn!("a record of the alert topic is none of ours"),
            }
            Ok(Next::GoOn)
        })?;
        let mut decoder = AlertDecoder::default();
        let said = last
            .values()
            .map(|value| decode(&mut decoder, value, registry, (topic, self.partition)))
            .collect::<Result<_, _>>()?;
        Ok((said, tombstones))
    }
}

pub(super) fn decode(
    decoder: &mut AlertDecoder,
    value: &[u8],
    registry: &mut Registry,
    (topic, partition): (&str, i32),
) -> Result<Alert, Error> {
    let unreadable = |source| Error::Alert {
        topic: topic.to_owned(),
        partition,
        source,
    };
    match decoder.decode(value) {
        Err(AlertRefusal::UnknownSchema { id }) => {
            let schema = registry.schema(id)?;
            decoder.add_schema(id, &schema).map_err(unreadable)?;
            decoder.decode(value).map_err(unreadable)
        }
        alert => alert.map_err(unreadable),
    }
}
