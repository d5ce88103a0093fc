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
    fn each(&mut self) -> [&mut u64; 16] {
        [
            &mut self.records,
            &mut self.commits,
            &mut self.aborts,
            &mut self.unknown,
            &mut self.fenced,
            &mut self.crashes,
            &mut self.moves,
            &mut self.checkpoints,
            &mut self.restores,
            &mut self.store_faults,
            &mut self.closes,
            &mut self.rules,
            &mut self.refused,
            &mut self.accepted,
            &mut self.said,
            &mut self.buried,
        ]
    }

    pub(super) fn add(&mut self, mut other: Self) {
        for (sum, met) in self.each().into_iter().zip(other.each()) {
            *sum += *met;
        }
    }

    /// A simulation in which something never happens shows nothing about it.
    pub(super) fn must_have_met_everything(mut self) {
        let met = self.each().into_iter().all(|met| *met > 0);
        assert!(met, "{self:#?}");
    }
}
