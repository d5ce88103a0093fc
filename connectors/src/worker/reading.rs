//! Records from the consumer into the partitions.

use super::Worker;
use crate::judge::View;
use crate::kafka::member::{Place, Told};
use crate::kafka::source::Polled;
use crate::letter::Position;
use crate::partition::{Event, Taken};

/// Records taken in between two looks at everything else.
const POLLS: usize = 2_000;

/// Records taken in of one input before the next one has its turn.
const SLICE: usize = 250;

/// What one poll came to.
enum Read {
    Taken(Taken),
    /// A record of a partition that is to start over, or is refused.
    Passed,
    OutsideLog,
    Nothing,
}

impl Worker {
    /// Takes records in, of one ready input after another; whether there may be more.
    pub(super) fn read(&mut self) -> bool {
        let mut left = POLLS;
        while left > 0 {
            let Some(place) = self.source.next_ready() else {
                return false;
            };
            let slice = left.min(SLICE);
            if self.read_of(place, slice) {
                self.source.arrived(place);
            }
            left -= slice;
        }
        true
    }

    /// Takes at most so many records of one input in; whether there may be more.
    fn read_of(&mut self, place: Place, most: usize) -> bool {
        let (topic, partition) = place;
        for _ in 0..most {
            let found = match self.source.poll(place) {
                Polled::Record(record) => {
                    let view = View {
                        position: Position {
                            topic,
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
                    taken.map_or(Read::Passed, Read::Taken)
                }
                Polled::OutsideLog => Read::OutsideLog,
                Polled::Nothing => Read::Nothing,
            };
            match found {
                Read::Taken(taken) => self.taken(partition, taken),
                Read::Passed => {}
                Read::OutsideLog => self.outside_log(place),
                Read::Nothing => return false,
            }
        }
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

    fn outside_log(&mut self, (topic, partition): Place) {
        let topic = topic.name();
        tracing::error!(
            partition,
            topic,
            "an input lies outside its log; the partition starts over"
        );
        self.step(partition, Event::OutsideLog);
    }

    /// Takes note of what the member tells.
    pub(super) fn told(&mut self, told: Told) {
        match told {
            // What comes after the worker was asked to end is for others to run.
            Told::Given(_) if self.draining_until.is_some() => {}
            Told::Given(inputs) => {
                let places: Vec<Place> = inputs.iter().map(|input| input.place).collect();
                self.source.take_on(inputs);
                self.given(&places);
            }
            Told::Taken(places, release) => {
                self.source.let_go(&places);
                self.took(&places);
                drop(release);
            }
            Told::Arrived(place) => self.source.arrived(place),
            Told::Astray(partition) => self.step(partition, Event::OutsideLog),
        }
    }
}
