//! What the broker answers for the records of one transaction: where they lie, and when they were stamped.

use super::client::Context;
use crate::config::Topics;
use crate::partition::Receipt;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{Message, Timestamp};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Context of a transactional producer: it keeps what is delivered of the transaction under way.
#[derive(Debug)]
pub(super) struct WriterContext {
    context: Context,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    alert: String,
    control: String,
    receipt: Receipt,
}

impl WriterContext {
    pub(super) fn new(context: Context) -> Self {
        Self {
            context,
            kept: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A transaction begins that writes to these topics.
    pub(super) fn begin(&self, topics: &Topics) {
        *self.lock() = Kept {
            alert: topics.alert.clone(),
            control: topics.control.clone(),
            receipt: Receipt::default(),
        };
    }

    /// What was delivered since it began.
    pub(super) fn receipt(&self) -> Receipt {
        self.lock().receipt
    }
}

impl ClientContext for WriterContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        self.context.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.context.error(error, reason);
    }
}

impl ProducerContext for WriterContext {
    type DeliveryOpaque = ();

    /// A record that is not delivered fails its transaction, which is where it is dealt with.
    fn delivery(&self, result: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {
        let Ok(message) = result else {
            return;
        };
        let mut kept = self.lock();
        let end = message.offset().saturating_add(1);
        if message.topic() == kept.alert {
            kept.receipt.alert_end = kept.receipt.alert_end.max(Some(end));
        } else if message.topic() == kept.control {
            kept.receipt.control_at = Some(message.offset());
            if let Timestamp::LogAppendTime(stamp) = message.timestamp() {
                let here = jiff::Timestamp::now().as_millisecond();
                kept.receipt.stamp = Some((stamp, here.saturating_sub(stamp)));
            }
        }
    }
}
