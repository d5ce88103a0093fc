//! What happens to a world: one step of somebody in it, or one misfortune.

use super::{DAY_MILLIS, PROCESSES, World};
use crate::simulation::feed;
use crate::simulation::process::Process;
use clockstop_pipeline::Reference;

impl World {
    /// One thing that happens, to whom and what being drawn.
    pub(super) fn step(&mut self) {
        // Mostly the one that holds the partition, or else little would happen to it.
        let number = match self.group.owner {
            Some((owner, _)) if self.draw.happens(700) => owner,
            _ => self.draw.below(PROCESSES),
        };
        match self.draw.below(100) {
            0..=13 => self.send(),
            14..=20 => self.pass_time(),
            21..=30 => self.with(number, Process::read),
            31..=48 => self.with(number, Process::carry_out),
            49..=58 => self.with(number, Process::tend),
            59..=62 => self.with(number, |process, world| process.reach(world)),
            63..=64 => self.with(number, |process, world| process.told_ends(world)),
            65..=72 => self.with(number, Process::sweep),
            73..=93 => self.turn(number),
            94 if self.draw.happens(600) => self.crash(number),
            94 => {}
            95 => self.move_partition(number),
            96 => self.store.away = self.draw.happens(300),
            97 => self.store.arrive(),
            98 => self.befall(),
            _ => self.set_clock(number),
        }
    }

    /// What a worker's loop does in one turn.
    fn turn(&mut self, number: usize) {
        self.with(number, Process::read);
        self.with(number, Process::tend);
        for _ in 0..self.draw.below(6) {
            self.with(number, Process::carry_out);
            self.millis += 40;
        }
        self.with(number, |process, world| process.reach(world));
        self.with(number, |process, world| process.told_ends(world));
        for _ in 0..self.draw.below(3) {
            self.with(number, Process::sweep);
        }
    }

    pub(super) fn with(&mut self, number: usize, act: impl FnOnce(&mut Process, &mut Self)) {
        let mut process = self.processes[number].take().unwrap();
        if process.alive {
            act(&mut process, self);
        }
        self.processes[number] = Some(process);
    }

    fn send(&mut self) {
        for _ in 0..=self.draw.below(5) {
            let repeats = !self.sent.is_empty() && self.draw.happens(200);
            let sent = if repeats {
                self.sent[self.draw.below(self.sent.len())].clone()
            } else {
                feed::draw(&mut self.draw)
            };
            let (key, value) = (Some(&*sent.key), Some(&*sent.value));
            let log = &mut self.topics.inputs[sent.input];
            match self.provider {
                Some(transaction) => log.append_in(transaction, self.millis, key, value),
                None => log.append(self.millis, key, value),
            };
            self.tally.records += 1;
            self.sent.push(sent);
        }
        if self.draw.happens(150) {
            self.end_provided();
            self.transactions += 1;
            self.provider = Some(self.transactions);
        } else if self.draw.happens(400) {
            self.end_provided();
        }
    }

    /// A provider that writes in transactions ends its own.
    pub(super) fn end_provided(&mut self) {
        if let Some(transaction) = self.provider.take() {
            let commits = self.draw.happens(700);
            for log in &mut self.topics.inputs {
                log.end(transaction, commits, self.millis);
            }
        }
    }

    fn pass_time(&mut self) {
        let midnight = self.calendar.end_of(self.london_day(self.millis)).unwrap();
        self.millis = match self.draw.below(12) {
            0 => midnight - self.draw.below(60_000) as i64 - 1,
            1 => midnight + self.draw.below(200_000) as i64,
            2 => self.millis + self.draw.below(5 * DAY_MILLIS as usize / 2) as i64,
            3..=5 => self.millis + self.draw.below(60_000) as i64,
            _ => self.millis + self.draw.below(3_000) as i64,
        }
        .max(self.millis);
    }

    fn crash(&mut self, number: usize) {
        self.tally.crashes += 1;
        self.group.bury(number);
        let process = self.processes[number].as_mut().unwrap();
        process.tenant = None;
        process.alive = !process.alive;
        process.reference = self.reference.clone();
        let owns = self.group.owner.is_some_and(|(of, _)| of == number);
        if owns && !self.processes[number].as_ref().unwrap().alive {
            self.move_partition(number);
        } else if owns {
            self.group.give(number, false);
        }
    }

    fn move_partition(&mut self, number: usize) {
        let heir = (number + 1 + self.draw.below(PROCESSES - 1)) % PROCESSES;
        let gracefully = self.draw.happens(500)
            && self
                .group
                .owner
                .is_some_and(|(of, _)| self.processes[of].as_ref().is_some_and(|p| p.alive));
        self.group.give(heir, gracefully);
        self.tally.moves += 1;
    }

    /// What happens to logs and rules now and then.
    fn befall(&mut self) {
        match self.draw.below(5) {
            0 => self.topics.alert.compact(),
            1 => self.topics.control.compact(),
            2 if self.draw.happens(300) => {
                self.tally.rules += 1;
                let later = self.reference.version != "default-1";
                self.reference = Reference::default();
                if !later {
                    self.reference.version = "other".to_owned();
                    self.reference.fds.lead_times = vec![14, 3];
                    self.reference.sixty_two_day.within = 55;
                }
            }
            3 => {
                // The coordinator loses patience with a transaction that nobody ends.
                if let Some(open) = self.open {
                    self.end(open, false);
                    self.epoch += 1;
                }
            }
            _ if self.loses_history => {
                let log = &mut self.topics.inputs[self.draw.below(3)];
                let end = log.end_of_committed();
                let upto = self.draw.below(end as usize + 1) as i64;
                log.delete_before(upto.max(log.begin()));
            }
            _ => {}
        }
    }

    fn set_clock(&mut self, number: usize) {
        let most: usize = if self.draw.happens(100) {
            900_000
        } else {
            240_000
        };
        let skew = self.draw.below(2 * most) as i64 - most as i64;
        self.processes[number].as_mut().unwrap().skew = skew;
    }
}
