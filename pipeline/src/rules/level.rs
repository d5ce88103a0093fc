//! How urgent is a running clock, and when does that next change? (design 5, Q24)

use super::Case;
use crate::alert::Level;
use crate::assessment::{Running, Standard, State};
use crate::day::Day;
use crate::reference::Reference;

const LEAD_LEVELS: [Level; 3] = [Level::AtRisk1, Level::AtRisk2, Level::AtRisk3];

/// The level of a clock; only running clocks have one.
pub(super) fn level(case: &Case<'_>, standard: Standard, state: &State) -> Option<Level> {
    let State::Running(running) = state else {
        return None;
    };
    let reference = case.reference;
    if standard == Standard::SixtyTwoDay && running.wait.days() >= reference.long_wait_from {
        Some(Level::LongWait)
    } else if running.days_left < 0 {
        Some(Level::Breached)
    } else {
        let lead_times = &reference.limits(standard).lead_times;
        let mut reached = lead_times
            .iter()
            .zip(LEAD_LEVELS)
            .filter(|&(&lead, _)| running.days_left <= lead);
        reached.next_back().map(|(_, level)| level)
    }
}

/// The next day after `today` on which the level of a running clock changes by itself.
pub(crate) fn next_level_change(
    running: &Running,
    standard: Standard,
    today: Day,
    reference: &Reference,
) -> Option<Day> {
    if running.frozen_at.is_some() {
        return None;
    }
    let breach_from = running.last_compliant.plus(1);
    let long_wait = (standard == Standard::SixtyTwoDay).then(|| {
        running
            .wait
            .start
            .plus(running.wait.adjustment + reference.long_wait_from)
    });
    reference
        .limits(standard)
        .lead_times
        .iter()
        .map(|&lead| running.last_compliant.plus(-lead))
        .chain([breach_from])
        .chain(long_wait)
        .filter(|&day| day > today)
        .min()
}
