//! Asks where the inputs end, again and again, so that a partition knows whether it falls behind.

use super::client::{Clients, Error as ClientError};
use super::logs::{Error, Logs, Unread, failed};
use crate::board::Board;
use crate::partition::State;
use rdkafka::error::KafkaResult;
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
        let run: Vec<(i32, [i64; 3])> = partitions
            .iter()
            .filter(|(_, shown)| matches!(shown.state, State::Replaying | State::Live))
            .map(|(&number, shown)| (number, shown.learned))
            .collect();
        let topics = self.clients.settings().topics.inputs();
        let logs: Vec<_> = run
            .iter()
            .flat_map(|(number, _)| topics.map(|topic| (topic, *number)))
            .collect();
        let asked = Instant::now();
        let told = match self.logs.ends(&logs) {
            Ok(told) => told,
            Err(error) => {
                tracing::debug!(%error, "the ends cannot be asked for");
                return;
            }
        };
        for ((number, learned), ends) in run.into_iter().zip(told.chunks(topics.len())) {
            match self.of(number, learned, ends) {
                Ok(ends) => tell(number, ends, asked),
                Err(error) => {
                    tracing::debug!(partition = number, %error, "the ends are not known");
                }
            }
        }
    }

    fn of(
        &mut self,
        number: i32,
        learned: [i64; 3],
        told: &[KafkaResult<i64>],
    ) -> Result<[i64; 3], Error> {
        self.logs.turn_to(number);
        let topics = self.clients.settings().topics.inputs();
        let mut ends = [0; 3];
        for ((end, told), topic) in ends.iter_mut().zip(told).zip(topics) {
            *end = told
                .clone()
                .map_err(|source| failed(topic, number, source))?;
        }
        let stands_still = self.last.insert(number, (learned, ends)) == Some((learned, ends));
        if stands_still {
            // The consumer's position may not move over what holds no records.
            for ((end, topic), at) in ends.iter_mut().zip(topics).zip(learned) {
                if at < *end && self.logs.unread(topic, at)? == Unread::None {
                    *end = at;
                }
            }
        }
        Ok(ends)
    }
}
