//! All workers of a process, which are one member of the group.

use super::{Desk, Error, Shared, start};
use crate::kafka::member::Member;
use std::thread::JoinHandle;

/// The workers, and the member whose partitions they run.
#[derive(Debug)]
pub(crate) struct Crew {
    desks: Vec<Desk>,
    threads: Vec<JoinHandle<()>>,
}

impl Crew {
    /// Starts so many workers and joins the group.
    pub(crate) fn start(shared: &Shared, workers: usize) -> Result<Self, Error> {
        let (desks, wakes): (Vec<_>, Vec<_>) = (0..workers).map(|_| Desk::open()).unzip();
        let tells = desks.iter().map(Desk::tell).collect();
        let member = Member::new(&shared.clients, shared.basis.partitions, tells)?;
        let mut threads = Vec::new();
        for (number, (desk, woken)) in desks.iter().zip(wakes).enumerate() {
            let source = member.source();
            threads.push(start(shared.clone(), number, desk, woken, source)?);
        }
        threads.push(member.join()?);
        Ok(Self { desks, threads })
    }

    /// Where the workers are reached.
    pub(crate) fn desks(&self) -> &[Desk] {
        &self.desks
    }

    /// Asks every worker to commit what it has learned and to end; the group is left when the last one reads no
    /// more. Join the threads that are returned.
    pub(crate) fn drain(self) -> Vec<JoinHandle<()>> {
        self.desks.iter().for_each(Desk::drain);
        self.threads
    }
}
