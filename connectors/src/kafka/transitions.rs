//! Every transition of the alerts, from the topic that keeps them all.

use super::logs::{Error, Next};
use super::readers::Readers;
use super::recovery::decode;
use crate::partition::Span;
use crate::registry::Registry;
use clockstop_pipeline::Alert;
use clockstop_schemas::AlertDecoder;
use rdkafka::message::Message;

/// Reads what was committed of `alert-history`.
#[derive(Debug)]
pub(crate) struct Transitions {
    readers: Readers,
    registry: Registry,
    decoder: AlertDecoder,
    topic: String,
}

/// Transitions of a partition that follow one another, and the offset from which there may be more.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) from: i64,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) next: i64,
}

impl Transitions {
    pub(crate) fn new(readers: Readers, registry: Registry, topic: &str) -> Self {
        Self {
            readers,
            registry,
            decoder: AlertDecoder::default(),
            topic: topic.to_owned(),
        }
    }

    /// At most `limit` transitions from an offset on, up to what is committed now. One that cannot be read is
    /// passed over with a warning: it stays in the topic.
    pub(crate) fn read(
        &mut self,
        partition: i32,
        from: i64,
        limit: usize,
    ) -> Result<Stretch, Error> {
        let Self {
            readers,
            registry,
            decoder,
            topic,
        } = self;
        readers.with(partition, |logs| {
            let span = logs.committed_span(topic)?;
            let from = from.max(span.begin);
            let mut stretch = Stretch {
                from,
                alerts: Vec::new(),
                next: span.end.max(from),
            };
            let unread = Span {
                begin: from,
                ..span
            };
            logs.read(topic, unread, |record| {
                let Some(value) = record.payload() else {
                    return Ok(Next::GoOn);
                };
                match decode(decoder, value, registry, (topic, partition)) {
                    Ok(alert) => stretch.alerts.push(alert),
                    Err(error @ Error::Alert { .. }) => {
                        tracing::warn!(partition, offset = record.offset(), %error, "a transition is passed over");
                    }
                    Err(error) => return Err(error),
                }
                if stretch.alerts.len() < limit {
                    return Ok(Next::GoOn);
                }
                stretch.next = record.offset() + 1;
                Ok(Next::Stop)
            })?;
            Ok(stretch)
        })
    }
}
