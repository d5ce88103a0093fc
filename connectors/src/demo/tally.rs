//! What became of the alerts, counted day by day, so that the figures do not depend on how a day's
//! events fell into batches.
//!
//! Within a day the service decides after every batch, and a fact that arrives a moment before another
//! may raise what the other takes back. Compared are therefore the ends of days: they follow from the
//! facts and the date alone.

use clockstop_pipeline::{Alert, AlertId, Content, Level, Standard, Transition};
use std::collections::BTreeMap;

/// Alerts by what happened to them and by what stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertFigures {
    happened: BTreeMap<(Standard, Transition), u64>,
    standing: BTreeMap<(Standard, Level), u64>,
}

impl AlertFigures {
    /// How often this happened to alerts of a standard.
    #[must_use]
    pub fn happened(&self, standard: Standard, transition: Transition) -> u64 {
        let count = self.happened.get(&(standard, transition));
        count.copied().unwrap_or_default()
    }

    /// How often this happened to any alert.
    #[must_use]
    pub fn happened_in_all(&self, transition: Transition) -> u64 {
        let all = Standard::ALL.iter();
        all.map(|&standard| self.happened(standard, transition))
            .sum()
    }

    /// How many alerts of a standard stand at a level.
    #[must_use]
    pub fn standing(&self, standard: Standard, level: Level) -> u64 {
        let count = self.standing.get(&(standard, level));
        count.copied().unwrap_or_default()
    }
}

/// Hears alerts as they are published and counts them at the end of each day.
#[derive(Debug, Default)]
pub struct Tally {
    /// What was last heard of each alert that has stood at the end of a day.
    settled: BTreeMap<AlertId, Heard>,
    /// What has been heard since.
    today: BTreeMap<AlertId, Heard>,
    figures: AlertFigures,
}

#[derive(Clone, Debug)]
struct Heard {
    standard: Standard,
    transition: Transition,
    content: Content,
}

impl Tally {
    /// Hears one record of the alert topic, in the order of its partition.
    pub fn hear(&mut self, alert: &Alert) {
        let heard = Heard {
            standard: alert.standard,
            transition: alert.transition,
            content: alert.content.clone(),
        };
        self.today.insert(alert.alert_id, heard);
    }

    /// Ends the day: what was heard is compared with how the last day ended.
    pub fn close_day(&mut self) {
        for (id, now) in core::mem::take(&mut self.today) {
            let before = self.settled.get(&id);
            let Some(transition) = net(before, &now) else {
                continue;
            };
            let happened = self.figures.happened.entry((now.standard, transition));
            *happened.or_default() += 1;
            if let Some(level) = before.and_then(|before| before.content.level) {
                let standing = self.figures.standing.entry((now.standard, level));
                standing.and_modify(|count| *count -= 1);
            }
            if let Some(level) = now.content.level {
                let standing = self.figures.standing.entry((now.standard, level));
                *standing.or_default() += 1;
            }
            self.settled.insert(id, now);
        }
    }

    /// The figures as of the last day that was closed.
    #[must_use]
    pub const fn figures(&self) -> &AlertFigures {
        &self.figures
    }
}

/// What happened to an alert between the ends of two days (design 5); `None` for nothing.
fn net(before: Option<&Heard>, now: &Heard) -> Option<Transition> {
    let level = before.and_then(|before| before.content.level);
    match (level, now.content.level) {
        (None, Some(_)) => Some(Transition::Raised),
        (Some(was), Some(is)) if is > was => Some(Transition::Escalated),
        (Some(was), Some(is)) if is < was => Some(Transition::Eased),
        (Some(_), Some(_)) => before
            .is_some_and(|before| before.content != now.content)
            .then_some(Transition::Amended),
        (Some(_), None) => Some(now.transition),
        // Raised and gone within the day: nothing was ever said of it at the end of one.
        (None, None) => before
            .is_some_and(|before| before.content != now.content)
            .then_some(now.transition),
    }
}
