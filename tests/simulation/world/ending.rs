//! How a life ends: everything heals, comes to rest and is judged.

use super::{HEALING_STEPS, PROCESSES, World};
use crate::partition::{Refused, State};
use crate::simulation::oracle;
use crate::simulation::process::{Process, Tenant};
use clockstop_pipeline::{History, Topic};
use clockstop_schemas::{Approval, ControlKey, Grant, encode_approval};

impl World {
    /// Ends everything that goes wrong, and leaves one process alone with the partition.
    pub(super) fn heal(&mut self) {
        self.faulty = false;
        self.store.away = false;
        self.store.arrive();
        self.end_provided();
        let approval = Approval {
            grant: Grant::Reference(self.reference.version.clone()),
            who: "simulation".to_owned(),
            why: String::new(),
            until: i64::MAX,
        };
        let key = ControlKey::Approve(0).to_string();
        let value = encode_approval(&approval);
        let log = &mut self.topics.control;
        log.append(self.millis, Some(key.as_bytes()), Some(&value));
        self.restart_all();
    }

    fn restart_all(&mut self) {
        let keeps = self.draw.happens(300)
            && self
                .processes
                .iter()
                .flatten()
                .all(|process| process.reference == self.reference);
        for number in 0..PROCESSES {
            let process = self.processes[number].as_mut().unwrap();
            process.skew = 0;
            process.alive = true;
            if !keeps {
                process.tenant = None;
                process.reference = self.reference.clone();
            }
        }
        if !keeps {
            self.group.releasing = None;
            let heir = self.draw.below(PROCESSES);
            self.group.give(heir, false);
        }
    }

    /// Lets things go their way until nothing is left to do; whether that came, or it was refused.
    pub(super) fn quiesce(&mut self) -> Result<bool, String> {
        for step in 0..HEALING_STEPS {
            self.millis += 500;
            for number in 0..PROCESSES {
                self.with(number, Process::read);
                self.with(number, Process::tend);
                self.with(number, Process::carry_out);
                self.with(number, |process, world| process.reach(world));
                if step % 4 == 0 {
                    self.with(number, |process, world| process.told_ends(world));
                    self.with(number, Process::sweep);
                }
            }
            if let Some(wrong) = self.wrong.take() {
                return Err(wrong);
            }
            if step > 20 && step % 8 == 0 {
                if self
                    .processes
                    .iter()
                    .flatten()
                    .any(|process| process.is_idle(self))
                {
                    return Ok(true);
                }
                if self.lost_history().is_some() {
                    return Ok(false);
                }
            }
        }
        let told = self.owner().map(|tenant| {
            let shown = tenant.shard.shown(0, self.now());
            format!("{shown:?}, orders {:?}", tenant.orders)
        });
        Err(format!(
            "it never comes to rest on {}: {}",
            self.london_day(self.millis),
            told.unwrap_or_default()
        ))
    }

    fn owner(&self) -> Option<&Tenant> {
        let mut processes = self.processes.iter().flatten();
        processes.find_map(|process| process.tenant.as_ref())
    }

    fn lost_history(&self) -> Option<&Refused> {
        if let State::Refused(reason @ Refused::HistoryMissing { .. }) = self.owner()?.shard.state()
        {
            Some(reason)
        } else {
            None
        }
    }

    pub(super) fn judge(&self) -> Result<(), String> {
        let tenant = self.owner().unwrap();
        let work = &tenant.shard.work;
        let today = self.london_day(self.millis);
        if self.accepted.is_empty() {
            oracle::check(self, work.engine(), work.counts(), &self.reference, today)
        } else {
            oracle::walk(&self.topics, &self.said, History::Short).map(|_| ())
        }
    }

    /// History is lost: that must be so, and nothing may have followed from it; once somebody accepts the
    /// loss the partition is run, and withdraws nothing.
    pub(super) fn accept(&mut self) -> Result<(), String> {
        self.tally.refused += 1;
        if !self.loses_history {
            return Err(format!("refused without a loss: {:?}", self.lost_history()));
        }
        oracle::walk(&self.topics, &self.said, History::Whole)?;
        let before = oracle::withdrawn(&self.topics, &self.said);
        let inputs = self.topics.inputs.iter().zip(Topic::ALL);
        self.accepted = inputs
            .filter(|(log, _)| log.begin() > 0)
            .map(|(log, topic)| (topic, 0, log.begin()))
            .collect();
        self.restart_all();
        self.processes
            .iter_mut()
            .flatten()
            .for_each(|p| p.tenant = None);
        if !self.quiesce()? {
            return Err(format!(
                "refused although accepted: {:?}",
                self.lost_history()
            ));
        }
        self.tally.accepted += 1;
        if oracle::withdrawn(&self.topics, &self.said) > before {
            return Err("an alert was withdrawn because its history is lost".to_owned());
        }
        self.judge()
    }
}
