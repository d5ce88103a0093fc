//! What a run met: a simulation in which something never happens shows nothing about it.

/// What a run met.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) commits: u64,
    pub(super) aborts: u64,
    pub(super) unknown: u64,
    pub(super) fenced: u64,
    pub(super) crashes: u64,
    pub(super) moves: u64,
    pub(super) checkpoints: u64,
    pub(super) restores: u64,
    pub(super) store_faults: u64,
    pub(super) closes: u64,
    pub(super) rules: u64,
    pub(super) refused: u64,
    pub(super) accepted: u64,
    pub(super) said: u64,
    pub(super) buried: u64,
}

impl Tally {
    fn all(&self) -> [u64; 16] {
        [
            self.records,
            self.commits,
            self.aborts,
            self.unknown,
            self.fenced,
            self.crashes,
            self.moves,
            self.checkpoints,
            self.restores,
            self.store_faults,
            self.closes,
            self.rules,
            self.refused,
            self.accepted,
            self.said,
            self.buried,
        ]
    }

    pub(super) fn add(&mut self, other: &Self) {
        let [
            records,
            commits,
            aborts,
            unknown,
            fenced,
            crashes,
            moves,
            checkpoints,
            restores,
            store_faults,
            closes,
            rules,
            refused,
            accepted,
            said,
            buried,
        ] = core::array::from_fn(|place| self.all()[place] + other.all()[place]);
        *self = Self {
            records,
            commits,
            aborts,
            unknown,
            fenced,
            crashes,
            moves,
            checkpoints,
            restores,
            store_faults,
            closes,
            rules,
            refused,
            accepted,
            said,
            buried,
        };
    }

    /// A simulation in which something never happens shows nothing about it.
    pub(super) fn must_have_met_everything(&self) {
        assert!(self.all().iter().all(|&met| met > 0), "{self:#?}");
    }
}
