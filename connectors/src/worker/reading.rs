//! Records from the consumer into the partitions.

use super::Worker;
use crate::judge::View;
use crate::kafka::source::{Change, Polled};
use crate::letter::Position;
use crate::partition::{Event, Taken};

/// Records taken in between two looks at everything else.
const POLLS: usize = 2_000;

/// What one poll came to.
enum Read {
    Taken(i32, Taken),
    /// A record of a partition that is to start over, or is refused.
    Passed,
    OutsideLog,
    Nothing,
}

impl Worker {
    /// Takes records in; whether there may be more.
    pub(super) fn read(&mut self) -> bool {
        for _ in 0..POLLS {
            let found = match self.source.poll() {
                Polled::Record(record) => {
                    let partition = record.partition();
                    let view = View {
                        position: Position {
                            topic: record.topic,
                            partition,
                            offset: record.offset(),
                        },
                        stamp: record.stamp(),
                        key: record.key(),
                        value: record.value(),
                    };
                    let taken = self.tenants.get_mut(&partition).and_then(|tenant| {
                        tenant.shard.take(&view, &self.judge, &mut self.schemas)
                    });
                    taken.map_or(Read::Passed, |taken| Read::Taken(partition, taken))
                }
                Polled::OutsideLog => Read::OutsideLog,
                Polled::Nothing => Read::Nothing,
            };
            match found {
                Read::Taken(partition, taken) => self.taken(partition, taken),
                Read::Passed => {}
                Read::OutsideLog => self.outside_log(),
                Read::Nothing => {
                    self.changed();
                    return false;
                }
            }
        }
        self.changed();
        true
    }

    pub(super) fn taken(&mut self, partition: i32, taken: Taken) {
        match taken {
            Taken::Done => {}
            Taken::Waits => self.regulate(partition),
            Taken::Asks(id) => {
                self.lookup.ask(id);
                self.regulate(partition);
            }
            Taken::NotStamped(topic) => self.step(partition, Event::NotStamped(topic)),
        }
    }

    pub(super) fn outside_log(&mut self) {
        tracing::error!("an input lies outside its log; the partitions of this worker start over");
        let numbers: Vec<_> = self.tenants.keys().copied().collect();
        for number in numbers {
            self.step(number, Event::OutsideLog);
        }
    }

    /// Takes note of what the group gave and took.
    pub(super) fn changed(&mut self) {
        for change in self.source.changes() {
            match change {
                Change::Given(places) => self.given(&places),
                Change::Taken(places) => self.took(&places),
            }
        }
    }
}
