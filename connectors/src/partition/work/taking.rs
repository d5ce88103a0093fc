//! Taking records in, or keeping them where something has to come first.

use super::{LETTERS_LIMIT, Taken, Work, of};
use crate::judge::{Judge, View};
use crate::kafka::source::Stamp;
use crate::schema_wait::{Meeting, SchemaWait};
use clockstop_pipeline::{Day, Topic};
use clockstop_schemas::Refusal;

impl Work {
    /// Takes a record in, or keeps it where one before it waits.
    pub(crate) fn take(
        &mut self,
        view: &View<'_>,
        judge: &Judge,
        schemas: &mut SchemaWait,
    ) -> Taken {
        let topic = view.position.topic;
        if self.blocked_on.is_some() || self.gate.waits(topic) {
            self.waiting.push_back(view.keep());
            return Taken::Waits;
        }
        if judge.lacks_stamp(view) {
            return Taken::NotStamped(topic);
        }
        if let Stamp::Appended(at) = view.stamp {
            if self.gate.holds(topic, at) {
                self.waiting.push_back(view.keep());
                return Taken::Waits;
            }
            self.progress.log_time = self.progress.log_time.max(Some(at));
        }
        let is_news = self.is_news(view);
        match judge.judge(view, self.engine.texts_mut()) {
            Ok(decoded) => {
                if view.position.offset >= of(self.cursor, topic) {
                    self.refusals.good();
                }
                if let Stamp::Appended(at) = view.stamp {
                    let report = &decoded.report;
                    self.appends
                        .note(report.source, report.fact.event_type(), at);
                }
                let learned = if is_news {
                    if let (None, Stamp::Appended(at)) = (self.undecided_since, view.stamp) {
                        self.undecided_since = Some(at);
                    }
                    self.engine.learn(&decoded.pathway, &decoded.report)
                } else {
                    self.engine.learn_again(&decoded.pathway, &decoded.report)
                };
                self.progress.counts.learned(learned);
            }
            Err(Refusal::UnknownSchema { id }) => match schemas.meet(id) {
                Meeting::Refuse => self.refuse(view, judge, &Refusal::UnknownSchema { id }),
                meeting @ (Meeting::Ask | Meeting::Wait) => {
                    self.blocked_on = Some(id);
                    self.waiting.push_back(view.keep());
                    return match meeting {
                        Meeting::Ask => Taken::Asks(id),
                        Meeting::Wait | Meeting::Refuse => Taken::Waits,
                    };
                }
            },
            Err(refusal) => self.refuse(view, judge, &refusal),
        }
        self.pass(view);
        if self.refusals.too_many() || self.choked {
            return Taken::Waits;
        }
        Taken::Done
    }

    /// Whether a record was not decided on before; those of one batch carry the same time.
    fn is_news(&self, view: &View<'_>) -> bool {
        let (Stamp::Appended(at), Some(from)) = (view.stamp, self.news_from) else {
            return true;
        };
        let position = &view.position;
        at > from || (at == from && position.offset >= of(self.cursor, position.topic))
    }

    fn refuse(&mut self, view: &View<'_>, judge: &Judge, refusal: &Refusal) {
        self.progress.counts.refused(refusal.reason());
        if view.position.offset >= of(self.cursor, view.position.topic) {
            self.refusals.bad();
            self.outbox.bury(judge.letter(view, refusal));
            self.choked |= self.outbox.waiting_letters() >= LETTERS_LIMIT;
        }
    }

    fn pass(&mut self, view: &View<'_>) {
        let inputs = self.progress.offsets.iter_mut().zip(&mut self.read);
        let mut named = inputs.zip(Topic::ALL);
        if let Some(((learned, read), _)) = named.find(|(_, topic)| *topic == view.position.topic) {
            *learned = view.position.offset + 1;
            *read = true;
        }
    }

    /// Takes the records in that waited for the schema.
    pub(crate) fn unblock(&mut self, id: u32, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        if self.blocked_on != Some(id) {
            return Taken::Done;
        }
        self.blocked_on = None;
        self.take_waiting(judge, schemas)
    }

    fn take_waiting(&mut self, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        let mut result = Taken::Done;
        for kept in core::mem::take(&mut self.waiting) {
            match self.take(&kept.view(), judge, schemas) {
                Taken::Waits if result == Taken::Done => result = Taken::Waits,
                Taken::Done | Taken::Waits => {}
                taken @ (Taken::Asks(_) | Taken::NotStamped(_)) => result = taken,
            }
        }
        result
    }

    /// Whether more records of an input are wanted now.
    pub(crate) fn wants(&self, topic: Topic) -> bool {
        self.blocked_on.is_none()
            && !self.choked
            && !self.refusals.too_many()
            && !self.gate.waits(topic)
    }

    /// The schema it waits for.
    pub(crate) fn waits_for_schema(&self) -> Option<u32> {
        self.blocked_on
    }

    /// Moves over what holds no records, up to the consumer's positions; an input of which nothing was
    /// read since it began has an old one or none, and one that waits is not moved.
    pub(crate) fn reach(&mut self, positions: [Option<i64>; 3]) -> [i64; 3] {
        if self.blocked_on.is_none() {
            let inputs = self.progress.offsets.iter_mut().zip(self.read);
            for (((learned, read), topic), position) in inputs.zip(Topic::ALL).zip(positions) {
                if read && !self.gate.waits(topic) {
                    *learned = position.map_or(*learned, |position| position.max(*learned));
                }
            }
        }
        self.behind.reached(self.progress.offsets);
        self.progress.offsets
    }

    /// The day whose rows must be taken before anything else is learned.
    pub(crate) fn closable(&self) -> Option<Day> {
        if self.blocked_on.is_some() {
            return None;
        }
        self.gate.closable(self.progress.offsets)
    }

    /// The rows of the day are taken: what waited for midnight is learned.
    pub(crate) fn close(&mut self, day: Day, judge: &Judge, schemas: &mut SchemaWait) -> Taken {
        self.gate.open(day);
        self.mark = None;
        self.take_waiting(judge, schemas)
    }

    /// The rows of the day are in the store.
    pub(crate) fn stored(&mut self, day: Day) {
        self.gate.store(day);
    }
}
