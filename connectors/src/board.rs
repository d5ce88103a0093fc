//! What every thread of the process may read: the workers write it, HTTP and the demo read copies.

use crate::partition::{Held, State};
use crate::trouble::Troubles;
use clockstop_pipeline::{AlertId, Content, Day, Learned, Standard, Standing, Transition};
use dashmap::DashMap;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

pub use crate::latency::Latency;
pub use crate::measured::{Checkpoint, Measured};
pub use crate::trouble::Part;

const RECENT: usize = 64;
/// A worker whose loop has not turned for so long is not healthy.
const BEAT_LIMIT: Duration = Duration::from_mins(1);
/// A process that the group gives nothing for so long stands by for the others, and is ready to take over.
const STANDS_BY_AFTER: Duration = Duration::from_secs(10);

/// What became of the records of a partition; every record is counted once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They are the greatest version of their fact.
    pub changed: u64,
    /// They were known already.
    pub repeated: u64,
    /// A greater version was known.
    pub superseded: u64,
    /// They were refused, by reason.
    pub dead_lettered: BTreeMap<&'static str, u64>,
}

impl Counts {
    /// Counts a record that was learned.
    pub(crate) fn learned(&mut self, learned: Learned) {
        match learned {
            Learned::Changed => self.changed += 1,
            Learned::Repeated => self.repeated += 1,
            Learned::Superseded => self.superseded += 1,
        }
    }

    /// Counts a record that was refused.
    pub(crate) fn refused(&mut self, reason: &'static str) {
        *self.dead_lettered.entry(reason).or_default() += 1;
    }

    /// All records that were read.
    #[must_use]
    pub fn read(&self) -> u64 {
        let dead: u64 = self.dead_lettered.values().sum();
        self.changed + self.repeated + self.superseded + dead
    }
}

/// One partition as others see it.
#[derive(Clone, Debug)]
pub struct Partition {
    /// Which assignment it is; a later one replaces it.
    pub tenure: u64,
    /// Where it stands.
    pub state: State,
    /// Whether it is live and falls behind its inputs, so that it does not decide.
    pub behind: bool,
    /// How long the oldest record that is known to be unread has been so.
    pub unread_for: Duration,
    /// Offsets of each input that were not read when its end was last asked for.
    pub lag: [i64; 3],
    /// What became of its records, since the log began where there is a checkpoint.
    pub counts: Counts,
    /// The next offset to be learned of each input, in the order of `Topic::ALL`.
    pub learned: [i64; 3],
    /// The next offset of each input for which everything has been said and committed.
    pub committed: [i64; 3],
    /// The last day for which everything has been said and committed.
    pub decided: Option<Day>,
    /// The last day that was closed.
    pub closed_through: Option<Day>,
    /// When the day ends that is to be closed next, in milliseconds since 1970.
    pub closing_due: Option<i64>,
    /// Dead letters whose commit is not known yet.
    pub waiting_letters: usize,
    /// The schema it waits for.
    pub waits_for_schema: Option<u32>,
    /// Why the store of the checkpoints, which it waits for, does not answer.
    pub waits_for_store: Option<String>,
    /// Whether it pauses because too many records were refused.
    pub too_many_refused: bool,
    /// What is held until somebody approves it.
    pub held: Held,
    /// How many pathways are set aside for that.
    pub parked: usize,
    /// Alerts that stay as they are because an operator accepted that the history of their pathways is lost.
    pub left_standing: usize,
    /// Alerts that stand.
    pub standing: Standing,
    /// Pathways of which a fact is known.
    pub pathways: usize,
    /// Pathways with a running clock.
    pub open_pathways: usize,
    /// What was said since it went live, in the order of `Transition::ALL`.
    pub transitions: [u64; Transition::ALL.len()],
    /// Its last checkpoint.
    pub checkpoint: Checkpoint,
    /// How long things take.
    pub measured: Measured,
}

/// One alert that was committed. It names no pathway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// Which alert.
    pub alert_id: AlertId,
    /// The standard of its clock.
    pub standard: Standard,
    /// What happened.
    pub transition: Transition,
    /// What was said.
    pub content: Content,
    /// When it was decided.
    pub decided_on: Day,
}

/// The live state of the process. No reference into it leaves this module.
#[derive(Debug)]
pub struct Board {
    /// How many partitions each input has.
    of_inputs: i32,
    partitions: DashMap<i32, Partition>,
    recent: Mutex<VecDeque<Recent>>,
    troubles: Troubles,
    published_at: Mutex<Option<SystemTime>>,
    /// Whether the group has ever given a partition.
    given: AtomicBool,
    began: Instant,
    beats: Vec<AtomicU64>,
    turns: Vec<Mutex<Latency>>,
}

impl Board {
    /// An empty board for so many workers, of a service whose inputs have so many partitions each.
    #[must_use]
    pub fn new(workers: usize, of_inputs: i32) -> Self {
        Self {
            of_inputs,
            partitions: DashMap::new(),
            recent: Mutex::default(),
            troubles: Troubles::default(),
            published_at: Mutex::default(),
            given: AtomicBool::new(false),
            began: Instant::now(),
            beats: (0..workers).map(|_| AtomicU64::new(0)).collect(),
            turns: (0..workers).map(|_| Mutex::default()).collect(),
        }
    }

    /// How many partitions each input has, whichever process runs them.
    pub(crate) const fn of_inputs(&self) -> i32 {
        self.of_inputs
    }

    pub(crate) fn show(&self, number: i32, partition: Partition) {
        self.given.store(true, Ordering::Relaxed);
        let mut entry = self
            .partitions
            .entry(number)
            .or_insert_with(|| partition.clone());
        if entry.tenure <= partition.tenure {
            *entry = partition;
        }
    }

