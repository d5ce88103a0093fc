//! What the sinks and the registry answered.

use super::Worker;
use crate::board::Part;
use crate::judge::BrokerTime;
use crate::kafka::sink::Report;
use crate::lookup::Answer;
use crate::partition::Event;
use std::time::{Duration, Instant, SystemTime};

impl Worker {
    pub(super) fn reported(&mut self, partition: i32, report: Report) {
        let at = self.moment();
        match report {
            Report::Fenced(cursor) => {
                self.with(partition, |shard, at| shard.fenced(cursor, at));
            }
            Report::Found(found) => {
                let basis = self.shared.basis.clone();
                self.with(partition, |shard, at| shard.found(&found, &basis, at));
            }
            Report::Failed(reason) => {
                tracing::warn!(partition, %reason, "cannot recover yet; tried again");
                self.step(partition, Event::Failed);
            }
            Report::Committed(mut receipt) => {
                if self.shared.broker_time == BrokerTime::Unchecked {
                    receipt.stamp = None;
                }
                let tempo = self.shared.tempo();
                let Some(tenant) = self.tenants.get_mut(&partition) else {
                    return;
                };
                let (recent, action) = tenant.shard.committed(&receipt, tempo, at);
                let measured = &mut tenant.measured;
                measured
                    .commits
                    .record(at.now.saturating_duration_since(tenant.ordered_at));
                measured.committed_at = Some(SystemTime::now());
                measured.clock_ahead = receipt
                    .stamp
                    .map(|(_, ahead)| ahead)
                    .or(measured.clock_ahead);
                if let Some(appended) = tenant.shard.work.said_since() {
                    let millis = at.millis.saturating_sub(appended);
                    let waited = Duration::from_millis(u64::try_from(millis).unwrap_or(0));
                    measured.alerts.record(waited);
                }
                self.shared.board.spoke(recent.into_iter());
                self.act(partition, action);
                self.regulate(partition);
                self.show(partition);
            }
            Report::Aborted(reason) => {
                tracing::warn!(partition, %reason, "a transaction was aborted; it is sent again");
                if let Some(tenant) = self.tenants.get_mut(&partition) {
                    tenant.shard.aborted(at);
                }
            }
            Report::Unknown(loss) => {
                tracing::warn!(
                    partition,
                    ?loss,
                    "it is not known whether a transaction was committed"
                );
                self.with(partition, |shard, at| shard.unsettled(loss, at));
            }
        }
    }

    pub(super) fn answered(&mut self, id: u32, answer: &Answer) {
        let now = Instant::now();
        match answer {
            Answer::Schema(schema) => {
                if let Err(error) = self.judge.decoder.add_schema(id, schema) {
                    tracing::error!(id, %error, "events of this schema are refused");
                }
                self.schemas.known(id);
                self.shared.board.report(Part::Registry, None);
                self.unblock(id);
            }
            Answer::Unknown => {
                self.shared.board.report(Part::Registry, None);
                if self.schemas.unknown(id, now) {
                    tracing::error!(
                        id,
                        "the registry does not know this schema; its records are refused"
                    );
                    self.unblock(id);
                }
            }
            Answer::Nothing(reason) => {
                self.schemas.unanswered(id, now);
                self.shared
                    .board
                    .report(Part::Registry, Some(reason.clone()));
            }
        }
    }

    fn unblock(&mut self, id: u32) {
        let numbers: Vec<_> = self.tenants.keys().copied().collect();
        for number in numbers {
            if let Some(tenant) = self.tenants.get_mut(&number) {
                let taken = tenant
                    .shard
                    .work
                    .unblock(id, &self.judge, &mut self.schemas);
                self.taken(number, taken);
                self.regulate(number);
            }
        }
    }
}
