//! A partition as a worker runs it: the pure shard, and the broker's side of it.

use super::closing::WaitingClose;
use super::copying::Copying;
use crate::board::{Checkpoint, Measured};
use crate::kafka::sink::{Order, Round, Said, Sink};
use crate::keeper::Loading;
use crate::partition::Shard;
use crate::store::{self, Loaded};
use crate::sweep::Sweep;
use clockstop_pipeline::Notice;
use clockstop_schemas::{encode_alert, frame};
use std::collections::VecDeque;
use std::time::Instant;

/// One partition in one assignment.
#[derive(Debug)]
pub(super) struct Tenant {
    /// Which assignment it is; what belongs to another is void.
    pub(super) tenure: u64,
    /// How often it started over; what is reported of an earlier round is void.
    pub(super) round: Round,
    pub(super) sink: Sink,
    pub(super) shard: Shard,
    /// Which inputs the consumer reads, in the order of `Topic::ALL`.
    pub(super) flows: [bool; 3],
    /// It starts over when the group has been polled so often.
    pub(super) starts_over_at: u64,
    /// Where the consumer is to go before it reads again.
    pub(super) seek: Option<[i64; 3]>,
    /// The checkpoint that is being loaded, or was.
    pub(super) loading: Option<Loading>,
    /// What was loaded before the partition was fenced.
    pub(super) early: Option<Result<Box<Loaded>, store::Error>>,
    /// Why nothing could be loaded yet.
    pub(super) waits_for_store: Option<String>,
    /// The checkpoint that is being cut, until its thread has told what became of it.
    pub(super) cutting: Option<Sweep>,
    /// For whom it is held still.
    pub(super) copying: Option<Copying>,
    /// Not before then is the next one cut.
    pub(super) cut_at: Instant,
    /// When the last one was begun, and what was learned and said by then.
    pub(super) cut_since: Instant,
    pub(super) cut_place: Option<([i64; 3], i64)>,
    /// The last checkpoint.
    pub(super) checkpoint: Checkpoint,
    /// How long things take.
    pub(super) measured: Measured,
    /// When the transaction under way was ordered.
    pub(super) ordered_at: Instant,
    /// Closed days on their way to the store, the first first.
    pub(super) closes: VecDeque<WaitingClose>,
}

impl Tenant {
    pub(super) fn order(&self, order: Order) {
        self.sink.order(self.round, order);
    }

    /// Lets a checkpoint that is being cut come to nothing.
    pub(super) fn abandon_cutting(&mut self) {
        if let Some(cutting) = &mut self.cutting {
            cutting.abandon();
        }
    }
}

/// The notices of a load as they are written; `schema` is the id of the alert schema.
pub(super) fn written(notices: &[Notice], schema: u32) -> Vec<Said> {
    let said = notices.iter().map(|notice| match notice {
        Notice::Alert(alert) => {
            let mut value = Vec::new();
            frame(schema, &mut value);
            encode_alert(alert, &mut value);
            Said {
                key: alert.alert_id.to_string(),
                value: Some(value),
            }
        }
        Notice::Erasure { alert_id, .. } => Said {
            key: alert_id.to_string(),
            value: None,
        },
    });
    said.collect()
}