    pub(crate) fn remove(&self, number: i32, tenure: u64) {
        self.partitions
            .remove_if(&number, |_, shown| shown.tenure <= tenure);
    }

    /// All partitions of this process, by number.
    #[must_use]
    pub fn partitions(&self) -> BTreeMap<i32, Partition> {
        self.partitions
            .iter()
            .map(|entry| (*entry.key(), entry.value().clone()))
            .collect()
    }

    pub(crate) fn spoke(&self, alerts: impl Iterator<Item = Recent>) {
        let mut recent = lock(&self.recent);
        for alert in alerts {
            recent.push_front(alert);
        }
        recent.truncate(RECENT);
    }

    /// The last alerts that were committed, the latest first.
    #[must_use]
    pub fn recent(&self) -> Vec<Recent> {
        lock(&self.recent).iter().cloned().collect()
    }

    /// Says what is wrong with a part, or that it is well.
    pub(crate) fn report(&self, part: Part, trouble: Option<String>) {
        self.troubles.report(part, trouble);
    }

    /// What is wrong with the process as a whole.
    #[must_use]
    pub fn troubles(&self) -> BTreeMap<Part, String> {
        let mut troubles = self.troubles.told();
        let given = self.given.load(Ordering::Relaxed);
        if !given && self.began.elapsed() < STANDS_BY_AFTER {
            let seconds = STANDS_BY_AFTER.as_secs();
            troubles.insert(
                Part::Group,
                format!("no partition was given yet; without any after {seconds} s it stands by"),
            );
        }
        troubles
    }

    /// A snapshot was published now.
    pub(crate) fn published(&self) {
        *lock(&self.published_at) = Some(SystemTime::now());
    }

    /// When this process last published a snapshot.
    #[must_use]
    pub fn published_at(&self) -> Option<SystemTime> {
        *lock(&self.published_at)
    }

    /// The loop of a worker has turned; `took` is without its waiting.
    pub(crate) fn turned(&self, worker: usize, took: Duration) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(beat) = self.beats.get(worker) {
            beat.store(now, Ordering::Relaxed);
        }
        if let Some(turns) = self.turns.get(worker) {
            lock(turns).record(took);
        }
    }

    /// How long the turns of every worker's loop took: so long is no input read.
    #[must_use]
    pub fn turns(&self) -> Vec<Latency> {
        self.turns.iter().map(|turns| lock(turns).clone()).collect()
    }

    /// Whether the loop of every worker turns.
    #[must_use]
    pub fn healthy(&self) -> bool {
        let now = self.began.elapsed();
        self.beats.iter().all(|beat| {
            let beat = Duration::from_millis(beat.load(Ordering::Relaxed));
            now.saturating_sub(beat) < BEAT_LIMIT
        })
    }

    /// Whether every partition is live and nothing is wrong; a process that was given none stands by.
    #[must_use]
    pub fn ready(&self) -> bool {
        let live = |partition: &Partition| {
            partition.state == State::Live
                && partition.waits_for_schema.is_none()
                && !partition.behind
                && !partition.too_many_refused
        };
        self.healthy() && self.troubles().is_empty() && self.partitions().values().all(live)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Board, Checkpoint, Counts, Measured, Part, Partition, STANDS_BY_AFTER};
    use crate::partition::{Held, State};
    use clockstop_pipeline::{Learned, Standing};
    use std::time::{Duration, Instant};

    /// A partition of which nothing more is known.
    pub(crate) fn partition(tenure: u64, state: State) -> Partition {
        Partition {
            tenure,
            state,
            behind: false,
            unread_for: Duration::ZERO,
            lag: [0; 3],
            counts: Counts::default(),
            learned: [0; 3],
            committed: [0; 3],
            decided: None,
            closed_through: None,
            closing_due: None,
            waiting_letters: 0,
            waits_for_schema: None,
            waits_for_store: None,
            too_many_refused: false,
            held: Held::default(),
            parked: 0,
            left_standing: 0,
            standing: Standing::default(),
            pathways: 0,
            open_pathways: 0,
            transitions: [0; 7],
            checkpoint: Checkpoint::default(),
            measured: Measured::default(),
        }
    }

    #[test]
    fn an_earlier_tenure_neither_replaces_nor_removes_a_later_one() {
        let board = Board::new(1, 3);
        board.show(3, partition(2, State::Live));
        board.show(3, partition(1, State::Fencing));
        board.remove(3, 1);
        let shown = board.partitions();
        assert_eq!(shown.get(&3).map(|p| p.tenure), Some(2));
        board.remove(3, 2);
        assert!(board.partitions().is_empty());
    }

    #[test]
    fn is_ready_when_all_is_live_and_nothing_is_wrong() {
        let board = Board::new(1, 3);
        assert!(!board.ready(), "it may be given a partition any moment");
        board.show(0, partition(1, State::Live));
        assert!(board.ready());
        board.show(1, partition(1, State::Replaying));
        assert!(!board.ready());
        board.remove(1, 1);
        board.report(Part::Broker, Some("gone".to_owned()));
        assert!(!board.ready());
        board.report(Part::Broker, None);
        assert!(board.ready());
    }

    #[test]
    fn a_process_that_is_given_nothing_stands_by_after_a_while() {
        let began = Instant::now().checked_sub(STANDS_BY_AFTER);
        let board = Board {
            began: began.expect("the machine runs for some time"),
            ..Board::new(1, 3)
        };
        assert!(board.ready());
    }

    #[test]
    fn counts_add_up() {
        let mut counts = Counts::default();
        for learned in [Learned::Changed, Learned::Repeated, Learned::Superseded] {
            counts.learned(learned);
        }
        counts.refused("not_framed");
        counts.refused("not_framed");
        assert_eq!(counts.read(), 5);
    }
}
