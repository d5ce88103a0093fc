//! Deciding what is due on a partition and sending it.

use super::Shared;
use crate::kafka::sink::{Batch, Order};
use crate::kafka::source::Source;
use crate::partition::State;
use crate::shard::{Shard, written};
use std::time::Instant;

/// Whether offsets alone may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Urgency {
    Ordinary,
    Drains,
}

/// Decides what is due and sends a transaction, if there is anything to send and none is under way.
pub(super) fn speak(shard: &mut Shard, common: &Shared, source: &Source, urgency: Urgency) {
    let now = Instant::now();
    let speaks = matches!(shard.life.state(), State::Replaying | State::Live);
    if !speaks || shard.starts_over || shard.work.outbox.in_flight() || now < shard.speaks_at {
        return;
    }
    let live = *shard.life.state() == State::Live;
    if live {
        shard.work.decide(common.calendar.today());
    }
    let urgent = urgency == Urgency::Drains || now >= shard.offsets_at;
    let offsets_due = live && urgent && shard.work.has_offsets();
    if !shard.work.has_something() && !offsets_due {
        shard.speaks_at = now + common.pace.transactions;
        return;
    }
    let Some(group) = source.group_metadata() else {
        return;
    };
    let load = shard.work.load();
    let batch = Batch {
        alerts: written(load.notices, common.alert_schema),
        letters: load.letters,
        offsets: load.offsets,
        group,
    };
    shard.offsets_at = now + common.pace.offsets;
    shard.order(Order::Commit(batch));
}
