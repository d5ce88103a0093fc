//! All pathways of one partition: learn, recall, reconcile.

use crate::alert::{Alert, AlertId, AlertKey, Notice};
use crate::day::Day;
use crate::reference::Reference;
use crate::report::Report;
use crate::text::Texts;

/// What a report did to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// It is the greatest version of its fact now.
    Changed,
    /// It was known already.
    Repeated,
    /// A greater version is known.
    Superseded,
}

/// All pathways of one partition.
#[derive(Debug)]
pub struct Engine {
    key: AlertKey,
    reference: Reference,
    texts: Texts,
}

impl Engine {
    /// An engine that knows nothing.
    #[must_use]
    pub fn new(key: AlertKey, reference: Reference) -> Self {
        Self {
            key,
            reference,
            texts: Texts::default(),
        }
    }

    /// The texts that this engine's reports use.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Where a decoder keeps the texts of reports for this engine.
    pub fn texts_mut(&mut self) -> &mut Texts {
        &mut self.texts
    }

    /// Learns a report of the pathway `<issuer>:<identifier>`; order, repetition and delay do not matter.
    pub fn learn(&mut self, _pathway: &str, _report: &Report) -> Learned {
        Learned::Changed
    }

    /// Takes an alert as said: its commit is known, or it was read back.
    pub fn recall(&mut self, _alert: &Alert) {}

    /// Takes the tombstone of an erased pathway's alert as said.
    pub fn recall_erasure(&mut self, _pathway: &str, _alert_id: AlertId) {}

    /// What is to be said today, compared with what has been said. Says the same again until it is recalled.
    pub fn reconcile(&mut self, _today: Day) -> Vec<Notice> {
        Vec::new()
    }

    /// How many pathways are known.
    #[must_use]
    pub fn pathways(&self) -> usize {
        0
    }

    /// Alerts that were recalled for pathways of which no fact is known.
    #[must_use]
    pub fn unknown_alerts(&self) -> Vec<AlertId> {
        Vec::new()
    }
}
