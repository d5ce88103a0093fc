//! Sending what is due on a partition.

use super::Shared;
use super::tenant::{Tenant, written};
use crate::kafka::sink::{Batch, Order};
use crate::kafka::source::Source;
use crate::partition::{Moment, Tempo, Urgency};
use clockstop_schemas::encode_control;

impl Shared {
    pub(super) fn tempo(&self) -> Tempo {
        Tempo {
            transactions: self.pace.transactions,
            offsets: self.pace.offsets,
        }
    }
}

/// Decides what is due and orders a transaction, if there is anything to send and none is under way.
pub(super) fn speak(
    tenant: &mut Tenant,
    shared: &Shared,
    source: &Source,
    urgency: Urgency,
    at: Moment,
) {
    let tempo = shared.tempo();
    let Some((load, control)) = tenant.shard.speak(&shared.basis, tempo, urgency, at) else {
        return;
    };
    // Captured when the batch is taken, and before the worker can hear that the partition was, so that the group
    // refuses it if the partition has moved on.
    let Some(group) = source.group_metadata() else {
        tenant.shard.aborted(at);
        return;
    };
    let batch = Batch {
        alerts: written(load.notices, shared.alert_schema),
        letters: load.letters,
        control: encode_control(&control),
        offsets: load.offsets,
        group,
    };
    tenant.ordered_at = at.now;
    tenant.order(Order::Commit(batch));
}
