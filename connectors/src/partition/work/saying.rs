//! What the next transaction carries, and what follows from its commit.

use super::{LETTERS_LIMIT, Receipt, Work};
use crate::board::Recent;
use crate::partition::found::Basis;
use crate::partition::mark::{Mark, Progress};
use crate::partition::outbox::{Committed, Load};
use clockstop_pipeline::{Alert, FOLD_VERSION, Notice, Transition};
use clockstop_schemas::Control;
use clockstop_schemas::checkpoint::LastAppend;
use std::time::Instant;

impl Work {
    /// Whether there is anything but offsets to send.
    pub(crate) fn has_something(&self) -> bool {
        self.outbox.has_notices() || self.outbox.waiting_letters() > 0
    }

    /// Whether the group's offsets are behind what has been learned.
    pub(crate) fn has_offsets(&self) -> bool {
        let committed = self.outbox.committed();
        let learned = self.progress.offsets.into_iter();
        learned.zip(committed).any(|(learned, at)| learned > at)
    }

    /// The next transaction's load, and the control record that goes with it.
    pub(crate) fn load(&mut self, basis: &Basis) -> (Load<'_>, Control) {
        let (decided, said_time) = (self.decided, self.said_time);
        let closed_through = self.gate.stored();
        self.closing = closed_through;
        let load = self.outbox.take(self.progress.clone());
        let control = Control {
            fold: FOLD_VERSION,
            reference: self.reference.clone(),
            held: self.guard.held().notices(),
            software: basis.software.clone(),
            partitions: basis.partitions,
            cluster: self.identity.cluster.clone(),
            topics: self.identity.topics.clone(),
            cursors: load.offsets,
            accepted_from: self.accepted_from,
            decided: load.finishes.max(decided),
            closed_through,
            log_time: match load.finishes {
                Some(_) => load.progress.log_time.max(said_time),
                None => said_time,
            },
            alert_key: basis.alert_key.clone(),
            store: basis.store.clone(),
        };
        (load, control)
    }

    /// Takes what was committed as said; returns what others may be told of it.
    pub(crate) fn settle(&mut self, receipt: &Receipt, now: Instant) -> Vec<Recent> {
        let Some(committed) = self.outbox.commit() else {
            return Vec::new();
        };
        let Committed {
            notices,
            day,
            progress,
            ..
        } = committed;
        self.alert_position = receipt.alert_end.unwrap_or(self.alert_position);
        self.control_position = receipt.control_at.unwrap_or(self.control_position);
        if let Some((stamp, _)) = receipt.stamp {
            self.gate.stamped(stamp, now);
        }
        self.guard.said(&notices);
        self.said_since = self.saying_since.take().filter(|_| !notices.is_empty());
        self.decided = day.max(self.decided);
        self.choked &= self.outbox.waiting_letters() > LETTERS_LIMIT / 2;
        if let Some(progress) = progress {
            if day.is_some() {
                self.said_time = progress.log_time.max(self.said_time);
            }
            // What is recorded as closed and what the engine has learned must not part at a midnight.
            if self.closing == self.gate.taken() {
                self.mark = Some(self.mark_of(progress));
            }
        }
        let mut recent = Vec::with_capacity(notices.len());
        for notice in notices {
            match notice {
                Notice::Alert(alert) => {
                    self.engine.recall(&alert);
                    self.count(alert.transition);
                    recent.push(told(*alert));
                }
                Notice::Erasure { alert_id, pathway } => {
                    self.engine.recall_erasure(&pathway, alert_id);
                }
            }
        }
        recent
    }

    /// When the first of the records was appended that led to what was just said.
    pub(crate) fn said_since(&self) -> Option<i64> {
        self.said_since
    }

    fn mark_of(&self, progress: Progress) -> Mark {
        Mark {
            progress,
            partitions: self.partitions,
            identity: self.identity.clone(),
            accepted_from: self.accepted_from,
            alert_position: self.alert_position,
            control_position: self.control_position,
            decided: self.decided,
            closed_through: self.closing,
            // Spelled when a checkpoint begins.
            last_appends: Vec::new(),
        }
    }

    /// The point at which a checkpoint can be cut now, if any: everything before it is settled, and no
    /// midnight is being passed.
    pub(crate) fn take_mark(&mut self) -> Option<Mark> {
        if self.gate.is_shut() {
            return None;
        }
        let mark = self.mark.take()?;
        Some(Mark {
            last_appends: self.last_appends(),
            ..mark
        })
    }

    /// When each source last reported each kind of event.
    pub(crate) fn last_appends(&self) -> Vec<LastAppend> {
        self.appends.spelled(self.engine.texts())
    }

    pub(crate) fn forget_mark(&mut self) {
        self.mark = None;
    }

    fn count(&mut self, transition: Transition) {
        let mut counts = self.transitions.iter_mut().zip(Transition::ALL);
        if let Some((count, _)) = counts.find(|(_, of)| *of == transition) {
            *count += 1;
        }
    }
}

fn told(alert: Alert) -> Recent {
    Recent {
        alert_id: alert.alert_id,
        standard: alert.standard,
        transition: alert.transition,
        content: alert.content,
        decided_on: alert.decided_on,
    }
}
