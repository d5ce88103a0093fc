//! The consumer group: who holds the partition, and whose offsets are taken.

/// Who holds the partition, as the coordinator has it.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) owner: Option<(usize, u64)>,
    /// A former owner that has been told to let go and has not heard it yet.
    pub(super) releasing: Option<(usize, u64)>,
    generations: u64,
    pub(super) offsets: [i64; 3],
}

impl Group {
    /// What a process hears of its assignment when it polls.
    pub(super) fn heard_by(&mut self, process: usize) -> Option<u64> {
        if self.releasing.is_some_and(|(of, _)| of == process) {
            self.releasing = None;
        }
        self.owner
            .filter(|&(of, _)| of == process && self.releasing.is_none())
            .map(|(_, generation)| generation)
    }

    /// Whether the offsets of a member are taken.
    pub(super) fn accepts(&self, process: usize, generation: u64) -> bool {
        let member = Some((process, generation));
        self.owner == member || self.releasing == member
    }

    /// Gives the partition to a process; the former owner lets go first, or is given up for dead.
    pub(super) fn give(&mut self, process: usize, gracefully: bool) {
        self.generations += 1;
        let former = self.owner.replace((process, self.generations));
        if gracefully && self.releasing.is_none() {
            self.releasing = former;
        }
    }

    pub(super) fn bury(&mut self, process: usize) {
        if self.releasing.is_some_and(|(of, _)| of == process) {
            self.releasing = None;
        }
    }
}
