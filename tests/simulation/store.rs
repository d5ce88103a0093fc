//! A store of checkpoints that loses, delays, tears and flips what it is given, and is away at times.
//!
//! What the real store finds by checksums stands here as a flag.

use crate::partition::{Mark, Restored};
use clockstop_pipeline::{AlertKey, Kept, Reference, Restoring, Settled, Texts, judged_by};

/// A pathway as it was swept.
#[derive(Clone, Debug)]
pub(super) struct Swept {
    pathway: String,
    erased: bool,
    facts: Vec<u8>,
    said: Vec<u8>,
    settled: Option<Settled>,
}

impl Swept {
    pub(super) fn of(kept: &Kept<'_>) -> Self {
        Self {
            pathway: kept.pathway.to_owned(),
            erased: kept.erased,
            facts: kept.facts.to_vec(),
            said: kept.said.to_vec(),
            settled: kept.settled,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    pub(super) mark: Mark,
    pub(super) judged_by: String,
    pub(super) texts: Vec<String>,
    pub(super) swept: Vec<Swept>,
    pub(super) whole: bool,
}

#[derive(Debug, Default)]
pub(super) struct Store {
    checkpoints: Vec<Checkpoint>,
    /// Writes that arrive later.
    late: Vec<Checkpoint>,
    pub(super) away: bool,
}

impl Store {
    pub(super) fn put(&mut self, checkpoint: Checkpoint) {
        self.checkpoints.push(checkpoint);
        let sum = |checkpoint: &Checkpoint| checkpoint.mark.progress.offsets.iter().sum::<i64>();
        self.checkpoints.sort_by_key(sum);
        let surplus = self.checkpoints.len().saturating_sub(4);
        self.checkpoints.drain(..surplus);
    }

    pub(super) fn put_late(&mut self, checkpoint: Checkpoint) {
        self.late.push(checkpoint);
    }

    pub(super) fn arrive(&mut self) {
        for checkpoint in core::mem::take(&mut self.late) {
            self.put(checkpoint);
        }
    }

    /// The newest that is whole; an error while the store is away.
    pub(super) fn load(
        &self,
        key: AlertKey,
        reference: &Reference,
    ) -> Result<Option<Restored>, ()> {
        if self.away {
            return Err(());
        }
        let newest = self.checkpoints.iter().rev().find(|found| found.whole);
        Ok(newest.map(|checkpoint| {
            let texts = Texts::from_kept(checkpoint.texts.iter().map(String::as_str)).unwrap();
            let mut restoring = Restoring::new(key, reference.clone(), "sim", texts, 8);
            if let Some(decided) = checkpoint.mark.decided
                && checkpoint.judged_by == judged_by(reference)
            {
                restoring = restoring.settled_on(decided);
            }
            for swept in &checkpoint.swept {
                let taken = restoring.put(&Kept {
                    pathway: &swept.pathway,
                    erased: swept.erased,
                    facts: &swept.facts,
                    said: (&swept.said[..]).into(),
                    settled: swept.settled,
                });
                assert!(taken, "a sound checkpoint is taken");
            }
            Restored {
                engine: restoring.finish(),
                mark: checkpoint.mark.clone(),
            }
        }))
    }
}
