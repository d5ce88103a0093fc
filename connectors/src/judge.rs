//! From a record to an event, or to the reason why it is refused.

use crate::kafka::source::Stamp;
use crate::letter::{Letter, Position};
use clockstop_pipeline::{Instant, Texts};
use clockstop_schemas::{Decoded, EventDecoder, Refusal, check_partition, check_recorded};

/// A record without what only Kafka needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) position: Position,
    pub(crate) stamp: Stamp,
    pub(crate) key: Option<&'a [u8]>,
    pub(crate) value: Option<&'a [u8]>,
}

/// A record that has to wait.
#[derive(Debug)]
pub(crate) struct Kept {
    position: Position,
    stamp: Stamp,
    key: Option<Box<[u8]>>,
    value: Option<Box<[u8]>>,
}

impl View<'_> {
    pub(crate) fn keep(&self) -> Kept {
        Kept {
            position: self.position,
            stamp: self.stamp,
            key: self.key.map(Into::into),
            value: self.value.map(Into::into),
        }
    }
}

impl Kept {
    pub(crate) fn view(&self) -> View<'_> {
        View {
            position: self.position,
            stamp: self.stamp,
            key: self.key.as_deref(),
            value: self.value.as_deref(),
        }
    }
}

/// Whether the broker's time on records can be relied on; librdkafka's mock cluster does not give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokerTime {
    /// Records must carry it, and are held against it.
    Checked,
    /// Nothing is held against it.
    Unchecked,
}

/// Decodes and checks records, the same for all partitions of a worker.
#[derive(Debug)]
pub(crate) struct Judge {
    pub(crate) decoder: EventDecoder,
    pub(crate) partitions: i32,
    pub(crate) broker_time: BrokerTime,
}

impl Judge {
    /// Whether the record lacks the broker's time where that is relied on.
    pub(crate) fn lacks_stamp(&self, view: &View<'_>) -> bool {
        self.broker_time == BrokerTime::Checked && view.stamp == Stamp::NotByBroker
    }

    pub(crate) fn judge<'v>(
        &self,
        view: &View<'v>,
        texts: &mut Texts,
    ) -> Result<Decoded<'v>, Refusal> {
        let Position {
            topic, partition, ..
        } = view.position;
        let decoded = self.decoder.decode(topic, view.key, view.value, texts)?;
        check_partition(decoded.pathway.as_bytes(), partition, self.partitions)?;
        if let (BrokerTime::Checked, Stamp::Appended(millis)) = (self.broker_time, view.stamp) {
            let appended = Instant(millis.saturating_mul(1_000));
            check_recorded(decoded.report.version.recorded_at, appended)?;
        }
        Ok(decoded)
    }

    pub(crate) fn letter(&self, view: &View<'_>, refusal: &Refusal) -> Letter {
        let appended_at = match view.stamp {
            Stamp::Appended(millis) => Some(millis),
            Stamp::NotByBroker => None,
        };
        let source = self.decoder.source(view.value);
        Letter::new(
            view.position,
            refusal.reason(),
            appended_at,
            source,
            view.value,
        )
    }
}
