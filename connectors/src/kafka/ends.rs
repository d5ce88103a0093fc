//! Asks where the inputs end, again and again, so that a partition knows whether it falls behind.

use super::client::{Clients, Error as ClientError};
use super::logs::{Error, Logs, Unread};
use crate::board::Board;
use crate::partition::State;
use std::collections::BTreeMap;
use std::time::Instant;

/// What is asked about the inputs of the partitions that this process runs.
pub(crate) struct Ends {
    clients: Clients,
    logs: Logs,
    /// What was learned of a partition, and where its inputs ended, when it was last asked.
    last: BTreeMap<i32, ([i64; 3], [i64; 3])>,
}

impl Ends {
    pub(crate) fn new(clients: Clients) -> Result<Self, ClientError> {
        let logs = Logs::to_any(&clients)?;
        Ok(Self {
            clients,
            logs,
            last: BTreeMap::new(),
        })
    }

    /// Tells the ends of every partition that is run, with the time at which they were asked.
    pub(crate) fn ask(&mut self, board: &Board, mut tell: impl FnMut(i32, [i64; 3], Instant)) {
        let partitions = board.partitions();
        self.last
            .retain(|number, _| partitions.contains_key(number));
        let run = partitions
            .iter()
            .filter(|(_, shown)| matches!(shown.state, State::Replaying | State::Live));
        for (&number, shown) in run {
            let asked = Instant::now();
            match self.of(number, shown.learned) {
                Ok(ends) => tell(number, ends, asked),
                Err(error) => {
                    tracing::debug!(partition = number, %error, "the ends cannot be asked for");
                }
            }
        }
    }

    fn of(&mut self, number: i32, learned: [i64; 3]) -> Result<[i64; 3], Error> {
        self.logs.turn_to(number);
        let topics = &self.clients.settings().topics;
        let mut ends = [0; 3];
        for (end, topic) in ends.iter_mut().zip(topics.inputs()) {
            *end = self.logs.end(topic)?;
        }
        let stands_still = self.last.insert(number, (learned, ends)) == Some((learned, ends));
        if stands_still {
            // The consumer's position may not move over what holds no records.
            for ((end, topic), at) in ends.iter_mut().zip(topics.inputs()).zip(learned) {
                if at < *end && self.logs.unread(topic, at)? == Unread::None {
                    *end = at;
                }
            }
        }
        Ok(ends)
    }
}
