//! What the sinks and the registry answered.

use super::Worker;
use crate::board::Part;
use crate::kafka::sink::Report;
use crate::lookup::Answer;
use crate::partition::Event;
use std::time::{Duration, Instant};

const AFTER_ABORT: Duration = Duration::from_millis(200);

impl Worker {
    pub(super) fn reported(&mut self, partition: i32, report: Report) {
        let Some(shard) = self.shards.get_mut(&partition) else {
            return;
        };
        match report {
            Report::Fenced(cursor) => {
                shard.work.begin_at(cursor);
                self.step(partition, Event::Fenced);
            }
            Report::Found(found) => {
                shard.work.remember(&found);
                self.step(partition, Event::Found(found.inputs));
            }
            Report::Failed(reason) => {
                tracing::warn!(partition, %reason, "cannot recover yet; tried again");
                self.step(partition, Event::Failed);
            }
            Report::Committed => {
                let recent = shard.work.settle();
                let pause = self.shared.pace.transactions;
                let more = shard.work.outbox.has_notices();
                shard.speaks_at = Instant::now() + if more { Duration::ZERO } else { pause };
                self.shared.board.spoke(recent.into_iter());
                self.regulate(partition);
                self.show(partition);
            }
            Report::Aborted(reason) => {
                tracing::warn!(partition, %reason, "a transaction was aborted; it is sent again");
                shard.work.outbox.abort();
                shard.speaks_at = Instant::now() + AFTER_ABORT;
            }
            Report::Unknown(loss) => {
                tracing::warn!(
                    partition,
                    ?loss,
                    "it is not known whether a transaction was committed"
                );
                self.step(partition, Event::Unsettled(loss));
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

    pub(super) fn unblock(&mut self, id: u32) {
        let numbers: Vec<_> = self.shards.keys().copied().collect();
        for number in numbers {
            if let Some(shard) = self.shards.get_mut(&number) {
                let taken = shard.work.unblock(id, &self.judge, &mut self.schemas);
                self.taken(number, taken);
                self.regulate(number);
            }
        }
    }
}
