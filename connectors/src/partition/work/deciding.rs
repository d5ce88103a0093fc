//! Deciding what is due, day by day, and what must be approved first.

use super::Work;
use crate::partition::found::Basis;
use crate::partition::guard::{Occasion, Sifted, Situation};
use clockstop_pipeline::{Because, Day, Notice};
use clockstop_schemas::{Approval, Grant};

impl Work {
    /// Decides for the days that have come, until there is something to say.
    pub(crate) fn decide(&mut self, today: Day, basis: &Basis) {
        let today = self.gate.latest(today);
        while self.outbox.may_reconcile() {
            let anew = self.anew.take();
            if let Some(because) = anew {
                self.engine.judge_anew(because);
            }
            // What other tables change is told apart from what the date changes by deciding on it first.
            let day = self.decided.map_or(today, |last| {
                let next = if anew.is_some() { last } else { last.plus(1) };
                next.min(today).max(last)
            });
            let mut notices = self.engine.reconcile(day);
            self.mark_first(&mut notices);
            let none = notices.is_empty();
            let Sifted { say, park } = self.guard.sift(
                notices,
                Situation {
                    standing: self.engine.standing().total(),
                    parked: self.engine.parked(),
                    log_time: self.progress.log_time,
                    reference: &basis.reference,
                    occasion: self.occasion(day),
                    limits: basis.guard,
                },
            );
            self.engine.park(park.iter().map(String::as_str));
            let since = self.undecided_since.take();
            if !say.is_empty() {
                self.saying_since = since;
                self.outbox.say(say, day, self.progress.clone());
            } else if none {
                let done = self.decided == Some(day) || day == today;
                self.decided = Some(day);
                self.said_time = self.progress.log_time.max(self.said_time);
                self.guard.rest(self.progress.log_time);
                if self.guard.held().by_rules.is_none() {
                    self.reference.clone_from(&basis.reference);
                }
                if done {
                    return;
                }
            }
        }
    }

    fn occasion(&self, day: Day) -> Occasion {
        match self.decided {
            None if self.first_time => Occasion::Baseline,
            Some(last) if last < day => Occasion::NewDate,
            None | Some(_) => Occasion::Ordinary,
        }
    }

    fn mark_first(&self, notices: &mut [Notice]) {
        for notice in notices
            .iter_mut()
            .filter(|_| self.first_time && self.decided.is_none())
        {
            if let Notice::Alert(alert) = notice {
                alert.because = Because::Baseline;
            }
        }
    }

    /// Takes an operator's word.
    pub(crate) fn approve(&mut self, approval: &Approval, basis: &Basis, now_millis: i64) {
        if self.guard.approve(approval, &basis.reference, now_millis) {
            self.engine.release();
        }
        if approval.grant == Grant::BadRecords && approval.until > now_millis {
            self.refusals.approve(approval.until);
        }
    }

    /// Forgets approvals whose time is over.
    pub(crate) fn expire(&mut self, millis: i64) {
        self.guard.expire(millis);
        self.refusals.expire(millis);
    }

    /// The date that was decided last; before the first decision, today.
    pub(crate) fn decided_or(&self, today: Day) -> Day {
        self.decided.unwrap_or(today)
    }

    /// Whether everything that was learned is decided on.
    pub(crate) fn is_settled(&self) -> bool {
        self.engine.is_settled()
    }
}
