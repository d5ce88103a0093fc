//! The guard against mass error (design 5): when too much would change at once, it is held until somebody approves.

use crate::config::GuardLimits;
use clockstop_pipeline::{Alert, Because, Content, Level, Notice, Standard, Transition};
use clockstop_schemas::{Approval, Grant};
use std::collections::{BTreeMap, BTreeSet};

const HOUR_MILLIS: i64 = 60 * 60 * 1_000;

/// One line of what is held; it names nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldGroup {
    /// The standard of the clocks.
    pub standard: Standard,
    /// What would be said.
    pub transition: Transition,
    /// The level that would stand; `None` where none would.
    pub level: Option<Level>,
    /// The responsible organisation.
    pub organisation: Option<String>,
}

/// What is held, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many notices of each kind.
    pub groups: BTreeMap<HeldGroup, u64>,
    /// The version of the reference tables that is the cause of at least some.
    pub by_rules: Option<String>,
}

impl Held {
    /// How many notices are held.
    #[must_use]
    pub fn notices(&self) -> u64 {
        self.groups.values().sum()
    }
}

/// Counts what changes, and holds what is too much.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    /// Where the hour began that is being counted, in log time.
    since: Option<i64>,
    /// Changes to standing alerts that were said since then.
    said: u64,
    held: Held,
    /// What the last reconcile was for.
    occasion: Occasion,
    /// Whether everything of the next reconcile may be said.
    passes: bool,
    /// The version of the reference tables that may change alerts.
    approved_rules: Option<String>,
    /// So many changes at once are approved beforehand, until then in milliseconds since 1970.
    allowance: Option<(u64, i64)>,
}

/// Where the partition stands when it decides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Situation<'a> {
    pub(crate) standing: u64,
    /// How many pathways are set aside already.
    pub(crate) parked: usize,
    pub(crate) log_time: Option<i64>,
    pub(crate) reference: &'a str,
    pub(crate) occasion: Occasion,
    pub(crate) limits: GuardLimits,
}

/// What a reconcile is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// The very first one, of which everything is said.
    Baseline,
    /// The date has moved.
    NewDate,
    /// Records have come.
    #[default]
    Ordinary,
}

/// What may be said, and the pathways of the rest.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sifted {
    pub(crate) say: Vec<Notice>,
    pub(crate) park: BTreeSet<String>,
}

impl Guard {
    /// Counts from the log time up to which was decided before.
    pub(crate) fn since(log_time: Option<i64>) -> Self {
        Self {
            since: log_time,
            ..Self::default()
        }
    }

    pub(crate) fn held(&self) -> &Held {
        &self.held
    }

    /// Parts what a reconcile says into what may be said and what must be approved first.
    pub(crate) fn sift(&mut self, notices: Vec<Notice>, at: Situation<'_>) -> Sifted {
        self.occasion = at.occasion;
        if at.parked == 0 {
            // With a new date whatever was set aside is looked at again.
            self.held = Held::default();
        }
        let free = at.occasion == Occasion::Baseline || self.passes;
        if free || notices.is_empty() {
            return Sifted {
                say: notices,
                ..Sifted::default()
            };
        }
        let rules_pass = self.approved_rules.as_deref() == Some(at.reference);
        let counted = notices.iter().filter(|notice| counts(notice, at.occasion));
        let changes = u64::try_from(counted.count()).unwrap_or(u64::MAX);
        let mut too_many = self.said.saturating_add(changes) > self.limit(&at);
        if too_many && self.allowance.is_some_and(|(most, _)| changes <= most) {
            self.allowance = None;
            self.passes = true;
            too_many = false;
        }
        let mut sifted = Sifted::default();
        let holds = |notice: &Notice| match notice {
            Notice::Alert(alert) if alert.because == Because::Rules => !rules_pass,
            Notice::Alert(_) | Notice::Erasure { .. } => too_many && counts(notice, at.occasion),
        };
        for notice in notices.iter().filter(|notice| holds(notice)) {
            if let Notice::Alert(alert) = notice {
                sifted.park.insert(alert.pathway.clone());
            }
        }
        for notice in notices {
            match notice {
                Notice::Alert(alert) if sifted.park.contains(&alert.pathway) => {
                    self.hold(&alert, at.reference);
                }
                Notice::Alert(_) | Notice::Erasure { .. } => sifted.say.push(notice),
            }
        }
        sifted
    }

    fn hold(&mut self, alert: &Alert, reference: &str) {
        let Content {
            level,
            organisation,
            ..
        } = &alert.content;
        let group = HeldGroup {
            standard: alert.standard,
            transition: alert.transition,
            level: *level,
            organisation: organisation.clone(),
        };
        *self.held.groups.entry(group).or_default() += 1;
        if alert.because == Because::Rules {
            self.held.by_rules = Some(reference.to_owned());
        }
    }

    fn limit(&self, at: &Situation<'_>) -> u64 {
        let hours = match (self.since, at.log_time) {
            (Some(since), Some(now)) => now.saturating_sub(since).max(0) / HOUR_MILLIS + 1,
            (None, _) | (_, None) => 1,
        };
        let hours = u64::try_from(hours).unwrap_or(1);
        let GuardLimits { changes, per_cent } = at.limits;
        let part = at.standing.saturating_mul(per_cent) / 100;
        part.max(changes).saturating_mul(hours)
    }

    /// These were committed.
    pub(crate) fn said(&mut self, notices: &[Notice]) {
        if self.passes {
            return;
        }
        let counted = notices
            .iter()
            .filter(|notice| counts(notice, self.occasion));
        self.said = self
            .said
            .saturating_add(u64::try_from(counted.count()).unwrap_or(u64::MAX));
    }

    /// Everything up to this log time is said; after an hour the count begins anew.
    pub(crate) fn rest(&mut self, log_time: Option<i64>) {
        self.passes = false;
        let over = match (self.since, log_time) {
            (Some(since), Some(now)) => now.saturating_sub(since) >= HOUR_MILLIS,
            (None, Some(_)) => true,
            (_, None) => false,
        };
        if over {
            self.since = log_time;
            self.said = 0;
        }
    }

    /// An operator's word; whether what is held is to be released.
    pub(crate) fn approve(&mut self, approval: &Approval, reference: &str, now: i64) -> bool {
        if approval.until <= now {
            return false;
        }
        let granted = match &approval.grant {
            Grant::Reference(version) => {
                self.approved_rules = Some(version.clone());
                version == reference && self.held.by_rules.is_some()
            }
            Grant::Changes(changes) => {
                let enough = self.held.notices() > 0 && self.held.notices() <= *changes;
                self.passes |= enough;
                self.allowance = (!enough).then_some((*changes, approval.until));
                enough
            }
            Grant::BadRecords => false,
        };
        if granted {
            self.held = Held::default();
        }
        granted
    }
}

impl Guard {
    /// Forgets what was approved beforehand once its time is over.
    pub(crate) fn expire(&mut self, now: i64) {
        self.allowance = self.allowance.filter(|&(_, until)| until > now);
    }
}

/// Whether a notice is a change to what stands that the date does not explain.
fn counts(notice: &Notice, occasion: Occasion) -> bool {
    let Notice::Alert(alert) = notice else {
        return false;
    };
    if matches!(alert.because, Because::Date | Because::Baseline) {
        return false;
    }
    match alert.transition {
        Transition::Raised => false,
        // With a new date a level rises in the ordinary way, whatever else has happened to the pathway.
        Transition::Escalated => occasion != Occasion::NewDate,
        Transition::Eased
        | Transition::Amended
        | Transition::Resolved
        | Transition::Closed
        | Transition::Withdrawn => true,
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
